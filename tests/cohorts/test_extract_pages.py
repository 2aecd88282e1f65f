import datetime

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cohorts.actions import extract as actions
from cohorts.models import Extract
from cohorts.pages.preview import PROBLEM_WORDS
from cohorts.pipeline.problems import WORDINGS
from governance.actions import agreement as agreements
from governance.models import AuditEvent
from tests.factories.cohorts import ExtractFactory, SourceFactory
from tests.factories.governance import AgreementFactory, never_issued_nhs_number

pytestmark = pytest.mark.django_db

HEADER = "NHS number,Arrival date,Religion"
GOOD = [f"{never_issued_nhs_number(n)},2026-06-0{n + 1},None" for n in range(3)]
BAD = "9990000000,2026-06-04,None"


@pytest.fixture
def source(service):
    agreement = AgreementFactory(
        service=service, title="A&E data 2026", allowed_fields=["nhs_number", "arrived_on", "ae_count"]
    )
    return SourceFactory(service=service, agreement=agreement, name="St Brannoc's A&E")


def csv(*rows: str, name: str = "june.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join([HEADER, *rows]).encode())


def upload(client, source, file, **more):
    return client.post(reverse("cohorts:upload"), {"source": source.pk, "file": file, **more})


@pytest.fixture
def previewed(lead, source, as_user):
    """An extract uploaded on the page and checked: three good rows, one bad."""
    upload(as_user(lead), source, csv(*GOOD, BAD))
    extract = Extract.objects.get()
    actions.check(extract=extract)
    extract.refresh_from_db()
    return extract


# Uploading


def test_lead_uploads_a_file_and_sees_it_being_checked(lead, source, as_user):
    client = as_user(lead)
    response = upload(client, source, csv(*GOOD))
    received = Extract.objects.get()
    assert (received.source, received.received_by, received.status) == (source, lead, "received")
    page = client.get(response["Location"]).content.decode()
    assert f'data-progress-url="{reverse("cohorts:extract_progress", args=[received.pk])}"' in page
    assert "You can close this page." in page
    assert "Show how far it is now" in page


@pytest.mark.parametrize(
    "file, sentence",
    [
        (SimpleUploadedFile("list.csv", b""), "This file is empty."),
        (SimpleUploadedFile("list.xlsx", b"NHS number,Arrival date\n1,2\n"), "is not an Excel workbook"),
        (SimpleUploadedFile("list.csv", b"%PDF-1.7 and so on"), "This is a PDF document"),
        (SimpleUploadedFile("list.csv", b"\x7fELF and so on"), "This is a program"),
        ("", "Choose the file to upload."),
    ],
)
def test_a_file_of_no_use_is_refused_in_a_sentence_and_nothing_is_kept(lead, source, as_user, file, sentence):
    response = upload(as_user(lead), source, file)
    body = response.content.decode()
    assert response.status_code == 200
    assert sentence in body
    assert 'href="#id_file"' in body
    assert not Extract.objects.exists()


def test_an_agreement_that_has_ended_stops_the_upload(lead, source, as_user):
    source.agreement.valid_to = datetime.date(2026, 1, 31)
    source.agreement.save()
    body = upload(as_user(lead), source, csv(*GOOD)).content.decode()
    assert "ended on 31 January 2026. Nothing was stored." in body
    assert not Extract.objects.exists()


def test_a_list_of_people_needs_the_day_it_is_true_for(service, lead, as_user):
    people = SourceFactory(service=service, shape="people", name="The ICB's list")
    client = as_user(lead)
    body = upload(client, people, csv()).content.decode()
    assert "Enter the last day that was counted." in body
    future = {"as_at_day": "1", "as_at_month": "1", "as_at_year": "2999"}
    assert "1 January 2999 has not come yet." in upload(client, people, csv(), **future).content.decode()
    day = {"as_at_day": "30", "as_at_month": "6", "as_at_year": "2026"}
    upload(client, people, csv(*GOOD), **day)
    assert Extract.objects.get().as_at == datetime.date(2026, 6, 30)


def test_without_a_source_the_page_says_to_add_one_first(service, lead, as_user):
    assert "Add a source first" in as_user(lead).get(reverse("cohorts:upload")).content.decode()


def test_a_neighbours_source_is_not_offered_and_not_taken(neighbour, lead, source, as_user):
    theirs = SourceFactory(service=neighbour, name="Their feed")
    client = as_user(lead)
    assert "Their feed" not in client.get(reverse("cohorts:upload")).content.decode()
    assert "Choose one of the sources in the list." in upload(client, theirs, csv(*GOOD)).content.decode()
    assert not Extract.objects.exists()


# While it is checked


def test_the_progress_is_told_as_json(lead, source, as_user):
    extract = ExtractFactory(source=source, status="checking", progress=40, stage_label="Checking")
    client, url = as_user(lead), reverse("cohorts:extract_progress", args=[extract.pk])
    page = reverse("cohorts:extract", args=[extract.pk])
    assert client.get(url).json() == {"percent": 40, "label": "Checking", "done": False, "url": page}
    Extract.objects.update(status="previewed", progress=100, stage_label="")
    assert client.get(url).json()["done"] is True


def test_a_refused_file_says_why_and_what_to_do(lead, source, as_user):
    extract = ExtractFactory(
        source=source, status="refused", problem="This file has no column for the NHS number."
    )
    body = as_user(lead).get(reverse("cohorts:extract", args=[extract.pk])).content.decode()
    assert "This file has no column for the NHS number." in body
    assert "Nothing of it was stored." in body
    assert f"{reverse('cohorts:upload')}?source={source.pk}" in body


# The preview


def test_the_preview_says_what_is_new_what_is_wrong_and_what_is_dropped(lead, previewed, as_user):
    assert previewed.status == "previewed"
    body = as_user(lead).get(reverse("cohorts:extract", args=[previewed.pk])).content.decode()
    assert "Nothing is stored yet." in body
    assert "4 rows read: A&amp;E attendances from 1 June 2026 to 3 June 2026." in body
    assert previewed.rows_new == 3
    assert "Row 5: this NHS number" in body
    assert "1 row with " in body
    assert "<p>Religion</p>" in body
    assert "“A&amp;E data 2026” does not name it" in body
    assert "Store these rows" in body
    assert "Throw away" in body


def test_cells_left_empty_are_counted_in_words(lead, source, as_user):
    extract = ExtractFactory(
        source=source, previewed=True, notes={"code_not_recognised": 1200, "new_note": 1}
    )
    body = as_user(lead).get(reverse("cohorts:extract", args=[extract.pk])).content.decode()
    assert "1,200 rows with a code we do not know; it counts as not supplied" in body
    assert "1 row new note" in body


def test_every_problem_a_row_can_have_is_put_into_words():
    assert {wording.code for wording in WORDINGS.values()} == set(PROBLEM_WORDS)


def test_nothing_new_leaves_nothing_to_store(lead, source, as_user):
    extract = ExtractFactory(source=source, previewed=True, rows_new=0, rows_duplicate=10)
    body = as_user(lead).get(reverse("cohorts:extract", args=[extract.pk])).content.decode()
    assert "There is nothing new in this file" in body
    assert "Store these rows" not in body


def test_lead_stores_the_rows_and_is_told_what_comes_next(service, lead, previewed, as_user):
    client = as_user(lead)
    response = client.post(reverse("cohorts:commit", args=[previewed.pk]))
    assert response["Location"] == reverse("cohorts:extract", args=[previewed.pk])
    actions.store(extract=previewed)
    assert service.activities.count() == 3
    body = client.get(response["Location"]).content.decode()
    assert "Next: build a list and choose whom to take on." in body
    assert reverse("cohorts:list_new") in body
    previewed.refresh_from_db()
    assert previewed.committed_by == lead


def test_a_suspended_agreement_leaves_nothing_to_press_but_to_throw_away(lead, previewed, as_user):
    agreements.suspend(agreement=previewed.source.agreement, why="A question is open", by=lead)
    body = as_user(lead).get(reverse("cohorts:extract", args=[previewed.pk])).content.decode()
    assert "Store these rows" not in body
    assert "Throw away" in body
    assert "A question is open. Ask the IG lead when it will be lifted." in body


def test_the_upload_page_speaks_of_storing_only_after_a_try(lead, source, as_user):
    agreements.suspend(agreement=source.agreement, why="A question is open", by=lead)
    client = as_user(lead)
    before = client.get(reverse("cohorts:upload")).content.decode()
    assert "A question is open" in before
    assert "Nothing was stored" not in before
    refused = upload(client, source, csv(*GOOD)).content.decode()
    # Once in the summary and once at the field.
    assert refused.count("Nothing was stored") == 2


def test_lead_throws_the_rows_away(service, lead, previewed, as_user):
    response = as_user(lead).post(reverse("cohorts:withdraw", args=[previewed.pk]), follow=True)
    assert "june.csv is thrown away. Nothing of it was stored." in response.content.decode()
    previewed.refresh_from_db()
    assert previewed.status == "withdrawn"
    assert service.activities.count() == 0


@pytest.mark.parametrize("name", ["cohorts:commit", "cohorts:withdraw"])
def test_what_was_stored_is_neither_stored_again_nor_thrown_away(lead, source, as_user, name):
    extract = ExtractFactory(source=source, committed=True)
    response = as_user(lead).post(reverse(name, args=[extract.pk]), follow=True)
    assert "There is a problem" in response.content.decode()
    extract.refresh_from_db()
    assert extract.status == "committed"


# The rejected rows


def test_the_rejected_rows_are_a_download_that_goes_on_record(lead, previewed, as_user):
    response = as_user(lead).get(reverse("cohorts:rejects", args=[previewed.pk]))
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    assert response["Content-Disposition"] == (
        f'attachment; filename="rejected-rows-of-extract-{previewed.pk}.csv"'
    )
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "9990000000" in content
    assert "Religion" not in content
    event = AuditEvent.objects.get(event="rejected_rows_downloaded")
    assert (event.actor, event.changes) == (lead.email, {"rows": 1})


def test_there_is_no_download_where_nothing_was_rejected(lead, source, as_user):
    extract = ExtractFactory(source=source, previewed=True)
    response = as_user(lead).get(reverse("cohorts:rejects", args=[extract.pk]), follow=True)
    assert "There is no file of rejected rows for this extract." in response.content.decode()
    assert not AuditEvent.objects.filter(event="rejected_rows_downloaded").exists()


# The list of extracts


def test_the_extracts_page_shows_each_state_in_a_word(lead, source, as_user):
    ExtractFactory(source=source, committed=True, rows_kept=12345)
    ExtractFactory(source=source, previewed=True)
    ExtractFactory(source=source, status="refused", problem="This is a PDF document.")
    body = as_user(lead).get(reverse("cohorts:extracts")).content.decode()
    for words in ("Stored", "12,345 rows kept", "Ready to look at", "Refused", "This is a PDF document."):
        assert words in body


def test_the_extracts_page_takes_the_same_few_queries_at_any_length(service, lead, source, as_user):
    client = as_user(lead)
    numbers = []
    for length in (10, 990):
        Extract.objects.bulk_create(
            ExtractFactory.build(source=source, service=service, received_by=lead, file="x")
            for _ in range(length)
        )
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("cohorts:extracts")).status_code == 200
        numbers.append(len(captured))
    assert numbers[0] == numbers[1] <= 6


def test_one_extract_takes_few_queries(lead, previewed, as_user):
    client = as_user(lead)
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("cohorts:extract", args=[previewed.pk]))
    assert len(captured) <= 6


# Who may

POSTS = ["cohorts:commit", "cohorts:withdraw"]
GETS = ["cohorts:extract", "cohorts:extract_progress", "cohorts:rejects"]


@pytest.mark.parametrize("name", POSTS + GETS)
def test_a_neighbours_lead_finds_no_extract(outsider, source, as_user, name):
    extract = ExtractFactory(source=source, previewed=True, original_name="secret name.csv")
    method = as_user(outsider).post if name in POSTS else as_user(outsider).get
    response = method(reverse(name, args=[extract.pk]))
    assert response.status_code == 404
    assert "secret name" not in response.content.decode()
    extract.refresh_from_db()
    assert extract.status == "previewed"


@pytest.mark.parametrize("name", POSTS)
def test_an_address_that_changes_things_answers_no_get(lead, source, as_user, name):
    extract = ExtractFactory(source=source, previewed=True)
    assert as_user(lead).get(reverse(name, args=[extract.pk])).status_code == 405


def test_a_link_worker_reads_why_they_may_not_load_extracts(link_worker, source, as_user):
    response = upload(as_user(link_worker), source, csv(*GOOD))
    assert response.status_code == 403
    assert "Your role in this service does not include this page." in response.content.decode()
    assert not Extract.objects.exists()


def test_the_time_shown_is_london_time(lead, source, as_user):
    with time_machine.travel("2026-07-01T08:30Z"):
        extract = ExtractFactory(source=source, previewed=True)
        body = as_user(lead).get(reverse("cohorts:extract", args=[extract.pk])).content.decode()
    assert "Received 1 July 2026, 09:30" in body

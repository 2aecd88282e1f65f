import datetime
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook

from cohorts.actions import source as actions
from cohorts.models import Source
from cohorts.pages import mapping
from governance import audit
from governance.models import AuditEvent
from governance.rules import RuleBroken
from tests.factories.cohorts import ExtractFactory, SourceFactory
from tests.factories.governance import AgreementFactory, OrganisationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreement(service):
    return AgreementFactory(
        service=service,
        allowed_fields=["nhs_number", "arrived_on", "arrived_time", "first_name", "complaint"],
    )


@pytest.fixture
def source(service, agreement):
    return SourceFactory(service=service, agreement=agreement, name="St Brannoc's A&E")


def source_form(agreement, /, **changes) -> dict:
    return {
        "name": "St Brannoc's, monthly",
        "organisation": agreement.sharer.pk,
        "agreement": agreement.pk,
        "profile": "",
        "shape": "attendances",
        "identifier": "nhs_number",
        "measure": "ae",
        "coverage": "everyone",
        **changes,
    }


# A new source


def test_lead_adds_a_source_and_goes_on_to_its_columns(service, lead, agreement, as_user):
    response = as_user(lead).post(reverse("cohorts:source_new"), source_form(agreement))
    added = service.sources.get()
    assert response["Location"] == reverse("cohorts:source", args=[added.pk])
    assert (added.slug, added.agreement, added.columns) == ("st-brannocs-monthly", agreement, {})
    assert AuditEvent.objects.get(event="source_added").target_id == str(added.pk)


def test_a_shipped_layout_answers_the_questions_about_the_file(service, lead, agreement, as_user):
    as_user(lead).post(reverse("cohorts:source_new"), source_form(agreement, profile="starter_pack_list"))
    added = service.sources.get()
    assert (added.shape, added.coverage, added.profile) == ("people", "listed", "starter_pack_list")
    assert added.columns["NHS Number"] == "nhs_number"
    assert added.formats["windows"] == {"ae_count": 12}


def test_organisations_that_only_another_service_works_with_are_not_offered(
    service, agreement, lead, as_user
):
    OrganisationFactory(name="St Swithin's refuge", kind="charity")
    page = as_user(lead).get(reverse("cohorts:source_new")).content.decode()
    assert agreement.sharer.name in page
    assert "refuge" not in page


def test_without_an_agreement_the_page_says_who_writes_one(service, lead, as_user):
    client = as_user(lead)
    assert "Your IG lead writes it" in client.get(reverse("cohorts:source_new")).content.decode()
    AgreementFactory(service=service)
    assert "Your IG lead writes it" not in client.get(reverse("cohorts:source_new")).content.decode()


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"name": ""}, "Enter a name for the source."),
        ({"organisation": ""}, "Choose who sends the file."),
        ({"agreement": ""}, "Choose the agreement the file is sent under."),
        ({"profile": "made-up"}, "Choose one of the layouts shown."),
    ],
)
def test_a_source_that_cannot_be_is_sent_back_with_a_sentence(
    service, lead, agreement, as_user, changes, sentence
):
    body = (
        as_user(lead).post(reverse("cohorts:source_new"), source_form(agreement, **changes)).content.decode()
    )
    assert sentence in body
    assert not service.sources.exists()


def test_a_neighbours_agreement_cannot_be_used(service, neighbour, lead, agreement, as_user):
    theirs = AgreementFactory(service=neighbour, title="Their agreement")
    form = source_form(agreement, agreement=theirs.pk)
    body = as_user(lead).post(reverse("cohorts:source_new"), form).content.decode()
    assert "There is a problem" in body
    assert "Their agreement" not in body
    with pytest.raises(RuleBroken, match="belongs to another service"):
        actions.add(service=service, name="X", organisation=theirs.sharer, agreement=theirs, by=lead)
    assert not Source.objects.exists()


def test_a_short_name_is_used_once_and_found_by_itself(service, agreement):
    given = {"service": service, "organisation": OrganisationFactory(), "agreement": agreement, "by": None}
    assert [actions.add(name="The ICB", **given).slug for _ in range(2)] == ["the-icb", "the-icb-2"]
    with pytest.raises(RuleBroken, match='There is a source called "the-icb" already'):
        actions.add(name="Another", slug="the-icb", **given)


def test_no_source_is_left_when_the_audit_fails(service, agreement, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("no audit")

    monkeypatch.setattr(audit, "record", broken)
    with pytest.raises(RuntimeError):
        actions.add(service=service, name="X", organisation=agreement.sharer, agreement=agreement, by=None)
    assert not Source.objects.exists()


# The mapping


def post_mapping(client, source, **fields):
    data = {"column": list(fields), "field": list(fields.values())}
    return client.post(reverse("cohorts:source", args=[source.pk]), data)


def test_lead_says_which_column_is_what(lead, source, as_user):
    before = source.columns
    response = post_mapping(as_user(lead), source, NHS="nhs_number", Arrived="arrived_on", Ward="")
    assert response["Location"] == reverse("cohorts:sources")
    source.refresh_from_db()
    assert source.columns == {"NHS": "nhs_number", "Arrived": "arrived_on"}
    event = AuditEvent.objects.get(event="source_mapping_changed")
    assert event.changes == {"columns": [before, source.columns]}


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ({"Arrived": "arrived_on"}, "Choose which column holds the NHS number"),
        (
            {"A": "nhs_number", "B": "nhs_number"},
            "“A” and “B” are both mapped to NHS number. Choose one of them.",
        ),
        ({"A": "nhs_number", "B": "ae_count"}, "“B” cannot be mapped to “ae_count”"),
        ({"A": "made_up"}, "Choose the fields from the lists in the table."),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_and_what_was_chosen_is_kept(
    lead, source, as_user, fields, sentence
):
    body = post_mapping(as_user(lead), source, **fields).content.decode()
    assert sentence in body
    assert "There is a problem" in body
    assert all(f">{column}</label>" in body for column in fields)
    before = source.columns
    source.refresh_from_db()
    assert source.columns == before


def test_what_the_agreement_does_not_name_is_shown_as_dropped(lead, source, as_user):
    source.columns = {"NHS number": "nhs_number", "Arrival date": "arrived_on", "Postcode": "postcode"}
    source.save()
    body = as_user(lead).get(reverse("cohorts:source", args=[source.pk])).content.decode()
    assert "2 of 3 columns are kept" in body
    assert "Postcode (not in the agreement)" in body
    assert "the agreement does not name it" in body


def test_a_column_that_holds_several_fields_is_kept_only_if_the_agreement_names_each():
    assert mapping.is_allowed("arrived_at", ["arrived_on", "arrived_time"])
    assert not mapping.is_allowed("full_name", ["first_name"])


def sample(name: str, rows: list[list[str]]) -> SimpleUploadedFile:
    if name.endswith(".csv"):
        return SimpleUploadedFile(name, "\n".join(",".join(row) for row in rows).encode())
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile(name, out.getvalue())


ROWS = [["NHS No", "Date of arrival", "Ward"], ["9990000018", "2026-06-01", "A1"]]


@pytest.mark.parametrize("name", ["sample.csv", "sample.xlsx"])
def test_a_sample_gives_the_column_names_and_a_first_guess(lead, source, as_user, name):
    client, url = as_user(lead), reverse("cohorts:source", args=[source.pk])
    response = client.post(url, {"step": "sample", "sample": sample(name, ROWS)}, follow=True)
    body = response.content.decode()
    assert "3 columns found. Check them, then save." in body
    assert '<option value="nhs_number" selected>' in body
    assert '<option value="arrived_on" selected>' in body
    assert "NHS No" not in source.columns
    # The first rows are shown once, on record, and not kept.
    assert "9990000018" in body
    assert AuditEvent.objects.get(event="source_sample_shown").changes == {"columns": 3, "rows": 1}
    assert "9990000018" not in client.get(url).content.decode()
    source.refresh_from_db()
    assert "NHS No" not in source.columns


@pytest.mark.parametrize(
    "upload, sentence",
    [
        (SimpleUploadedFile("list.pdf", b"%PDF-1.7 and so on"), "This is a PDF document"),
        (SimpleUploadedFile("list.csv", b""), "This file is empty."),
        (SimpleUploadedFile("list.xlsx", b"NHS number,Arrival date\n"), "is not an Excel workbook"),
        (None, "Choose a file."),
    ],
)
def test_a_sample_of_no_use_is_refused_in_a_sentence(lead, source, as_user, upload, sentence):
    data = {"step": "sample", **({"sample": upload} if upload else {})}
    body = as_user(lead).post(reverse("cohorts:source", args=[source.pk]), data).content.decode()
    assert sentence in body
    assert "There is a problem" in body


def test_without_a_sample_the_columns_of_the_newest_file_are_shown(lead, source, as_user):
    ExtractFactory(source=source, columns_dropped=["Religion"])
    body = as_user(lead).get(reverse("cohorts:source", args=[source.pk])).content.decode()
    assert ">Religion</label>" in body


def test_a_source_without_columns_asks_for_a_file_first(lead, service, as_user):
    bare = SourceFactory(service=service, columns={})
    body = as_user(lead).get(reverse("cohorts:source", args=[bare.pk])).content.decode()
    assert "First, show us the columns" in body
    assert "Save the columns" not in body


def test_a_file_of_very_many_columns_shows_those_that_mean_something(lead, source, as_user):
    ExtractFactory(source=source, columns_dropped=[f"FIELD_{n}" for n in range(160)])
    client, url = as_user(lead), reverse("cohorts:source", args=[source.pk])
    short = client.get(url).content.decode()
    assert "160 more columns are not used." in short
    assert "FIELD_7" not in short
    assert ">FIELD_7</label>" in client.get(f"{url}?all").content.decode()


# The list of sources


def test_the_sources_page_says_up_to_when_each_has_reported(service, lead, source, as_user):
    ExtractFactory(source=source, committed=True, period_to=datetime.date(2026, 6, 18))
    ExtractFactory(source=source, previewed=True, period_to=datetime.date(2026, 6, 28))
    listed = SourceFactory(service=service, shape="people")
    ExtractFactory(source=listed, committed=True, period_to=None, as_at=datetime.date(2026, 5, 31))
    SourceFactory(service=service)
    body = as_user(lead).get(reverse("cohorts:sources")).content.decode()
    assert "Reported up to 18 June 2026" in body
    assert "Reported up to 31 May 2026" in body
    assert "No file stored yet" in body


def test_the_sources_page_takes_the_same_few_queries_at_any_length(service, lead, source, as_user):
    numbers = []
    client = as_user(lead)
    for length in (10, 990):
        Source.objects.bulk_create(
            SourceFactory.build(
                service=service,
                organisation=source.organisation,
                agreement=source.agreement,
                slug=f"feed-{length}-{n}",
            )
            for n in range(length)
        )
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("cohorts:sources")).status_code == 200
        numbers.append(len(captured))
    assert numbers[0] == numbers[1] <= 6


def test_a_link_worker_reads_why_they_may_not_manage_sources(link_worker, source, as_user):
    assert post_mapping(as_user(link_worker), source, A="nhs_number").status_code == 403


def test_a_neighbours_lead_finds_no_source(outsider, source, as_user):
    response = post_mapping(as_user(outsider), source, A="nhs_number")
    assert response.status_code == 404
    assert "Brannoc" not in response.content.decode()

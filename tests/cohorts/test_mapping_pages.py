"""The mapping page with a file in hand, mappings as files, and the page of what codes mean."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cohorts.models import Source
from cohorts.pipeline.profile import from_toml, load
from governance.models import AuditEvent
from tests.cohorts.extracts import feed
from tests.factories.cohorts import CodeMeaningFactory, ExtractFactory, SourceFactory
from tests.factories.governance import AgreementFactory
from tests.queries import PageQueries

pytestmark = pytest.mark.django_db
SHORT_STAY = "1066331000000109"


@pytest.fixture
def source(service):
    allowed = ["nhs_number", "arrived_on", "arrived_time", "complaint"]
    agreement = AgreementFactory(service=service, allowed_fields=allowed)
    return SourceFactory(service=service, agreement=agreement, columns={}, name="St Brannoc's A&E")


def shown(client, source, *lines, name="sample.csv"):
    upload = SimpleUploadedFile(name, ("\n".join(lines) + "\n").encode())
    response = client.post(reverse("cohorts:source", args=[source.pk]), {"step": "sample", "sample": upload})
    return response.content.decode()


def save(client, source, columns, **more):
    data = {"column": list(columns), "field": list(columns.values()), **more}
    return client.post(reverse("cohorts:source", args=[source.pk]), data)


def test_the_page_shows_the_first_rows_and_says_why_each_column_is_proposed(lead, source, as_user):
    body = shown(
        as_user(lead), source, "NHS No,When they arrived,Home,Ward",
        "9990000018,2026-01-02 10:30,EC3N 3DH,A1", "9990000026,2026-01-03 11:30,N1 9TA,A2",
    )  # fmt: skip
    assert '<option value="nhs_number" selected>' in body
    assert "Because columns of this name usually are." in body
    assert '<option value="arrived_at" selected>' in body
    assert (
        "Because the name is like “Arrival date and time in one column” and 2 of 2 values look like one."
        in body
    )
    assert "EC3N 3DH<br>N1 9TA" in body
    assert "Because 2 of 2 values look like postcodes." in body
    assert "The agreement drops 1 column that means something: Home." in body
    assert "Arrival mode absent: conveyance cannot be computed." in body
    assert "Postcode absent: area and deprivation cannot be computed." in body


def test_headings_seen_in_another_source_are_proposed_with_its_name(lead, source, service, as_user):
    SourceFactory(service=service, name="Mead Hospital", columns={"Ref": "nhs_number", "Came": "arrived_on"})
    body = shown(as_user(lead), source, "REF,came", "9990000018,2026-01-02")
    assert body.count("Because a column of this name is read so from Mead Hospital.") == 2


def test_a_neighbour_s_headings_are_not_learnt_from(lead, source, neighbour, as_user):
    SourceFactory(service=neighbour, name="Far Hospital", columns={"Ref": "nhs_number"})
    assert "Far Hospital" not in shown(as_user(lead), source, "Ref,Came", "9990000018,2026-01-02")


def test_the_order_of_dates_is_shown_with_the_rows_that_decided_it(lead, source, as_user):
    body = shown(
        as_user(lead), source, "NHS No,Arrival date", "9990000018,03/04/2026", "9990000018,04/25/2026"
    )
    assert (
        "Dates are read with the month first: row 3 of “Arrival date” has 04/25/2026. 1 date shows it."
        in body
    )


def test_where_every_date_fits_both_orders_somebody_must_choose(lead, source, as_user):
    client = as_user(lead)
    body = shown(client, source, "NHS No,Arrival date", "9990000018,03/04/2026")
    assert "Which comes first, the day or the month?" in body
    assert '<input type="hidden" name="order_open" value="True"' in body
    columns = {"NHS No": "nhs_number", "Arrival date": "arrived_on"}
    refused = save(client, source, columns, order_open="True", date_order="").content.decode()
    assert "Choose whether the day or the month comes first: every date of this file fits both." in refused
    assert Source.objects.get(pk=source.pk).columns == {}
    save(client, source, columns, order_open="True", date_order="month_first", code_set="", day_numbers="")
    source.refresh_from_db()
    assert (source.columns, source.conventions.date_order) == (columns, "month_first")


def test_numbers_that_may_be_days_are_pointed_out(lead, source, as_user):
    body = shown(as_user(lead), source, "NHS No,Arrival date,Fee", "9990000018,46024,30000")
    assert "“Arrival date” holds numbers such as 46024." in body
    assert "“Fee” holds numbers" not in body


def test_the_code_list_is_proposed_and_saved(lead, source, as_user):
    client = as_user(lead)
    body = shown(client, source, "NHS No,Arrival date,How", "9990000018,2026-01-02,1048031000000100")
    assert 'value="ecds" checked' in " ".join(body.split()) or 'value="ecds"' in body
    save(client, source, {"NHS No": "nhs_number", "Arrival date": "arrived_on"}, code_set="ecds")
    source.refresh_from_db()
    assert source.conventions.code_set == "ecds"
    event = AuditEvent.objects.get(event="source_mapping_changed")
    assert set(event.changes) == {"columns", "formats"}


@pytest.mark.parametrize("field", ["date_order", "day_numbers", "code_set"])
def test_an_answer_that_was_not_offered_is_refused(lead, source, as_user, field):
    columns = {"NHS No": "nhs_number", "Arrival date": "arrived_on"}
    body = save(as_user(lead), source, columns, **{field: "banana"}).content.decode()
    assert "Choose one of those shown." in body
    assert "There is a problem" in body


def test_columns_with_several_names_can_be_saved_again_as_they_are(lead, service, as_user):
    hes = feed(service, "hes_ae")
    response = save(as_user(lead), hes, dict(hes.columns))
    assert response.status_code == 302


# A mapping as a file


def test_a_mapping_goes_out_as_toml_and_comes_in_elsewhere(lead, source, service, as_user):
    hes, client = feed(service, "hes_ae"), as_user(lead)
    answer = client.get(reverse("cohorts:source_profile", args=[hes.pk]))
    assert answer["Content-Disposition"] == 'attachment; filename="hes-ae.toml"'
    taken = from_toml("hes_ae", answer.content, name="hes-ae.toml")
    assert taken.file_columns == load("hes_ae").file_columns
    assert taken.conventions == load("hes_ae").conventions
    upload = SimpleUploadedFile("hes-ae.toml", answer.content)
    response = client.post(
        reverse("cohorts:source_take_profile", args=[source.pk]), {"profile": upload}, follow=True
    )
    assert "The profile “HES A&amp;E” is loaded. Check its columns." in response.content.decode()
    source.refresh_from_db()
    assert (source.columns, source.formats, source.identifier) == (hes.columns, hes.formats, "pseudonym")


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"", "This file is empty. Choose a profile."),
        (b"[columns\n", "x.toml is not TOML"),
        (b"\xff\xfe\x00", "it is not text in UTF-8"),
        (b'[columns]\nnhs_number = "N"\nshoe_size = "S"\n', "&quot;shoe_size&quot; is not a field."),
        (b"x" * 300_000, "This file is too big for a profile."),
        (None, "Choose a file."),
    ],
)
def test_a_file_that_is_no_profile_is_refused_in_a_sentence(lead, source, as_user, content, sentence):
    data = {} if content is None else {"profile": SimpleUploadedFile("x.toml", content)}
    body = as_user(lead).post(reverse("cohorts:source_take_profile", args=[source.pk]), data).content.decode()
    assert sentence in body.replace("&#x27;", "'")
    assert "There is a problem" in body
    source.refresh_from_db()
    assert source.columns == {}


def test_a_profile_that_means_something_else_by_a_row_cannot_replace_one_with_stored_files(
    lead, source, as_user
):
    ExtractFactory(source=source, committed=True)
    upload = SimpleUploadedFile("x.toml", b'shape = "people"\n[columns]\nnhs_number = "N"\nae_count = "C"\n')
    body = as_user(lead).post(reverse("cohorts:source_take_profile", args=[source.pk]), {"profile": upload})
    assert (
        "are stored already, and this profile means something else by a row (shape)" in body.content.decode()
    )


# What codes mean


def test_the_page_of_codes_says_what_each_counts_as_and_who_said_so(lead, service, as_user):
    CodeMeaningFactory(service=service, admits=True, said_by=lead, reason="As RX1 counts")
    CodeMeaningFactory(service=service, admits=False, first_day=datetime.date(2026, 4, 1), said_by=None)
    body = as_user(lead).get(reverse("cohorts:codes")).content.decode()
    assert "Short-stay ward; admitted" in body
    assert f"{lead.name}, " in body
    assert ": As RX1 counts" in body
    assert "Short-stay ward; not admitted · From 1 April 2026" in body
    assert "Non-emergency road ambulance" in body
    hes = as_user(lead).get(reverse("cohorts:codes") + "?list=hes_ae").content.decode()
    assert "Planned follow-up" in hes
    assert as_user(lead).get(reverse("cohorts:codes") + "?list=icd").status_code == 404


def code_url(code="", field="disposal", name="cohorts:code"):
    return f"{reverse(name)}?list=ecds&field={field}&code={code}"


def test_a_lead_says_what_a_code_means_and_takes_it_back(lead, service, as_user):
    client = as_user(lead)
    body = client.get(code_url(SHORT_STAY)).content.decode()
    assert "What happened at the end: code 1066331000000109" in body
    given = {"code": SHORT_STAY, "says": "Short-stay ward", "admits": "true", "reason": "As RX1 counts"}
    day = {"first_day_day": "1", "first_day_month": "4", "first_day_year": "2026"}
    response = client.post(code_url(SHORT_STAY), given | day)
    assert response["Location"] == reverse("cohorts:codes") + "?list=ecds"
    said = service.code_meanings.get()
    assert (said.means, said.admits, said.first_day, said.said_by) == (
        "Short-stay ward", True, datetime.date(2026, 4, 1), lead,
    )  # fmt: skip
    assert "Said here before" in client.get(code_url(SHORT_STAY)).content.decode()
    back = client.post(code_url(SHORT_STAY, name="cohorts:code_take_back"), follow=True).content.decode()
    assert f"{SHORT_STAY} is counted again as the national list says." in back
    again = client.post(code_url(SHORT_STAY, name="cohorts:code_take_back"), follow=True).content.decode()
    assert "This service says nothing of its own about this code." in again


def test_a_new_code_of_a_closed_field_is_one_of_its_choices(lead, service, as_user):
    client, given = (
        as_user(lead),
        {"code": "99", "says": "By air", "means": "ambulance", "reason": "New in April"},
    )
    assert client.post(code_url(field="arrival_mode"), given).status_code == 302
    assert service.code_meanings.get().means == "ambulance"
    body = client.post(code_url(field="arrival_mode"), given | {"means": "camel"}).content.decode()
    assert "Choose one of those shown." in body


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"code": ""}, "Enter the code."),
        ({"says": ""}, "Enter what the code says."),
        ({"reason": ""}, "Enter why."),
        ({"code": "9" * 31}, "Use 30 characters or fewer."),
        (
            {"last_day_day": "1", "last_day_month": "3", "last_day_year": "2026"},
            "The last day is before the first.",
        ),
        ({"first_day_day": "31", "first_day_month": "2", "first_day_year": "2026"}, "is not a date"),
    ],
)
def test_a_code_that_cannot_be_is_sent_back_with_a_sentence(lead, service, as_user, change, sentence):
    day = {"first_day_day": "1", "first_day_month": "4", "first_day_year": "2026"}
    given = {"code": "7", "says": "New", "admits": "", "reason": "X", **day, **change}
    assert sentence in as_user(lead).post(code_url("7"), given).content.decode()
    assert not service.code_meanings.exists()


def test_a_neighbour_neither_sees_nor_takes_back_what_was_said_here(outsider, service, as_user):
    CodeMeaningFactory(service=service, reason="As RX1 counts")
    client = as_user(outsider)
    assert "As RX1 counts" not in client.get(reverse("cohorts:codes")).content.decode()
    client.post(code_url(SHORT_STAY, name="cohorts:code_take_back"))
    assert service.code_meanings.count() == 1


def test_the_pages_take_the_same_few_queries_at_any_length(lead, service, source, as_user):
    client, numbers = as_user(lead), []
    for more in (1, 300):
        for n in range(more):
            CodeMeaningFactory(service=service, code=f"{more}{n}", said_by=lead)
            SourceFactory(service=service, agreement=source.agreement, organisation=source.organisation)
        with PageQueries() as codes:
            client.get(reverse("cohorts:codes"))
        with PageQueries() as columns:
            client.get(reverse("cohorts:source", args=[source.pk]))
        numbers.append((len(codes.page), len(columns.page)))
    assert numbers[0] == numbers[1]
    assert max(numbers[0]) <= 9

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.models import AuditEvent
from tests.cohorts.extracts import ANN, BOB, feed, load_rows, row
from tests.factories.cohorts import ExtractFactory, SourceFactory
from tests.world import CANARIES

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(service):
    source = feed(service, allowed=["nhs_number", "attendance_id", "arrived_on", "arrived_time"])
    agreement = source.agreement
    agreement.threshold, agreement.threshold_months = 2, 12
    agreement.save()
    return source


def load(source):
    rows = [row("1", ANN), row("2", ANN, on="2026-01-03"), row("3", BOB), row("4", "", on="2026-01-03")]
    return load_rows(source, *rows, name="Zephyrine Quagmire.csv")


def test_each_load_says_what_was_dropped_and_why(source, ig_lead, as_user):
    loaded = load(source)
    body = as_user(ig_lead).get(reverse("cohorts:dropped")).content.decode()
    assert f"Extract {loaded.pk}" in body
    assert "version 1" in body
    assert "First name, Last name, Date of birth, Site, Outcome" in body
    assert "1 of people who attended less often than the agreement says" in body
    assert "1 that do not say who they are about" in body


def test_a_file_that_came_too_soon_is_told_to_the_ig_lead(service, ig_lead, as_user):
    source = feed(service)
    load_rows(source, row("1", ANN, on="2026-03-31"))
    load_rows(source, row("2", ANN, on="2026-04-30"))
    client = as_user(ig_lead)
    for name in ("cohorts:dropped", "cohorts:dropped_csv"):
        assert "comes sooner than agreed" in client.get(reverse(name)).content.decode()


def test_an_older_load_goes_by_what_the_agreement_said_then(source, lead, as_user):
    loaded = load(source)
    agreement = source.agreement
    version = loaded.agreement_version
    assert version.number == agreement.version
    agreement.threshold = 99
    agreement.save()
    body = as_user(lead).get(reverse("cohorts:extract", args=[loaded.pk])).content.decode()
    assert "99 times" not in body


def test_neither_the_page_nor_the_file_names_anybody(source, ig_lead, as_user):
    load(source)
    client = as_user(ig_lead)
    for name in ("cohorts:dropped", "cohorts:dropped_csv"):
        body = client.get(reverse(name)).content.decode()
        assert [word for word in [*CANARIES, ANN, BOB] if word in body] == []


def test_the_file_has_a_line_for_each_reason_and_goes_on_record(source, ig_lead, as_user):
    loaded = load(source)
    response = as_user(ig_lead).get(reverse("cohorts:dropped_csv"))
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("extract,day,source,agreement,version")
    assert any(
        line.startswith(f"{loaded.pk},") and "rows dropped" in line and line.endswith(",1") for line in lines
    )
    assert sum("column dropped" in line for line in lines) == 5
    assert AuditEvent.objects.filter(event="dropped_list_taken", actor=ig_lead.email).exists()


def test_a_column_that_looks_like_a_formula_does_nothing_in_a_spreadsheet(service, ig_lead, as_user):
    ExtractFactory(source=SourceFactory(service=service), committed=True, columns_dropped=["=cmd()"])
    assert ",'=cmd()," in as_user(ig_lead).get(reverse("cohorts:dropped_csv")).content.decode()


def test_one_agreement_at_a_time(service, source, ig_lead, as_user):
    load(source)
    other = ExtractFactory(source=SourceFactory(service=service), committed=True)
    address = reverse("cohorts:dropped")
    body = as_user(ig_lead).get(f"{address}?agreement={source.agreement_id}").content.decode()
    assert f"Extract {other.pk}," not in body
    assert as_user(ig_lead).get(f"{address}?agreement=x'").status_code == 200


def test_a_long_list_takes_the_same_few_queries(service, ig_lead, as_user):
    client, source = as_user(ig_lead), SourceFactory(service=service)
    asked = []
    for count in (10, 990):
        for _ in range(count // 10):
            ExtractFactory(source=source, committed=True, drop_reasons={"not_recent": 3})
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse("cohorts:dropped")).status_code == 200
        asked.append(len(found))
    assert asked[0] == asked[1] <= 6

"""A file that answers a data request speaks for the people that names and its days, and for nobody else."""

import datetime
import uuid

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from cohorts.actions import extract as actions
from cohorts.actions import plan
from cohorts.actions import request as requests
from cohorts.models import Arrival, Extract
from cohorts.ways_in import expected
from cohorts.ways_in.waiting import why_waits
from evaluation import coverage
from governance.models import AuditEvent, Person
from governance.rules import RuleBroken
from tests.cohorts.extracts import ANN, BOB, HEADER, feed, load_rows, row
from tests.factories.cohorts import CandidateFactory, CohortListFactory
from tests.queries import PageQueries

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(service):
    return feed(service)


@pytest.fixture
def asked(service, source, lead):
    """The sender was asked about Ann, from January to March."""
    load_rows(source, row("A1", on="2025-12-01"), row("A2", BOB, on="2025-12-02"))
    cohort_list = CohortListFactory(rule__service=service)
    CandidateFactory(cohort_list=cohort_list, person=Person.objects.get(nhs_number=ANN))
    return requests.make(
        service=service,
        source=source,
        key=uuid.uuid4(),
        cohort_list=cohort_list,
        who="everyone",
        measures=["ae"],
        period_from=datetime.date(2026, 1, 1),
        period_to=datetime.date(2026, 3, 31),
        password="three eels in a boat",
        by=lead,
    ).request


def received(source, *rows) -> Extract:
    upload = ContentFile("\n".join([HEADER, *rows]).encode(), name="came.csv")
    extract = actions.receive(service=source.service, source=source, upload=upload, by=None, ring=False)
    actions.check(extract=extract)
    extract.refresh_from_db()
    assert extract.status == "previewed", extract.problem
    return extract


def stored(extract, by):
    actions.commit(extract=extract, by=by)
    actions.store(extract=extract)
    extract.refresh_from_db()
    assert extract.status == "committed", extract.problem
    return extract


@pytest.mark.parametrize(
    "rows, proposed",
    [
        ([row("B1", ANN, on="2026-01-01"), row("B2", ANN, on="2026-03-31")], True),
        ([row("B1", ANN, on="2026-01-01"), row("B2", BOB, on="2026-01-02")], False),
        ([row("B1", ANN, on="2025-12-31")], False),
        ([row("B1", ANN, on="2026-04-01")], False),
    ],
)
def test_it_is_proposed_where_nobody_else_and_no_other_day_is_in_it(source, asked, rows, proposed):
    assert received(source, *rows).answers == (asked if proposed else None)


@pytest.mark.parametrize("person, remarked", [(ANN, False), (BOB, True)])
def test_an_answer_does_not_come_sooner_than_agreed(source, asked, person, remarked):
    extract = received(source, row("B1", person, on="2026-01-20"))
    assert any("sooner than agreed" in remark for remark in extract.remarks) == remarked


def test_another_source_s_request_is_not_proposed_and_cannot_be_chosen(service, source, asked, lead):
    extract = received(feed(service, slug="other"), row("B1", ANN, on="2026-02-01"))
    assert extract.answers is None
    with pytest.raises(RuleBroken, match="another source"):
        actions.answer(extract=extract, request=asked, by=lead)


def test_an_answer_covers_nobody_but_those_it_names(service, source, asked, lead, as_user):
    stored(received(source, row("B1", ANN, on="2026-02-01")), lead)
    found = coverage.feeds(service, known=timezone.now())[0]
    assert found.period(datetime.date(2026, 12, 31)) == (
        datetime.date(2025, 12, 1),
        datetime.date(2025, 12, 2),
    )
    page = as_user(lead).get(reverse("cohorts:calendar")).content.decode()
    assert "Covered: 1 December 2025 to 2 December 2025." in page
    assert "about 1 person, 1 January 2026 to 31 March 2026: answered on" in page


def test_an_answer_is_not_the_file_that_is_due(service, source, asked, lead):
    today = timezone.localdate()
    plan.change(source=source, by=None, first_due=today, frequency="monthly")
    Extract.objects.update(received_at=timezone.now() - datetime.timedelta(days=300))
    stored(received(source, row("B1", ANN, on="2026-02-01")), lead)
    assert next(slot.state for slot in expected.calendars(service, today)[0].slots) == "expected"


def test_the_lead_says_otherwise_on_the_preview(source, asked, lead, outsider, as_user):
    extract = received(source, row("B1", ANN, on="2026-02-01"))
    page, address = (
        reverse("cohorts:extract", args=[extract.pk]),
        reverse("cohorts:answers", args=[extract.pk]),
    )
    client = as_user(lead)
    assert "looks like the answer to a data request" in client.get(page).content.decode()
    assert as_user(outsider).post(address, {"request": ""}).status_code == 404
    client.post(address, {"request": "999999"})
    extract.refresh_from_db()
    assert extract.answers == asked
    client.post(address, {"request": ""})
    extract.refresh_from_db()
    assert extract.answers is None
    assert AuditEvent.objects.filter(event="extract_answers").count() == 1
    client.post(address, {"request": str(asked.pk)})
    extract.refresh_from_db()
    stored(extract, lead)
    assert "is answered by it" in client.get(page).content.decode()
    with pytest.raises(RuleBroken, match="was stored"):
        actions.answer(extract=extract, request=None, by=lead)


def test_a_source_that_was_never_asked_has_no_such_question(source, lead, as_user):
    extract = received(source, row("B1", ANN, on="2026-02-01"))
    page = as_user(lead).get(reverse("cohorts:extract", args=[extract.pk])).content.decode()
    assert "data request" not in page


def test_a_file_that_came_by_itself_says_why_it_waits(source, asked, lead, as_user):
    extract = received(source, row("B1", ANN, on="2026-02-01"), row("B2", BOB, on="2026-02-01"))
    assert why_waits(extract) == ""
    Arrival.objects.create(service=source.service, source=source, way="mesh", key="1", extract=extract)
    plan.change(source=source, by=None, mesh_workflow="HIU")
    page = as_user(lead).get(reverse("cohorts:extract", args=[extract.pk])).content.decode()
    assert "waits for you: Files of this source are looked at before they are stored." in page
    plan.change(source=source, by=None, stores_itself=True)
    assert "first file that came this way" in why_waits(extract)
    actions.answer(extract=extract, request=asked, by=lead)
    extract.refresh_from_db()
    assert "answer to a data request" in why_waits(extract)


def test_the_calendar_asks_as_much_of_many_requests_as_of_none(service, source, asked, lead, as_user):
    client = as_user(lead)
    with PageQueries() as few:
        client.get(reverse("cohorts:calendar"))
    stored(received(source, row("B1", ANN, on="2026-02-01")), lead)
    stored(received(source, row("B2", ANN, on="2026-02-03")), lead)
    with PageQueries() as many:
        client.get(reverse("cohorts:calendar"))
    assert len(many.page) == len(few.page)

"""The set-up plan: sixteen lines, what shows that they are done, and the days to the first list."""

import datetime

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from governance import audit, checklist
from governance.actions import set_up as actions
from governance.models import MilestoneReport
from governance.rules import RuleBroken
from tests.factories.cohorts import CohortListFactory, ExtractFactory, SourceFactory
from tests.factories.governance import AgreementFactory, SetUpPlanFactory

pytestmark = pytest.mark.django_db
START = datetime.date(2026, 1, 5)
DAY = datetime.date(2026, 2, 2)


@pytest.fixture
def plan(service):
    return SetUpPlanFactory(service=service, starts_on=START)


def report(plan, by, milestone="host", done_on=DAY, **evidence):
    return actions.report(service=plan.service, milestone=milestone, done_on=done_on, by=by, **evidence)


def body_of(client):
    return client.get(reverse("governance:set_up")).content.decode()


def test_the_plan_has_the_sixteen_lines_in_eight_months():
    plan = checklist.set_up_plan()
    assert len(plan.milestones) == 16
    assert len({line.key for line in plan.milestones}) == 16
    assert all(1 <= line.first_month <= line.last_month <= plan.months for line in plan.milestones)


@pytest.mark.parametrize(
    "start, months, due",
    [
        (datetime.date(2026, 1, 5), 1, datetime.date(2026, 2, 4)),
        (datetime.date(2026, 5, 31), 1, datetime.date(2026, 6, 29)),
        (datetime.date(2026, 7, 1), 8, datetime.date(2027, 2, 28)),
    ],
)
def test_a_milestone_is_due_on_the_last_day_of_its_last_month(start, months, due):
    assert checklist.Milestone("x", "X", 1, months).due_on(start) == due


def test_a_plan_begins_once(service, ig_lead):
    actions.begin(service=service, starts_on=START, by=ig_lead)
    with pytest.raises(RuleBroken, match="has begun already"):
        actions.begin(service=service, starts_on=DAY, by=ig_lead)


def test_a_milestone_needs_a_day_and_something_that_shows_it(plan, ig_lead):
    with pytest.raises(RuleBroken, match="Say what shows it"):
        report(plan, ig_lead)
    with pytest.raises(RuleBroken, match="in the future"):
        report(plan, ig_lead, done_on=timezone.localdate() + datetime.timedelta(days=1), note="Minutes")
    report(plan, ig_lead, note="Minutes of 2 February")
    with pytest.raises(RuleBroken, match="on record already"):
        report(plan, ig_lead, note="Minutes of 2 February")
    assert MilestoneReport.objects.count() == 1


def test_a_milestone_can_be_taken_back_and_both_rows_stay(plan, ig_lead, as_user):
    report(plan, ig_lead, note="Minutes")
    report(plan, ig_lead, done_on=None)
    assert MilestoneReport.objects.count() == 2
    assert "0 of 16" in body_of(as_user(ig_lead))
    with pytest.raises(RuleBroken, match="nothing to take back"):
        report(plan, ig_lead, done_on=None)


def test_nothing_is_reported_when_the_audit_fails(plan, ig_lead, monkeypatch):
    monkeypatch.setattr(audit, "record", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        report(plan, ig_lead, note="Minutes")
    assert not MilestoneReport.objects.exists()


def test_the_page_shows_what_is_done_what_shows_it_and_what_is_late(plan, service, ig_lead, as_user):
    agreement = AgreementFactory(service=service, title="Quarterly list")
    extract = ExtractFactory(service=service, source=SourceFactory(service=service), committed=True)
    client = as_user(ig_lead)
    given = {"done_on_day": 2, "done_on_month": 2, "done_on_year": 2026, "agreement": agreement.pk}
    client.post(reverse("governance:milestone", args=["agreements"]), given | {"load": extract.pk})
    body = body_of(client)
    assert "1 of 16" in body
    assert "Quarterly list" in body
    assert f"Extract {extract.pk}, {extract.source.name}" in body
    assert "Late" in body


def test_an_extract_of_another_service_shows_nothing(plan, neighbour, ig_lead, as_user):
    theirs = ExtractFactory(source=SourceFactory(service=neighbour), committed=True)
    given = {"done_on_day": 2, "done_on_month": 2, "done_on_year": 2026, "load": theirs.pk}
    response = as_user(ig_lead).post(reverse("governance:milestone", args=["host"]), given)
    assert response.status_code == 200
    assert not MilestoneReport.objects.exists()


def test_the_days_to_the_first_list_are_counted_from_the_start(plan, service, ig_lead, as_user):
    client = as_user(ig_lead)
    assert "No list yet" in body_of(client)
    for day in (25, 20):
        CohortListFactory(service=service, built_at=datetime.datetime(2026, 5, day, 9, tzinfo=datetime.UTC))
    body = body_of(client)
    assert ">135<" in body
    assert "First list on 20 May 2026" in body


def test_a_neighbours_list_does_not_count(plan, neighbour, ig_lead, as_user):
    CohortListFactory(rule__service=neighbour)
    assert "No list yet" in body_of(as_user(ig_lead))


def test_the_plan_takes_few_queries(plan, ig_lead, as_user, django_assert_max_num_queries):
    client = as_user(ig_lead)
    for line in checklist.set_up_plan().milestones:
        report(plan, ig_lead, milestone=line.key, note="Minutes")
    with django_assert_max_num_queries(6):
        body_of(client)

"""When files are expected, and what became of each."""

import datetime

import pytest
import time_machine
from celery.schedules import crontab
from django.conf import settings

from cohorts import tasks
from cohorts.actions import plan
from cohorts.models import ExpectedExtract
from cohorts.ways_in import calendar, expected
from cohorts.ways_in.calendar import Came, SlotState, due_days, runs, slots
from governance.models import AuditEvent
from governance.rules import RuleBroken
from tests.cohorts.extracts import feed
from tests.factories.cohorts import ExtractFactory

D = datetime.date


@pytest.mark.parametrize(
    "first, frequency, days",
    [
        (D(2026, 1, 31), "monthly", [D(2026, 1, 31), D(2026, 2, 28), D(2026, 3, 31), D(2026, 4, 30)]),
        (D(2028, 2, 29), "quarterly", [D(2028, 2, 29), D(2028, 5, 29)]),
        (D(2026, 3, 27), "daily", [D(2026, 3, day) for day in (27, 28, 29, 30, 31)]),
        (D(2026, 10, 22), "weekly", [D(2026, 10, 22), D(2026, 10, 29)]),
        (D(2026, 10, 22), "once", [D(2026, 10, 22)]),
    ],
)
def test_due_days(first, frequency, days):
    assert due_days(first, frequency, since=first, until=days[-1]) == days


@pytest.mark.parametrize(
    "came, today, state",
    [
        ([], D(2026, 5, 4), SlotState.EXPECTED),
        ([], D(2026, 5, 8), SlotState.EXPECTED),  # within the three days of grace
        ([], D(2026, 5, 9), SlotState.LATE),
        ([Came(D(2026, 5, 12), stored=False, gone=False)], D(2026, 5, 12), SlotState.ARRIVED),
        ([Came(D(2026, 4, 25), stored=True, gone=False)], D(2026, 5, 12), SlotState.LOADED),  # early
        (
            [Came(D(2026, 4, 24), stored=True, gone=False)],
            D(2026, 5, 12),
            SlotState.LATE,
        ),  # of the month before
        ([Came(D(2026, 5, 5), stored=False, gone=True)], D(2026, 5, 6), SlotState.FAILED),
        (
            [Came(D(2026, 5, 5), stored=False, gone=True), Came(D(2026, 5, 6), stored=True, gone=False)],
            D(2026, 5, 7),
            SlotState.LOADED,
        ),
    ],
)
def test_what_became_of_a_due_day(came, today, state):
    found = slots([D(2026, 5, 5)], "monthly", came, grace=3, today=today)
    assert [slot.state for slot in found] == [state]


def test_periods_are_joined_where_no_more_than_a_week_lies_between():
    jan, feb, june = ((D(2026, 1, 1), D(2026, 1, 28)), (D(2026, 2, 2), D(2026, 2, 28)), (D(2026, 6, 1),) * 2)
    assert runs([june, feb, jan]) == [(D(2026, 1, 1), D(2026, 2, 28)), june]


@pytest.fixture
def source(service):
    return feed(service)


@pytest.mark.django_db
def test_a_late_file_is_called_late_once_and_stops_being_late_when_it_comes(service, source):
    with time_machine.travel("2026-05-01T05:10:00Z", tick=False):
        plan.change(source=source, by=None, first_due=D(2026, 5, 5), frequency="monthly", days_of_grace=3)
    with time_machine.travel("2026-05-09T05:10:00Z", tick=False):
        tasks.keep_calendar()
        tasks.keep_calendar()
        (late,) = ExpectedExtract.objects.exclude(late_at=None)
        assert late.due_on == D(2026, 5, 5)
        assert AuditEvent.objects.filter(event="extract_late").count() == 1
        assert [slot.due_on for slot in expected.calendars(service, D(2026, 5, 9))[0].late] == [D(2026, 5, 5)]
        ExtractFactory(source=source, committed=True)
        assert expected.calendars(service, D(2026, 5, 9))[0].late == []


CHANGES = ["2026-03-29", "2026-10-25", "2027-03-28", "2027-10-31"]


@pytest.mark.django_db
@pytest.mark.parametrize("day", CHANGES)
def test_no_day_is_missed_or_doubled_when_the_clocks_change(source, day):
    moment = datetime.datetime.fromisoformat(f"{day}T01:00:00+00:00")
    with time_machine.travel(moment - datetime.timedelta(days=2), tick=False):
        plan.change(source=source, by=None, first_due=moment.date(), frequency="daily", days_of_grace=0)
    for hours in range(-2, 4):
        with time_machine.travel(moment + datetime.timedelta(hours=hours), tick=False):
            tasks.keep_calendar()
    days = list(source.expected_extracts.values_list("due_on", flat=True))
    assert len(days) == 41
    assert days == [moment.date() + datetime.timedelta(days=n) for n in range(len(days))]


@pytest.mark.django_db
def test_a_plan_names_how_often(service, source):
    row = plan.change(source=source, by=None, first_due=D(2026, 5, 5))
    assert row.frequency == source.agreement.frequency
    other = feed(service, slug="other")
    plan.change(source=source, by=None, mesh_workflow="HIU")
    with pytest.raises(RuleBroken, match="Another source already receives"):
        plan.change(source=other, by=None, mesh_workflow="HIU")


def test_no_job_runs_only_in_the_hour_that_is_two_days_at_once():
    assert settings.CELERY_TIMEZONE == "UTC"
    for name, job in settings.CELERY_BEAT_SCHEDULE.items():
        if isinstance(job["schedule"], crontab):
            assert set(job["schedule"].hour) != {23}, name


def test_a_file_counts_from_a_third_of_the_time_before():
    assert calendar.counts_from(D(2026, 5, 5), "quarterly") == D(2026, 4, 5)

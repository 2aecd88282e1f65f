"""What was logged becomes spans, a comparison, and a table if the lead says so."""

import datetime
import json
import uuid

import numpy as np
import pytest
from django.core.management import call_command
from django.urls import reverse

from casework import minutes, tasks
from casework.actions import calibration
from casework.actions import weights as weight_actions
from casework.models import CalibrationEstimate, Case, Contact, StageChange, WeightTable
from governance.rules import RuleBroken
from tests.factories.casework import (
    AllocationFactory,
    AssessmentFactory,
    CalibrationFactory,
    CaseFactory,
    ContactFactory,
    StageChangeFactory,
)

MONDAY = datetime.date(2026, 1, 5)
START, END = datetime.date(2026, 1, 1), datetime.date(2026, 3, 31)


def at(day, hour=12):
    return datetime.datetime.combine(day, datetime.time(hour), tzinfo=datetime.UTC)


def after(weeks):
    return MONDAY + datetime.timedelta(weeks=weeks)


@pytest.mark.parametrize(
    "today, quarter",
    [
        (datetime.date(2026, 4, 1), (START, END)),
        (datetime.date(2026, 3, 31), (datetime.date(2025, 10, 1), datetime.date(2025, 12, 31))),
    ],
)
def test_the_last_quarter_has_ended(today, quarter):
    assert minutes.last_quarter(today) == quarter


@pytest.fixture
def old_case(service, link_worker):
    case = CaseFactory(service=service, worker=link_worker, stage="active", opened_at=at(after(-9)))
    StageChangeFactory(case=case, stage="active", at=at(after(-8)), by=link_worker)
    return case


def test_weeks_that_are_alike_are_one_span_and_a_new_stage_begins_another(service, old_case, link_worker):
    StageChangeFactory(case=old_case, stage="tapering", at=at(after(4)), by=link_worker)
    AssessmentFactory(
        case=old_case, instrument__slug="chaos-score", total=30, scored_on=after(-1), by=link_worker
    )
    AssessmentFactory(case=old_case, instrument__slug="ucla-3", total=5, scored_on=after(0), by=link_worker)
    for week, spent, travel in ((0, 60, 20), (3, 30, None), (5, 10, None)):
        ContactFactory(
            case=old_case, happened_at=at(after(week)), minutes=spent, travel_minutes=travel, by=link_worker
        )
    first, second = minutes.logged(service, START, END).spans
    assert (first.stage, first.chaos, first.weeks, first.minutes) == ("active", "3", 4, 110)
    assert (second.stage, second.weeks, second.minutes) == ("tapering", 8, 10)
    assert first.worker == link_worker.pk


def test_weeks_count_for_whoever_carried_the_case_then(service, old_case, link_worker, lead):
    AllocationFactory(case=old_case, worker=lead, at=at(after(-7)), by=lead)
    AllocationFactory(case=old_case, worker=link_worker, at=at(after(5)), by=lead)
    found = [(span.worker, span.weeks) for span in minutes.logged(service, START, END).spans]
    assert found == [(lead.pk, 5), (link_worker.pk, 7)]


def test_a_contact_without_minutes_counts_with_the_median_of_its_kind(service, old_case, link_worker):
    for spent in (10, 20, 60, None):
        ContactFactory(case=old_case, happened_at=at(after(1)), minutes=spent, by=link_worker)
    found = minutes.logged(service, START, END)
    assert (found.without_minutes, sum(span.minutes for span in found.spans)) == (1, 110)


def test_ended_cases_and_days_outside_the_period_count_for_nothing(service, old_case, link_worker):
    StageChangeFactory(case=old_case, stage="tapering", at=at(after(-7)), by=link_worker)
    StageChangeFactory(case=old_case, stage="open_door", at=at(after(-6)), by=link_worker)
    ContactFactory(case=old_case, happened_at=at(after(40)), minutes=10, by=link_worker)
    assert minutes.logged(service, START, END).spans == []


def test_a_small_service_is_told_why_nothing_can_be_said(service, old_case, lead):
    row = calibration.compare(service=service, starts_on=START, ends_on=END, by=lead)
    assert "fewest to learn from" in row.problem
    with pytest.raises(RuleBroken, match="says nothing"):
        weight_actions.decide(calibration=row, approve=True, reason="x", seen=0, by=lead)


@pytest.fixture
def busy(service, link_worker):
    """Sixty cases of which those tapering take a quarter of the minutes that active ones take."""
    chance = np.random.default_rng(1)
    cases = [
        CaseFactory(service=service, worker=link_worker, stage="active", chaos_total=20) for _ in range(60)
    ]
    Case.objects.update(opened_at=at(after(-9)))
    StageChange.objects.bulk_create(
        StageChange(
            service=service,
            case=case,
            stage="tapering" if position % 2 else "active",
            at=at(after(-8)),
            by=link_worker,
        )
        for position, case in enumerate(cases)
    )
    Contact.objects.bulk_create(
        Contact(
            service=service,
            case=case,
            key=uuid.uuid4(),
            happened_at=at(after(week)),
            kind="call",
            outcome="reached",
            minutes=int(chance.integers(5, 16) * (1 if position % 2 else 4)),
            by=link_worker,
        )
        for position, case in enumerate(cases)
        for week in range(4)
    )


def test_the_lead_takes_over_what_the_minutes_say_and_cases_weigh_by_it(service, busy, lead, as_user):
    row = calibration.compare(service=service, starts_on=START, ends_on=END, by=lead)
    line = CalibrationEstimate.objects.get(part="stage", level="tapering")
    assert line.low <= line.value <= line.high
    assert 0.2 <= line.value <= 0.3
    url = reverse("casework:calibration", args=[row.pk])
    page = as_user(lead).get(url).content.decode()
    assert "The minutes contradict 1 of the 1 lines they can speak of." in page
    refused = as_user(lead).post(url, {"approve": "1", "reason": "", "seen": "0"})
    assert "Say in a few words why." in refused.content.decode()
    as_user(lead).post(url, {"approve": "1", "reason": "A quarter of real work", "seen": "0"})
    table = WeightTable.objects.get()
    assert table.lines.get(part="stage", level="tapering").value == line.value
    assert table.lines.get(part="chaos", level="4").value == 8
    again = as_user(lead).post(url, {"refuse": "1", "reason": "No", "seen": "1"})
    assert "Somebody decided on this comparison before." in again.content.decode()


@pytest.mark.parametrize("value, is_beyond", [("9.50", True), ("2.50", False)])
def test_what_a_table_cannot_hold_is_told_beside_the_proposal(service, lead, as_user, value, is_beyond):
    row = CalibrationFactory(service=service)
    CalibrationEstimate.objects.create(
        calibration=row, part="travel", level="remote", value=value, cases=20, now=1, low=2, high=20
    )
    page = as_user(lead).get(reverse("casework:calibration", args=[row.pk])).content.decode()
    assert ("9.5; taken over as 5" in page) == ("factors from 0.05 to 5" in page) == is_beyond


def test_a_refusal_is_kept_and_changes_no_weight(service, lead, as_user):
    row = CalibrationFactory(service=service)
    url = reverse("casework:calibration", args=[row.pk])
    as_user(lead).post(url, {"refuse": "1", "reason": "Half the team was ill", "seen": "0"})
    assert row.decision.table is None
    assert WeightTable.objects.count() == 0
    assert "did not take this over" in as_user(lead).get(url).content.decode()


def test_a_comparison_made_before_another_table_is_not_taken_over(service, busy, lead):
    row = calibration.compare(service=service, starts_on=START, ends_on=END, by=lead)
    weight_actions.change(
        service=service, values={}, first_visits_in_pairs=False, reason="x", seen=0, by=lead
    )
    with pytest.raises(RuleBroken, match="changed since this comparison"):
        weight_actions.decide(calibration=row, approve=True, reason="x", seen=0, by=lead)


def test_the_scheduler_compares_every_service(service, neighbour, lead):
    tasks.compare_all_weights()
    assert service.calibrations.count() == neighbour.calibrations.count() == 1
    tasks.compare_weights(service.pk, lead.pk)
    assert service.calibrations.first().by == lead


def test_the_command_proposes_and_says_it_as_json(service, half_time, link_worker, lead, capsys):
    case = CaseFactory(service=service, stage="active")
    call_command("suggest_allocation", "--service", service.slug, "--json")
    told = json.loads(capsys.readouterr().out)
    [line] = told["assignments"]
    assert (line["case"], line["points"]) == (case.pk, 4)
    assert line["worker"] in (link_worker.pk, lead.pk)
    assert line["reasons"]
    assert {load["worker"] for load in told["loads"]} == {link_worker.pk, lead.pk}
    assert [load["after"] - load["before"] for load in told["loads"] if load["worker"] == line["worker"]] == [
        4
    ]
    assert told["unassigned"] == []
    call_command("suggest_allocation", "--service", service.slug)
    assert f"Case {case.pk}" in capsys.readouterr().out

"""What a quarter of casework counts, to the minute in London."""

import datetime

import pytest
from django.utils import timezone

from evaluation import casework_figures
from evaluation.evidence import midnight
from evaluation.known import records
from evaluation.quarters import parse
from tests.factories.casework import CaseFactory, ContactFactory, StageChangeFactory
from tests.factories.cohorts import CandidateFactory, CohortListFactory, CohortRuleFactory
from tests.factories.governance import OptOutFactory

pytestmark = pytest.mark.django_db

QUARTER = parse("2026-Q3")
# Midnight in London is an hour before midnight in UTC on both days.
START = datetime.datetime(2026, 6, 30, 23, 0, tzinfo=datetime.UTC)
AFTER = datetime.datetime(2026, 9, 30, 23, 0, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)


def figures(service) -> casework_figures.CaseworkFigures:
    after = midnight(QUARTER.following.first_day)
    known = timezone.now() + datetime.timedelta(days=1)
    out = records.left_out(service, known=known)
    start = midnight(QUARTER.first_day)
    return casework_figures.gather(service, start=start, after=after, known=known, left_out=out)


def test_cases_count_from_the_first_minute_of_the_quarter_to_the_last(service, neighbour):
    for opened_at in (START - MINUTE, START, AFTER - MINUTE, AFTER):
        CaseFactory(service=service, opened_at=opened_at)
    CaseFactory(service=neighbour, opened_at=START)
    assert figures(service).cases_referred == 2


def test_cases_from_a_list_and_referrals_are_told_apart(service):
    cohort_list = CohortListFactory(rule=CohortRuleFactory(service=service))
    candidate = CandidateFactory(cohort_list=cohort_list)
    CaseFactory(service=service, person=candidate.person, candidate=candidate, opened_at=START)
    CaseFactory(service=service, opened_at=START)
    CaseFactory(service=service, opened_at=START)
    found = figures(service)
    assert (found.cases_from_list, found.cases_referred) == (1, 2)


def test_contacts_count_by_kind_from_the_first_minute_to_the_last(service):
    for happened_at, kind in [
        (START - MINUTE, "call"),
        (START, "call"),
        (AFTER - MINUTE, "home"),
        (AFTER, "home"),
        (START, "work"),
    ]:
        ContactFactory(case__service=service, happened_at=happened_at, kind=kind)
    counted = {label: n for label, n in figures(service).contacts_by_kind.items() if n}
    assert counted == {"Phone call": 1, "Visit at home": 1}


def test_days_to_the_first_attempt_are_days_in_london_and_known_by_the_last_day(service):
    last = QUARTER.last_day
    for index in (
        None,
        datetime.date(2026, 7, 1),
        datetime.date(2026, 7, 4),
        last,
        QUARTER.following.first_day,
    ):
        CaseFactory(service=service, opened_at=START, index_date=index)
    found = figures(service)
    assert found.days_to_first_contact == [0, 3, (last - datetime.date(2026, 7, 1)).days]
    assert found.median_days == 3
    assert found.without_contact == 2


def test_an_attempt_before_the_case_was_opened_took_no_days(service):
    CaseFactory(service=service, opened_at=START, index_date=datetime.date(2026, 6, 28))
    assert figures(service).days_to_first_contact == [0]


def test_a_case_stands_at_its_newest_stage_before_the_end(service):
    case = CaseFactory(service=service, opened_at=START)
    for stage, at in [
        ("offered", START),
        ("engaging", START),
        ("active", AFTER - MINUTE),
        ("tapering", AFTER),
    ]:
        StageChangeFactory(case=case, stage=stage, at=at)
    late = CaseFactory(service=service, opened_at=AFTER)
    StageChangeFactory(case=late, stage="offered", at=AFTER)
    assert {label: n for label, n in figures(service).stages.items() if n} == {"Active": 1}


def test_a_quarter_without_cases_has_no_median(service):
    assert figures(service).median_days is None


def test_whoever_opted_out_is_in_no_count_of_casework(service):
    case = CaseFactory(service=service, opened_at=START, index_date=QUARTER.first_day)
    StageChangeFactory(case=case, stage="offered", at=START)
    ContactFactory(case=case, happened_at=START)
    before = figures(service)
    assert (before.cases_referred, sum(before.contacts_by_kind.values()), before.stages["Offered"]) == (
        1,
        1,
        1,
    )
    OptOutFactory(person=case.person)
    after = figures(service)
    assert (after.cases_referred, sum(after.contacts_by_kind.values()), after.stages["Offered"]) == (0, 0, 0)

"""Which list, which cost and which delay a report is about."""

import datetime

import pytest

from evaluation.evidence import gather
from evaluation.quarters import parse
from tests.evaluation.conftest import FROZEN, at
from tests.factories.casework import CaseFactory
from tests.factories.cohorts import CandidateFactory, CohortListFactory, CohortRuleFactory
from tests.factories.evaluation import UnitCostFactory

pytestmark = pytest.mark.django_db

QUARTER = parse("2026-Q3")
CUT = QUARTER.last_day
DAY = datetime.timedelta(days=1)


def evidence(service):
    return gather(service, QUARTER, frozen_at=FROZEN)


def test_the_newest_cost_valid_when_the_quarter_ended_is_used(service, october):
    for valid_from, amount in [(CUT - DAY, 2), (CUT, 3), (CUT + DAY, 4), (CUT - 2 * DAY, 1)]:
        UnitCostFactory(service=service, measure="ae", valid_from=valid_from, amount=amount)
    assert evidence(service).unit_costs["ae"].amount == 3


def test_the_newest_list_is_the_last_one_of_a_day_in_the_quarter(service, october):
    lists = [
        CohortListFactory(rule=CohortRuleFactory(service=service), as_at=day)
        for day in (CUT, CUT + DAY, CUT - DAY)
    ]
    assert evidence(service).newest_list == lists[0]


@pytest.mark.parametrize("days, months", [((0, 20, 90), 0), ((10, 30, 60), 0), ((10, 31, 60), 2), ((), 0)])
def test_the_delay_from_list_to_first_attempt_is_nought_or_two_months(service, october, days, months):
    cohort_list = CohortListFactory(rule=CohortRuleFactory(service=service), as_at=datetime.date(2026, 3, 1))
    for delay in days:
        index = cohort_list.as_at + delay * DAY
        person = CandidateFactory(cohort_list=cohort_list).person
        CaseFactory(service=service, person=person, index_date=index, opened_at=at(index))
    # Offered before being listed: no delay at all, and none that could be measured.
    early = CandidateFactory(cohort_list=cohort_list).person
    CaseFactory(
        service=service, person=early, index_date=datetime.date(2026, 1, 1), opened_at=at(cohort_list.as_at)
    )
    assert evidence(service).lag_months == months

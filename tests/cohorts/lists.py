"""Lists, built and read in a line."""

import datetime

from cohorts.actions import cohort_list as lists
from cohorts.models import CohortList
from cohorts.rules import takes_under_18s
from governance.models import Agreement, Person, SafeguardingLead
from tests.factories.cohorts import CohortRuleFactory
from tests.factories.governance import UserFactory

JUNE_30 = datetime.date(2026, 6, 30)


def build(service, as_at=JUNE_30, **terms) -> CohortList:
    rule = CohortRuleFactory(service=service, **terms)
    if takes_under_18s(rule):
        _open_to_all_ages(service)
    return lists.build(service=service, rule=rule, as_at=as_at, by=None)


def _open_to_all_ages(service) -> None:
    """What a list of any age needs; tests/cohorts/test_under_18.py is about this."""
    Agreement.objects.filter(service=service).update(age_group="under_18")
    SafeguardingLead.objects.create(service=service, name="N", role="R", contact="C", named_by=UserFactory())


def people_on(cohort_list: CohortList) -> list[Person]:
    return [c.person for c in cohort_list.candidates.select_related("person").order_by("rank")]

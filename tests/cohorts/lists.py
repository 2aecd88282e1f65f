"""Lists, built and read in a line."""

import datetime

from cohorts.actions import cohort_list as lists
from cohorts.models import CohortList
from governance.models import Person
from tests.factories.cohorts import CohortRuleFactory

JUNE_30 = datetime.date(2026, 6, 30)


def build(service, as_at=JUNE_30, **terms) -> CohortList:
    rule = CohortRuleFactory(service=service, **terms)
    return lists.build(service=service, rule=rule, as_at=as_at, by=None)


def people_on(cohort_list: CohortList) -> list[Person]:
    return [c.person for c in cohort_list.candidates.select_related("person").order_by("rank")]

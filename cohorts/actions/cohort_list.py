"""Building lists."""

import datetime

from django.db import transaction
from django.utils import timezone

from cohorts.lists import gaps, selection, under_18
from cohorts.models import CohortList, CohortRule
from governance import audit
from governance.locks import hold_off_purge
from governance.models import Service, User
from governance.rules import RuleBroken


@transaction.atomic
def build(*, service: Service, rule: CohortRule, as_at: datetime.date, by: User | None) -> CohortList:
    """The list of a version of a rule as at a day, with its candidates.

    Raises:
        RuleBroken: when the day has not come yet, or the rule takes people under 18 and what this needs lacks.
    """
    today = timezone.localdate()
    if as_at > today:
        raise RuleBroken(f"{as_at:%-d %B %Y} has not come yet. Choose {today:%-d %B %Y} or an earlier day.")
    if missing := under_18.lacks(service, rule, today):
        raise RuleBroken(" ".join(missing))
    hold_off_purge(service.pk)
    cohort_list = CohortList.objects.create(
        service=service,
        rule=rule,
        as_at=as_at,
        data_to=selection.newest_day(service, rule.measure),
        considered=0,
        selected=0,
        built_by=by,
    )
    outcome = selection.fill(cohort_list)
    cohort_list.considered = outcome.considered
    cohort_list.selected = outcome.selected
    cohort_list.excluded = outcome.excluded
    cohort_list.not_supplied = gaps.of_list(cohort_list)
    cohort_list.save(update_fields=["considered", "selected", "excluded", "not_supplied"])
    audit.record(
        "cohort_list_built",
        service=service,
        by=by,
        on=cohort_list,
        changes={
            "rule": rule.slug,
            "version": rule.version,
            "as_at": as_at,
            "considered": outcome.considered,
            "selected": outcome.selected,
        },
    )
    return cohort_list


@transaction.atomic
def show_identities(*, cohort_list: CohortList, by: User | None) -> None:
    """Note that the list left the service with the identities of its people."""
    audit.record(
        "cohort_list_identities_shown",
        service=cohort_list.service,
        by=by,
        on=cohort_list,
        changes={"people": cohort_list.selected},
    )

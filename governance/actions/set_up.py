"""The set-up plan: begun once, its milestones reported with what shows them."""

import datetime

from django.db import transaction
from django.utils import timezone

from governance import audit, checklist
from governance.models import Agreement, ImpactAssessment, MilestoneReport, Service, SetUpPlan, User
from governance.rules import RuleBroken


@transaction.atomic
def begin(*, service: Service, starts_on: datetime.date, by: User) -> SetUpPlan:
    """Start the plan of a service; its months and the days to the first list count from that day.

    Raises:
        RuleBroken: when the plan has begun.
    """
    Service.objects.select_for_update(of=["self"]).get(pk=service.pk)
    if SetUpPlan.objects.filter(service=service).exists():
        raise RuleBroken("The plan of this service has begun already.")
    plan = SetUpPlan.objects.create(service=service, starts_on=starts_on, begun_by=by)
    audit.record("set_up_begun", service=service, by=by, on=plan, changes={"starts_on": starts_on})
    return plan


@transaction.atomic
def report(
    *,
    service: Service,
    milestone: str,
    done_on: datetime.date | None,
    note: str = "",
    agreement: Agreement | None = None,
    assessment: ImpactAssessment | None = None,
    load: int | None = None,
    by: User,
) -> MilestoneReport:
    """Say that a milestone is reached and what shows it; without a day, take that back.

    Args:
        load: the number of an extract of this service.

    Raises:
        RuleBroken: the plan has no such line or has not begun, the day has not come, nothing shows it, or
            it says what is known already.
    """
    line = next((each for each in checklist.set_up_plan().milestones if each.key == milestone), None)
    # Two presses of one button wait for each other here.
    plan = SetUpPlan.objects.select_for_update().filter(service=service).first()
    if line is None or plan is None:
        raise RuleBroken("The plan has not begun, or has no such line. Open the plan again.")
    given = {
        "done_on": done_on, "note": note, "agreement": agreement, "assessment": assessment, "load": load,
    }  # fmt: skip
    before = service.milestone_reports.filter(milestone=milestone).first()
    _check(given, before)
    row = service.milestone_reports.create(milestone=milestone, by=by, **given)
    changes = {"milestone": milestone, "done_on": [before.done_on if before else None, done_on]}
    audit.record("milestone_reported", service=service, by=by, on=row, changes=changes)
    return row


def _check(given: dict, before: MilestoneReport | None) -> None:
    done_on = given["done_on"]
    if done_on is None and (before is None or before.done_on is None):
        raise RuleBroken("This milestone is not reached, so there is nothing to take back.")
    if done_on is not None and done_on > timezone.localdate():
        raise RuleBroken("The day is in the future. Enter the day on which it was done.")
    if done_on is not None and not any(given[name] for name in ("note", "agreement", "assessment", "load")):
        raise RuleBroken("Say what shows it: a note, an agreement, an assessment or an extract.")
    if before is not None and all(getattr(before, name) == value for name, value in given.items()):
        raise RuleBroken("This is on record already. Nothing was changed.")

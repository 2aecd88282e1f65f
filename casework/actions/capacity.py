"""What a worker can carry."""

import datetime
from decimal import Decimal

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from casework.actions.support import UNSEEN, Unseen, check_seen
from casework.models import Capacity, Reduction, ReductionKind
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken

FULL_TIME_HOURS = Decimal("37.5")
FULL_TIME_POINTS = 60
MOST_HOURS = Decimal(60)


@transaction.atomic
def set(
    *,
    service: Service,
    worker: User,
    by: User,
    target_points: int = FULL_TIME_POINTS,
    contracted_hours: Decimal = FULL_TIME_HOURS,
    reduction_hours: Decimal = Decimal(0),
    standard_hours: Decimal = FULL_TIME_HOURS,
    seen: int | Unseen | None = UNSEEN,
) -> Capacity:
    """Say what a worker can carry from now on. Hours are a week; earlier rows stay as history.

    `seen` is the id of the row that the writer started from, None for none.

    Raises:
        RuleBroken: hours that cannot be, somebody who carries no caseload here, or somebody else changed the
            hours since the row `seen`.
    """
    if not carries_a_caseload(service, worker):
        raise RuleBroken(
            f"{worker.name} carries no caseload in this service today. "
            "Ask your service manager to give them access as a link worker first."
        )
    if contracted_hours <= 0 or standard_hours <= 0:
        raise RuleBroken("The hours a week must be more than 0.")
    if not 0 <= reduction_hours <= contracted_hours:
        raise RuleBroken("Hours for other work cannot be more than the hours a week.")
    hold_member(service, worker)
    check_seen(service.capacities.filter(worker=worker).first(), seen)
    row = service.capacities.create(
        worker=worker,
        target_points=target_points,
        standard_hours=standard_hours,
        contracted_hours=contracted_hours,
        reduction_hours=reduction_hours,
        by=by,
    )
    audit.record(
        "capacity_set",
        service=service,
        by=by,
        on=row,
        changes={"worker": worker.pk, "points": [None, row.points]},
    )
    return row


@transaction.atomic
def reduce(
    *,
    service: Service,
    worker: User,
    kind: str,
    hours: Decimal,
    starts_on: datetime.date,
    ends_on: datetime.date | None,
    by: User,
) -> Reduction:
    """Take hours a week off what a worker can give to clients between two days: leave, training, a phase-in.

    Raises:
        RuleBroken: hours that cannot be, a last day before the first or none, or somebody who carries no
            caseload here.
    """
    check_takes_cases(service, worker)
    if not 0 < hours <= MOST_HOURS:
        raise RuleBroken(f"Enter more than 0 and at most {MOST_HOURS} hours a week.")
    if ends_on is None:
        raise RuleBroken("Enter the last day. For what lasts, change the hours for other work instead.")
    if ends_on < starts_on:
        raise RuleBroken("The last day cannot be before the first. Choose a later last day.")
    row = service.reductions.create(
        worker=worker, kind=kind, hours=hours, starts_on=starts_on, ends_on=ends_on, by=by
    )
    audit.record(
        "capacity_reduced",
        service=service,
        by=by,
        on=row,
        changes={"worker": worker.pk, "kind": [None, kind], "hours": [None, hours]},
    )
    return row


@transaction.atomic
def end_reduction(*, reduction: Reduction, by: User) -> Reduction:
    """Say that a reduction is over from today, or never came; the row stays, with its days.

    Raises:
        RuleBroken: it is over already.
    """
    rows = Reduction.objects.select_for_update(of=["self"]).select_related("service")
    reduction = rows.get(pk=reduction.pk)
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    if reduction.ends_on is not None and reduction.ends_on <= yesterday:
        raise RuleBroken("This is over already. Nothing was changed.")
    before, reduction.ends_on = reduction.ends_on, yesterday
    reduction.starts_on = min(reduction.starts_on, yesterday)
    reduction.save(update_fields=["starts_on", "ends_on"])
    audit.record(
        "capacity_restored",
        service=reduction.service,
        by=by,
        on=reduction,
        changes={"ends_on": [before, reduction.ends_on]},
    )
    return reduction


def hold_member(service: Service, worker: User) -> None:
    """Let two who change what is known of one worker do so one after the other."""
    rows = service.memberships.filter(user=worker).order_by("pk")
    list(rows.select_for_update(of=["self"]).values_list("pk"))


def check_takes_cases(service: Service, worker: User) -> None:
    """Raise RuleBroken unless somebody carries a caseload here today and is not leaving."""
    if not carries_a_caseload(service, worker):
        raise RuleBroken(f"{worker.name} carries no caseload in this service today. Choose somebody else.")
    if is_leaving(service, worker):
        raise RuleBroken(f"{worker.name} is leaving and takes no new cases. Choose somebody else.")


def carries_a_caseload(service: Service, worker: User) -> bool:
    """Whether somebody is a link worker or lead of the service today."""
    members = service.memberships.in_force(timezone.localdate()).link_workers()
    return members.filter(user=worker).exists()


def takes_cases(service: Service, worker: User) -> bool:
    """Whether somebody may be given a case."""
    return carries_a_caseload(service, worker) and not is_leaving(service, worker)


def is_leaving(service: Service, worker: User) -> bool:
    """Whether somebody said that the worker leaves."""
    return leavers(service, timezone.localdate()).filter(worker=worker).exists()


def leavers(service: Service, today: datetime.date) -> "models.QuerySet[Reduction]":
    """Rows that say of somebody that they leave."""
    rows = service.reductions.filter(kind=ReductionKind.LEAVING)
    return rows.filter(Q(ends_on=None) | Q(ends_on__gte=today))

"""What a worker can carry."""

from decimal import Decimal

from django.db import transaction

from casework.actions.allocation import carries_a_caseload
from casework.models import Capacity
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken

FULL_TIME_HOURS = Decimal("37.5")
FULL_TIME_POINTS = 60


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
) -> Capacity:
    """Say what a worker can carry from now on. Hours are a week; earlier rows stay as history.

    Raises:
        RuleBroken: hours that cannot be, or somebody who carries no caseload here.
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

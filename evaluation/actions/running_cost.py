"""What the service costs in a year, entered with a source."""

from __future__ import annotations

import datetime
import decimal

from django.db import IntegrityError, transaction

from evaluation.actions.unit_cost import Questioned
from evaluation.models import RunningCost
from evaluation.money.jump import question
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken


@transaction.atomic
def add(
    *,
    service: Service,
    name: str,
    amount: decimal.Decimal,
    source: str,
    valid_from: datetime.date,
    by: User | None,
    sure: bool = False,
) -> RunningCost:
    """Add a cost in pounds a year; reports on quarters that end on or after `valid_from` use it.

    Raises:
        Questioned: it is more than a third away from the one before, and nobody said that they are sure.
        RuleBroken: there is a cost of that name from that day already.
    """
    former = (
        service.running_costs.filter(name=name, valid_from__lt=valid_from).order_by("-valid_from").first()
    )
    asked = question(name, former.amount, amount) if former else ""
    if asked and not sure:
        raise Questioned(asked)
    try:
        with transaction.atomic():
            cost = service.running_costs.create(
                name=name, amount=amount, source=source, valid_from=valid_from
            )
    except IntegrityError:
        raise RuleBroken(
            f"There is a cost of that name from {valid_from:%-d %B %Y} already. Choose a later first day."
        ) from None
    changes = {
        "name": name,
        "amount": [former.amount if former else None, amount],
        "valid_from": valid_from,
        "confirmed": bool(asked),
    }
    audit.record("running_cost_added", service=service, by=by, on=cost, changes=changes)
    return cost

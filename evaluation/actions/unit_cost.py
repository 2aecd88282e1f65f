"""What one event costs, entered with a source."""

from __future__ import annotations

import datetime
import decimal

from django.db import IntegrityError, transaction

from evaluation.models import UnitCost
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken


@transaction.atomic
def add(
    *,
    service: Service,
    measure: str,
    amount: decimal.Decimal,
    price_year: str,
    source: str,
    valid_from: datetime.date,
    by: User | None,
) -> UnitCost:
    """Add a cost in pounds; reports on quarters that end on or after `valid_from` use it.

    Raises:
        RuleBroken: the measure has a cost from that day already.
    """
    try:
        with transaction.atomic():
            cost = service.unit_costs.create(
                measure=measure, amount=amount, price_year=price_year, source=source, valid_from=valid_from
            )
    except IntegrityError:
        raise RuleBroken(
            f"There is a cost of this measure from {valid_from:%-d %B %Y} already. Choose a later first day."
        ) from None
    changes = {"measure": measure, "amount": [None, amount], "price_year": price_year}
    audit.record("unit_cost_added", service=service, by=by, on=cost, changes=changes)
    return cost

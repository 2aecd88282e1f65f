"""What one event costs, entered with a source or taken over from a schedule."""

from __future__ import annotations

import datetime
import decimal

from django.db import IntegrityError, transaction

from cohorts.models import Measure
from evaluation.models import UnitCost
from evaluation.money.jump import question
from evaluation.money.schedules import Schedule
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken


class Questioned(RuleBroken):
    """Raised with a question where a value jumps; the same again with `sure=True` stores it."""


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
    clinician_minutes: int | None = None,
    minutes_source: str = "",
    sure: bool = False,
) -> UnitCost:
    """Add a cost in pounds; reports on quarters that end on or after `valid_from` use it.

    Raises:
        Questioned: it is more than a third away from the one before, and nobody said that they are sure.
        RuleBroken: the measure has a cost from that day already.
    """
    former = _former(service, measure, valid_from)
    asked = question(Measure(measure).label, former.amount, amount) if former else ""
    if asked and not sure:
        raise Questioned(asked)
    try:
        with transaction.atomic():
            cost = service.unit_costs.create(
                measure=measure,
                amount=amount,
                price_year=price_year,
                source=source,
                valid_from=valid_from,
                clinician_minutes=clinician_minutes,
                minutes_source=minutes_source,
            )
    except IntegrityError:
        raise RuleBroken(
            f"There is a cost of this measure from {valid_from:%-d %B %Y} already. Choose a later first day."
        ) from None
    changes = {
        "measure": measure,
        "amount": [former.amount if asked and former else None, amount],
        "price_year": price_year,
        "confirmed": bool(asked),
    }
    audit.record("unit_cost_added", service=service, by=by, on=cost, changes=changes)
    return cost


@transaction.atomic
def take_over(
    *,
    service: Service,
    schedule: Schedule,
    by: User | None,
    valid_from: datetime.date | None = None,
    sure: bool = False,
) -> list[UnitCost]:
    """Add every cost of a schedule that the service does not have; again, it adds nothing.

    They count from `valid_from`, or from the day the schedule says.

    Raises:
        Questioned: some are more than a third away from those before them, all of them named.
        RuleBroken: a measure is not one of ours, or has another cost from that day.
    """
    start = valid_from or schedule.valid_from
    unknown = sorted({cost.measure for cost in schedule.costs} - set(Measure.values))
    if unknown:
        raise RuleBroken(
            f"'{schedule.name}' has a cost of '{unknown[0]}', which is not a measure. "
            f"The measures are {', '.join(Measure.values)}."
        )
    held = {cost.measure: cost.amount for cost in service.unit_costs.filter(valid_from=start)}
    missing = [cost for cost in schedule.costs if held.get(cost.measure) != cost.amount]
    questions = []
    for cost in missing:
        former = _former(service, cost.measure, start)
        questions.append(question(Measure(cost.measure).label, former.amount, cost.amount) if former else "")
    if any(questions) and not sure:
        raise Questioned(" ".join(filter(None, questions)))
    return [
        add(
            service=service,
            measure=cost.measure,
            amount=cost.amount,
            price_year=schedule.price_year,
            source=schedule.source_of(cost),
            valid_from=start,
            by=by,
            sure=sure,
        )
        for cost in missing
    ]


def _former(service: Service, measure: str, day: datetime.date) -> UnitCost | None:
    """The newest cost from before a day."""
    return service.unit_costs.filter(measure=measure, valid_from__lt=day).order_by("-valid_from").first()

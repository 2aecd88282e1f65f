"""The table of weights of a service: another version with a reason, and the answer to a comparison with minutes."""

from collections.abc import Mapping
from decimal import Decimal

from django.db import IntegrityError, transaction

from casework.allocation import weights
from casework.allocation.weights import LEVELS, Part
from casework.models import Calibration, CalibrationDecision, WeightTable, WeightValue
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken

CHANGED = "Somebody changed the weights after you opened the page. Theirs are kept. Look at them, then change again."
Values = Mapping[tuple[str, str], Decimal]


@transaction.atomic
def change(
    *,
    service: Service,
    values: Values,
    first_visits_in_pairs: bool,
    reason: str,
    seen: int,
    by: User,
) -> WeightTable:
    """Weigh cases by another table from now on. `values` are by part and level; `seen` is the version changed.

    Raises:
        RuleBroken: there is no reason, a value cannot be, or the table was changed since it was seen.
    """
    table = _add(service, values, first_visits_in_pairs, reason, seen, by)
    audit.record(
        "weights_changed", service=service, by=by, on=table, changes={"version": [seen, table.version]}
    )
    return table


@transaction.atomic
def decide(
    *, calibration: Calibration, approve: bool, reason: str, seen: int, by: User
) -> CalibrationDecision:
    """Take over what the minutes say, or not. Lines with too few cases stay as they are.

    Raises:
        RuleBroken: there is no reason, nothing can be taken over, somebody decided before, or the table was
            changed since the comparison was looked at.
    """
    service = calibration.service
    if not reason.strip():
        raise RuleBroken("Say in a few words why. Whoever looks at the weights next year will ask.")
    table = None
    if approve:
        if calibration.problem:
            raise RuleBroken("This comparison says nothing, so there is nothing to take over.")
        values = {
            (line.part, line.level): Decimal(str(weights.within(line.part, float(line.value))))
            for line in calibration.estimates.all()
            if line.value is not None
        }
        newest = service.weight_tables.first()
        if calibration.weights_version != (newest.version if newest else 0):
            raise RuleBroken(
                "The weights have changed since this comparison was made, so its figures do not fit them. "
                "Compare again, then decide."
            )
        table = _add(service, values, bool(newest and newest.first_visits_in_pairs), reason, seen, by)
    try:
        with transaction.atomic():
            row = service.calibration_decisions.create(
                calibration=calibration, table=table, reason=reason, by=by
            )
    except IntegrityError as problem:
        raise RuleBroken("Somebody decided on this comparison before. Nothing was changed.") from problem
    audit.record(
        "calibration_decided",
        service=service,
        by=by,
        on=calibration,
        changes={"approved": [None, approve], "version": [seen, table.version if table else seen]},
    )
    return row


def _add(
    service: Service, values: Values, first_visits_in_pairs: bool, reason: str, seen: int, by: User
) -> WeightTable:
    if not reason.strip():
        raise RuleBroken("Say in a few words why. Whoever looks at the weights next year will ask.")
    newest = service.weight_tables.prefetch_related("lines").first()
    if (newest.version if newest else 0) != seen:
        raise RuleBroken(CHANGED)
    now = weights.of_rows([(v.part, v.level, float(v.value)) for v in newest.lines.all()] if newest else [])
    whole = {
        (part.value, level): values.get((part.value, level), Decimal(str(now.value(part, level))))
        for part in Part
        for level in LEVELS[part]
    }
    for (part, level), value in whole.items():
        if wrong := weights.problem(part, level, float(value)):
            raise RuleBroken(wrong)
    try:
        with transaction.atomic():
            table = service.weight_tables.create(
                version=seen + 1, first_visits_in_pairs=first_visits_in_pairs, reason=reason, by=by
            )
    except IntegrityError as problem:
        raise RuleBroken(CHANGED) from problem
    WeightValue.objects.bulk_create(
        WeightValue(table=table, part=part, level=level, value=value)
        for (part, level), value in whole.items()
    )
    return table

"""Comparing the weights of a service with what was logged."""

import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from casework import minutes, team
from casework.allocation import calibration
from casework.models import Calibration, CalibrationEstimate
from governance import audit
from governance.models import Service, User


@transaction.atomic
def compare(
    *,
    service: Service,
    starts_on: datetime.date | None = None,
    ends_on: datetime.date | None = None,
    by: User | None,
) -> Calibration:
    """Estimate the weights from the minutes logged between two days, by default in the last full quarter.

    Nothing changes by it: the lead approves or refuses (casework.actions.weights.decide). Where nothing can be
    told, a row says why.
    """
    if starts_on is None or ends_on is None:
        starts_on, ends_on = minutes.last_quarter(timezone.localdate())
    table = team.of(service).weights
    logged = minutes.logged(service, starts_on, ends_on)
    answer = calibration.estimate(logged.spans, table)
    row = service.calibrations.create(
        starts_on=starts_on,
        ends_on=ends_on,
        weights_version=table.version,
        cases=len({span.case for span in logged.spans}),
        case_weeks=int(sum(span.weeks for span in logged.spans)),
        minutes=round(sum(span.minutes for span in logged.spans)),
        without_minutes=logged.without_minutes,
        problem=answer.problem,
        by=by,
    )
    CalibrationEstimate.objects.bulk_create(
        CalibrationEstimate(
            calibration=row,
            part=one.part,
            level=one.level,
            cases=one.cases,
            now=Decimal(str(round(one.now, 2))),
            value=_decimal(one.value),
            low=_decimal(one.low),
            high=_decimal(one.high),
        )
        for one in answer.estimates
    )
    audit.record("weights_compared", service=service, by=by, on=row, changes={"cases": row.cases})
    return row


# What a column holds; an interval of hardly any data may reach beyond.
_MOST = Decimal("999999.99")


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else min(Decimal(str(round(value, 2))), _MOST)

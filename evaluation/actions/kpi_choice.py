"""Which targets a service is measured by."""

from __future__ import annotations

from django.db import transaction

from evaluation.models import KpiChoice
from evaluation.quarters import Quarter
from evaluation.scorecard import sets
from governance import audit
from governance.models import Service, User


@transaction.atomic
def choose(*, service: Service, kpi_set: str, first_quarter: Quarter, by: User | None) -> KpiChoice:
    """Measure the service by a set of targets from a quarter on, or by none where `kpi_set` is empty.

    Reports built later use it; those already built keep theirs.

    Raises:
        KpiProblem: there is no such set.
    """
    if kpi_set:
        sets.shipped(kpi_set)
    former = service.kpi_choices.first()
    row = service.kpi_choices.create(kpi_set=kpi_set, first_quarter=str(first_quarter), chosen_by=by)
    changes = {
        "kpi_set": [former.kpi_set if former else None, kpi_set],
        "first_quarter": [former.first_quarter if former else None, str(first_quarter)],
    }
    audit.record("kpi_set_chosen", service=service, by=by, on=row, changes=changes)
    return row

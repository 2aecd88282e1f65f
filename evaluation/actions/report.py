"""Freezing a quarter's report, and keeping count of who takes a copy away."""

from __future__ import annotations

import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from evaluation import snapshot
from evaluation.models import Report
from evaluation.quarters import Quarter, check_ended
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken


class AlreadyFrozen(RuleBroken):
    """Raised with a sentence when the quarter has a report: a second one could be subtracted from the first."""


@transaction.atomic
def freeze(*, service: Service, quarter: Quarter, by: User | None) -> Report:
    """Fix the figures of a quarter for good. `by` is None on the command line.

    Raises:
        QuarterProblem: the quarter has not ended.
        AlreadyFrozen: it has a report already.
        CouldBeTakenOff: held beside earlier releases it would tell a small number, whatever is withheld.
    """
    check_ended(quarter, timezone.localdate())
    if service.reports.filter(quarter=str(quarter)).exists():
        raise _already(quarter)
    frozen_at = timezone.now().replace(microsecond=0)
    content = snapshot.build(
        service,
        quarter,
        frozen_at=frozen_at,
        reports=service.reports.values_list("snapshot", flat=True),
        profiles=service.area_profiles.values_list("snapshot", flat=True),
    )
    report = _store(service, quarter, content, frozen_at=frozen_at, by=by)
    changes = {"quarter": [None, report.quarter], "sha256": [None, report.sha256]}
    audit.record("report_frozen", service=service, by=by, on=report, changes=changes)
    return report


@transaction.atomic
def record_download(*, report: Report, kind: str, by: User | None) -> None:
    """Note that somebody took a copy of a report away."""
    audit.record(
        "report_downloaded", service=report.service, by=by, on=report, changes={"kind": [None, kind]}
    )


def _store(
    service: Service, quarter: Quarter, content: dict, *, frozen_at: datetime.datetime, by: User | None
) -> Report:
    try:
        with transaction.atomic():
            return service.reports.create(
                quarter=str(quarter),
                snapshot=content,
                sha256=snapshot.fingerprint(content),
                frozen_at=frozen_at,
                frozen_by=by,
            )
    except IntegrityError:
        raise _already(quarter) from None


def _already(quarter: Quarter) -> AlreadyFrozen:
    return AlreadyFrozen(f"The report for {quarter} ({quarter.label}) is frozen already. Open that one.")

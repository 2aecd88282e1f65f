"""Freezing a quarter's report as a draft, releasing it, and keeping count of who takes a copy away."""

from __future__ import annotations

import datetime
import secrets

from django.db import IntegrityError, transaction
from django.utils import timezone

from evaluation import snapshot
from evaluation.frozen import manifest
from evaluation.models import Report, ReportRelease
from evaluation.quarters import Quarter, check_ended
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken

ALREADY_RELEASED = "This report is released already."


class AlreadyFrozen(RuleBroken):
    """Raised with a sentence when the quarter has a report: a second one could be subtracted from the first."""


class CannotRelease(RuleBroken):
    """Raised with a sentence when a report may not be released, or not by this person."""


@transaction.atomic
def freeze(*, service: Service, quarter: Quarter, by: User | None) -> Report:
    """Fix the figures of a quarter for good, as a draft. `by` is None for the scheduler only.

    Raises:
        QuarterProblem: the quarter has not ended.
        AlreadyFrozen: it has a report already.
        CouldBeTakenOff: held beside earlier releases it would tell a small number, whatever is withheld.
    """
    check_ended(quarter, timezone.localdate())
    if service.reports.filter(quarter=str(quarter)).exists():
        raise _already(quarter)
    frozen_at = timezone.now().replace(microsecond=0)
    derived = snapshot.derive(
        service,
        quarter,
        frozen_at=frozen_at,
        reports=service.reports.values_list("snapshot", flat=True),
        profiles=service.area_profiles.values_list("snapshot", flat=True),
    )
    report = _store(service, quarter, derived, frozen_at=frozen_at, by=by)
    changes = {"quarter": [None, report.quarter], "sha256": [None, report.sha256]}
    audit.record("report_frozen", service=service, by=by, on=report, changes=changes)
    return report


@transaction.atomic
def release(*, report: Report, by: User) -> ReportRelease:
    """Let commissioners read a report. Whoever drafted it asks somebody else: four eyes.

    Raises:
        CannotRelease: it is released already, or `by` drafted it.
    """
    check_may_release(report, by)
    try:
        with transaction.atomic():
            made = ReportRelease.objects.create(service=report.service, report=report, released_by=by)
    except IntegrityError:
        raise CannotRelease(ALREADY_RELEASED) from None
    changes = {"quarter": [None, report.quarter], "sha256": [None, report.sha256]}
    audit.record("report_released", service=report.service, by=by, on=report, changes=changes)
    return made


def check_may_release(report: Report, by: User) -> None:
    """Raises CannotRelease with a sentence."""
    if not report.is_draft:
        raise CannotRelease(ALREADY_RELEASED)
    if report.frozen_by_id == by.pk:
        raise CannotRelease(
            "You drafted this report. Ask somebody else who builds reports to read and release it."
        )


@transaction.atomic
def record_download(*, report: Report, kind: str, by: User | None) -> None:
    """Note that somebody took a copy of a report away."""
    audit.record(
        "report_downloaded", service=report.service, by=by, on=report, changes={"kind": [None, kind]}
    )


def _store(
    service: Service,
    quarter: Quarter,
    derived: snapshot.Derived,
    *,
    frozen_at: datetime.datetime,
    by: User | None,
) -> Report:
    try:
        with transaction.atomic():
            return service.reports.create(
                quarter=str(quarter),
                snapshot=derived.content,
                sha256=snapshot.fingerprint(derived.content),
                manifest=manifest.build(derived.evidence, salt=secrets.token_hex(16)),
                frozen_at=frozen_at,
                frozen_by=by,
            )
    except IntegrityError:
        raise _already(quarter) from None


def _already(quarter: Quarter) -> AlreadyFrozen:
    return AlreadyFrozen(f"The report for {quarter} ({quarter.label}) is frozen already. Open that one.")

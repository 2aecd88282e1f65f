"""Freezing a quarter's report as a draft, releasing or withdrawing it, and noting who takes a copy away."""

from __future__ import annotations

import datetime
import secrets

from django.db import transaction
from django.utils import timezone

from evaluation import snapshot
from evaluation.frozen import manifest
from evaluation.models import DraftCopy, Report, ReportRelease, ReportWithdrawal
from evaluation.quarters import Quarter, check_ended
from governance import audit
from governance.locks import hold_releases
from governance.models import Service, User
from governance.rules import RuleBroken

ALREADY_RELEASED = "This report is released already."
CANNOT_TAKE_BACK = "This report is released. A release cannot be taken back."


class AlreadyFrozen(RuleBroken):
    """Raised with a sentence when the quarter has a report: a second one could be subtracted from the first."""


class CannotRelease(RuleBroken):
    """Raised with a sentence when a report may not be released, or not by this person."""


class CannotWithdraw(RuleBroken):
    """Raised with a sentence when a report may not be withdrawn."""


class DraftIsWithdrawn(RuleBroken):
    """Raised with a sentence when somebody asks for the files of a draft that was withdrawn."""


@transaction.atomic
def freeze(*, service: Service, quarter: Quarter, by: User | None) -> Report:
    """Fix the figures of a quarter for good, as a draft. `by` is None for the scheduler only.

    Raises:
        QuarterProblem: the quarter has not ended.
        AlreadyFrozen: it has a report already that nobody withdrew.
        CouldBeTakenOff: held beside earlier releases it would tell a small number, whatever is withheld.
    """
    check_ended(quarter, timezone.localdate())
    hold_releases(service.pk)
    if service.reports.standing().filter(quarter=str(quarter)).exists():
        raise AlreadyFrozen(
            f"The report for {quarter} ({quarter.label}) is frozen already. Open that one, or withdraw it while it is a draft."
        )
    frozen_at = timezone.now().replace(microsecond=0)
    derived = snapshot.derive(
        service,
        quarter,
        frozen_at=frozen_at,
        reports=service.reports.standing().values_list("snapshot", flat=True),
        profiles=service.area_profiles.values_list("snapshot", flat=True),
        withdrawn=service.reports.withdrawn_after_a_copy().values_list("snapshot", flat=True),
    )
    report = _store(service, quarter, derived, frozen_at=frozen_at, by=by)
    changes = {"quarter": [None, report.quarter], "sha256": [None, report.sha256]}
    audit.record("report_frozen", service=service, by=by, on=report, changes=changes)
    return report


@transaction.atomic
def release(*, report: Report, by: User) -> ReportRelease:
    """Let commissioners read a report. Whoever drafted it asks somebody else: four eyes.

    Raises:
        CannotRelease: it is released or withdrawn already, or `by` drafted it.
    """
    report = _now(report)
    check_may_release(report, by)
    made = ReportRelease.objects.create(service=report.service, report=report, released_by=by)
    changes = {"quarter": [None, report.quarter], "sha256": [None, report.sha256]}
    audit.record("report_released", service=report.service, by=by, on=report, changes=changes)
    return made


def check_may_release(report: Report, by: User) -> None:
    """Raises CannotRelease with a sentence."""
    if not report.is_draft:
        raise CannotRelease(ALREADY_RELEASED)
    if report.is_withdrawn:
        raise CannotRelease("This draft was withdrawn. Build the report of its quarter again.")
    if report.frozen_by_id == by.pk:
        raise CannotRelease(
            "You drafted this report. Ask somebody else who builds reports to read and release it."
        )


@transaction.atomic
def withdraw(*, report: Report, reason: str, by: User) -> ReportWithdrawal:
    """Take a wrong draft back, for good, so that its quarter can have another report.

    Raises:
        CannotWithdraw: it was released, or is withdrawn already.
    """
    report = _now(report)
    check_may_withdraw(report)
    made = ReportWithdrawal.objects.create(
        service=report.service, report=report, reason=reason, withdrawn_by=by
    )
    changes = {"quarter": [report.quarter, None], "sha256": [report.sha256, None]}
    audit.record("report_withdrawn", service=report.service, by=by, on=report, changes=changes)
    return made


def check_may_withdraw(report: Report) -> None:
    """Raises CannotWithdraw with a sentence."""
    if not report.is_draft:
        raise CannotWithdraw(CANNOT_TAKE_BACK)
    if report.is_withdrawn:
        raise CannotWithdraw("This draft is withdrawn already.")


@transaction.atomic
def record_download(*, report: Report, kind: str, by: User | None) -> None:
    """Note that somebody takes a copy of a report away. Call it before the copy is handed over.

    What was taken of a draft counts for the reports after it, also once the draft is withdrawn.

    Raises:
        DraftIsWithdrawn: somebody withdrew it.
    """
    if report.is_draft:
        _note_copy(_now(report), by)
    audit.record(
        "report_downloaded", service=report.service, by=by, on=report, changes={"kind": [None, kind]}
    )


def _note_copy(report: Report, by: User | None) -> None:
    if report.is_withdrawn:
        raise DraftIsWithdrawn("This draft was withdrawn, so there are no files of it.")
    if report.is_draft and not report.was_copied:
        DraftCopy.objects.create(service=report.service, report=report, taken_by=by)


def _now(report: Report) -> Report:
    """The report as it stands, with nobody else deciding about it until the transaction ends."""
    hold_releases(report.service_id)
    rows = Report.objects.select_related("service", "release", "withdrawal", "draft_copy")
    return rows.get(pk=report.pk)


def _store(
    service: Service,
    quarter: Quarter,
    derived: snapshot.Derived,
    *,
    frozen_at: datetime.datetime,
    by: User | None,
) -> Report:
    return service.reports.create(
        quarter=str(quarter),
        snapshot=derived.content,
        sha256=snapshot.fingerprint(derived.content),
        manifest=manifest.build(derived.evidence, salt=secrets.token_hex(16)),
        frozen_at=frozen_at,
        frozen_by=by,
        in_place_of=_withdrawn_last(service, quarter),
    )


def _withdrawn_last(service: Service, quarter: Quarter) -> ReportWithdrawal | None:
    """The newest withdrawal of the quarter; the report before it stands in the place of the one before that."""
    return service.report_withdrawals.filter(report__quarter=str(quarter)).order_by("-pk").first()

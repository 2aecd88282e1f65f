"""Every write to an extract: received, checked, stored or thrown away.

Files and temporary tables take long and stand outside the transactions; each step that counts
(received, refused, previewed, stored, withdrawn) is one transaction with its audit event last.
"""

import datetime
import logging
import time
from functools import partial
from pathlib import Path

from celery import current_app
from django.core.files.base import File
from django.db import connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from cohorts import intake
from cohorts.actions.progress import Teller
from cohorts.lease import is_free, lease
from cohorts.models import Extract, ExtractStatus, Source
from cohorts.pipeline.problems import Unreadable
from cohorts.pipeline.run import Summary, check_file
from cohorts.pipeline.stage import Stage, filling
from cohorts.pipeline.store import Outcome, preview
from cohorts.pipeline.store import store as store_rows
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken

log = logging.getLogger(__name__)

MOST_RESTARTS = 3
# A file this old that nobody has begun to check was forgotten by the queue.
WAITED_TOO_LONG = datetime.timedelta(seconds=60)


class AlreadyLoaded(RuleBroken):
    """The same bytes were stored before; `extract` is when."""

    def __init__(self, extract: Extract) -> None:
        super().__init__(intake.already_loaded(extract))
        self.extract = extract


def receive(
    *,
    service: Service,
    source: Source,
    upload: File,
    by: User | None,
    as_at: datetime.date | None = None,
    password: str | None = None,
    ring: bool = True,
) -> Extract:
    """Keep a file and have it checked. The same bytes as a file still on its way give that extract.

    Args:
        as_at: the day the counts of a list of people are true for; today where none is given.
        password: opens a locked workbook once and is not kept.
        ring: nudge a worker; without it the caller checks the file.

    Raises:
        AlreadyLoaded: when the same bytes of this source were stored before.
        RuleBroken: when the agreement is not in force.
        Unreadable: when the file is no CSV text and no workbook, or is locked.
    """
    _check_agreement(source)
    extract = Extract(
        service=service,
        source=source,
        original_name=intake.safe_name(upload.name or ""),
        received_by=by,
        as_at=as_at,
    )
    intake.keep(extract, upload, password)
    try:
        kept = _received(extract, by, ring)
    except BaseException:
        intake.delete_files(extract)
        raise
    if kept.pk != extract.pk:
        intake.delete_files(extract)
    return kept


def check(*, extract: Extract) -> None:
    """Check a received file and make its preview, or refuse it. Does nothing where somebody else does."""
    with lease(extract.pk) as held:
        if held and (current := _begin(extract, ExtractStatus.RECEIVED, ExtractStatus.CHECKING)):
            _check(current, then_store=False)


@transaction.atomic
def commit(*, extract: Extract, by: User | None) -> None:
    """Accept a preview: its rows are to be stored, by a worker, in one transaction.

    Raises:
        RuleBroken: when there is no preview to accept, or the agreement has ended since.
    """
    extract = _locked(extract)
    if extract.status != ExtractStatus.PREVIEWED:
        raise RuleBroken(intake.why_not_now(extract))
    if not extract.checked_file:
        raise RuleBroken("No row of this file can be stored.")
    _check_agreement(extract.source)
    extract.status = ExtractStatus.COMMITTING
    extract.committed_by = by
    extract.progress, extract.stage_label, extract.restarts = 0, "", 0
    extract.save(update_fields=["status", "committed_by", "progress", "stage_label", "restarts"])
    audit.record("extract_accepted", service=extract.service, by=by, on=extract)
    _ring(extract)


def store(*, extract: Extract) -> None:
    """Store the rows of an accepted extract. Does nothing where somebody else does, or has."""
    with lease(extract.pk) as held:
        if held and (current := _begin(extract, ExtractStatus.COMMITTING)):
            _store(current)


def load(
    *, service: Service, source: Source, upload: File, by: User | None, as_at: datetime.date | None = None,
    password: str | None = None,
) -> Extract:  # fmt: skip
    """Receive, check and store a file in one go, for whoever needs no preview.

    Raises:
        AlreadyLoaded, RuleBroken, Unreadable: as `receive` does. A file refused later has its status say so.
    """
    extract = receive(
        service=service, source=source, upload=upload, by=by, as_at=as_at, password=password, ring=False
    )
    with lease(extract.pk) as held:
        if held and (current := _begin(extract, ExtractStatus.RECEIVED, ExtractStatus.CHECKING)):
            current.committed_by = by
            _check(current, then_store=True)
    extract.refresh_from_db()
    return extract


@transaction.atomic
def withdraw(*, extract: Extract, by: User | None, keep_rejects: bool = False) -> None:
    """Throw an extract away before anything of it is stored; its files go with it.

    Args:
        keep_rejects: leave the file of rejected rows where it is, for a trial run that is to show it.

    Raises:
        RuleBroken: when it is being worked on, or was stored.
    """
    extract = _locked(extract)
    if extract.status != ExtractStatus.PREVIEWED:
        raise RuleBroken(intake.why_not_now(extract))
    extract.status = ExtractStatus.WITHDRAWN
    extract.checked_file = ""
    extract.rejects_file = extract.rejects_file if keep_rejects else ""
    extract.save(update_fields=["status", "checked_file", "rejects_file"])
    transaction.on_commit(partial(intake.delete_files, extract, but_rejects=keep_rejects))
    audit.record("extract_withdrawn", service=extract.service, by=by, on=extract)


def sweep() -> list[int]:
    """Nudge a worker about every extract that should be worked on and is not; returns their ids."""
    waiting = Extract.objects.filter(
        status=ExtractStatus.RECEIVED, received_at__lt=timezone.now() - WAITED_TOO_LONG
    )
    begun = Extract.objects.filter(status__in=[ExtractStatus.CHECKING, ExtractStatus.COMMITTING])
    left = [extract for extract in (waiting | begun).order_by("pk") if is_free(extract.pk)]
    for extract in left:
        _ring(extract)
    return [extract.pk for extract in left]


@transaction.atomic
def _received(extract: Extract, by: User | None, ring: bool) -> Extract:
    # Two people sending the same file wait for each other here, and the second gets the first one's.
    Source.objects.select_for_update(of=["self"]).get(pk=extract.source_id)
    same = Extract.objects.filter(source=extract.source, sha256=extract.sha256).exclude(
        status__in=[ExtractStatus.REFUSED, ExtractStatus.WITHDRAWN]
    )
    for earlier in same.select_related("committed_by"):
        if earlier.status == ExtractStatus.COMMITTED:
            raise AlreadyLoaded(earlier)
        return earlier
    extract.save()
    if ring:
        _ring(extract)
    changes = {"source": extract.source.slug, "bytes": extract.size, "sha256": extract.sha256}
    audit.record("extract_received", service=extract.service, by=by, on=extract, changes=changes)
    return extract


def _begin(extract: Extract, *states: ExtractStatus) -> Extract | None:
    """The extract as it is now, if it waits for this work; gives up one that broke off too often."""
    current = Extract.objects.select_related("service", "source__agreement", "committed_by").get(
        pk=extract.pk
    )
    if current.status not in states:
        return None
    if current.status != ExtractStatus.RECEIVED and current.stage_label:
        current.restarts += 1
    if current.restarts > MOST_RESTARTS:
        _refuse(current, intake.BROKE_OFF)
        return None
    if current.status == ExtractStatus.RECEIVED:
        current.status = ExtractStatus.CHECKING
    current.progress, current.stage_label = 0, "Starting"
    current.save(update_fields=["status", "restarts", "progress", "stage_label"])
    return current


def _check(extract: Extract, *, then_store: bool) -> None:
    started = time.perf_counter()
    stage = intake.stage_of(extract)
    checked, rejects = intake.path_of(extract, intake.CHECKED), intake.path_of(extract, intake.REJECTS)
    try:
        with filling(stage) as write:
            tell = Teller(extract, "Checking", before=write.pause)
            summary = check_file(
                Path(extract.file.path),
                name=extract.original_name,
                layout=intake.layout_of(extract.source),
                allowed=extract.source.agreement.allowed_fields,
                today=timezone.localdate(),
                checked_path=checked,
                rejects_path=rejects,
                sinks=[write],
                progress=tell,
            )
        _note(extract, summary)
        extract.seconds = time.perf_counter() - started
        if then_store:
            _store(extract)
        else:
            _previewed(extract, started)
    except Unreadable as problem:
        _refuse(extract, problem.sentence)
    finally:
        intake.drop(stage)


def _note(extract: Extract, summary: Summary) -> None:
    """Take over what the check found; the caller saves it."""
    extract.rows_read = summary.rows_read
    extract.rows_rejected = summary.rows_rejected
    extract.reject_reasons = dict(summary.reject_reasons)
    extract.reject_examples = summary.examples
    extract.notes = dict(summary.notes)
    extract.columns_dropped = summary.columns_dropped
    extract.period_from, extract.period_to = summary.first_day, summary.last_day
    extract.checked_file = intake.name_of(extract, intake.CHECKED) if summary.rows_passed else ""
    extract.rejects_file = intake.name_of(extract, intake.REJECTS) if summary.rows_rejected else ""


def _count(extract: Extract, outcome: Outcome) -> None:
    extract.rows_new, extract.rows_changed = outcome.new, outcome.changed
    extract.rows_kept = outcome.new + outcome.changed
    extract.rows_duplicate = outcome.duplicate
    extract.people_new, extract.people_matched = outcome.people_new, outcome.people_known


@transaction.atomic
def _previewed(extract: Extract, started: float) -> None:
    with connection.cursor() as cursor:
        found = preview(cursor, intake.stage_of(extract), intake.feed_of(extract), intake.windows_of(extract))
    _count(extract, found)
    extract.status, extract.progress, extract.stage_label = ExtractStatus.PREVIEWED, 100, ""
    extract.seconds = time.perf_counter() - started
    extract.save()
    audit.record(
        "extract_checked", service=extract.service, by=None, on=extract, changes=intake.counts_of(extract)
    )


def _store(extract: Extract) -> None:
    """Everything that is stored is stored here, in one transaction, or nothing is."""
    started = time.perf_counter()
    stage = intake.stage_of(extract)
    try:
        _fill(extract, stage)
        _stored(extract, started)
    except RuleBroken as problem:
        _refuse(extract, str(problem))
        return
    finally:
        intake.drop(stage)
    intake.delete_checked(extract)


def _fill(extract: Extract, stage: Stage) -> None:
    """Bring the checked rows into this session, unless it has them from the check."""
    with connection.cursor() as cursor:
        if stage.exists(cursor):
            return
    with filling(stage) as write:
        tell = Teller(extract, "Storing", before=write.pause, span=(0, 60))
        write.all_of(intake.checked_path(extract), tell)


@transaction.atomic
def _stored(extract: Extract, started: float) -> None:
    _check_agreement(extract.source)
    with connection.cursor() as cursor:
        outcome = store_rows(
            cursor, intake.stage_of(extract), intake.feed_of(extract), intake.windows_of(extract)
        )
    _count(extract, outcome)
    extract.status, extract.progress, extract.stage_label = ExtractStatus.COMMITTED, 100, ""
    extract.committed_at = timezone.now()
    extract.checked_file = ""
    extract.seconds = (extract.seconds or 0) + time.perf_counter() - started
    extract.save()
    audit.record(
        "extract_committed",
        service=extract.service,
        by=extract.committed_by,
        on=extract,
        changes=intake.counts_of(extract),
    )


@transaction.atomic
def _refuse(extract: Extract, problem: str) -> None:
    extract.status, extract.problem, extract.stage_label = ExtractStatus.REFUSED, problem, ""
    extract.checked_file = extract.rejects_file = ""
    extract.save()
    transaction.on_commit(partial(intake.delete_files, extract))
    audit.record("extract_refused", service=extract.service, by=None, on=extract)


def _locked(extract: Extract) -> Extract:
    rows = Extract.objects.select_for_update(of=["self"]).select_related("service", "source__agreement")
    return rows.get(pk=extract.pk)


def _check_agreement(source: Source) -> None:
    if problem := source.agreement.problem_on(timezone.localdate()):
        raise RuleBroken(problem)


def _ring(extract: Extract) -> None:
    """Nudge a worker once the transaction is through."""
    name = "store_extract" if extract.status == ExtractStatus.COMMITTING else "check_extract"
    transaction.on_commit(partial(_nudge, f"cohorts.tasks.{name}", extract.pk))


def _nudge(task: str, extract_id: int) -> None:
    """A queue that is down loses nothing: the sweep nudges again."""
    try:
        current_app.send_task(task, [extract_id])
    except OperationalError:
        log.warning("The queue is down; extract %s waits for the sweep.", extract_id)

"""Every write to an extract: received, checked, stored or thrown away.

Files and temporary tables take long and stand outside the transactions; each step that counts
(received, refused, previewed, stored, withdrawn) is one transaction with its audit event last.
"""

import datetime
import logging
from functools import partial

from celery import current_app
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from cohorts import intake
from cohorts.actions import extract_work as work
from cohorts.lease import is_free, lease
from cohorts.models import GONE, DataRequest, Extract, ExtractStatus, Source
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken

log = logging.getLogger(__name__)

_TASKS = {
    ExtractStatus.RECEIVED: "check_extract",
    ExtractStatus.CHECKING: "check_extract",
    ExtractStatus.COMMITTING: "store_extract",
    ExtractStatus.UNDOING: "take_back_extract",
}
_BEGUN = [ExtractStatus.CHECKING, ExtractStatus.COMMITTING, ExtractStatus.UNDOING]
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
        password: opens a locked workbook or zip file once, here, and is not kept.
        ring: nudge a worker; without it the caller checks the file.

    Raises:
        AlreadyLoaded: when the same bytes of this source were stored before.
        RuleBroken: when the agreement is not in force.
        Unreadable: when the file is no CSV text and no workbook, or is locked.
    """
    work.check_agreement(source)
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
        if held and (current := work.begin(extract, ExtractStatus.RECEIVED, ExtractStatus.CHECKING)):
            work.check(current)


@transaction.atomic
def commit(*, extract: Extract, by: User | None) -> None:
    """Accept a preview: its rows are to be stored, by a worker, in one transaction.

    Raises:
        RuleBroken: when there is no preview to accept, or the agreement stopped or changed since.
    """
    extract = _locked(extract)
    if extract.status != ExtractStatus.PREVIEWED:
        raise RuleBroken(intake.why_not_now(extract))
    if not extract.checked_file:
        raise RuleBroken("No row of this file can be stored.")
    work.check_still_agreed(extract)
    extract.status = ExtractStatus.COMMITTING
    extract.committed_by = by
    extract.progress, extract.stage_label, extract.restarts, extract.problem = 0, "", 0, ""
    extract.save(update_fields=["status", "committed_by", "progress", "stage_label", "restarts", "problem"])
    audit.record("extract_accepted", service=extract.service, by=by, on=extract)
    ring(extract)


def store(*, extract: Extract) -> None:
    """Store the rows of an accepted extract. Does nothing where somebody else does, or has."""
    with lease(extract.pk) as held:
        if held and (current := work.begin(extract, ExtractStatus.COMMITTING)):
            work.store(current)


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
        if held and (current := work.begin(extract, ExtractStatus.RECEIVED, ExtractStatus.CHECKING)):
            current.committed_by = by
            work.load(current)
    extract.refresh_from_db()
    return extract


@transaction.atomic
def answer(*, extract: Extract, request: DataRequest | None, by: User) -> None:
    """Say which data request a checked file answers, or that it answers none and speaks as its source does.

    Raises:
        RuleBroken: when it is past its preview, or the request went to another source.
    """
    extract = _locked(extract)
    if extract.status != ExtractStatus.PREVIEWED:
        raise RuleBroken(intake.why_not_now(extract))
    if request is not None and request.source_id != extract.source_id:
        raise RuleBroken("This request was made to another source. Choose one of those shown.")
    before, extract.answers = extract.answers_id, request
    extract.save(update_fields=["answers"])
    changes = {"answers": [before, extract.answers_id]}
    audit.record("extract_answers", service=extract.service, by=by, on=extract, changes=changes)


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


def sweep(*, service: Service) -> list[int]:
    """Nudge a worker about every extract that should be worked on and is not; returns their ids."""
    waiting = service.extracts.filter(
        status=ExtractStatus.RECEIVED, received_at__lt=timezone.now() - WAITED_TOO_LONG
    )
    begun = service.extracts.filter(status__in=_BEGUN)
    left = [extract for extract in (waiting | begun).order_by("pk") if is_free(extract.pk)]
    for extract in left:
        ring(extract)
    return [extract.pk for extract in left]


@transaction.atomic
def _received(extract: Extract, by: User | None, nudge: bool) -> Extract:
    # Two people sending the same file wait for each other here, and the second gets the first one's.
    Source.objects.select_for_update(of=["self"]).get(pk=extract.source_id)
    same = Extract.objects.filter(source=extract.source, sha256=extract.sha256).exclude(status__in=GONE)
    for earlier in same.select_related("committed_by"):
        if earlier.status == ExtractStatus.COMMITTED:
            raise AlreadyLoaded(earlier)
        return earlier
    extract.save()
    if nudge:
        ring(extract)
    changes = {"source": extract.source.slug, "bytes": extract.size, "sha256": extract.sha256}
    audit.record("extract_received", service=extract.service, by=by, on=extract, changes=changes)
    return extract


def _locked(extract: Extract) -> Extract:
    rows = Extract.objects.select_for_update(of=["self"]).select_related("service", "source__agreement")
    return rows.get(pk=extract.pk)


def ring(extract: Extract) -> None:
    """Nudge a worker once the transaction is through."""
    name = f"cohorts.tasks.{_TASKS[ExtractStatus(extract.status)]}"
    transaction.on_commit(partial(nudge, name, extract.service_id, extract.pk))


def nudge(task: str, service_id: int, extract_id: int) -> None:
    """A queue that is down loses nothing: the sweep nudges again."""
    try:
        current_app.send_task(task, [service_id, extract_id])
    except OperationalError:
        log.warning("The queue is down; %s of extract %s waits for the sweep.", task, extract_id)

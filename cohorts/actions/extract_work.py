"""The work on one extract, done by whoever has its lease; cohorts/actions/extract.py hands it out.

Files and temporary tables take long and stand outside the transactions; what counts is one transaction
with its audit event last.
"""

import time
from functools import partial
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from cohorts import intake
from cohorts.actions import identity
from cohorts.actions import source as sources
from cohorts.actions.progress import Teller
from cohorts.models import Extract, ExtractStatus, Source
from cohorts.pipeline import changed, direct, undo, unmatched
from cohorts.pipeline.drop import drop
from cohorts.pipeline.fields import Shape
from cohorts.pipeline.files import CheckedFile, as_copy_text
from cohorts.pipeline.limit import CountColumns
from cohorts.pipeline.problems import Unreadable
from cohorts.pipeline.run import Progress, Sink, Summary, check_file
from cohorts.pipeline.sender import sending
from cohorts.pipeline.stage import Stage, filling
from cohorts.pipeline.store import Outcome, preview
from cohorts.pipeline.store import store as store_rows
from cohorts.rules import renumbered
from cohorts.signals import extract_stored
from cohorts.ways_in import answers
from governance import audit
from governance.models import Agreement
from governance.rules import RuleBroken

MOST_RESTARTS = 3
# From this size on, the way of a first load is worth keeping everybody else out of an empty table.
BIG_BYTES = 4 * 1024 * 1024


def begin(extract: Extract, *states: ExtractStatus) -> Extract | None:
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
    if current.status == ExtractStatus.CHECKING:
        current.agreement_version = current.source.agreement.acting
    current.progress, current.stage_label = 0, "Starting"
    current.save(update_fields=["status", "restarts", "agreement_version", "progress", "stage_label"])
    return current


def check(extract: Extract) -> None:
    """Check the file and make its preview, or refuse it."""
    started = time.perf_counter()
    stage = intake.stage_of(extract)
    passed = CheckedFile(intake.path_of(extract, intake.CHECKED))
    try:
        with filling(stage) as fill:
            try:
                summary = _run(
                    extract, as_copy_text(fill, passed), Teller(extract, "Checking", before=fill.pause)
                )
            finally:
                passed.close()
        _note(extract, summary)
        _previewed(extract, summary.count_columns, started)
    except Unreadable as problem:
        _refuse(extract, problem.sentence)
    finally:
        intake.drop(stage)


def load(extract: Extract) -> None:
    """Check the file and store what passes, with no preview between, or refuse it."""
    started = time.perf_counter()
    try:
        if extract.size < BIG_BYTES or not _first_load(extract, started):
            _load(extract, started)
    except (Unreadable, RuleBroken) as problem:
        _refuse(extract, str(problem))


def store(extract: Extract) -> None:
    """Store the checked rows; everything is stored in one transaction, or nothing is.

    Where the agreement no longer allows it, the extract goes back to its preview.
    """
    started = time.perf_counter()
    stage = intake.stage_of(extract)
    try:
        with filling(stage) as fill:
            fill.all_of(
                intake.checked_path(extract), Teller(extract, "Storing", before=fill.pause, span=(0, 60))
            )
        with transaction.atomic():
            _stored(extract, _store_staged(extract, stage, intake.checked_counts(extract)), started)
    except RuleBroken as problem:
        _hold(extract, str(problem))
        return
    finally:
        intake.drop(stage)
    intake.delete_checked(extract)


def _load(extract: Extract, started: float) -> None:
    stage = intake.stage_of(extract)
    try:
        with filling(stage) as fill:
            summary = _run(extract, as_copy_text(fill), Teller(extract, "Checking", before=fill.pause))
        _note(extract, summary)
        extract.remarks += intake.too_soon(extract)
        with transaction.atomic():
            _stored(extract, _store_staged(extract, stage, summary.count_columns), started)
    finally:
        intake.drop(stage)


@transaction.atomic
def _first_load(extract: Extract, started: float) -> bool:
    """Load the first file there ever was, if this is it; one transaction from its first row on."""
    feed = intake.feed_of(extract)
    if extract.source.shape != Shape.ATTENDANCES or intake.limit_of(extract.source.agreement).applies:
        return False
    with connection.cursor() as cursor:
        if not direct.begin(cursor):
            return False
        # Nothing was there that could be replaced, so nothing is kept.
        extract.people_above = undo.highest_person(cursor)
        with sending() as sender:
            first, pairs = direct.FirstLoad(cursor, feed, sender), unmatched.Pairs()
            _note(extract, _run(extract, pairs.beside(first), lambda fraction: None))
            outcome = first.finish()
        pairs.learn(cursor, feed, extract.source.organisation_id)
    _stored(extract, outcome, started)
    return True


def _run(extract: Extract, sink: Sink, progress: Progress) -> Summary:
    waiting = unmatched.Unmatched(intake.path_of(extract, intake.UNMATCHED))
    limit = intake.limit_of(extract.source.agreement)
    summary = check_file(
        Path(extract.file.path),
        name=extract.original_name,
        layout=intake.layout_of(extract.source),
        allowed=extract.source.agreement.allowed_fields,
        today=timezone.localdate(),
        rejects_path=intake.path_of(extract, intake.REJECTS),
        sink=sink,
        unmatched=waiting,
        limit=limit,
        measure=extract.source.measure,
        progress=progress,
    )
    # Nobody can say whether an agreement that leaves people out reaches somebody who is not known.
    if not limit.applies:
        summary.unmatched = waiting.write()
    return summary


def _store_staged(extract: Extract, stage: Stage, counts: CountColumns) -> Outcome:
    with connection.cursor() as cursor:
        _drop(cursor, extract, stage, counts)
        extract.people_above = undo.begin_keeping(cursor, extract.pk)
        outcome = store_rows(cursor, stage, intake.feed_of(extract), intake.windows_of(extract))
        unmatched.learn(cursor, stage, intake.feed_of(extract), extract.source.organisation_id)
        if outcome.changed and extract.source.shape == Shape.ATTENDANCES:
            moved = changed.moved_here(cursor, extract.pk)
            if problem := renumbered(moved, outcome.changed + outcome.duplicate):
                raise RuleBroken(problem)
        return outcome


def _drop(cursor: CursorWrapper, extract: Extract, stage: Stage, counts: CountColumns) -> None:
    """Leave out the people whom the agreement does not reach, before anything is matched or stored."""
    extract.drop_reasons = drop(cursor, stage, intake.limit_of(extract.source.agreement), counts)
    extract.rows_dropped = sum(extract.drop_reasons.values())


def _note(extract: Extract, summary: Summary) -> None:
    """Take over what the check found; the caller saves it."""
    extract.rows_read = summary.rows_read
    extract.rows_rejected, extract.rows_unmatched = summary.rows_rejected, summary.unmatched
    extract.reject_reasons = dict(summary.reject_reasons)
    extract.reject_examples = summary.examples
    extract.notes = dict(summary.notes)
    extract.columns_dropped = summary.columns_dropped
    extract.period_from, extract.period_to = summary.first_day, summary.last_day
    extract.rejects_file = intake.name_of(extract, intake.REJECTS) if summary.rows_rejected else ""
    extract.remarks = intake.remarks_on(extract, summary)


def _count(extract: Extract, outcome: Outcome) -> None:
    extract.rows_new, extract.rows_changed = outcome.new, outcome.changed
    extract.rows_kept = outcome.new + outcome.changed
    extract.rows_duplicate = outcome.duplicate
    extract.people_new, extract.people_matched = outcome.people_new, outcome.people_known
    extract.people_corrected = outcome.people_corrected


@transaction.atomic
def _previewed(extract: Extract, counts: CountColumns, started: float) -> None:
    stage = intake.stage_of(extract)
    with connection.cursor() as cursor:
        _drop(cursor, extract, stage, counts)
        feed, windows = intake.feed_of(extract), intake.windows_of(extract)
        found = preview(cursor, stage, feed, windows)
        if found.changed:
            extract.changed_examples = changed.changed_rows(cursor, stage, feed, windows)
            if stage.shape == Shape.ATTENDANCES:
                _check_people(extract, found, changed.moved_rows(cursor, stage))
    _count(extract, found)
    extract.answers = answers.proposed(extract, stage)
    extract.remarks = [*extract.remarks, *intake.too_soon(extract)]
    has_rows = extract.rows_read > extract.rows_rejected + extract.rows_dropped or extract.rows_unmatched
    extract.checked_file = intake.name_of(extract, intake.CHECKED) if has_rows else ""
    extract.status, extract.progress, extract.stage_label = ExtractStatus.PREVIEWED, 100, ""
    extract.seconds = time.perf_counter() - started
    extract.save()
    audit.record(
        "extract_checked", service=extract.service, by=None, on=extract, changes=intake.counts_of(extract)
    )


def _check_people(extract: Extract, found: Outcome, moved: int) -> None:
    """Refuse a file that gives attendances to other people, and remark on one that does so here and there."""
    if problem := renumbered(moved, found.changed + found.duplicate):
        raise Unreadable(problem)
    if moved:
        noun = "attendance belongs" if moved == 1 else "attendances belong"
        extract.remarks = [*extract.remarks, f"{moved} {noun} to somebody else than before, by its number."]


def _stored(extract: Extract, outcome: Outcome, started: float) -> None:
    """The last lines of the one transaction."""
    check_still_agreed(extract)
    if intake.limit_of(extract.source.agreement).applies:
        sources.cover_listed(source=extract.source, by=extract.committed_by)
    with connection.cursor() as cursor:
        extract.people_up_to = undo.end_keeping(cursor)
    identity.take_in(extract)
    _count(extract, outcome)
    extract.status, extract.progress, extract.stage_label = ExtractStatus.COMMITTED, 100, ""
    extract.committed_at = timezone.now()
    extract.checked_file = ""
    extract.seconds = (extract.seconds or 0) + time.perf_counter() - started
    extract.save()
    extract_stored.send(sender=Extract, extract=extract)
    audit.record(
        "extract_committed",
        service=extract.service,
        by=extract.committed_by,
        on=extract,
        changes=intake.counts_of(extract),
    )


@transaction.atomic
def _hold(extract: Extract, problem: str) -> None:
    """Back to the preview, with the reason: what was accepted is neither stored nor lost."""
    extract.status, extract.problem = ExtractStatus.PREVIEWED, problem
    extract.progress, extract.stage_label = 100, ""
    extract.save(update_fields=["status", "problem", "progress", "stage_label"])
    audit.record("extract_held", service=extract.service, by=None, on=extract)


@transaction.atomic
def _refuse(extract: Extract, problem: str) -> None:
    extract.status, extract.problem, extract.stage_label = ExtractStatus.REFUSED, problem, ""
    extract.checked_file = extract.rejects_file = ""
    extract.save()
    transaction.on_commit(partial(intake.delete_files, extract))
    audit.record("extract_refused", service=extract.service, by=None, on=extract)


def check_agreement(source: Source) -> None:
    """Raise the sentence of an agreement that is not in force today, as it is now."""
    source.agreement.refresh_from_db()
    if problem := source.agreement.problem_on(timezone.localdate()):
        raise RuleBroken(problem)


def check_still_agreed(extract: Extract) -> None:
    """Raise where the agreement stopped, or says something else, since the file was checked.

    Call inside the transaction that accepts or stores: nobody changes the agreement until it ends.
    """
    rows = Agreement.objects.select_for_update(of=["self"])
    agreement = rows.get(pk=extract.source.agreement_id)
    if problem := agreement.problem_on(timezone.localdate()):
        raise RuleBroken(problem)
    under = extract.agreement_version
    if under is not None and under.number != agreement.version:
        raise RuleBroken(
            f'The agreement "{agreement.title}" was changed after this file was checked. Nothing was stored. '
            "Upload the file again, so that it is checked by what the agreement says now."
        )

"""Undoing a stored extract: asked for on a page or by a command, done by a worker."""

import time
from functools import partial

from django.db import connection, transaction
from django.utils import timezone

from cohorts import giving, intake, undoing
from cohorts.actions import extract as extracts
from cohorts.lease import lease
from cohorts.models import CohortList, Extract, ExtractStatus, UnmatchedRow
from cohorts.pipeline import undo as pipeline
from cohorts.signals import extract_undone, rows_went_from_people
from governance import audit, locks
from governance.erasure import erase
from governance.models import Person, User
from governance.rules import RuleBroken


@transaction.atomic
def ask(*, extract: Extract, by: User | None, ring: bool = True) -> None:
    """Have a stored extract undone, by a worker, in one transaction.

    Args:
        ring: nudge a worker; without it the caller takes the extract back.

    Raises:
        RuleBroken: what depends on it, in sentences.
    """
    extract = _locked(extract)
    if extract.status != ExtractStatus.COMMITTED:
        raise RuleBroken(intake.why_not_now(extract))
    _check(extract)
    extract.status, extract.undone_by = ExtractStatus.UNDOING, by
    extract.progress, extract.stage_label, extract.problem = 0, "", ""
    extract.save(update_fields=["status", "undone_by", "progress", "stage_label", "problem"])
    audit.record("extract_undo_asked", service=extract.service, by=by, on=extract)
    if ring:
        extracts.ring(extract)


def take_back(*, extract: Extract) -> None:
    """Put everything back as it was before the extract. Does nothing where somebody else does, or has."""
    with lease(extract.pk) as held:
        if not held:
            return
        try:
            _take_back(extract)
        except RuleBroken as problem:
            _leave(extract, str(problem))


@transaction.atomic
def _take_back(extract: Extract) -> None:
    started = time.perf_counter()
    with connection.cursor() as cursor:
        # Nobody stores, and nobody points at a person who is about to go, until this is through.
        locks.hold_off_loads(extract.service_id)
        locks.purging(extract.service)
        extract = _locked(extract)
        if extract.status != ExtractStatus.UNDOING or extract.people_above is None:
            return
        _check(extract)
        lists = [each.pk for each in undoing.lists_since(extract)]
        erase(CohortList, lists, but=undoing.history_of_lists())
        had_rows = set(
            UnmatchedRow.objects.filter(extract=extract).exclude(person=None).values_list("person", flat=True)
        )
        done = pipeline.take_back(
            cursor, extract.pk, above=extract.people_above, up_to=extract.people_up_to or 0
        )
    had_rows.update(*done.let_go.values())
    made_of_rows = giving.left_empty(extract.service, had_rows)
    erase(Person, made_of_rows)
    extract.status, extract.progress, extract.stage_label = ExtractStatus.UNDONE, 100, ""
    extract.undone_at, extract.file_deleted_at = timezone.now(), timezone.now()
    extract.rejects_file, extract.reject_examples, extract.changed_examples = "", [], []
    extract.seconds = time.perf_counter() - started
    extract.save()
    extract_undone.send(sender=Extract, extract=extract)
    for other in extract.service.extracts.filter(pk__in=done.let_go):
        people = done.let_go[other.pk]
        rows_went_from_people.send(sender=Extract, extract=other, people=people, by=extract.undone_by)
    transaction.on_commit(partial(intake.delete_files, extract))
    changes = {
        "rows_removed": done.removed,
        "rows_restored": done.restored,
        "people_removed": done.people + len(made_of_rows),
        "lists_removed": lists,
    }
    audit.record("extract_undone", service=extract.service, by=extract.undone_by, on=extract, changes=changes)


@transaction.atomic
def _leave(extract: Extract, problem: str) -> None:
    """It stays stored, with the reason."""
    extract = _locked(extract)
    extract.status, extract.problem, extract.undone_by = ExtractStatus.COMMITTED, problem, None
    extract.save(update_fields=["status", "problem", "undone_by"])
    audit.record("extract_not_undone", service=extract.service, by=None, on=extract)


def _check(extract: Extract) -> None:
    if found := undoing.obstacles(extract):
        raise RuleBroken("It cannot be undone. " + " ".join(found))


def _locked(extract: Extract) -> Extract:
    rows = Extract.objects.select_for_update(of=["self"]).select_related("service", "source", "undone_by")
    return rows.get(pk=extract.pk)

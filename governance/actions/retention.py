"""The retention schedule at work: what is past its time goes, what is held stays, and both are counted."""

import datetime
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone

from governance import audit, leftovers, locks, retention, scope
from governance.leftovers import Found
from governance.models import KeepingTime, LegalHold, Person, PurgeRun, Service, User
from governance.retention import RecordClass
from governance.rules import RuleBroken

log = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Outcome:
    """Of one class: rows past their time, those removed, those a hold keeps; and what the search found."""

    due: int = 0
    purged: int = 0
    held: int = 0
    people: int = 0
    columns_searched: int = 0
    found: int = 0
    in_files: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.due + other.due,
            self.purged + other.purged,
            self.held + other.held,
            self.people + other.people,
            max(self.columns_searched, other.columns_searched),
            self.found + other.found,
            self.in_files + other.in_files,
        )


def purge_all(*, dry_run: bool = False, today: datetime.date | None = None) -> dict[str, Outcome]:
    """Apply the schedule to every service, each in a scope of its own; returns the sums by class."""
    total: dict[str, Outcome] = {}
    services = Service.objects.order_by("pk")
    for outcomes in _each(lambda s: purge(service=s, by=None, dry_run=dry_run, today=today), services):
        for key, outcome in outcomes.items():
            total[key] = total.get(key, Outcome()) + outcome
    return total


def purge(
    *, service: Service, by: User | None, dry_run: bool = False, today: datetime.date | None = None
) -> dict[str, Outcome]:
    """Apply the schedule to one service: one transaction for each class.

    Args:
        dry_run: only count.
        today: the day it is; now where none is given.
    """
    day = today or timezone.localdate()
    with scope.of(service, by=by):
        lengths = retention.numbers(service)
        if dry_run:
            counts = retention.counted(service, day, lengths)
            return {each.key: Outcome(*counts.get(each.key, (0, 0, 0))) for each in retention.classes()}
        schedule = retention.classes()
        outcomes = _each(lambda c: _purge_class(c, service, day, lengths.get(c.key, 0), by), schedule)
        return {each.key: outcome for each, outcome in zip(schedule, outcomes, strict=True)}


@transaction.atomic
def set_time(*, service: Service, record_class: str, number: int, reason: str, by: User) -> KeepingTime:
    """Keep a class for another time from now on.

    Raises:
        RuleBroken: the class does not exist, is kept for good, or the time is outside its limits.
    """
    chosen = retention.get(record_class)
    chosen.check(number)
    before = retention.numbers(service)[record_class]
    row = service.keeping_times.create(record_class=record_class, number=number, reason=reason, by=by)
    changes = {"class": record_class, "number": [before, number], "unit": str(chosen.unit)}
    audit.record("retention_time_set", service=service, by=by, on=row, changes=changes)
    return row


@transaction.atomic
def hold(
    *,
    service: Service,
    person: Person | None = None,
    record_class: str = "",
    reason: str,
    held_from: datetime.date,
    by: User,
) -> LegalHold:
    """Keep everything of a person, or a whole class, whatever the schedule says.

    Raises:
        RuleBroken: there is such a hold, the person belongs to another service, or it says neither or both.
    """
    if (person is None) == (not record_class):
        raise RuleBroken("Hold either one person or one class of records.")
    if person is not None and person.service_id != service.pk:
        raise RuleBroken("This person belongs to another service. Place the hold there.")
    if record_class:
        retention.get(record_class)
    told = {"person": person, "record_class": record_class, "reason": reason, "held_from": held_from}
    try:
        with transaction.atomic():
            row = service.legal_holds.create(**told, placed_by=by)
    except IntegrityError as problem:
        raise RuleBroken("There is a hold already. Lift that one first.") from problem
    changes = {"person": person.pk if person else None, "class": record_class, "from": held_from}
    audit.record("legal_hold_placed", service=service, by=by, on=row, changes=changes)
    return row


@transaction.atomic
def lift(*, hold: LegalHold, reason: str, by: User) -> None:
    """End a hold; the schedule applies again from the next run.

    Raises:
        RuleBroken: it was lifted already.
    """
    hold = LegalHold.objects.select_for_update(of=["self"]).select_related("service").get(pk=hold.pk)
    if hold.lifted_at is not None:
        raise RuleBroken("This hold was lifted already.")
    hold.lifted_at, hold.lifted_by, hold.lift_reason = timezone.now(), by, reason
    hold.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    audit.record("legal_hold_lifted", service=hold.service, by=by, on=hold)


def _each(work: Callable[[T], R], things: Iterable[T]) -> list[R]:
    """What the work gives for each; a thing it fails on keeps no other back, and the first failure is raised."""
    done, failures = [], []
    for thing in things:
        try:
            done.append(work(thing))
        except Exception as problem:
            log.error("Retention failed for %s: %s.", type(thing).__name__, type(problem).__name__)
            failures.append(problem)
    if failures:
        raise failures[0]
    return done


@transaction.atomic
def _purge_class(
    each: RecordClass, service: Service, today: datetime.date, number: int, by: User | None
) -> Outcome:
    if each.due is None or each.purge is None:
        return Outcome()
    counted = Outcome(*retention.counted(service, today, {each.key: number}).get(each.key, (0, 0, 0)))
    if counted.due == counted.held:
        return counted
    locks.purging(service)
    free = each.due(service, today, number).filter(held=False).order_by("pk")
    gone = each.purge(service, list(free.values_list("pk", flat=True)), today, number)
    found = leftovers.search(service, gone.people)
    run = _remember(each, service, counted, gone, found)
    changes = {
        "class": each.key,
        "due": run.due,
        "purged": run.purged,
        "held": run.held,
        "people": run.people,
        "searched": f"searched {run.columns_searched} columns, found {run.found_count}",
        "found": run.found,
        "in_files": run.in_files,
    }
    audit.record("retention_purged", service=service, by=by, on=run, changes=changes)
    numbers = (run.due, run.purged, run.held, run.people, run.columns_searched, run.found_count, run.in_files)
    return Outcome(*numbers)


def _remember(
    each: RecordClass, service: Service, counted: Outcome, gone: retention.Purged, found: Found
) -> PurgeRun:
    if found.places:
        log.warning(
            "Retention left something behind in %s place(s) of class %s.", len(found.places), each.key
        )
    return service.purge_runs.create(
        record_class=each.key,
        due=counted.due,
        purged=gone.rows,
        held=counted.held,
        people=len(gone.people),
        columns_searched=found.columns,
        files_searched=found.files,
        found=dict(found.places),
        in_files=found.in_files,
    )

"""Going in, coming out, and asking after whoever does not."""

import datetime

from django.db import transaction
from django.utils import timezone

from casework import safety
from casework.models import Case, ContactKind, ContactOutcome, Visit, VisitPlace
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken


@transaction.atomic
def plan(
    *,
    case: Case,
    starts_at: datetime.datetime | None,
    due_back_at: datetime.datetime,
    place: str = VisitPlace.HOME,
    companion: User | None = None,
    other_companion: str = "",
    by: User,
) -> Visit:
    """Book a visit, or go in at once where `starts_at` is None. All times are aware.

    Raises:
        RuleBroken: the risks that stand forbid it, the times cannot be, the companion is the worker, or the
            worker is in another visit and wants to go in at once.
    """
    now = timezone.now()
    safety.check_times(starts_at or now, due_back_at, now=now)
    if companion == by:
        raise RuleBroken("You cannot be your own second. Choose a colleague.")
    _check(case, place, is_pair=companion is not None or bool(other_companion.strip()))
    if starts_at is None:
        _check_is_out(case.service, by)
    row = case.service.visits.create(
        case=case,
        worker=by,
        companion=companion,
        other_companion=other_companion.strip(),
        place=place,
        starts_at=starts_at or now,
        due_back_at=due_back_at,
        planned_by=by,
        went_in_at=None if starts_at else now,
    )
    event = "visit_planned" if starts_at else "visit_begun"
    audit.record(event, service=case.service, by=by, on=row, changes=_changes(row))
    return row


@transaction.atomic
def go_in(*, visit: Visit, by: User) -> Visit:
    """Say that one goes in now. Somebody late goes in for as long as was planned.

    Raises:
        RuleBroken: they went in before or are in another visit, it is somebody else's or was called off, the
            episode has ended, or a risk noted since forbids it.
    """
    visit = _open(visit)
    if by != visit.worker:
        raise RuleBroken(f"{visit.worker} planned this visit, so only they can go in.")
    if visit.went_in_at is not None:
        raise RuleBroken(
            f"You went in at {timezone.localtime(visit.went_in_at):%H:%M}. Say when you come out."
        )
    if not visit.case.is_open:
        raise RuleBroken("This episode has ended. Call the visit off.")
    _check(visit.case, visit.place, is_pair=visit.is_pair)
    _check_is_out(visit.service, by)
    now = timezone.now()
    visit.due_back_at = max(visit.due_back_at, now + (visit.due_back_at - visit.starts_at))
    visit.went_in_at = now
    visit.save(update_fields=["due_back_at", "went_in_at"])
    audit.record("visit_begun", service=visit.service, by=by, on=visit, changes=_changes(visit))
    return visit


@transaction.atomic
def come_out(*, visit: Visit, by: User) -> Visit:
    """Say that the worker is out and safe; whoever heard from them may say so.

    Raises:
        RuleBroken: they are out already, or never went in.
    """
    visit = _open(visit)
    if visit.went_in_at is None:
        raise RuleBroken("This visit has not begun. Call it off if it will not take place.")
    visit.came_out_at, visit.came_out_by = timezone.now(), by
    visit.save(update_fields=["came_out_at", "came_out_by"])
    audit.record("visit_ended", service=visit.service, by=by, on=visit, changes=_changes(visit))
    return visit


@transaction.atomic
def call_off(*, visit: Visit, by: User) -> Visit:
    """Say that a planned visit will not take place.

    That is for its worker to say; once it should be over, for whoever has asked after them too.

    Raises:
        RuleBroken: it has begun or is over, or it is somebody else's and still to come.
    """
    visit = _open(visit)
    if by != visit.worker and timezone.now() <= visit.due_back_at:
        raise RuleBroken(f"{visit.worker} planned this visit. Ask them to call it off.")
    if visit.went_in_at is not None:
        raise RuleBroken("This visit has begun. Say when you are out.")
    return _call_off(visit, by)


@transaction.atomic
def call_off_all(*, case: Case, by: User) -> list[Visit]:
    """Call off what is planned and not begun: the episode has ended."""
    planned = case.service.visits.select_for_update(of=["self"]).filter(
        case=case, went_in_at=None, called_off_at=None
    )
    return [_call_off(visit, by) for visit in planned.select_related("service")]


@transaction.atomic
def raise_alarms(*, service: Service, now: datetime.datetime) -> list[int]:
    """Note each visit that is overdue, once; returns their ids.

    The board and Today show an overdue visit from its minute on, also where nothing runs this. What it adds is
    that the moment is on record.
    """
    overdue = service.visits.select_for_update(of=["self"]).filter(
        went_in_at__isnull=False, came_out_at=None, due_back_at__lt=now, alarm_at=None
    )
    rows = list(overdue)
    for row in rows:
        row.alarm_at = now
        row.save(update_fields=["alarm_at"])
        audit.record("visit_overdue", service=service, by=None, on=row, changes=_changes(row))
    return [row.pk for row in rows]


def _open(visit: Visit) -> Visit:
    rows = Visit.objects.select_for_update(of=["self"]).select_related("service", "case", "worker")
    visit = rows.get(pk=visit.pk)
    if visit.came_out_at is not None:
        raise RuleBroken(f"This visit ended at {timezone.localtime(visit.came_out_at):%H:%M}.")
    if visit.called_off_at is not None:
        raise RuleBroken("This visit was called off.")
    return visit


def _call_off(visit: Visit, by: User) -> Visit:
    visit.called_off_at, visit.called_off_by = timezone.now(), by
    visit.save(update_fields=["called_off_at", "called_off_by"])
    audit.record("visit_called_off", service=visit.service, by=by, on=visit, changes=_changes(visit))
    return visit


def _check_is_out(service: Service, worker: User) -> None:
    """Somebody is in one place at a time. The lock lets one of two presses through."""
    User.objects.select_for_update(no_key=True).get(pk=worker.pk)
    begun = service.visits.filter(worker=worker, went_in_at__isnull=False, came_out_at=None)
    other = begun.filter(called_off_at=None).first()
    if other is not None:
        raise RuleBroken(
            f"You went in somewhere else at {timezone.localtime(other.went_in_at):%H:%M} and have not said "
            "that you are out. Say so on Today first."
        )


def _check(case: Case, place: str, *, is_pair: bool) -> None:
    """Every episode of the person counts: a new one does not make somebody safe."""
    service, person = case.service, case.person_id
    standing = service.risks.filter(case__person=person, ended_at=None)
    needs = service.case_needs.filter(case__person=person).first()
    table = service.weight_tables.first()
    visited = service.contacts.filter(
        case__person=person, kind=ContactKind.HOME, outcome=ContactOutcome.REACHED
    )
    safety.check_visit(
        standing.values_list("level", flat=True),
        place=place,
        is_pair=is_pair,
        asks_two=needs is not None and needs.two,
        first_in_pairs=table is not None and table.first_visits_in_pairs and not visited.exists(),
    )


def _changes(visit: Visit) -> dict[str, object]:
    return {
        "case": visit.case_id,
        "place": visit.place,
        "pair": visit.is_pair,
        "due_back_at": visit.due_back_at,
    }

"""Visits on pages: planned, begun, and overdue."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import JSONBAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from casework import safety, wording
from casework.models import Case, Visit
from casework.pages.cases import A_SEALED_RECORD
from governance.asked_once import asked_once
from governance.models import Service, User


@dataclass(frozen=True)
class Shown:
    """A visit that is not over, in words."""

    pk: int
    case: int
    worker: str
    name: str
    starts_at: datetime.datetime
    due_back_at: datetime.datetime
    is_in: bool
    is_pair: bool
    is_overdue: bool
    # Its time has passed, and nobody went in or called it off.
    is_forgotten: bool = False
    # Of whom the page is for: only they go in, and only they call it off while it is to come.
    is_own: bool = True

    @property
    def can_call_off(self) -> bool:
        """Whether the one who looks may say that it does not take place."""
        return not self.is_in and (self.is_own or self.is_forgotten)

    @property
    def words(self) -> str:
        """Who is where until when."""
        start, back = timezone.localtime(self.starts_at), timezone.localtime(self.due_back_at)
        alone = "in a pair" if self.is_pair else "alone"
        if self.is_overdue:
            return f"{self.worker} went in {alone} and should have been out at {back:%H:%M}. Ring them now."
        if self.is_forgotten:
            return f"{_not_begun(self.worker, start, back)} Ask after them."
        if self.is_in:
            return f"{self.worker} is in, {alone}, back by {back:%H:%M}."
        today = timezone.localdate()
        return f"{self.worker} goes in {wording.coming(start.date(), today=today)} at {start:%H:%M}, {alone}."


def _rows(service: Service) -> QuerySet[Visit]:
    return service.visits.filter(came_out_at=None, called_off_at=None).order_by("starts_at", "pk")


def open_of_case(service: Service) -> ArraySubquery:
    """Visits of a case that are not over, for `of`."""
    found = JSONObject(
        pk="pk",
        case="case_id",
        worker="worker__name",
        worker_id="worker_id",
        starts_at="starts_at",
        due_back_at="due_back_at",
        went_in_at="went_in_at",
        companion="companion_id",
        other="other_companion",
    )
    return ArraySubquery(_rows(service).filter(case=OuterRef("pk")).values(found=found))


def of(case: Case, user: User) -> list[Shown]:
    """The visits of a case that `open_of_case` brought, in front of a user."""
    return [_from_told(found, user) for found in getattr(case, "open_visits", [])]


def overdue(service: Service, *, now: datetime.datetime) -> QuerySet[Visit]:
    """Visits whose worker should be out and has not said so, or never said that they went in."""
    return _rows(service).filter(due_back_at__lt=now)


def told_of_overdue() -> JSONBAgg:
    """Who they are, for `overdue_words`; the client is not named on the board."""
    told = JSONObject(
        worker="worker__name", starts_at="starts_at", due_back_at="due_back_at", went_in_at="went_in_at"
    )
    return JSONBAgg(told, order_by=["due_back_at"])


def overdue_words(told: Iterable[dict[str, str]]) -> list[str]:
    """One sentence for each, the longest overdue first."""
    return [_overdue_words(each) for each in told]


def _overdue_words(told: dict[str, str]) -> str:
    start, back = (
        timezone.localtime(datetime.datetime.fromisoformat(told[name]))
        for name in ("starts_at", "due_back_at")
    )
    if told["went_in_at"] is None:
        return f"{_not_begun(told['worker'], start, back)} Ask after them."
    return f"{told['worker']} should have been out of a visit at {back:%H:%M}. Ring them now."


def _not_begun(worker: str, start: datetime.datetime, back: datetime.datetime) -> str:
    return f"The visit of {worker} on {start:%-d %B}, {start:%H:%M} to {back:%H:%M}, has not begun and is not called off."


def for_today(service: Service, user: User, *, is_lead: bool, now: datetime.datetime) -> list[Shown]:
    """Visits of one's own that are not over, overdue first; a lead sees everybody's overdue ones too. One query.

    Overdue is also one that should be over and never began.
    """
    shown = [_from_row(row, user) for row in _for_today(service, user, is_lead, now)]
    return sorted(
        shown, key=lambda each: (not each.is_overdue, not each.is_forgotten, not each.is_in, each.starts_at)
    )


@asked_once
def _for_today(service: Service, user: User, is_lead: bool, now: datetime.datetime) -> QuerySet[Visit]:
    mine = Q(worker=user) | Q(companion=user)
    overdue = Q(due_back_at__lt=now)
    sealed = service.seals.hiding_from(user).filter(person=OuterRef("case__person"))
    rows = _rows(service).filter(mine | overdue if is_lead else mine).annotate(is_hidden=Exists(sealed))
    return rows.select_related("worker", "case__person")


def _from_row(row: Visit, user: User) -> Shown:
    is_late = safety.is_overdue(row.due_back_at, now=timezone.now())
    return Shown(
        pk=row.pk,
        case=row.case_id,
        worker=row.worker.name,
        name=A_SEALED_RECORD if getattr(row, "is_hidden", False) else row.case.person.short_name,
        starts_at=row.starts_at,
        due_back_at=row.due_back_at,
        is_in=row.went_in_at is not None,
        is_pair=row.is_pair,
        is_overdue=row.went_in_at is not None and is_late,
        is_forgotten=row.went_in_at is None and is_late,
        is_own=row.worker_id == user.pk,
    )


def _from_told(found: dict[str, Any], user: User) -> Shown:
    due_back_at = datetime.datetime.fromisoformat(found["due_back_at"])
    is_in = found["went_in_at"] is not None
    is_late = safety.is_overdue(due_back_at, now=timezone.now())
    return Shown(
        pk=found["pk"],
        case=found["case"],
        worker=found["worker"],
        name="",
        starts_at=datetime.datetime.fromisoformat(found["starts_at"]),
        due_back_at=due_back_at,
        is_in=is_in,
        is_pair=found["companion"] is not None or bool(found["other"]),
        is_overdue=is_in and is_late,
        is_forgotten=not is_in and is_late,
        is_own=found["worker_id"] == user.pk,
    )

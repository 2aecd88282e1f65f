"""Cases that go from one worker to others: both loads before and after, and who is proposed."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject
from django.utils import timezone

from casework import proposing, team
from casework.allocation.load import Load, number
from casework.allocation.people import Place
from casework.allocation.propose import propose
from casework.allocation.reasons import carried_after, reasons
from casework.models import Case
from casework.models.case import CaseQuerySet
from casework.pages.cases import A_SEALED_RECORD
from casework.rules import OPEN_STAGES
from governance import audit
from governance.models import Membership, Service, User


@dataclass(frozen=True)
class Row:
    """A case that may go, with who is proposed for it."""

    case: Case
    name: str
    points: float
    worker: int | None = None
    # Two are needed; who goes along already, and who is proposed to.
    two: bool = False
    along: str = ""
    second: int | None = None
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Side:
    """One of the two workers, before and after."""

    before: Load
    after: Load

    @property
    def words(self) -> str:
        before, after = self.before, self.after
        if before.percent is None:
            said = f"{number(before.points)} points now, {number(after.points)} then."
            return f"{said} {before.no_percent}" if before.in_team else said
        return (
            f"{number(before.points)} of {before.capacity} points now ({before.percent}%), "
            f"{number(after.points)} then ({after.percent}%)."
        )

    @property
    def bars(self) -> tuple[int, int]:
        return min(self.before.percent or 0, 100), min(self.after.percent or 0, 100)


@dataclass(frozen=True)
class Moving:
    """The page of one worker whose cases move."""

    member: Membership
    rows: list[Row]
    team: team.Team
    groups: list[tuple[Any, ...]]

    @property
    def others(self) -> list[tuple[int, str]]:
        """Who could take them."""
        return [
            (m.worker, m.name) for m in self.team.members if m.worker != self.member.user_id and not m.leaving
        ]

    @property
    def has_left(self) -> bool:
        """Whether the worker carries no caseload here any more."""
        return self.member.user_id not in {m.worker for m in self.team.members}

    def both(self, to: int, chosen: list[int]) -> list[Side]:
        """Whoever gives and whoever takes, before and after."""
        points = {row.case.pk: row.points for row in self.rows if row.case.pk in chosen}
        loads = {load.worker: load for load in team.loads(self.team, self.groups)}
        sides = []
        for worker, sign in ((self.member.user_id, -1), (to, 1)):
            before = after = loads[worker]
            for one in points.values():
                after = after.adding(one) if sign > 0 else after.without(one)
            sides.append(Side(before, after))
        return sides


@dataclass(frozen=True)
class Helped:
    """A case of somebody else that the worker helps with."""

    case: int
    name: str
    role: str


def helped(service: Service, user: User, member: Membership) -> list[Helped]:
    """Open cases of others that a worker helps with from today on, in front of a lead. One query."""
    hidden = Exists(service.seals.hiding_from(user).filter(person=OuterRef("case__person")))
    roles = service.case_roles.exclude(ends_on__lt=timezone.localdate()).filter(
        worker=member.user, case__stage__in=OPEN_STAGES
    )
    found = roles.select_related("case__person").annotate(hidden=hidden).order_by("starts_on", "pk")
    return [
        Helped(
            role.case_id,
            A_SEALED_RECORD if getattr(role, "hidden", False) else role.case.person.short_name,
            role.get_role_display().lower(),
        )
        for role in found
    ]


@dataclass(frozen=True)
class Led:
    """Who was given a case, by whom and why; `instead_of` was proposed where it was somebody else."""

    worker: str
    at: datetime.datetime
    by: str
    reason: str
    instead_of: str


def with_leads(service: Service, today: datetime.date) -> CaseQuerySet:
    """Cases with everybody who was given each."""
    rows = service.allocations.filter(case=OuterRef("pk")).order_by("-at", "-pk")
    told = JSONObject(
        worker="worker__name", at="at", by="by__name", reason="reason", proposed="recommended__name"
    )
    return service.cases.annotate(led=ArraySubquery(rows.values(found=told)))


def leads(case: Case) -> list[Led]:
    """Who was given a case fetched `with_leads`, the newest first."""
    rows: list[dict[str, Any]] = getattr(case, "led", [])
    return [
        Led(
            row["worker"],
            datetime.datetime.fromisoformat(row["at"]),
            row["by"],
            row["reason"],
            "" if row["proposed"] == row["worker"] else row["proposed"] or "",
        )
        for row in rows
    ]


def build(service: Service, user: User, member: Membership, *, propose_each: bool = False) -> Moving:
    """What a worker carries, in front of a lead. Three queries, however many cases."""
    hidden = Exists(service.seals.hiding_from(user).filter(person=OuterRef("person")))
    mine = proposing.with_needs(service.cases.open().filter(worker=member.user), timezone.localdate())
    cases = list(mine.select_related("person").annotate(hidden=hidden).order_by("opened_at", "pk"))
    found = team.of(service)
    groups = list(team.carried(service))
    proposed: dict[int, tuple[Place, list[str]]] = {}
    if propose_each and cases:
        problem = proposing.ask(found, groups, cases).problem
        places = propose(problem).places
        after = carried_after(problem, places)
        proposed = {place.case: (place, reasons(problem, place, after)) for place in places}
    rows = []
    for case in cases:
        sealed = getattr(case, "hidden", False)
        place, why = proposed.get(case.pk, (Place(case.pk, None), []))
        needs = proposing.needs_of(case, first_visits_in_pairs=found.first_visits_in_pairs)
        along = " and ".join(proposing.along(case, found).values())
        name = A_SEALED_RECORD if sealed else case.person.short_name
        points = found.weights.points(case.weighed)
        told = [] if sealed else why
        rows.append(Row(case, name, points, place.worker, needs.two, along, place.second, told))
    return Moving(member, rows, found, groups)


def look(service: Service, user: User, moving: Moving, page: str) -> None:
    """Note that somebody went through a worker's cases."""
    changes = {"page": page, "worker": moving.member.user_id, "found": len(moving.rows)}
    audit.look("cases_listed", service=service, by=user, changes=changes)

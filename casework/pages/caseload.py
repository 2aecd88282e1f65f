"""Who carries how much: every worker's points against capacity."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.utils import timezone

from casework.allocation.load import Band, Load, Recommendation, number, recommend
from casework.models import Capacity, Case
from casework.rules import OPEN_STAGES, STAGE_LABELS, Stage, case_points
from casework.wording import count
from governance.models import Membership, Service

_CAPACITY_FIELDS = ("target_points", "standard_hours", "contracted_hours", "reduction_hours")

_AFTERWARDS: dict[Band, str] = {
    Band.UNKNOWN: "",
    Band.ROOM: "Room left.",
    Band.FULL: "Full then.",
    Band.OVER: "Over capacity then.",
}

BAND_TAGS: dict[Band, tuple[str, str]] = {
    Band.UNKNOWN: ("Capacity not set", "grey"),
    Band.ROOM: ("Has room", "green"),
    Band.FULL: ("Full", "yellow"),
    Band.OVER: ("Over capacity", "red"),
}


@dataclass(frozen=True)
class Line:
    """One worker on the page."""

    load: Load
    membership: int | None

    @property
    def words(self) -> str:
        """The load as a sentence."""
        load = self.load
        carried = f"{count(load.cases, 'open case')}, {number(load.points)}"
        if not load.in_team:
            return (
                f"{carried} points. No longer carries a caseload here: allocate these cases to somebody else."
            )
        if load.capacity is None:
            return f"{carried} points. Nobody has set the hours yet, so there is nothing to compare with."
        return f"{carried} of {load.capacity} points in use ({load.percent}%)."

    @property
    def tag(self) -> dict[str, str]:
        """Text and colour of the tag."""
        text, colour = BAND_TAGS[self.load.band] if self.load.in_team else ("Has left", "red")
        return {"text": text, "colour": colour}

    @property
    def bar(self) -> int:
        """Length of the bar: per cent of capacity, at most 100."""
        return min(self.load.percent or 0, 100)

    @property
    def stages(self) -> list[tuple[str, str, int]]:
        """Stage, its label and how many cases, along the path."""
        by_stage = self.load.by_stage
        return [
            (s.value, STAGE_LABELS[s], by_stage[s]) for s in Stage if s in OPEN_STAGES and by_stage.get(s)
        ]


def lines(service: Service) -> list[Line]:
    """Everybody who carries a caseload, and whoever still has cases: two queries."""
    groups = (
        service.cases.open()
        .exclude(worker=None)
        .values_list("worker", "worker__name", "stage", "chaos_total")
    )
    return build_lines(_members(service), groups.annotate(cases=Count("pk")).order_by())


def from_cases(service: Service, cases: Iterable[Case]) -> list[Line]:
    """The same from open cases that are there already: one query."""
    carried = [(case, case.worker) for case in cases if case.worker is not None]
    return build_lines(
        _members(service), ((w.pk, w.name, case.stage, case.chaos_total, 1) for case, w in carried)
    )


def build_lines(members: Iterable[Membership], groups: Iterable[tuple[Any, ...]]) -> list[Line]:
    """Members with the cases they carry; `groups` are worker, name, stage, Chaos Score, how many."""
    loads = {m.user_id: Load(m.user_id, m.user.name, _capacity(m)) for m in members}
    memberships = {m.user_id: m.pk for m in members}
    for worker, name, stage, chaos_total, cases in groups:
        load = loads.get(worker) or Load(worker, name, None, in_team=False)
        loads[worker] = load.with_cases(stage, cases, cases * case_points(chaos_total, stage))
    ordered = sorted(loads.values(), key=lambda load: (load.in_team, load.name))
    return [Line(load, memberships.get(load.worker)) for load in ordered]


def _members(service: Service) -> list[Membership]:
    """Who carries a caseload today, each with the numbers of their newest capacity row."""
    newest = service.capacities.filter(worker=OuterRef("user")).order_by("-at", "-pk")
    team = service.memberships.in_force(timezone.localdate()).link_workers().select_related("user")
    return list(team.annotate(**{name: Subquery(newest.values(name)[:1]) for name in _CAPACITY_FIELDS}))


def _capacity(member: Membership) -> int | None:
    numbers = {name: getattr(member, name) for name in _CAPACITY_FIELDS}
    return None if numbers["target_points"] is None else Capacity(**numbers).points


@dataclass(frozen=True)
class Choice:
    """One worker who could take a case: the load before and after."""

    before: Load
    after: Load
    recommended: bool

    @property
    def words(self) -> str:
        before, after = self.before, self.after
        if before.capacity is None:
            return (
                f"{number(before.points)} points now, {number(after.points)} with this case. Hours not set."
            )
        return (
            f"{number(before.points)} of {before.capacity} points now ({before.percent}%), "
            f"{number(after.points)} with this case ({after.percent}%). {_AFTERWARDS[after.band]}"
        )


@dataclass(frozen=True)
class Comparison:
    """Who could take a case, and who should."""

    points: float
    choices: list[Choice]
    recommendation: Recommendation


def compare(service: Service, case: Case) -> Comparison:
    """The team with and without one more case; whoever has it now is left out."""
    loads = [line.load for line in lines(service) if line.load.in_team and line.load.worker != case.worker_id]
    found = recommend(loads, case.points)
    choices = [Choice(load, load.adding(case.points), load.worker == found.worker) for load in loads]
    return Comparison(case.points, sorted(choices, key=_order), found)


def _order(choice: Choice) -> tuple[bool, bool, int, str]:
    """Who is recommended, then by the share of capacity in use afterwards, unknown hours last."""
    percent = choice.after.percent
    return (not choice.recommended, percent is None, percent or 0, choice.after.name)


def over_capacity(team: Iterable[Line]) -> list[Line]:
    """Whose load is full or more, the fullest first, and who has left with cases."""
    flagged = [line for line in team if line.load.band in (Band.FULL, Band.OVER) or not line.load.in_team]
    return sorted(flagged, key=lambda line: -(line.load.percent or 1000))

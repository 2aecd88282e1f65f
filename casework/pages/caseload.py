"""Who carries how much: every worker's points against capacity."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from casework import team
from casework.allocation.load import Band, Load, number
from casework.rules import OPEN_STAGES, STAGE_LABELS, Stage
from casework.wording import count
from governance.models import Service

BAND_TAGS: dict[Band, tuple[str, str]] = {
    Band.UNKNOWN: ("Capacity not set", "grey"),
    Band.ROOM: ("Has room", "green"),
    Band.FULL: ("Full", "yellow"),
    Band.OVER: ("Over capacity", "red"),
    Band.AWAY: ("Away", "grey"),
    Band.LEAVING: ("Leaving", "grey"),
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
        carried = f"{count(load.cases, 'open case')}, "
        if load.helping:
            carried += f"a share in {load.helping} more, "
        carried += number(load.points)
        if not load.in_team:
            return (
                f"{carried} points. No longer carries a caseload here: allocate these cases to somebody else."
            )
        if load.capacity is None:
            return f"{carried} points. Nobody has set the hours yet, so there is nothing to compare with."
        if load.percent is None:
            return f"{carried} points. {load.no_percent}{self._uncovered}"
        return f"{carried} of {load.capacity} points in use ({load.percent}%)."

    @property
    def _uncovered(self) -> str:
        """How many cases of somebody away nobody stands in for."""
        if self.load.band != Band.AWAY or not self.load.cases:
            return ""
        if not self.load.uncovered:
            return " Somebody covers."
        return f" {count(self.load.uncovered, 'case')} without cover."

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
    """Everybody who carries a caseload, and whoever still has cases: two queries, one more where somebody has left."""
    found = _lines(team.of(service), team.carried(service))
    left = [line.load.worker for line in found if not line.load.in_team]
    if not left:
        return found
    newest = service.memberships.filter(user__in=left).order_by("starts_on", "pk")
    memberships = dict(newest.values_list("user", "pk"))
    return [replace(line, membership=line.membership or memberships.get(line.load.worker)) for line in found]


def from_groups(service: Service, groups: Iterable[tuple[Any, ...]]) -> list[Line]:
    """The same from rows of `team.carried` that are there already: one query."""
    return _lines(team.of(service), groups)


def _lines(found: team.Team, groups: Iterable[tuple[Any, ...]]) -> list[Line]:
    memberships = {m.worker: m.membership for m in found.members}
    return [Line(load, memberships.get(load.worker)) for load in team.loads(found, groups)]


def not_covered(team: Iterable[Line]) -> list[Line]:
    """Who is away with cases that nobody stands in for."""
    return [line for line in team if line.load.band == Band.AWAY and line.load.uncovered]


def over_capacity(team: Iterable[Line]) -> list[Line]:
    """Whose load is full or more, the fullest first, and who has left with cases."""
    flagged = [line for line in team if line.load.band in (Band.FULL, Band.OVER) or not line.load.in_team]
    return sorted(flagged, key=lambda line: -(line.load.percent or 1000))

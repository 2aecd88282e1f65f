"""What the team would carry if somebody left or new cases came. Nothing is stored."""

from dataclasses import dataclass, field, replace

from django.utils import timezone

from casework import proposing, team
from casework.allocation.load import OVER_ABOVE, Band, Load, number
from casework.allocation.people import Problem, Waiting
from casework.allocation.propose import propose
from casework.allocation.weights import SECOND, Facts, Part, band_of
from casework.pages import caseload
from casework.rules import Stage
from casework.wording import count
from governance.models import Service


@dataclass(frozen=True)
class Row:
    """One worker before and after."""

    before: Load
    after: Load
    given: int

    @property
    def words(self) -> str:
        if self.before.percent is None:
            return f"{self.before.no_percent} Nothing is given to them here."
        now = f"{number(self.before.points)} of {self.before.capacity} points now ({self.before.percent}%)"
        return f"{now}, {number(self.after.points)} then ({self.after.percent}%)."

    @property
    def bars(self) -> tuple[int, int]:
        return min(self.before.percent or 0, 100), min(self.after.percent or 0, 100)

    @property
    def tag(self) -> tuple[str, str]:
        return caseload.BAND_TAGS[self.after.band]


@dataclass(frozen=True)
class WhatIf:
    """The answer: everybody before and after, and what nobody could take."""

    sentence: str = ""
    rows: list[Row] = field(default_factory=list)


def members(service: Service) -> team.Team:
    """Who could leave. One query."""
    return team.of(service)


def answer(
    service: Service, found: team.Team, *, leaver: int | None, cases: int, score: int | None
) -> WhatIf:
    """Share out what a leaver carries and some new cases, nobody above 110%. Two queries."""
    groups = list(team.carried(service))
    to_place = _new(found, cases, score)
    if leaver:
        mine = proposing.with_needs(service.cases.open().filter(worker=leaver), timezone.localdate())
        asked = proposing.ask(found, groups, mine)
        to_place += list(asked.problem.waiting)
    carriers = [c for c in proposing.carriers(found, groups) if c.worker != leaver]
    problem = Problem(to_place, carriers, found.weights.value(Part.SHARE, SECOND))
    places = propose(problem).places
    points = {w.case: w.points for w in to_place}
    after = {load.worker: load for load in team.loads(found, groups) if load.in_team}
    before, given = dict(after), dict.fromkeys(after, 0)
    for place in places:
        if place.worker is not None:
            after[place.worker] = after[place.worker].adding(points[place.case])
            given[place.worker] += 1
        if place.second is not None:
            after[place.second] = after[place.second].helping_with(points[place.case] * problem.second_share)
    rows = [Row(before[pk], after[pk], given[pk]) for pk in before if pk != leaver]
    left = [points[p.case] for p in places if p.worker is None]
    return WhatIf(_sentence(left, [row.after for row in rows], len(places)), rows)


def _new(found: team.Team, cases: int, score: int | None) -> list[Waiting]:
    facts = Facts(score, Stage.ACTIVE.value)
    one = Waiting(0, found.weights.points(facts), band_of(score))
    # Numbers no case has.
    return [replace(one, case=-position) for position in range(1, cases + 1)]


def _sentence(left: list[float], after: list[Load], placed: int) -> str:
    if not placed:
        return "Nothing would change hands. Say who leaves, or how many new cases come."
    over = [load.name for load in after if load.band == Band.OVER]
    if left:
        said = (
            f"{count(len(left), 'case')} of {placed}, {number(sum(left))} points, would be left with nobody: the "
            f"team has no room for more within {OVER_ABOVE}% of its hours."
        )
    else:
        said = f"All {placed} would find a worker." if placed > 1 else "It would find a worker."
    beyond = f" {', '.join(over)} would stay above {OVER_ABOVE}%, as now." if over else ""
    return said + (beyond or f" Nobody would be above {OVER_ABOVE}%.")

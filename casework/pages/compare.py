"""One case and who could take it, side by side."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from casework import proposing, team
from casework.allocation.load import Band, Load, number
from casework.allocation.objective import Prices
from casework.allocation.people import Carrier, Place
from casework.allocation.propose import propose
from casework.allocation.reasons import Fit, carried_after, fits, reasons
from casework.models import Case
from casework.models.case import CaseQuerySet
from casework.proposing import Asked
from governance.models import Service

SIDE_BY_SIDE = 4

_AFTERWARDS: dict[Band, str] = {
    Band.ROOM: "Room left.",
    Band.FULL: "Full then.",
    Band.OVER: "Over capacity then.",
}


@dataclass(frozen=True)
class Choice:
    """One worker who could take a case: the load before and after, and how they fit."""

    before: Load
    after: Load
    recommended: bool
    fits: list[Fit]
    leaving: bool = False

    @property
    def words(self) -> str:
        before, after = self.before, self.after
        if self.leaving:
            return "Is leaving and takes no new cases."
        if before.percent is None:
            said = f"{number(before.points)} points now, {number(after.points)} with this case."
            return f"{said} {before.no_percent}"
        return (
            f"{number(before.points)} of {before.capacity} points now ({before.percent}%), "
            f"{number(after.points)} with this case ({after.percent}%). {_AFTERWARDS[after.band]}"
        )

    @property
    def bars(self) -> tuple[int, int]:
        """Per cent of capacity before and after, at most 100, for two bars."""
        return min(self.before.percent or 0, 100), min(self.after.percent or 0, 100)


@dataclass(frozen=True)
class Comparison:
    """Who could take a case, who should and why."""

    points: float
    weight: str
    two: bool
    choices: list[Choice]
    recommended: int | None
    second: int | None
    reasons: list[str]
    # Who goes along already, by id and name.
    along: dict[int, str]

    @property
    def side_by_side(self) -> list[Choice]:
        """The few who come first."""
        return self.choices[:SIDE_BY_SIDE]

    @property
    def others(self) -> list[Choice]:
        return self.choices[SIDE_BY_SIDE:]


def cases(service: Service, today: datetime.date) -> CaseQuerySet:
    """Cases as `compare` wants them: with what they need and what was proposed last."""
    lines = service.proposal_lines.filter(case=OuterRef("pk")).order_by("-pk")
    told = JSONObject(worker="worker", second="second", reasons="reasons")
    return proposing.with_needs(service.cases.all(), today).annotate(
        proposal=Subquery(lines.values(found=told)[:1])
    )


def compare(service: Service, case: Case) -> Comparison:
    """The team with and without one more case, fetched from `cases`; whoever has it now is left out. Two queries."""
    found = team.of(service)
    groups = list(team.carried(service))
    asked = proposing.ask(found, groups, [case])
    standing: dict[str, Any] = getattr(case, "proposal", None) or {}
    best = propose(asked.problem).places[0]
    why = reasons(asked.problem, best, carried_after(asked.problem, [best]))
    # What was proposed together with the other cases that wait stands, as long as it still could be.
    if standing and case.worker_id is None and _still_holds(asked, standing["worker"], standing["second"]):
        best, why = Place(case.pk, standing["worker"], standing["second"]), standing["reasons"]
    waiting = asked.problem.waiting[0]
    needs = proposing.needs_of(case, first_visits_in_pairs=found.first_visits_in_pairs)
    return Comparison(
        waiting.points,
        found.weights.sentence(case.weighed),
        needs.two,
        _choices(found, groups, case, asked, best.worker),
        best.worker,
        best.second,
        why,
        proposing.along(case, found),
    )


def _still_holds(asked: Asked, worker: int | None, second: int | None) -> bool:
    case = asked.problem.waiting[0]
    room = {c.worker: c.most - c.points for c in asked.problem.team if c.worker not in case.barred}
    if worker is None or (case.needs.two and second is None):
        return False
    helping = case.points * asked.problem.second_share
    return room.get(worker, -1) >= case.points and (second is None or room.get(second, -1) >= helping)


def _choices(
    found: team.Team, groups: list[tuple], case: Case, asked: Asked, recommended: int | None
) -> list[Choice]:
    [waiting] = asked.problem.waiting
    known = {c.worker: c for c in asked.problem.team}
    leaving = {m.worker for m in found.members if m.leaving}
    choices = [
        Choice(
            load,
            load.adding(waiting.points),
            load.worker == recommended,
            fits(waiting, known.get(load.worker) or Carrier(load.worker, load.name, 1)),
            load.worker in leaving,
        )
        for load in team.loads(found, groups)
        if load.in_team and load.worker != case.worker_id
    ]
    prices = Prices(asked.problem)

    def order(choice: Choice) -> tuple[bool, bool, bool, float, str]:
        """Who is recommended, then by price; over capacity, unknown hours and leavers last."""
        carrier = known.get(choice.before.worker)
        beyond = choice.after.band == Band.OVER
        price = 0.0
        if carrier:
            place = Place(case.pk, carrier.worker)
            price = prices.total([place])
        return not choice.recommended, carrier is None or choice.leaving, beyond, price, choice.before.name

    return sorted(choices, key=order)

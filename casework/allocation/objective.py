"""What makes one way of sharing out cases better than another: the one function all proposals answer to.

Smaller is better. The unit is one per cent of the capacity of an average worker. The prices are this product's own
judgement, written down in ADR 22, and are the same for the optimiser, the greedy assignment and the tests.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property

from casework.allocation.load import FULL_AT
from casework.allocation.people import Carrier, Place, Problem, Waiting

# A case left without anybody; more than any load or need could cost.
UNPLACED = 2000.0
# Each per cent above full.
OVER_FULL = 5.0
# Each per cent away from an even spread, and as much again for each step of so many per cent further away: so
# whoever has least in use is given something first.
SPREAD, STEP, STEPS = 0.5, 15.0, 6
# Each case of a tier more than somebody's fair share of that tier.
TIER = 4.0
GENDER, LANGUAGE, SKILL, AREA = 60.0, 50.0, 20.0, 10.0
KNOWN = 25.0


def misfit(case: Waiting, carrier: Carrier) -> float:
    """What it costs that this worker is not whom the client needs, less what knowing one another is worth."""
    needs, cost = case.needs, 0.0
    if needs.gender and carrier.gender != needs.gender:
        cost += GENDER
    if needs.language and needs.language not in carrier.languages:
        cost += LANGUAGE
    cost += SKILL * len(needs.skills - carrier.skills)
    if needs.area and needs.area not in carrier.areas:
        cost += AREA
    return cost - (KNOWN if carrier.worker in case.before else 0.0)


class Prices:
    """The objective over one problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.even = problem.even
        self.capacity = sum(c.capacity for c in problem.team)
        self.tiers = sorted({w.tier for w in problem.waiting} | {t for c in problem.team for t in c.tiers})
        self.fair = {(c.worker, tier): problem.fair(c, tier) for c in problem.team for tier in self.tiers}

    @cached_property
    def carriers(self) -> dict[int, Carrier]:
        return {c.worker: c for c in self.problem.team}

    @cached_property
    def cases(self) -> dict[int, Waiting]:
        return {w.case: w for w in self.problem.waiting}

    def size(self, carrier: Carrier) -> float:
        """A worker's capacity against the average: a point of work costs the same whoever has it."""
        return carrier.capacity * len(self.problem.team) / self.capacity

    def of_load(self, carrier: Carrier, points: float, tiers: Mapping[str, int]) -> float:
        """What one worker's load costs: being over full, away from even, and out of mix."""
        percent = points * 100 / carrier.capacity
        away = abs(percent - self.even)
        cost = OVER_FULL * max(0.0, percent - FULL_AT)
        cost += SPREAD * sum(max(0.0, away - STEP * step) for step in range(STEPS))
        cost *= self.size(carrier)
        for tier in self.tiers:
            cost += TIER * max(0.0, tiers.get(tier, 0) - self.fair[carrier.worker, tier])
        return cost

    def total(self, places: Iterable[Place]) -> float:
        """The price of a whole proposal."""
        points = {c.worker: c.points for c in self.problem.team}
        tiers = {c.worker: Counter(c.tiers) for c in self.problem.team}
        cost = 0.0
        for place in places:
            case = self.cases[place.case]
            if place.worker is None:
                cost += UNPLACED
                continue
            cost += misfit(case, self.carriers[place.worker])
            points[place.worker] += case.points
            tiers[place.worker][case.tier] += 1
            if place.second is not None:
                points[place.second] += case.points * self.problem.second_share
        return cost + sum(self.of_load(c, points[c.worker], tiers[c.worker]) for c in self.problem.team)


def broken(problem: Problem, places: Iterable[Place]) -> list[str]:
    """Rules that no proposal may break, in sentences; empty when it breaks none."""
    carriers, cases = {c.worker: c for c in problem.team}, {w.case: w for w in problem.waiting}
    points, found = {c.worker: c.points for c in problem.team}, []
    placed = list(places)
    if sorted(p.case for p in placed) != sorted(cases):
        found.append("Some case is missing or there twice.")
    for place in placed:
        case = cases[place.case]
        if place.worker is None:
            continue
        if case.needs.two and place.second in (None, place.worker):
            found.append(f"Case {case.case} needs two, and goes to one.")
        if {place.worker, place.second} & case.barred:
            found.append(f"Case {case.case} goes to somebody who cannot take it.")
        points[place.worker] += case.points
        if place.second is not None:
            points[place.second] += case.points * problem.second_share
    found += [
        f"{carriers[worker].name} is given more than {carriers[worker].most:.2f} points."
        for worker, carried in points.items()
        if carried > max(carriers[worker].most, carriers[worker].points) + 1e-6
    ]
    return found

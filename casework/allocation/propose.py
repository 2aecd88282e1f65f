"""Who should take which case: an optimiser's answer, and never a worse one than a greedy assignment."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from casework.allocation.objective import UNPLACED, Prices, misfit
from casework.allocation.people import Carrier, Place, Problem, Waiting

# Seconds the optimiser may take. What it has found by then counts, or else the greedy assignment.
TIME_LIMIT = 1.0


@dataclass(frozen=True)
class Proposal:
    """Places in the order the cases came in, and how they were found."""

    places: list[Place]
    price: float
    greedy_price: float
    method: str
    seconds: float


def propose(problem: Problem, *, seconds: float = TIME_LIMIT) -> Proposal:
    """The better of what the optimiser finds in time and of the greedy assignment."""
    start = time.perf_counter()
    prices = Prices(problem)
    places, method = greedy(problem, prices), "greedy"
    greedy_price = price = prices.total(places)
    if len(problem.waiting) > 1 and problem.team:
        # Imported here: SciPy takes 50 MB that a process which never proposes should not carry.
        from casework.allocation.programme import solve

        for found in solve(problem, prices, seconds=seconds):
            filled = greedy(problem, prices, settled=found)
            if (found_price := prices.total(filled)) < price:
                places, method, price = filled, "optimiser", found_price
    return Proposal(places, price, greedy_price, method, time.perf_counter() - start)


def greedy(problem: Problem, prices: Prices, *, settled: Iterable[Place] = ()) -> list[Place]:
    """The heaviest case first, each to whoever makes it cheapest at that moment; settled ones stay."""
    tally = _Tally(problem, prices)
    found = {place.case: place for place in settled if place.worker is not None}
    for place in found.values():
        tally.add(place)
    for case in sorted(problem.waiting, key=lambda c: (-c.points, c.case)):
        if case.case not in found:
            found[case.case] = tally.cheapest(case)
            tally.add(found[case.case])
    return [found[case.case] for case in problem.waiting]


class _Tally:
    """Loads while cases are given out one by one."""

    def __init__(self, problem: Problem, prices: Prices) -> None:
        self.problem, self.prices = problem, prices
        self.points = {c.worker: c.points for c in problem.team}
        self.tiers = {c.worker: Counter(c.tiers) for c in problem.team}
        self.cost = {c.worker: self._of(c, 0, None) for c in problem.team}

    def cheapest(self, case: Waiting) -> Place:
        """To whom the case costs least, in the pair that costs least where two are needed."""
        helping = case.points * self.problem.second_share
        seconds: list[tuple[float, int | None]] = [(0.0, None)]
        if case.needs.two:
            seconds = [(self._added(c, helping, None), c.worker) for c in self._with_room(case, helping)]
        leads = [
            (self._added(c, case.points, case.tier) + misfit(case, c), c.worker)
            for c in self._with_room(case, case.points)
        ]
        options = [
            (cost + more, lead, second) for cost, lead in leads for more, second in seconds if second != lead
        ]
        best = min(options, default=None, key=lambda option: (option[0], option[1], option[2] or 0))
        if best is None or best[0] > UNPLACED:
            return Place(case.case, None)
        return Place(case.case, best[1], best[2])

    def add(self, place: Place) -> None:
        """Count a case with those who take it."""
        if place.worker is None:
            return
        case = self.prices.cases[place.case]
        self.points[place.worker] += case.points
        self.tiers[place.worker][case.tier] += 1
        if place.second is not None:
            self.points[place.second] += case.points * self.problem.second_share
        for worker in (place.worker, place.second):
            if worker is not None:
                self.cost[worker] = self._of(self.prices.carriers[worker], 0, None)

    def _with_room(self, case: Waiting, points: float) -> list[Carrier]:
        return [
            c
            for c in self.problem.team
            if c.worker not in case.barred and self.points[c.worker] + points <= c.most + 1e-9
        ]

    def _added(self, carrier: Carrier, points: float, tier: str | None) -> float:
        return self._of(carrier, points, tier) - self.cost[carrier.worker]

    def _of(self, carrier: Carrier, points: float, tier: str | None) -> float:
        """What a worker's load would cost with so many points more."""
        tiers = self.tiers[carrier.worker]
        if tier:
            tiers = Counter(tiers)
            tiers[tier] += 1
        return self.prices.of_load(carrier, self.points[carrier.worker] + points, tiers)

"""The same question as a mixed-integer programme, answered by HiGHS through SciPy."""

import time
from collections.abc import Iterator, Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from casework.allocation.load import FULL_AT
from casework.allocation.objective import OVER_FULL, SPREAD, STEP, STEPS, TIER, UNPLACED, Prices, misfit
from casework.allocation.people import Place, Problem, Waiting

# Good enough: a price within half a per cent of the best there can be.
GAP = 0.005
# Columns up to which the whole question is asked at once.
SMALL = 1000
# From here on a part is the whole; the rest is rounding.
WHOLE = 1 - 1e-6


class _Programme:
    """Columns with a price each, and rows of what holds between them."""

    def __init__(self) -> None:
        self.price: list[float] = []
        self.whole: list[bool] = []
        self.entries: list[tuple[int, int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def column(self, price: float, *, whole: bool) -> int:
        self.price.append(price)
        self.whole.append(whole)
        return len(self.price) - 1

    def row(self, terms: Sequence[tuple[int, float]], low: float, high: float) -> None:
        self.entries += [(len(self.low), column, value) for column, value in terms]
        self.low.append(low)
        self.high.append(high)

    def answers(self, seconds: float) -> Iterator[np.ndarray]:
        """Values of the columns, each answer better than the one before; none where none was found in time.

        A large programme is first solved with cases in parts allowed. Hardly any case is in parts then: all
        others stay where they are, and only the rest is asked about in whole cases.
        """
        start = time.perf_counter()
        whole = np.array(self.whole, dtype=int)
        low = np.zeros(len(whole))
        if len(whole) > SMALL:
            parts = self._ask(np.zeros_like(whole), low, seconds)
            if parts is None:
                return
            yield parts
            low[(whole == 1) & (parts > WHOLE)] = 1.0
        found = self._ask(whole, low, seconds - (time.perf_counter() - start))
        if found is not None:
            yield found

    def _ask(self, whole: np.ndarray, low: np.ndarray, seconds: float) -> np.ndarray | None:
        rows, columns, values = zip(*self.entries, strict=True)
        matrix = coo_array((values, (rows, columns)), shape=(len(self.low), len(self.price)))
        answer = milp(
            np.array(self.price),
            integrality=whole,
            bounds=Bounds(low, np.where(self.whole, 1.0, np.inf)),
            constraints=LinearConstraint(matrix.tocsc(), self.low, self.high),
            options={"time_limit": max(seconds, 0.05), "mip_rel_gap": GAP},
        )
        found: np.ndarray | None = answer.x
        return found


def solve(problem: Problem, prices: Prices, *, seconds: float) -> Iterator[list[Place]]:
    """Places for the cases of the problem, as HiGHS finds them; a case that is still in parts has no place."""
    programme = _Programme()
    lead: dict[tuple[int, int], int] = {}
    second: dict[tuple[int, int], int] = {}
    for case in problem.waiting:
        able = [c for c in problem.team if c.worker not in case.barred]
        nobody = programme.column(UNPLACED, whole=True)
        for carrier in able:
            lead[case.case, carrier.worker] = programme.column(misfit(case, carrier), whole=True)
        leads = [(lead[case.case, c.worker], 1.0) for c in able]
        programme.row([(nobody, 1.0), *leads], 1, 1)
        if not case.needs.two:
            continue
        for carrier in able:
            second[case.case, carrier.worker] = programme.column(0, whole=True)
            both = [(lead[case.case, carrier.worker], 1.0), (second[case.case, carrier.worker], 1.0)]
            programme.row(both, 0, 1)
        programme.row([(nobody, 1.0), *((second[case.case, c.worker], 1.0) for c in able)], 1, 1)
    _add_loads(programme, problem, prices, lead, second)
    for values in programme.answers(seconds):
        yield [_place(problem, case, values, lead, second) for case in problem.waiting]


def _add_loads(
    programme: _Programme,
    problem: Problem,
    prices: Prices,
    lead: dict[tuple[int, int], int],
    second: dict[tuple[int, int], int],
) -> None:
    """What objective.of_load prices, as columns of their own held up by rows."""
    for carrier in problem.team:
        percent = 100 / carrier.capacity
        added = []
        for case in problem.waiting:
            for columns, share in ((lead, 1.0), (second, problem.second_share)):
                if (case.case, carrier.worker) in columns:
                    added.append((columns[case.case, carrier.worker], case.points * share * percent))
        now = carrier.points * percent
        programme.row(added, 0, max(0.0, (carrier.most - carrier.points) * percent))
        size = prices.size(carrier)
        above, below = (programme.column(SPREAD * size, whole=False) for _ in range(2))
        programme.row([*added, (above, -1.0), (below, 1.0)], prices.even - now, prices.even - now)
        for away in (above, below):
            for step in range(1, STEPS):
                further = programme.column(SPREAD * size, whole=False)
                programme.row([(away, 1.0), (further, -1.0)], -np.inf, STEP * step)
        over = programme.column(OVER_FULL * size, whole=False)
        programme.row([(above, 1.0), (below, -1.0), (over, -1.0)], -np.inf, FULL_AT - prices.even)
        for tier in prices.tiers:
            of_tier = [
                (lead[c.case, carrier.worker], 1.0)
                for c in problem.waiting
                if c.tier == tier and (c.case, carrier.worker) in lead
            ]
            if of_tier:
                many = programme.column(TIER, whole=False)
                room = prices.fair[carrier.worker, tier] - carrier.tiers.get(tier, 0)
                programme.row([*of_tier, (many, -1.0)], -np.inf, room)


def _place(
    problem: Problem,
    case: Waiting,
    values: np.ndarray,
    lead: dict[tuple[int, int], int],
    second: dict[tuple[int, int], int],
) -> Place:
    def chosen(columns: dict[tuple[int, int], int]) -> int | None:
        of_case = ((c.worker, columns.get((case.case, c.worker))) for c in problem.team)
        return next((w for w, column in of_case if column is not None and values[column] > WHOLE), None)

    worker, beside = chosen(lead), chosen(second)
    complete = worker is not None and (beside is not None or not case.needs.two)
    return Place(case.case, worker, beside) if complete else Place(case.case, None)

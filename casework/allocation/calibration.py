"""What logged minutes say of the weights: a Poisson regression with intervals, by statsmodels.

Minutes a week are the product of what the table multiplies, so the logarithm of their mean is a sum, which is a
regression with a logarithmic link. It holds without minutes being Poisson distributed, as the intervals come from
how cases differ (clustered by case). Workers log differently, so each has a factor of their own, which is left out
of the answer. Everything is told against one kind of case, whose weight stays: points are a unit, not minutes.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from casework.allocation.weights import REFERENCE, Part, Weights

FEWEST_CASES, FEWEST_CASES_OF_A_LEVEL = 30, 10
PARTS = (Part.CHAOS, Part.STAGE, Part.TRAVEL, Part.RHYTHM)
LEVEL_OF_INTERVALS = 0.95


@dataclass(frozen=True)
class Span:
    """Weeks in which nothing about a case changed, and the minutes they took, travel included."""

    case: int
    worker: int
    chaos: str
    stage: str
    travel: str
    rhythm: str
    weeks: float
    minutes: float

    def level(self, part: Part) -> str:
        """The level of a part; empty where nobody has said."""
        return str(getattr(self, part.value))


@dataclass(frozen=True)
class Estimate:
    """What the minutes say of one line of the table; None where they say nothing."""

    part: Part
    level: str
    cases: int
    now: float
    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def is_unit(self) -> bool:
        """Whether this is what the others are told against."""
        return REFERENCE[self.part] == self.level

    @property
    def disagrees(self) -> bool:
        """Whether the table as it is lies outside the interval."""
        return self.low is not None and self.high is not None and not self.low <= self.now <= self.high


@dataclass(frozen=True)
class Answer:
    """Every line of the table; `problem` says why nothing could be told."""

    estimates: list[Estimate]
    problem: str = ""


def estimate(spans: Iterable[Span], table: Weights) -> Answer:
    """Weights as the minutes would have them, each with a 95% interval."""
    rows = [span for span in spans if span.weeks > 0]
    cases = _cases(rows)
    untold = [
        Estimate(part, level, len(cases.get((part, level), ())), value)
        for part in PARTS
        for level, _, value in table.rows(part)
    ]
    number = len({span.case for span in rows})
    if number < FEWEST_CASES:
        return Answer(
            untold, f"Only {number} cases were worked with; {FEWEST_CASES} are the fewest to learn from."
        )
    enough = _with_enough(rows)
    if not enough:
        return Answer(
            untold, "Too few cases of each kind were worked with to learn from. Nothing is proposed."
        )
    bases = {part: _base(enough, part) for part in PARTS}
    columns = _columns(enough, bases)
    matrix = _matrix(enough, columns)
    kept, alone = _told_apart(matrix)
    if not any(position and columns[position - 1][0] != "worker" for position in alone):
        return Answer(
            untold,
            "The cases are too much alike to tell what each part of the weight does. Nothing is proposed.",
        )
    factors = zip(kept, _fit(matrix[:, kept], enough), strict=True)
    found = {columns[position - 1]: factor for position, factor in factors if position in alone and position}
    return Answer(
        [_told(one, found, table) if bases[one.part] == REFERENCE[one.part] else one for one in untold]
    )


def _cases(rows: Sequence[Span]) -> dict[tuple[Part, str], set[int]]:
    found: dict[tuple[Part, str], set[int]] = defaultdict(set)
    for span in rows:
        for part in PARTS:
            found[part, span.level(part)].add(span.case)
    return found


def _with_enough(rows: Sequence[Span]) -> list[Span]:
    """Without rows of a level that has too few cases to say anything; leaving some out may leave others thin."""
    kept = list(rows)
    while True:
        cases = _cases(kept)
        minutes: dict[tuple[Part, str], float] = defaultdict(float)
        for span in kept:
            for part in PARTS:
                minutes[part, span.level(part)] += span.minutes
        thin = {key for key, ids in cases.items() if len(ids) < FEWEST_CASES_OF_A_LEVEL or not minutes[key]}
        left = [s for s in kept if not any((part, s.level(part)) in thin for part in PARTS)]
        if len(left) == len(kept):
            return kept
        kept = left


def _base(rows: Sequence[Span], part: Part) -> str:
    """What the levels of a part are told against: the reference, or another where that has too few cases."""
    levels = sorted({span.level(part) for span in rows})
    return REFERENCE[part] if REFERENCE[part] in levels or not levels else levels[0]


def _columns(rows: Sequence[Span], bases: Mapping[Part, str]) -> list[tuple[str, str]]:
    """Which levels and workers have a factor of their own: all but one of each."""
    columns = []
    for part, base in bases.items():
        columns += [(part.value, level) for level in sorted({s.level(part) for s in rows} - {base})]
    workers = sorted({span.worker for span in rows})
    return columns + [("worker", str(worker)) for worker in workers[1:]]


def _matrix(rows: Sequence[Span], columns: Sequence[tuple[str, str]]) -> np.ndarray:
    told = [[1.0, *(float(str(getattr(span, name)) == level) for name, level in columns)] for span in rows]
    return np.array(told)


def _told_apart(matrix: np.ndarray) -> tuple[list[int], set[int]]:
    """Columns that are enough to say all that the matrix says, and those whose own part in it is known.

    A level that always goes together with others, such as not scored yet with offered, has none of its own.
    """
    rank, kept = 0, list[int]()
    for position in range(matrix.shape[1]):
        if (more := np.linalg.matrix_rank(matrix[:, [*kept, position]])) > rank:
            rank, kept = more, [*kept, position]
    alone = {p for p in kept if np.linalg.matrix_rank(np.delete(matrix, p, axis=1)) < rank}
    return kept, alone


def _fit(matrix: np.ndarray, rows: Sequence[Span]) -> list[tuple[float, float, float]]:
    """Factor and interval of each column, the first being the mean itself."""
    # Imported here: statsmodels takes 100 MB that only the process which compares should carry.
    import statsmodels.api as sm
    from scipy import stats

    groups = np.array([span.case for span in rows])
    model = sm.GLM(
        np.array([span.minutes for span in rows]),
        matrix,
        family=sm.families.Poisson(),
        offset=np.log([span.weeks for span in rows]),
    )
    fitted = model.fit(cov_type="cluster", cov_kwds={"groups": groups})
    reach = stats.t.ppf((1 + LEVEL_OF_INTERVALS) / 2, len(set(groups)) - 1)
    pairs = zip(fitted.params, fitted.bse, strict=True)
    return [(math.exp(b), math.exp(b - reach * se), math.exp(b + reach * se)) for b, se in pairs]


def _told(
    one: Estimate, found: Mapping[tuple[str, str], tuple[float, float, float]], table: Weights
) -> Estimate:
    key = (one.part.value, one.level)
    if key not in found:
        return one
    unit = table.value(Part.CHAOS, REFERENCE[Part.CHAOS]) if one.part == Part.CHAOS else 1.0
    value, low, high = (round(unit * number, 2) for number in found[key])
    return Estimate(one.part, one.level, one.cases, one.now, value, low, high)

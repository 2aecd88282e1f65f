"""Nearest people who were not approached, for each person who accepted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from evaluation.impact.model import history
from evaluation.impact.model.expected import Expected

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int_]

COMPARATORS = 3
EXACT = ("sex", "age band", "IMD quintile")
# The square of the 12 months says nothing about likeness that the 12 months do not.
ALIKE = tuple(i for i, name in enumerate(history.NAMES, start=1) if name != "12 months, squared")
# Root mean square distance over the features, in standard deviations of the pool.
CALIPER = 1.0
# Of each case's nearest, how many are remembered; they are found by a tree, which rounds in another way.
KEPT = 50
ROUNDING = 1e-9


@dataclass(frozen=True)
class Matches:
    """Sets of one case and its comparators, as rows; cases for whom nobody is near enough."""

    case: Rows
    comparators: tuple[Rows, ...]
    unmatched: int


def match(found: Expected) -> Matches:
    """Up to 3 nearest comparators without replacement, within the caliper and alike in sex, age band and IMD
    quintile.

    Distance is Euclidean over ln(y12+1) and ln(1+count) of the four stretches, each in standard deviations of
    the pool. Hardest first: whoever's third nearest is farthest away chooses first. In rounds, so that
    everybody has a first comparator before anybody has a second. Nobody is matched where the pool is too small.
    """
    cases, pool = np.flatnonzero(found.among("accepted")), np.flatnonzero(found.pool)
    if found.reason:
        return Matches(case=cases[:0], comparators=(), unmatched=len(cases))
    past = found.x[:, ALIKE]
    spread = past[pool].std(axis=0, ddof=1)
    past = past / np.where(spread > 0, spread, 1)
    kind = _kinds(found)
    chosen: dict[int, Rows] = {}
    for each in np.unique(kind[cases]):
        mine, theirs = cases[kind[cases] == each], pool[kind[pool] == each]
        if len(theirs):
            chosen |= zip(mine.tolist(), _choose(past[mine], past[theirs], theirs), strict=True)
    kept = [int(case) for case in cases if case in chosen and len(chosen[int(case)])]
    return Matches(
        case=np.array(kept, dtype=int),
        comparators=tuple(chosen[case] for case in kept),
        unmatched=len(cases) - len(kept),
    )


def _kinds(found: Expected) -> Rows:
    """A number for each combination of what must be alike. Nobody is compared across them, so each is matched
    by itself: that is sixty times less work, and memory, than all with all.
    """
    words = [found.levels[name].to_numpy() for name in EXACT]
    codes = [np.unique(each.astype(str), return_inverse=True)[1] for each in words]
    return np.unique(np.column_stack(codes), axis=0, return_inverse=True)[1].ravel()


def _choose(cases: Floats, pool: Floats, names: Rows) -> list[Rows]:
    """For each case the names of its comparators, in rounds."""
    # Many people have the very same past: of those the first in the pool goes first.
    patterns, which = np.unique(pool, axis=0, return_inverse=True)
    free: list[list[int]] = [[] for _ in patterns]
    for place, pattern in reversed([*enumerate(which.ravel())]):
        free[pattern].append(place)
    near = _all_near(cases, patterns)
    sizes = np.array([len(each) for each in free])
    hardest_first = np.argsort([-each.third(sizes) for each in near], kind="stable")
    chosen: list[list[int]] = [[] for _ in near]
    for _ in range(COMPARATORS):
        for i in hardest_first:
            nearest = near[i].nearest(free)
            if nearest is not None:
                chosen[i].append(int(names[free[nearest].pop()]))
    return [np.array(each, dtype=int) for each in chosen]


def _all_near(cases: Floats, patterns: Floats) -> list[_Near]:
    most = min(KEPT, len(patterns))
    reach = CALIPER * np.sqrt(len(ALIKE)) * (1 + ROUNDING)
    tree = cKDTree(patterns)
    far, who = (
        each.reshape(len(cases), most) for each in tree.query(cases, most, distance_upper_bound=reach)
    )
    return [
        _Near(case, patterns, rows[np.isfinite(away)], away[-1])
        for case, away, rows in zip(cases, far, who, strict=True)
    ]


class _Near:
    """Patterns of the pool within the caliper of one case, nearest first.

    Only the nearest are kept. The rest is worked out in the rare event that others took them all.
    """

    pattern: Rows
    distance: Floats
    _at: int

    def __init__(self, case: Floats, patterns: Floats, some: Rows, farthest: float) -> None:
        self._case, self._patterns = case, patterns
        self._whole = not np.isfinite(farthest) or len(some) == len(patterns)
        self._sort(some)
        if not self._whole:
            # Others may be as far away as the last one.
            kept = self.distance < farthest / np.sqrt(len(ALIKE)) * (1 - ROUNDING)
            self.pattern, self.distance = self.pattern[kept], self.distance[kept]

    def third(self, sizes: Rows) -> float:
        """How far away the third nearest person is; infinite where there is none."""
        reached = np.flatnonzero(np.cumsum(sizes[self.pattern]) >= COMPARATORS)
        if len(reached):
            return float(self.distance[reached[0]])
        return self.third(sizes) if self._look_farther() else np.inf

    def nearest(self, free: list[list[int]]) -> int | None:
        """The nearest pattern with somebody free; of equals that whose next person is first in the pool."""
        while True:
            for at in range(self._at, len(self.pattern)):
                if free[self.pattern[at]]:
                    self._at = at
                    last = np.searchsorted(self.distance, self.distance[at], side="right")
                    equals = [each for each in self.pattern[at:last] if free[each]]
                    return int(min(equals, key=lambda each: free[each][-1]))
            self._at = len(self.pattern)
            if not self._look_farther():
                return None

    def _look_farther(self) -> bool:
        """Take in all patterns within the caliper; whether there was anything to take in."""
        if self._whole:
            return False
        self._whole = True
        self._sort(np.arange(len(self._patterns)))
        return True

    def _sort(self, rows: Rows) -> None:
        distance = cdist(self._case[None, :], self._patterns[rows])[0] / np.sqrt(len(ALIKE))
        order = np.argsort(distance, kind="stable")
        order = order[distance[order] <= CALIPER]
        self.pattern, self.distance, self._at = rows[order], distance[order], 0

"""Nearest people who were not approached, for each person who accepted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
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
    distance = _distance(found, cases, pool)
    order = _hardest_first(distance)
    free = np.ones(len(pool), dtype=bool)
    chosen: list[list[int]] = [[] for _ in cases]
    for _ in range(COMPARATORS):
        for i in order:
            at_hand = np.where(free, distance[i], np.inf)
            nearest = int(np.argmin(at_hand))
            if np.isfinite(at_hand[nearest]):
                free[nearest] = False
                chosen[i].append(int(pool[nearest]))
    kept = [i for i, rows in enumerate(chosen) if rows]
    return Matches(
        case=cases[kept],
        comparators=tuple(np.array(chosen[i]) for i in kept),
        unmatched=len(cases) - len(kept),
    )


def _distance(found: Expected, cases: Rows, pool: Rows) -> Floats:
    """Of each case from each of the pool; infinite where they may not be matched."""
    past = found.x[:, ALIKE]
    spread = past[pool].std(axis=0, ddof=1)
    past = past / np.where(spread > 0, spread, 1)
    distance = cdist(past[cases], past[pool]) / np.sqrt(len(ALIKE))
    alike = distance <= CALIPER
    for name in EXACT:
        words = found.levels[name].to_numpy()
        alike &= words[cases][:, None] == words[pool][None, :]
    return np.where(alike, distance, np.inf)


def _hardest_first(distance: Floats) -> Rows:
    third = np.partition(distance, COMPARATORS - 1, axis=1)[:, COMPARATORS - 1]
    return np.argsort(-third, kind="stable")

"""Are the people compared alike? Standardised mean differences before and after matching."""

from __future__ import annotations

import math
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from evaluation.impact.model.expected import Expected
from evaluation.impact.model.matching import Matches

Floats = npt.NDArray[np.float64]

# Beyond a tenth of a standard deviation groups are not called alike (Austin 2009; R package cobalt).
LARGEST_DIFFERENCE = 0.1


class Balance(TypedDict):
    """Of one feature: difference between accepted and pool, between matched and their comparators, and whether
    the latter is too large.
    """

    before: float
    after: float
    flagged: bool


def balance(found: Expected, matches: Matches) -> dict[str, Balance]:
    """Every feature of the model but the constant. Comparators of one case share one weight.

    The spread is that before matching throughout, so that a smaller difference is not hidden by a smaller
    spread.
    """
    accepted, pool = found.x[found.among("accepted")], found.x[found.pool]
    cases = found.x[matches.case].mean(axis=0)
    them = np.mean([found.x[rows].mean(axis=0) for rows in matches.comparators], axis=0)
    answer: dict[str, Balance] = {}
    for i, name in enumerate(found.names[1:], start=1):
        spread = accepted[:, i].std(ddof=1), pool[:, i].std(ddof=1)
        after = standardised_difference(cases[i], them[i], *spread)
        answer[name] = {
            "before": standardised_difference(accepted[:, i].mean(), pool[:, i].mean(), *spread),
            "after": after,
            "flagged": abs(after) >= LARGEST_DIFFERENCE,
        }
    return answer


def standardised_difference(mean_1: float, mean_0: float, sd_1: float, sd_0: float) -> float:
    """(m1 - m0) / sqrt((s1^2 + s0^2) / 2); 0 where nobody differs from anybody."""
    spread = math.sqrt((sd_1**2 + sd_0**2) / 2)
    return float(mean_1 - mean_0) / spread if spread else 0.0

"""A saving and its cost in thousands of resamples of the same people, and what that says of what is left.

In each resample a person's outcome and their cost come together, so that net saving, return and ratio have
intervals of their own: an interval of a ratio is not that of its two halves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from evaluation.money.amount import Amount
from evaluation.money.returns import Returns

Floats = npt.NDArray[np.float64]

CONFIDENCE = 0.95
# A resample in which nothing could be fitted has no figure; more of them than this and the rest say too little.
MOST_MISSING = 0.05


class NoInterval(ValueError):
    """Raised with a sentence: too few resamples have a figure."""


@dataclass(frozen=True)
class Drawn:
    """A figure of everybody, and of each resample of so many `people` (None: so many that it does not matter)."""

    value: float
    draws: Floats
    people: int | None = None

    @property
    def amount(self) -> Amount:
        """With its 95% limits (`percentiles`). Raises NoInterval where too many resamples are missing."""
        known = self.draws[np.isfinite(self.draws)]
        if len(known) < (1 - MOST_MISSING) * len(self.draws) or not len(known):
            raise NoInterval("Too many resamples have no figure, so there is no interval.")
        lo, hi = np.quantile(known, percentiles(self.people))
        return Amount(self.value, float(lo), float(hi))


def percentiles(people: int | None) -> tuple[float, float]:
    """Between which resamples of so many people the 95% interval lies.

    2.5% and 97.5% for many. Few people drawn again differ less than people do, so for them the limits are wider:
    the normal probability of sqrt(n/(n-1)) times the t limit of n-1 (Hesterberg, The American Statistician 2015).
    """
    tail = (1 - CONFIDENCE) / 2
    if people is not None:
        tail = float(stats.norm.cdf(np.sqrt(people / (people - 1)) * stats.t.ppf(tail, people - 1)))
    return tail, 1 - tail


def value_of(events: Mapping[str, Drawn], unit_costs: Mapping[str, float]) -> Drawn:
    """Pounds: events avoided of each measure times what one costs, added up within each resample.

    Raises ValueError for no measure. KeyError for a measure without a unit cost.
    """
    if not events:
        raise ValueError("There is nothing to add up: that is not £0.")
    return Drawn(
        sum(each.value * unit_costs[measure] for measure, each in events.items()),
        np.sum([each.draws * unit_costs[measure] for measure, each in events.items()], axis=0),
        # Of measures with different people the fewest.
        min((each.people for each in events.values() if each.people is not None), default=None),
    )


def cost_of(of_each: Floats, times: npt.NDArray[np.int32]) -> Drawn:
    """Pounds: what the support of each person cost, for how often each was drawn (a row for each resample)."""
    return Drawn(float(of_each.sum()), times @ of_each)


def known_cost(cost: float, draws: int) -> Drawn:
    """A cost that is the same whoever is supported, such as a year of the service."""
    return Drawn(cost, np.full(draws, cost))


def returns_drawn(saving: Drawn, cost: Drawn) -> Returns:
    """Net saving, return and ratio with joint intervals, and the share of resamples in which something is left.

    Both of the same months and people, in pounds. Raises ValueError for a cost that can be £0.
    """
    if cost.value <= 0 or np.min(cost.draws) <= 0:
        raise ValueError("A return needs a cost above £0.")
    people = saving.people
    net = Drawn(saving.value - cost.value, saving.draws - cost.draws, people)
    roi = Drawn(100 * net.value / cost.value, 100 * net.draws / cost.draws, people)
    bcr = Drawn(saving.value / cost.value, saving.draws / cost.draws, people)
    known = net.draws[np.isfinite(net.draws)]
    return Returns(
        saving.amount,
        cost.value,
        net.amount,
        roi=roi.amount,
        bcr=bcr.amount,
        chance=float(np.mean(known > 0)),
    )

"""A figure with its interval, and the few things that may be done to both.

How the interval is carried: a unit cost, a running cost and a number of people are taken as known, so they stretch
or move the limits as they do the figure. Limits of several measures are added up as if all of them were high or low
together, since they happen to the same people: the interval of the sum is then never narrower than it should be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Amount:
    """A figure and its 95% limits; both None where whoever gave the figure gave none."""

    value: float
    lo: float | None = None
    hi: float | None = None

    def times(self, factor: float) -> Amount:
        """Stretched by a number taken as known; a negative one turns the limits round."""
        lo, hi = (None if each is None else each * factor for each in (self.lo, self.hi))
        return Amount(self.value * factor, hi, lo) if factor < 0 else Amount(self.value * factor, lo, hi)

    def per(self, number: float) -> Amount:
        """For each of a number taken as known. Raises ValueError for none."""
        if number <= 0:
            raise ValueError("A figure for each needs a number above 0 to divide by.")
        return self.times(1 / number)

    def less(self, cost: float) -> Amount:
        """With a cost taken off that is taken as known."""
        lo, hi = (None if each is None else each - cost for each in (self.lo, self.hi))
        return Amount(self.value - cost, lo, hi)

    def plus(self, other: Amount) -> Amount:
        """Added up, limits to limits; without limits where one of the two has none."""
        return Amount(self.value + other.value, _both(self.lo, other.lo), _both(self.hi, other.hi))


def total(amounts: Iterable[Amount]) -> Amount:
    """The sum of all. Raises ValueError where there is nothing to add up: that is not £0."""
    first, *others = amounts
    for each in others:
        first = first.plus(each)
    return first


def _both(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other

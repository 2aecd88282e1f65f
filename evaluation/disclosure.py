"""Disclosure control: the one door through which a number leaves the service.

The rule for anything below national level in HES and ECDS since September 2018: nobody is 0, 1 to 7 is "*",
everything else is rounded to the nearest 5. Totals are added up first and rounded after. Rates, ratios and
their intervals come from exact numbers, and are withheld where the count behind them is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SUPPRESSED_TEXT = "*"
NOT_SUPPLIED_TEXT = "not supplied"
NOT_APPLICABLE_TEXT = "not applicable"
DEFAULT_THRESHOLD = 7
DEFAULT_BASE = 5
# Below this rounded denominator a percentage can be more than 0.1 points off: a decimal would be false.
DECIMAL_FROM = 4000


class State(StrEnum):
    """How a number is shown."""

    SHOWN = "shown"
    SUPPRESSED = "suppressed"
    NOT_SUPPLIED = "not_supplied"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class Disclosed:
    """A number fit to leave: what is printed, and the printed value. The exact value is not in here."""

    text: str
    value: float | None
    state: State = State.SHOWN

    def __str__(self) -> str:
        return self.text

    @property
    def suppressed(self) -> bool:
        """Whether a number exists and is withheld."""
        return self.state is State.SUPPRESSED


SUPPRESSED = Disclosed(SUPPRESSED_TEXT, None, State.SUPPRESSED)
NOT_SUPPLIED = Disclosed(NOT_SUPPLIED_TEXT, None, State.NOT_SUPPLIED)
NOT_APPLICABLE = Disclosed(NOT_APPLICABLE_TEXT, None, State.NOT_APPLICABLE)


@dataclass(frozen=True)
class Rule:
    """Counts from 1 to `threshold` are suppressed, larger ones rounded to the nearest `base`."""

    threshold: int = DEFAULT_THRESHOLD
    base: int = DEFAULT_BASE

    def __post_init__(self) -> None:
        if self.threshold < 1 or self.base < 1:
            raise ValueError("The threshold and the rounding base must both be 1 or more.")
        if self.round(self.threshold + 1) == 0:
            raise ValueError(
                f"Rounding to the nearest {self.base} would print {self.threshold + 1} as 0. "
                "Choose a higher threshold or a smaller base."
            )

    def round(self, n: int) -> int:
        """n to the nearest multiple of the base, halves upwards."""
        return (n + self.base // 2) // self.base * self.base

    def hides(self, n: int) -> bool:
        """Whether a count of n is withheld."""
        return 1 <= n <= self.threshold

    def bounds(self, n: int) -> tuple[int, int]:
        """The smallest and largest count a reader must think possible when n is printed by this rule."""
        if n == 0:
            return 0, 0
        if self.hides(n):
            return 1, self.threshold
        return self.bounds_of_printed(self.round(n))

    def bounds_of_printed(self, printed: int) -> tuple[int, int]:
        """The same, from the number that is printed."""
        if printed == 0:
            return 0, 0
        return max(self.threshold + 1, printed - self.base // 2), printed + (self.base - 1) // 2


DEFAULT_RULE = Rule()


def count(n: int | None, rule: Rule = DEFAULT_RULE) -> Disclosed:
    """A number of people or of events. None is "not supplied", never 0. Raises ValueError below 0."""
    if n is None:
        return NOT_SUPPLIED
    if n < 0 or n != int(n):
        raise ValueError(f"{n} is not a count of people or events. Counts are whole and not below 0.")
    if rule.hides(n):
        return SUPPRESSED
    return Disclosed(f"{rule.round(n):,}", rule.round(n))


def percentage(part: Disclosed, whole: Disclosed) -> Disclosed:
    """part as a percentage of whole, from their printed values, so it tells no more than they do.

    Whole percent; one decimal where the printed whole is 4,000 or more.
    """
    if State.NOT_SUPPLIED in (part.state, whole.state):
        return NOT_SUPPLIED
    if part.value is None or whole.value is None:
        return SUPPRESSED
    if whole.value == 0:
        return NOT_APPLICABLE
    share = 100 * part.value / whole.value
    return _number(share, 1 if whole.value >= DECIMAL_FROM else 0, "%")


def mean(value: float | None, *, n: int, total: int | None = None, rule: Rule = DEFAULT_RULE) -> Disclosed:
    """A mean or median of n people to one decimal, shown from 8 people (one above the threshold).

    Give `total` when the mean is one of counts: a total that is withheld must not come back as mean times
    people.
    """
    if value is None:
        return NOT_SUPPLIED
    if n == 0:
        return NOT_APPLICABLE
    if n <= rule.threshold or (total is not None and rule.hides(total)):
        return SUPPRESSED
    return _number(value, 1)


def estimate(values: Mapping[str, float | None], rule: Rule = DEFAULT_RULE) -> dict[str, Disclosed]:
    """The numbers of one estimate of `evaluation.impact`, fit to leave, by the same keys.

    Ratios to two decimals and reductions in whole percent come from exact counts; observed, expected and
    avoided are rounded to the base. All are withheld when n or observed is, since observed = ratio x
    expected.
    """
    people = values.get("n")
    observed = values.get("observed")
    small = any(
        v is not None and rule.hides(round(v)) for v in (people, observed, values.get("n_comparator"))
    )
    controlled = {"n": count(None if people is None else round(people), rule)}
    for key in ("rate_ratio", "lo", "hi"):
        controlled[key] = _withheld(values.get(key), small) or _number(values[key], 2)
    for key in ("reduction_percent", "reduction_lo", "reduction_hi"):
        controlled[key] = _withheld(values.get(key), small) or _number(values[key], 0, "%")
    controlled["observed"] = count(None if observed is None else round(observed), rule)
    for key in ("expected", "avoided", "avoided_lo", "avoided_hi"):
        controlled[key] = _withheld(values.get(key), small) or _number(_to_base(values[key], rule), 0)
    return controlled


def _withheld(value: float | None, small: bool) -> Disclosed | None:
    if value is None:
        return NOT_SUPPLIED
    return SUPPRESSED if small else None


def _to_base(value: float | None, rule: Rule) -> float:
    return rule.round(round(value or 0))


def _number(value: float | None, decimals: int, unit: str = "") -> Disclosed:
    # Halves upwards as a reader would do it; adding 0.0 turns -0 into 0.
    scale = 10**decimals
    printed = math.floor((value or 0) * scale + 0.5) / scale + 0.0
    return Disclosed(f"{printed:,.{decimals}f}{unit}".replace("-", "−"), printed)

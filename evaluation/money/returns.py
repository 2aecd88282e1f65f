"""A saving beside what the service cost: net, return on investment and benefit-cost ratio, never one for another.

The first is net saving ÷ cost, the second saving ÷ cost: £230,000 for £80,000 is a return of 187.5% and a ratio of
2.875. Published figures of "3:1" and "300%" are often the one called by the name of the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from evaluation.money.amount import Amount

NET = "Net saving"
ROI = "Return on investment (net saving ÷ cost)"
BCR = "Benefit-cost ratio (saving ÷ cost)"
NOT_CASHABLE = (
    "This is estimated value of hospital activity that did not happen. It is not cashable. It is not cash released: "
    "capacity is used for other people."
)
MONTHS_A_YEAR = 12
DAYS_A_MONTH = 365.25 / MONTHS_A_YEAR
MINUTES_AN_HOUR = 60


@dataclass(frozen=True)
class Returns:
    """What is left of a saving, and twice the same as a share of the cost. `roi` is a percentage.

    `chance` is the share of resamples in which something is left, where people were drawn (`money.drawn`).
    """

    saving: Amount
    cost: float
    net: Amount
    roi: Amount
    bcr: Amount
    chance: float | None = None


def returns(saving: Amount, cost: float) -> Returns:
    """A saving and a cost of the same months and the same people, in pounds. Raises ValueError for no cost."""
    if cost <= 0:
        raise ValueError("A return needs a cost above £0.")
    net = saving.less(cost)
    return Returns(saving, cost, net, roi=net.times(100 / cost), bcr=saving.times(1 / cost))


@dataclass(frozen=True)
class Stretched:
    """A yearly amount brought to a number of months, or the other way; `words` say what was multiplied by what."""

    value: float
    words: str


def for_months(yearly: float, months: int) -> Stretched:
    """What a yearly cost is for so many months, in pounds. Raises ValueError for no month."""
    if months < 1:
        raise ValueError("A cost is for one month or more.")
    value = yearly * months / MONTHS_A_YEAR
    return Stretched(value, f"£{yearly:,.0f} a year × {months} ÷ {MONTHS_A_YEAR} months = £{value:,.0f}")


def a_year(amount: Amount, months: int) -> tuple[Amount, str]:
    """An amount of so many months as if the rest of the year were like it, and what was multiplied by what.

    Raises ValueError for no month.
    """
    if months < 1:
        raise ValueError("Only one month or more can be made a year.")
    made = amount.times(MONTHS_A_YEAR / months)
    return made, f"£{amount.value:,.0f} × {MONTHS_A_YEAR} ÷ {months} months = £{made.value:,.0f} a year"


def months_to_charge(*, first_to_last_days: int, window_days: int) -> int:
    """Whole months of running cost that stand against a saving: as long as these people were being taken on, and
    no shorter than each is followed. A month begun is a month.

    A shorter time would leave out what it cost to get to them.
    """
    return max(1, math.ceil(max(first_to_last_days, window_days) / DAYS_A_MONTH))


def hours(events: Amount, minutes: float) -> Amount:
    """Clinician hours returned, where each event takes so many minutes of a clinician."""
    return events.times(minutes / MINUTES_AN_HOUR)

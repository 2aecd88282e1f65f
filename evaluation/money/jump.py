"""Values that jump: a slip of the keyboard and a change of method look the same until somebody is asked."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

# More than a third away from the former value, up or down, is questioned.
QUESTIONED_FROM = Fraction(1, 3)


def jumps(former: Decimal | float, now: Decimal | float) -> bool:
    """Whether a value is more than a third above or below the one before it."""
    was = Fraction(former)
    return abs(Fraction(now) - was) > was * QUESTIONED_FROM


def question(name: str, former: Decimal | float, now: Decimal | float) -> str:
    """The sentence that asks; empty where the value does not jump. Amounts are pounds."""
    if not jumps(former, now):
        return ""
    change = round(100 * (float(now) / float(former) - 1))
    direction = "more" if change > 0 else "less"
    return (
        f"{name}: £{now:,.2f} is {abs(change)}% {direction} than the £{former:,.2f} before it. "
        "Check the source. If it is right, confirm it."
    )

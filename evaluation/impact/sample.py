"""How many people a figure needs before it may be shown."""

from __future__ import annotations

from enum import StrEnum

from evaluation.disclosure import count

COUNTS_FROM = 8
ESTIMATE_FROM = 20
FULL_FROM = 50


class Sample(StrEnum):
    """What a number of people allows."""

    NOTHING = "nothing"
    COUNTS = "counts"
    WIDE = "wide"
    FULL = "full"


def sample(n: int) -> Sample:
    """What n people allow: under 8 nothing, 8-19 rounded counts, 20-49 an estimate flagged wide, 50 and
    over all.
    """
    if n < COUNTS_FROM:
        return Sample.NOTHING
    if n < ESTIMATE_FROM:
        return Sample.COUNTS
    return Sample.WIDE if n < FULL_FROM else Sample.FULL


def why_not(n: int, who: str) -> str:
    """The sentence for an estimate that n people do not allow; empty when they do. `who` names them."""
    level = sample(n)
    if level is Sample.NOTHING:
        return f"Fewer than {COUNTS_FROM} people who {who} have enough follow-up: nothing is shown."
    if level is Sample.COUNTS:
        return f"Fewer than {ESTIMATE_FROM} people who {who} have enough follow-up: rounded counts only."
    return ""


def observed_if_allowed(n: int, events: float) -> float | None:
    """Events of n people, rounded as for export, where an estimate is not allowed; None where a count is not
    either.
    """
    if sample(n) is Sample.NOTHING:
        return None
    return count(int(events)).value

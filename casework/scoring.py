"""How the answers of an instrument become a figure. Pure: no queries, no clock."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

# Kiresuk and Sherman's usual value for how much the goals of one person go together.
GOALS_TOGETHER = 0.3
# The instrument that a case is weighed by.
CHAOS_SCORE = "chaos-score"
PLACES = Decimal("0.001")


class Scoring(StrEnum):
    """What becomes of the answers."""

    SUM = "sum"
    MEAN = "mean"
    # Each answer stands for itself and none are added, as ONS asks of its well-being questions.
    EACH = "each"
    # Goal attainment: the answers are about goals of the person's own.
    GOALS = "goals"
    # An instrument under licence: its questions are not here, only the total somebody worked out elsewhere.
    TOTAL = "total"


@dataclass(frozen=True)
class Item:
    """What scoring needs to know of a question. A weight of 0 keeps it out of the total."""

    code: str
    values: Sequence[int]
    weight: int = 1
    is_reversed: bool = False

    def worth(self, value: int) -> int:
        """What an answer counts: a reversed question counts its scale from the other end."""
        return (min(self.values) + max(self.values) - value if self.is_reversed else value) * self.weight


def total(
    scoring: str,
    items: Iterable[Item],
    answers: Mapping[str, int],
    weights: Mapping[str, int] | None = None,
) -> Decimal | None:
    """The figure of a scoring, or None where there is none: a question not answered is never a 0.

    `weights` say how much each goal matters, and are read for goals alone.
    """
    counted = [item for item in items if item.weight]
    if scoring == Scoring.GOALS:
        given = weights or {}
        told = [(answers[item.code], given.get(item.code, 1)) for item in counted if item.code in answers]
        return goal_attainment(told)
    if scoring not in (Scoring.SUM, Scoring.MEAN) or missing(counted, answers):
        return None
    points = sum(item.worth(answers[item.code]) for item in counted)
    if scoring == Scoring.SUM:
        return Decimal(points)
    return (Decimal(points) / sum(item.weight for item in counted)).quantize(PLACES)


def goal_attainment(told: Sequence[tuple[int, int]]) -> Decimal | None:
    """T score of goals, each an attainment of -2 to 2 and a weight; 50 is "as expected"; None without goals.

    T = 50 + 10·Σwx / √((1−ρ)Σw² + ρ(Σw)²), with ρ = 0.3 (Kiresuk and Sherman, 1968).
    """
    weights = sum(weight for _, weight in told)
    if not weights:
        return None
    squares = sum(weight**2 for _, weight in told)
    spread = math.sqrt((1 - GOALS_TOGETHER) * squares + GOALS_TOGETHER * weights**2)
    reached = sum(value * weight for value, weight in told)
    return Decimal(50 + 10 * reached / spread).quantize(Decimal("0.1"))


def missing(items: Iterable[Item], answers: Mapping[str, int]) -> list[str]:
    """The codes of questions that count and were not answered."""
    return [item.code for item in items if item.weight and item.code not in answers]


def span(scoring: str, items: Sequence[Item]) -> tuple[int, int] | None:
    """The lowest and the highest total there can be; None where no total is worked out or it has no ends."""
    counted = [item for item in items if item.weight]
    if scoring not in (Scoring.SUM, Scoring.MEAN) or not counted:
        return None
    worth = [[item.worth(value) for value in item.values] for item in counted]
    ends = sum(min(each) for each in worth), sum(max(each) for each in worth)
    shares = sum(item.weight for item in counted) if scoring == Scoring.MEAN else 1
    return math.floor(ends[0] / shares), math.ceil(ends[1] / shares)


def band(bands: Iterable[Mapping[str, Any]], value: Decimal | int | None, *, of: str = "") -> str:
    """The band a total falls into, or an answer to the question `of`; empty where the instrument has none."""
    if value is None:
        return ""
    return next(
        (
            str(each["label"])
            for each in bands
            if each.get("of", "") == of and each["from"] <= value <= each["to"]
        ),
        "",
    )


def words(value: Decimal | None) -> str:
    """A figure without needless zeros."""
    return "" if value is None else f"{value.normalize():f}"

"""What the minutes say of the weights, for the lead who decides."""

from dataclasses import dataclass
from typing import Any

from casework.allocation.load import number
from casework.allocation.weights import (
    LEAST,
    LEVELS,
    MOST_FACTOR,
    MOST_POINTS,
    PART_TITLES,
    REFERENCE,
    Part,
    within,
)
from casework.models import Calibration, CalibrationEstimate
from casework.wording import count


@dataclass(frozen=True)
class Page:
    """One comparison."""

    row: Calibration
    estimates: list[CalibrationEstimate]

    @property
    def summary(self) -> str:
        """What it stands on."""
        row = self.row
        said = (
            f"From {row.starts_on:%-d %B %Y} to {row.ends_on:%-d %B %Y}: {row.minutes:,} minutes of contacts, "
            f"calls and travel in {row.case_weeks:,} weeks of {count(row.cases, 'case')}."
        )
        if row.without_minutes:
            said += f" {count(row.without_minutes, 'contact')} without minutes count with the median of their kind."
        return said

    @property
    def finding(self) -> str:
        """The answer in a sentence."""
        if self.row.problem:
            return self.row.problem
        told = [one for one in self.estimates if one.value is not None]
        apart = [
            one
            for one in told
            if one.low is not None and one.high is not None and not one.low <= one.now <= one.high
        ]
        if not told:
            return "No part of the table has enough cases to say anything. Nothing is proposed."
        if not apart:
            return f"The minutes contradict none of the {len(told)} lines they can speak of."
        return f"The minutes contradict {len(apart)} of the {len(told)} lines they can speak of."

    @property
    def can_be_approved(self) -> bool:
        return not self.row.problem and any(one.value is not None for one in self.estimates)

    @property
    def has_limits(self) -> bool:
        """Whether something proposed is more or less than a table holds."""
        told = [one for one in self.estimates if one.value is not None]
        return any(within(one.part, float(one.value or 0)) != float(one.value or 0) for one in told)

    @property
    def limits(self) -> str:
        """What a table holds."""
        return (
            f"A table holds {number(LEAST)} to {number(MOST_POINTS)} points of a Chaos Score, and factors from "
            f"{number(LEAST)} to {number(MOST_FACTOR)}. What lies beyond is taken over as the nearest of these."
        )

    @property
    def tables(self) -> list[dict[str, Any]]:
        """One for each part, for templates/components/table.html."""
        return [self._table(part) for part in Part if part != Part.SHARE]

    def _table(self, part: Part) -> dict[str, Any]:
        head = [
            {"label": PART_TITLES[part]},
            {"label": "Cases", "numeric": True},
            {"label": "Now", "numeric": True},
            {"label": "By the minutes", "numeric": True},
            {"label": "95% interval", "numeric": True},
        ]
        rows = [_row(one) for one in self.estimates if one.part == part]
        return {"caption": PART_TITLES[part], "head": head, "rows": rows}


def _row(one: CalibrationEstimate) -> list[str]:
    label = LEVELS[Part(one.part)].get(one.level, one.level)
    start = [label, f"{one.cases:,}", number(float(one.now))]
    if REFERENCE[Part(one.part)] == one.level:
        return [*start, "The unit", "–"]
    if one.value is None or one.low is None or one.high is None:
        return [*start, "Cannot be told", "–"]
    said, taken = float(one.value), within(one.part, float(one.value))
    told = number(said) if said == taken else f"{number(said)}; taken over as {number(taken)}"
    return [*start, told, f"{number(float(one.low))} to {number(float(one.high))}"]


def build(row: Calibration) -> Page:
    """One query."""
    return Page(row, list(row.estimates.all()))

"""How loaded a worker is."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

# Per cent of capacity, as in the probation service's workload reports.
FULL_AT = 100
OVER_ABOVE = 110


class Band(StrEnum):
    """Where a load stands against capacity."""

    UNKNOWN = "unknown"
    ROOM = "room"
    FULL = "full"
    OVER = "over"
    # All hours are taken for a while, or for good: no load to speak of.
    AWAY = "away"
    LEAVING = "leaving"


@dataclass(frozen=True)
class Load:
    """The open cases of one worker, in points, against the points they can carry.

    `capacity` is None where nobody has set it: unknown, not zero.
    """

    worker: int
    name: str
    capacity: int | None
    points: float = 0
    cases: int = 0
    by_stage: dict[str, int] = field(default_factory=dict)
    # Cases that somebody else leads; their points are counted by share.
    helping: int = 0
    # False for somebody who still has cases but carries no caseload here any more.
    in_team: bool = True
    # The last day on which leave takes all their hours.
    away_until: datetime.date | None = None
    leaving: bool = False
    # Cases of theirs that nobody covers today.
    uncovered: int = 0

    @property
    def percent(self) -> int | None:
        """Points as a whole per cent of capacity, rounded half up; None when capacity is unknown or 0."""
        if not self.capacity:
            return None
        return min(999, int(self.points * 100 / self.capacity + 0.5))

    @property
    def band(self) -> Band:
        if self.leaving:
            return Band.LEAVING
        if self.away_until:
            return Band.AWAY
        if self.capacity is None:
            return Band.UNKNOWN
        if self.points * 100 > self.capacity * OVER_ABOVE:
            return Band.OVER
        return Band.FULL if self.points * 100 >= self.capacity * FULL_AT else Band.ROOM

    @property
    def no_percent(self) -> str:
        """Why there is no per cent, in a sentence."""
        if self.leaving:
            return "Is leaving."
        if self.away_until:
            return f"Away until {self.away_until:%-d %B %Y}."
        return "Hours not set." if self.capacity is None else "No hours for clients."

    def adding(self, points: float) -> "Load":
        """The load with one more case of so many points."""
        return replace(self, points=self.points + points, cases=self.cases + 1)

    def without(self, points: float) -> "Load":
        """The load with one case of so many points less."""
        return replace(self, points=round(self.points - points, 2), cases=self.cases - 1)

    def helping_with(self, points: float) -> "Load":
        """The load with a share in one more case of somebody else."""
        return replace(self, points=self.points + points, helping=self.helping + 1)

    def with_cases(self, by_stage: Mapping[str, int], points: float) -> "Load":
        """The load with so many more cases at each stage, of so many points together."""
        together = {**self.by_stage}
        for stage, cases in by_stage.items():
            together[stage] = together.get(stage, 0) + cases
        return replace(
            self,
            cases=self.cases + sum(by_stage.values()),
            points=self.points + points,
            by_stage=together,
        )


def away_until(
    hours: Decimal, reductions: Iterable[tuple[Decimal, datetime.date | None]]
) -> datetime.date | None:
    """The last day on which `reductions` of today, each with its last day, leave nothing of the hours for clients.

    None where something is left, where there were no hours to begin with, or where it has no end.
    """
    rows = sorted(reductions, key=lambda row: row[1] or datetime.date.max)
    taken = sum((reduced for reduced, _ in rows), Decimal(0))
    if hours <= 0 or taken < hours:
        return None
    for reduced, last in rows:
        taken -= reduced
        if taken < hours:
            return last
    return None


def number(points: float) -> str:
    """Points without a needless decimal: 4, 4.5, 0.25."""
    return f"{points:.2f}".rstrip("0").rstrip(".")

"""How loaded a worker is."""

from dataclasses import dataclass, field, replace
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

    @property
    def percent(self) -> int | None:
        """Points as a whole per cent of capacity, rounded half up; None when capacity is unknown."""
        if self.capacity is None:
            return None
        if self.capacity == 0:
            return 0 if self.points == 0 else 999
        return min(999, int(self.points * 100 / self.capacity + 0.5))

    @property
    def band(self) -> Band:
        if self.capacity is None:
            return Band.UNKNOWN
        if self.points * 100 > self.capacity * OVER_ABOVE:
            return Band.OVER
        return Band.FULL if self.points * 100 >= self.capacity * FULL_AT else Band.ROOM

    def adding(self, points: float) -> "Load":
        """The load with one more case of so many points."""
        return replace(self, points=self.points + points, cases=self.cases + 1)

    def without(self, points: float) -> "Load":
        """The load with one case of so many points less."""
        return replace(self, points=round(self.points - points, 2), cases=self.cases - 1)

    def helping_with(self, points: float) -> "Load":
        """The load with a share in one more case of somebody else."""
        return replace(self, points=self.points + points, helping=self.helping + 1)

    def with_cases(self, stage: str, cases: int, points: float) -> "Load":
        """The load with some more cases of one stage."""
        by_stage = {**self.by_stage, stage: self.by_stage.get(stage, 0) + cases}
        return replace(self, cases=self.cases + cases, points=self.points + points, by_stage=by_stage)


def number(points: float) -> str:
    """Points without a needless decimal: 4, 4.5, 0.25."""
    return f"{points:.2f}".rstrip("0").rstrip(".")

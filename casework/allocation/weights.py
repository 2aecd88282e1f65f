"""What a case weighs: the table of a service, read aloud and applied.

A case weighs the points of its Chaos band, times a factor each for its stage, the way to it and the rhythm
agreed. Factors, because a long way matters the more the oftener it is made, and because no case then weighs
less than nothing (ADR 22).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from casework.allocation.load import number
from casework.rules import CHAOS_BANDS, OPEN_STAGES, POINTS_UNSCORED, STAGE_LABELS, STAGE_WEIGHTS, Stage


class Part(StrEnum):
    """What the weight is made of."""

    CHAOS = "chaos"
    STAGE = "stage"
    TRAVEL = "travel"
    RHYTHM = "rhythm"
    SHARE = "share"


class Travel(StrEnum):
    """How long the way to a client takes, one way."""

    NEAR = "near"
    MIDDLE = "middle"
    FAR = "far"
    REMOTE = "remote"


class Rhythm(StrEnum):
    """How often worker and client agreed to be in touch."""

    OFTEN = "often"
    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"


UNSCORED = "unscored"
SECOND, COVER = "second", "cover"

PART_TITLES: dict[Part, str] = {
    Part.CHAOS: "Chaos Score",
    Part.STAGE: "Stage",
    Part.TRAVEL: "The way there",
    Part.RHYTHM: "Rhythm agreed",
    Part.SHARE: "Sharing a case",
}
TRAVEL_LABELS: dict[Travel, str] = {
    Travel.NEAR: "Under 15 minutes each way",
    Travel.MIDDLE: "15 to 29 minutes each way",
    Travel.FAR: "30 to 59 minutes each way",
    Travel.REMOTE: "An hour or more each way",
}
RHYTHM_LABELS: dict[Rhythm, str] = {
    Rhythm.OFTEN: "More than once a week",
    Rhythm.WEEKLY: "Once a week",
    Rhythm.FORTNIGHTLY: "Every two weeks",
    Rhythm.MONTHLY: "Once a month or less",
}


# Up to so many days between contacts.
_RHYTHM_DAYS = ((5, Rhythm.OFTEN), (9, Rhythm.WEEKLY), (20, Rhythm.FORTNIGHTLY))


def band_of(chaos_total: int | None) -> str:
    """The Chaos band of a total: "1" to "4", or "unscored"; a total beyond the last band is in the last."""
    if chaos_total is None:
        return UNSCORED
    tops = [top for top, _ in CHAOS_BANDS]
    return str(next((i for i, top in enumerate(tops, 1) if chaos_total <= top), len(tops)))


def rhythm_of(days: int | None) -> str:
    """The level of a rhythm agreed in days between contacts; empty where none was agreed."""
    if not days:
        return ""
    return next((level.value for most, level in _RHYTHM_DAYS if days <= most), Rhythm.MONTHLY.value)


def _bands() -> Iterator[tuple[str, str]]:
    low = 0
    for position, (top, _) in enumerate(CHAOS_BANDS, 1):
        last = position == len(CHAOS_BANDS)
        yield str(position), f"{low} or more" if last else f"{low} to {top}"
        low = top + 1
    yield UNSCORED, "Not scored yet"


LEVELS: dict[Part, dict[str, str]] = {
    Part.CHAOS: dict(_bands()),
    Part.STAGE: {stage.value: STAGE_LABELS[stage] for stage in Stage if stage in OPEN_STAGES},
    Part.TRAVEL: {level.value: label for level, label in TRAVEL_LABELS.items()},
    Part.RHYTHM: {level.value: label for level, label in RHYTHM_LABELS.items()},
    Part.SHARE: {SECOND: "Second worker of a case", COVER: "Covering for somebody"},
}
# The case all others are told against: its factors are 1, and its points are the unit.
REFERENCE: dict[Part, str] = {
    Part.CHAOS: "2",
    Part.STAGE: Stage.ACTIVE.value,
    Part.TRAVEL: Travel.NEAR.value,
    Part.RHYTHM: Rhythm.WEEKLY.value,
}
# Opinions to start from, until a service's own minutes say otherwise.
_DEFAULTS: dict[Part, dict[str, float]] = {
    Part.CHAOS: {
        **{str(position): float(points) for position, (_, points) in enumerate(CHAOS_BANDS, 1)},
        UNSCORED: float(POINTS_UNSCORED),
    },
    Part.STAGE: {stage.value: weight for stage, weight in STAGE_WEIGHTS.items()},
    Part.TRAVEL: {"near": 1.0, "middle": 1.1, "far": 1.25, "remote": 1.5},
    Part.RHYTHM: {"often": 1.5, "weekly": 1.0, "fortnightly": 0.75, "monthly": 0.5},
    Part.SHARE: {SECOND: 0.25, COVER: 0.5},
}
MOST_POINTS, MOST_FACTOR, LEAST = 100.0, 5.0, 0.05


@dataclass(frozen=True)
class Facts:
    """What the weight of a case follows from; empty where nobody has said."""

    chaos_total: int | None = None
    stage: str = Stage.ACTIVE.value
    travel: str = ""
    rhythm: str = ""


@dataclass(frozen=True)
class Weights:
    """The table of a service."""

    values: Mapping[Part, Mapping[str, float]] = field(default_factory=lambda: _DEFAULTS)
    version: int = 0

    def value(self, part: Part, level: str) -> float:
        """Points (Chaos band) or factor of a level; what nobody has said changes nothing."""
        return self.values.get(part, {}).get(level, _DEFAULTS[part].get(level, 1.0))

    def points(self, facts: Facts, *, share: str = "") -> float:
        """Points of a case on a caseload, to the hundredth; 0 once the episode has ended.

        `share` is "second" or "cover" for those who help with a case that somebody else leads.
        """
        if facts.stage not in OPEN_STAGES:
            return 0.0
        points = self.value(Part.CHAOS, band_of(facts.chaos_total)) * self.value(Part.STAGE, facts.stage)
        for part, level in ((Part.TRAVEL, facts.travel), (Part.RHYTHM, facts.rhythm), (Part.SHARE, share)):
            points *= self.value(part, level) if level else 1.0
        return round(points, 2)

    def sentence(self, facts: Facts) -> str:
        """How the points of one case come about."""
        band = band_of(facts.chaos_total)
        scored = "It is not scored yet" if band == UNSCORED else f"A Chaos Score of {facts.chaos_total}"
        said = [f"{scored}: {number(self.value(Part.CHAOS, band))} points"]
        told = ((Part.STAGE, facts.stage), (Part.TRAVEL, facts.travel), (Part.RHYTHM, facts.rhythm))
        for part, level in told:
            if level and (factor := self.value(part, level)) != 1:
                said.append(f"times {number(factor)} for {LEVELS[part].get(level, level).lower()}")
        first, *more = said
        return f"{', '.join([first, *more])}, so {_points(self.points(facts))}." if more else f"{first}."

    def as_sentence(self) -> str:
        """The table read aloud."""
        chaos, stages = self.values.get(Part.CHAOS, {}), self.values.get(Part.STAGE, {})
        unit = self.value(Part.CHAOS, REFERENCE[Part.CHAOS])
        light = Facts(30, Stage.LIGHT_TOUCH.value)
        return (
            f"An active case seen once a week weighs {number(min(chaos.values(), default=unit))} to "
            f"{_points(max(chaos.values(), default=unit))}, by its Chaos Score. Tapering takes "
            f"{number(stages.get('tapering', 1))} of that and light touch {number(stages.get('light_touch', 1))}, "
            f"so that it is never free: a Chaos Score of 30 in light touch still weighs "
            f"{_points(self.points(light))}. "
            f"More than once a week takes {number(self.value(Part.RHYTHM, 'often'))} times as much, "
            f"and an hour or more on the way {number(self.value(Part.TRAVEL, 'remote'))} times."
        )

    def rows(self, part: Part) -> list[tuple[str, str, float]]:
        """Level, its label and its value, in order."""
        return [(level, label, self.value(part, level)) for level, label in LEVELS[part].items()]


def of_rows(rows: Iterable[tuple[str, str, float]], version: int = 0) -> Weights:
    """A table from rows of part, level and value."""
    values: dict[Part, dict[str, float]] = {part: dict(levels) for part, levels in _DEFAULTS.items()}
    for part, level, value in rows:
        values[Part(part)][level] = float(value)
    return Weights(values, version)


def within(part: str, value: float) -> float:
    """A value held within what a table allows."""
    return min(max(value, LEAST), _most(part))


def _most(part: str) -> float:
    return MOST_POINTS if part == Part.CHAOS else MOST_FACTOR


def problem(part: str, level: str, value: float) -> str | None:
    """What is wrong with a value somebody wants in the table, in a sentence; None when nothing is."""
    label = f"{PART_TITLES[Part(part)]}, {LEVELS[Part(part)][level].lower()}"
    most = _most(part)
    if not LEAST <= value <= most:
        return f"{label}: enter a number from {number(LEAST)} to {number(most)}."
    if REFERENCE.get(Part(part)) == level and part != Part.CHAOS and value != 1:
        return f"{label}: this is what the others are told against, so it stays 1."
    return None


def _points(points: float) -> str:
    return f"{number(points)} point{'' if points == 1 else 's'}"

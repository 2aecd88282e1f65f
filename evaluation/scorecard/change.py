"""How people say they are: from the first to the latest time they were asked. Pure: no queries, no clock."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scipy import stats

from evaluation.impact.result import CONFIDENCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.scorecard.scales import Scale


@dataclass(frozen=True)
class Asked:
    """One time somebody was asked: with which version of an instrument, its total, the answers by question, and
    the words of each goal.
    """

    person: str
    version: int
    instrument: str
    total: float | None
    answers: Mapping[str, float]
    goals: Mapping[str, str]

    def on(self, scale: Scale) -> float | None:
        """The figure of a scale; None where it was not answered."""
        return self.answers.get(scale.question) if scale.question else self.total


@dataclass(frozen=True)
class Outcome:
    """People by how a figure went. Their sum is everybody who accepted: nobody is left out unseen."""

    steps: tuple[float, ...]
    better: int
    same: int
    worse: int
    only_one: int
    never: int

    @property
    def both(self) -> int:
        """People with a first and a later figure."""
        return self.better + self.same + self.worse

    @property
    def parts(self) -> list[int]:
        """Everybody, by how it went."""
        return [self.better, self.same, self.worse, self.only_one, self.never]

    @property
    def mean(self) -> tuple[float, float, float]:
        """Mean change and its 95% limits (t interval of paired differences). Raises for fewer than two people."""
        middle = statistics.fmean(self.steps)
        half = stats.t.ppf((1 + CONFIDENCE) / 2, len(self.steps) - 1)
        half *= statistics.stdev(self.steps) / math.sqrt(len(self.steps))
        return middle, middle - float(half), middle + float(half)


def outcome(scale: Scale, asked: Sequence[Asked], people: Sequence[str]) -> Outcome:
    """How one scale went among `people`. `asked` is in the order of time.

    First and latest are compared in the same version of an instrument: other words are another question.
    """
    found: dict[str, list[Asked]] = {}
    for each in asked:
        if each.instrument == scale.instrument and each.on(scale) is not None:
            found.setdefault(each.person, []).append(each)
    steps, only_one = [], 0
    for person in people:
        times = [each for each in found.get(person, []) if each.version == found[person][-1].version]
        if len(times) > 1:
            steps.append((times[-1].on(scale) or 0) - (times[0].on(scale) or 0))
        only_one += len(times) == 1
    up, down = sum(step > 0 for step in steps), sum(step < 0 for step in steps)
    return Outcome(
        tuple(steps),
        better=up if scale.more_is_better else down,
        same=len(steps) - up - down,
        worse=down if scale.more_is_better else up,
        only_one=only_one,
        never=len(people) - len(steps) - only_one,
    )


def any_goal(asked: Sequence[Asked], people: Sequence[str]) -> Outcome:
    """People who came further with at least one goal, in the same words at the first and at a later time."""
    found: dict[str, list[Asked]] = {}
    for each in asked:
        if each.instrument == "goals" and each.answers:
            found.setdefault(each.person, []).append(each)
    steps: list[float] = []
    only_one = 0
    for person in people:
        gained = _gained(found.get(person, []))
        only_one += gained is None and person in found
        if gained is not None:
            steps.append(gained)
    up, down = sum(step > 0 for step in steps), sum(step < 0 for step in steps)
    never = len(people) - len(steps) - only_one
    return Outcome(tuple(steps), up, len(steps) - up - down, down, only_one, never)


def _gained(times: Sequence[Asked]) -> float | None:
    """The largest step of any goal from when it was first set to the latest; None where no goal has two."""
    first: dict[str, float] = {}
    latest: dict[str, float] = {}
    seen: dict[str, int] = {}
    for each in times:
        for code, value in each.answers.items():
            goal = each.goals.get(code) or code
            first.setdefault(goal, value)
            latest[goal] = value
            seen[goal] = seen.get(goal, 0) + 1
    return max((latest[goal] - first[goal] for goal, n in seen.items() if n > 1), default=None)

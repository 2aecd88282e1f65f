"""The attack itself: all releases as one system of whole numbers. Pure; numpy and scipy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from evaluation.differencing.printed import About, Release, only_grows, same_people_and_more
from evaluation.disclosure import Rule

Variable = tuple[int, About]
# So many readings of all numbers at once settle nearly everything without asking for each number.
READINGS = 24
WHOLE = 1e-6


@dataclass(frozen=True)
class Found:
    """What could be told: a withheld count of a release, or what changed from it to a later one (`then`)."""

    release: int
    about: About
    low: int
    high: int
    then: int | None = None


class Impossible(Exception):
    """No whole numbers agree with everything printed, so nothing follows from it."""


class System:
    """Releases, oldest first, as unknown whole numbers with what ties them."""

    def __init__(self, releases: Sequence[Release], rule: Rule, readings: Sequence[np.ndarray] = ()) -> None:
        self.releases = releases
        self.rule = rule
        self.variables: list[Variable] = [(i, a) for i, each in enumerate(releases) for a in each.counts]
        self.at = {variable: k for k, variable in enumerate(self.variables)}
        self.counts = [releases[i].counts[about] for i, about in self.variables]
        low, high = ([getattr(each, end) for each in self.counts] for end in ("low", "high"))
        self.readings = [each for each in readings if (each >= low).all() and (each <= high).all()]

    def of(self, release: int, about: About) -> tuple[int, int]:
        """The smallest and largest possible value of a count."""
        return self._span({self.at[release, about]: 1})

    def change(self, first: int, then: int, about: About) -> tuple[int, int]:
        """The smallest and largest possible value of what a count grew by."""
        return self._span({self.at[then, about]: 1, self.at[first, about]: -1})

    def read(self) -> None:
        """Find some ways in which everything printed can be true. Raises Impossible when there is none."""
        random = np.random.default_rng(1)
        abouts = {about: n for n, about in enumerate(dict.fromkeys(about for _, about in self.variables))}
        which, when = (
            np.array(each) for each in zip(*((abouts[a], i) for i, a in self.variables), strict=True)
        )
        for _ in range(READINGS - len(self.readings) if self._tied else 0):
            # The same count pulled up in one release and down in another: differences as far apart as they go.
            signs = random.choice([-1.0, 1.0], len(abouts))[which]
            self._solve(signs * random.choice([-1.0, 1.0], len(self.releases))[when])

    def seen(self, terms: dict[int, int]) -> tuple[int, int]:
        """The span of a sum of unknowns over the ways found so far; the true span is no narrower."""
        values = [sum(sign * int(each[k]) for k, sign in terms.items()) for each in self.readings]
        return min(values), max(values)

    def cannot_tell(self, then: int, before: int) -> bool:
        """Whether the ways found so far already show that a difference is not told."""
        if self._tied.isdisjoint((then, before)) or not self.readings:
            return False
        return not tells(*self.seen({then: 1, before: -1}), self.rule)

    def _span(self, terms: dict[int, int]) -> tuple[int, int]:
        if not any(k in self._tied for k in terms):
            low = sum(self.counts[k].low if sign > 0 else -self.counts[k].high for k, sign in terms.items())
            high = sum(self.counts[k].high if sign > 0 else -self.counts[k].low for k, sign in terms.items())
            return low, high
        objective = np.zeros(len(self.variables))
        for k, sign in terms.items():
            objective[k] = sign
        least, most = self._solve(objective), self._solve(-objective)
        return round(float(objective @ least)), round(float(objective @ most))

    def _solve(self, objective: np.ndarray) -> np.ndarray:
        limits = Bounds([each.low for each in self.counts], [each.high for each in self.counts])
        # Sums and orders nearly always have a best answer in whole numbers, found four times as fast without asking for it.
        for whole in (0, 1):
            answer = milp(
                objective,
                integrality=np.full(len(self.counts), whole),
                bounds=limits,
                constraints=self._ties,
            )
            if answer.x is None:
                raise Impossible(answer.message)
            found: np.ndarray = np.rint(answer.x)
            if np.abs(answer.x - found).max() < WHOLE:
                break
        self.readings.append(found)
        return found

    @cached_property
    def _rows(self) -> list[tuple[dict[int, int], float, float]]:
        """Each tie: sum of signed unknowns between two limits."""
        rows = []
        for i, release in enumerate(self.releases):
            for each in release.sums:
                total, parts = (i, each.total), [(i, part) for part in each.parts]
                if total in self.at and all(part in self.at for part in parts):
                    rows.append(({self.at[total]: 1} | {self.at[part]: -1 for part in parts}, 0.0, 0.0))
            for fewer, more in release.within:
                rows.append(({self.at[i, more]: 1, self.at[i, fewer]: -1}, 0.0, np.inf))
        return rows + self._never_fewer()

    def _never_fewer(self) -> list[tuple[dict[int, int], float, float]]:
        rows = []
        newest: dict[About, int] = {}
        for k, (release, about) in enumerate(self.variables):
            if not only_grows(about) or self.releases[release].may_be_wrong:
                continue
            before = newest.get(about)
            # People can be taken out of all figures; where the printed numbers show it, nothing grows.
            if before is not None and self.counts[before].low <= self.counts[k].high:
                rows.append(({k: 1, before: -1}, 0.0, np.inf))
            newest[about] = k
        return rows

    @cached_property
    def _tied(self) -> set[int]:
        return {k for terms, _, _ in self._rows for k in terms}

    @cached_property
    def _ties(self) -> list[LinearConstraint]:
        if not self._rows:
            return []
        cells = [(r, k, sign) for r, (terms, _, _) in enumerate(self._rows) for k, sign in terms.items()]
        row, column, sign = zip(*cells, strict=True)
        matrix = csr_array((sign, (row, column)), shape=(len(self._rows), len(self.variables)), dtype=float)
        low, high = zip(*((low, high) for _, low, high in self._rows), strict=True)
        return [LinearConstraint(matrix, low, high)]


def attack(releases: Sequence[Release], rule: Rule, readings: list[np.ndarray] | None = None) -> list[Found]:
    """All that a reader of these releases could tell, see the head of this package.

    `readings` are ways in which all of it can be true, found before; those found here are added. They may be of the same
    releases with other counts withheld, and of no others.
    """
    system = System(releases, rule, readings or ())
    try:
        system.read()
        found = [*_withheld(system), *_changes(system)]
    except Impossible:
        return []
    if readings is not None:
        readings[:] = _distinct([*readings, *system.readings])
    return found


def _distinct(readings: Sequence[np.ndarray]) -> list[np.ndarray]:
    return [*{each.tobytes(): each for each in readings}.values()]


def tells(low: int, high: int, rule: Rule) -> bool:
    """Whether a difference is known to be small, and more closely than "*" would tell it."""
    small = low >= 1 and high <= rule.threshold
    fewer = low >= -rule.threshold and high <= -1
    return (small or fewer) and high - low < rule.threshold - 1


def _withheld(system: System) -> list[Found]:
    found = []
    for k, (i, about) in enumerate(system.variables):
        if system.counts[k].starred and (not system.readings or len(set(system.seen({k: 1}))) == 1):
            low, high = system.of(i, about)
            if low == high:
                found.append(Found(i, about, low, high))
    return found


def _changes(system: System) -> list[Found]:
    found = []
    for k, (then, about) in enumerate(system.variables):
        for first in range(then):
            before = system.at.get((first, about))
            if before is None or not same_people_and_more(about):
                continue
            if system.cannot_tell(k, before):
                continue
            low, high = system.change(first, then, about)
            if tells(low, high, system.rule):
                found.append(Found(first, about, low, high, then))
    return found

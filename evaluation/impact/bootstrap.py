"""Events avoided in thousands of resamples of the people, the same people in every measure.

A sum over measures needs it: attendances, conveyances and admissions happen to the same people, so their intervals
cannot be added up one by one. In each resample those who accepted and those who were not approached are drawn anew,
with replacement, and the expected number is fitted again to the latter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.impact.model import poisson
from evaluation.impact.model.history import has_history
from evaluation.impact.pseudo_index import POOL
from evaluation.impact.study import Study
from evaluation.impact.windows import Status
from evaluation.measures import BY_KEY

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int_]

DRAWS = 2000
# People drawn at once: a million numbers are 8 MB, which stay near the processor.
AT_ONCE = 1_000_000
# Steps of the fit after which a draw has settled, far below what an interval can show.
CLOSE_ENOUGH = 1e-3
MOST_STEPS = 12
LARGEST_STEP = 2.0
LARGEST_EXPONENT = 30.0


class CannotDraw(ValueError):
    """Raised with a sentence: these studies cannot be drawn together."""


@dataclass(frozen=True)
class Avoided:
    """Events avoided in each draw by measure, and how often each person who accepted was drawn.

    `times` has a column for each of `people` (rows of the people table), so that what else is known of a person,
    such as what their support cost, can be drawn with them. `seed` gives the same draws again.
    """

    events: Mapping[str, Floats]
    people: Rows
    times: npt.NDArray[np.int32]
    seed: int

    @property
    def draws(self) -> int:
        """How many times the people were drawn."""
        return len(self.times)


def avoided(studies: Mapping[str, Study], *, seed: int, draws: int = DRAWS) -> Avoided:
    """Expected less observed events of those who accepted, in each of `draws` resamples.

    Studies are of several measures over one people table and one window, each with a headline that is shown.
    A person without follow-up in a measure is drawn all the same and counts in the others. Raises CannotDraw.
    """
    _check(studies)
    parts = {measure: _Part(study) for measure, study in studies.items()}
    accepted, pool = (
        np.unique(np.concatenate([getattr(each, name) for each in parts.values()]))
        for name in ("accepted", "pool")
    )
    rng = np.random.default_rng(seed)
    events: dict[str, list[Floats]] = {measure: [] for measure in parts}
    times = []
    for size in _chunks(draws, len(accepted) + len(pool)):
        chosen, others = _drawn(rng, size, len(accepted)), _drawn(rng, size, len(pool))
        times.append(chosen.astype(np.int32))
        for measure, part in parts.items():
            here = chosen[:, np.searchsorted(accepted, part.accepted)]
            there = others[:, np.searchsorted(pool, part.pool)]
            events[measure].append(part.avoided(here, there))
    return Avoided(
        events={measure: np.concatenate(found) for measure, found in events.items()},
        people=accepted,
        times=np.concatenate(times),
        seed=seed,
    )


class _Part:
    """One measure: the rows it can count, and its model."""

    def __init__(self, study: Study) -> None:
        found = study.expected
        followed = (study.windows["status"] == Status.FOLLOWED).to_numpy() & has_history(study.people)
        rows = np.flatnonzero(followed)
        who, others = found.among("accepted"), found.among(*POOL)
        self.accepted, self.pool = rows[who], rows[others]
        # Columns that the model could tell apart; the others have no coefficient.
        kept = np.diag(found.covariance) > 0
        self._x, self._theirs = found.x[who][:, kept], found.x[others][:, kept]
        self._events, self._years = found.events[who], found.years[who]
        self._their_events, self._their_years = found.events[others], found.years[others]
        fit = poisson.fit(found.x[others], self._their_events, self._their_years)
        self._coefficients = fit.coefficients[kept]
        of_them = self._their_years * np.exp(self._theirs @ self._coefficients)
        self._score = self._theirs * (self._their_events - of_them)[:, None]
        # Half the numbers to move, and far closer than a draw has to settle.
        self._rows = np.ascontiguousarray(self._theirs.T, dtype=np.float32)
        self._rows_years, self._rows_events = (
            each.astype(np.float32) for each in (self._their_years, self._their_events)
        )
        self._pairs = np.triu_indices(self._theirs.shape[1])
        one, other = self._pairs
        curvature = self._theirs[:, one] * self._theirs[:, other] * of_them[:, None]
        self._curvature = curvature.astype(np.float32)

    def avoided(self, times: Floats, theirs: Floats) -> Floats:
        """Events avoided, for how often each who accepted and each of the pool was drawn: a row for each draw."""
        b = self._fitted(theirs)
        expected = self._years * np.exp(np.minimum(b @ self._x.T, LARGEST_EXPONENT))
        return np.einsum("di,di->d", times, expected - self._events)

    def _fitted(self, times: Floats) -> Floats:
        """Coefficients of each draw: Newton's steps from those of everybody, along the curvature there.

        Those of a resample are near, so two or three steps settle; who does not settle is fitted from the start.
        """
        curvature = np.empty((len(times), *[self._theirs.shape[1]] * 2))
        one, other = self._pairs
        light = times.astype(np.float32)
        curvature[:, one, other] = curvature[:, other, one] = light @ self._curvature
        # As `poisson.fit` does it: a rare level that a draw has nobody of has the coefficient 0 there.
        draw, column = np.nonzero(np.diagonal(curvature, axis1=1, axis2=2) == 0)
        curvature[draw, column, column] = 1
        b = np.tile(self._coefficients, (len(times), 1))
        b[draw, column] = 0
        # Of columns that cannot be told apart in a draw only the first has one: left to `poisson.fit`.
        dependent = np.isneginf(np.linalg.slogdet(curvature)[1])
        curvature[dependent] = np.eye(curvature.shape[1])
        score = times @ self._score
        for _ in range(MOST_STEPS):
            step = np.linalg.solve(curvature, score[:, :, None])[:, :, 0]
            step[dependent] = 0
            b += np.clip(step, -LARGEST_STEP, LARGEST_STEP)
            if np.max(np.abs(step)) < CLOSE_ENOUGH:
                break
            score = self._score_at(b, light)
        unsettled = np.max(np.abs(step), axis=1) >= CLOSE_ENOUGH
        for alone in np.flatnonzero(unsettled | dependent):
            b[alone] = self._fitted_alone(times[alone])
        return b

    def _score_at(self, b: Floats, times: npt.NDArray[np.float32]) -> Floats:
        """Sum of x (y - mean) over the people of each draw; in place and with single precision, since this is where the time goes."""
        mean = b.astype(np.float32) @ self._rows
        if mean.max() > LARGEST_EXPONENT:
            np.minimum(mean, LARGEST_EXPONENT, out=mean)
        np.exp(mean, out=mean)
        mean *= self._rows_years
        np.subtract(self._rows_events, mean, out=mean)
        mean *= times
        return np.asarray(mean @ self._rows.T, dtype=np.float64)

    def _fitted_alone(self, times: Floats) -> Floats:
        rows = np.repeat(np.arange(len(times)), times.astype(int))
        try:
            return poisson.fit(
                self._theirs[rows], self._their_events[rows], self._their_years[rows]
            ).coefficients
        except poisson.NoFit:
            return np.full(self._theirs.shape[1], np.nan)


def _check(studies: Mapping[str, Study]) -> None:
    if not studies:
        raise CannotDraw("Name at least one measure to draw.")
    first, *others = studies.values()
    columns = ["person", "group", "index_date"]
    for study in others:
        if study.window_days != first.window_days or not study.people[columns].equals(first.people[columns]):
            raise CannotDraw("Measures that are drawn together need the same people, index dates and window.")
    for measure, study in studies.items():
        if study.expected.reason:
            raise CannotDraw(f"{BY_KEY[measure].name}: {study.expected.reason}")
        if not study.expected.among("accepted").any():
            raise CannotDraw(f"{BY_KEY[measure].name}: nobody who accepted has enough follow-up.")


def _chunks(draws: int, people: int) -> Iterator[int]:
    most = max(1, AT_ONCE // people)
    for start in range(0, draws, most):
        yield min(most, draws - start)


def _drawn(rng: np.random.Generator, draws: int, people: int) -> Floats:
    """How often each of so many people comes in each draw of as many, with replacement."""
    who = rng.integers(0, people, (draws, people)) + np.arange(draws)[:, None] * people
    return np.bincount(who.ravel(), minlength=draws * people).reshape(draws, people).astype(float)

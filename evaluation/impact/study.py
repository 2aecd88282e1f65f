"""What every estimator is given."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.impact.model.expected import Expected, expect
from evaluation.impact.model.matching import Matches, match
from evaluation.impact.windows import Status

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Arm:
    """The followed people of one group: events and years of each, before and after."""

    events_pre: Floats
    events_post: Floats
    years_pre: Floats
    years_post: Floats

    @property
    def n(self) -> int:
        """People."""
        return len(self.events_pre)


@dataclass(frozen=True, kw_only=True)
class Study:
    """Clean tables, one measure, one window. `windows` has a row for each row of `people`."""

    people: pd.DataFrame
    activity: pd.DataFrame
    windows: pd.DataFrame
    measure: str
    window_days: int
    seed: int
    # Why nothing may be learnt from people who were not approached, in a sentence.
    pool_problem: str = ""

    @cached_property
    def events(self) -> pd.DataFrame:
        """The activity of the one measure."""
        return self.activity[self.activity["measure"] == self.measure]

    @cached_property
    def expected(self) -> Expected:
        """What to expect of each person, had nobody approached them. Fitted once for all who ask."""
        return expect(self.people, self.events, self.windows, self.pool_problem)

    @cached_property
    def matches(self) -> Matches:
        """Who is compared with whom."""
        return match(self.expected)

    def arm(self, group: str) -> Arm:
        """The people of a group who have enough follow-up."""
        rows = self.windows[(self.windows["group"] == group) & (self.windows["status"] == Status.FOLLOWED)]
        return Arm(
            *(rows[name].to_numpy(float) for name in ("events_pre", "events_post", "years_pre", "years_post"))
        )

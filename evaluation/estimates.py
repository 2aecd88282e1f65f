"""The estimates of a service as they stand on a day, fit to leave: what `evaluate_impact` prints."""

from __future__ import annotations

import datetime
from typing import Any

import pandas as pd

from evaluation import after_support, coverage, inputs, people
from evaluation.evidence import midnight
from evaluation.impact.curves.release import over_time
from evaluation.impact.release import release
from evaluation.impact.run import checks_of, figures_of
from evaluation.impact.tables import APPROACHED, InputProblem
from governance.models import Service
from governance.rules import RuleBroken


def estimates(
    service: Service,
    *,
    measure: str,
    window_days: int,
    first: datetime.date | None = None,
    last: datetime.date | None = None,
    as_at: datetime.date,
    known: datetime.datetime,
    seed: int = 0,
) -> dict[str, Any]:
    """Every estimate of one measure and window, as `evaluation.impact.release` gives them, and `over_time`.

    Of the people first offered support from `first` to `last`, from what happened up to the day `as_at` and was stored
    before the moment `known`. People who were not approached are compared with whenever they were listed.

    Raises:
        RuleBroken: no source covers the measure, or nobody is there to compare.
    """
    after = midnight(as_at + coverage.ONE_DAY)
    found = inputs.gather(service, cut=as_at, after=after, known=known)
    covered = found.covered[measure]
    if not covered.supplied:
        raise RuleBroken(f"{covered.why_not} So nothing can be said of the measure '{measure}'.")
    asked = _offered(found.everybody, first, last)
    try:
        made = inputs.studies(found, seed=seed, measures=[measure], windows=[window_days], only=asked)
    except InputProblem as problem:
        raise RuleBroken(str(problem)) from None
    study = made[measure, window_days]
    listed = found.listed[_offered(found.listed, first, last)]
    everybody, events = people.for_curves(
        people.with_index_dates(listed, seed), found.activity[found.activity["measure"] == measure], covered
    )
    ended = after_support.gather(service, listed, cut=as_at, after=after, known=known)
    ended = after_support.followed(ended, listed, covered, as_at)
    return {
        **release({**figures_of(study, last_year=found.last_year.words), **checks_of(study)}),
        "over_time": over_time(study, people=everybody, events=events, ended=ended),
    }


def _offered(listed: pd.DataFrame, first: datetime.date | None, last: datetime.date | None) -> pd.Series:
    """Everybody who was not approached, and those who were from the one day to the other."""
    day = pd.to_datetime(listed["index_date"])
    inside = pd.Series(True, index=listed.index)
    if first:
        inside &= day >= pd.Timestamp(first)
    if last:
        inside &= day <= pd.Timestamp(last)
    return inside | ~listed["group"].isin(APPROACHED)

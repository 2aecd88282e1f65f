"""The estimates of a service as they stand on a day, fit to leave: what `evaluate_impact` prints."""

from __future__ import annotations

import datetime
from typing import Any

import pandas as pd

from evaluation import after_support, coverage, people
from evaluation.evidence import midnight, together
from evaluation.impact.curves.release import over_time
from evaluation.impact.release import release
from evaluation.impact.run import impact_of, study_of
from evaluation.impact.tables import APPROACHED, LAST_YEAR, InputProblem
from evaluation.injuries import gather as injuries
from evaluation.known.rows import rows
from evaluation.last_year import last_year
from evaluation.measures import ACTIVITY
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
    before the moment `known`. People who were not approached are compared with whenever they were listed, and with them
    those of the list of one year earlier.

    Raises:
        RuleBroken: no source covers the measure, or nobody is there to compare.
    """
    after = midnight(as_at + coverage.ONE_DAY)
    feeds = coverage.feeds(service, known=known)
    covers = {each.key: coverage.covered(each.key, feeds, cut=as_at) for each in ACTIVITY}
    covered = covers[measure]
    if not covered.supplied:
        raise RuleBroken(f"{covered.why_not} So nothing can be said of the measure '{measure}'.")
    listed = people.people_table(service, cut=as_at, after=after, known=known)
    listed = listed[_offered(listed, first, last)].reset_index(drop=True)
    stored = rows(service, feeds, coverage.counted(covers), known=known)
    earlier = last_year(service, covers, stored, cut=as_at, after=after, known=known)
    compared = together(listed, earlier.people)
    activity = people.activity_table(service, compared, [covered], cut=as_at, known=known)
    control = injuries.gather(service, people.willing(compared), covered, stored, cut=as_at)
    studied = injuries.added(activity, control)
    followed = people.with_index_dates(compared, seed)
    try:
        study = study_of(
            people.for_window(followed, covered, window_days),
            studied[studied["person"].isin(followed["person"])],
            measure=measure,
            window_days=window_days,
            seed=seed,
        )
    except InputProblem as problem:
        raise RuleBroken(str(problem)) from None
    of_the_service = followed[followed["group"] != LAST_YEAR]
    everybody, events = people.for_curves(of_the_service, activity, covered)
    ended = after_support.gather(service, listed, after=after, known=known)
    ended = after_support.followed(ended, listed, covered, as_at)
    return {
        **release(impact_of(study, last_year=earlier.words)),
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

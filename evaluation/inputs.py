"""The tables of a service that the estimators take, read as they were known at a moment, with what they rest on."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pandas as pd

from evaluation import covariates, coverage, people
from evaluation.coverage import Covered, Feed
from evaluation.impact.run import study_of
from evaluation.impact.study import Study
from evaluation.impact.windows import WINDOW_DAYS
from evaluation.injuries import gather as injuries
from evaluation.injuries.gather import Control
from evaluation.known import records
from evaluation.known.rows import rows
from evaluation.last_year import LastYear, last_year
from evaluation.measures import ACTIVITY
from governance.models import Service


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """`listed`: everybody listed or referred. `last_year`: the list of one year earlier, in no count of people of the service.
    `left_out`: ids of people in no figure. `activity`: events of both.
    """

    feeds: list[Feed]
    covered: dict[str, Covered]
    left_out: list[int]
    listed: pd.DataFrame
    last_year: LastYear
    activity: pd.DataFrame
    negative_control: Control

    @property
    def everybody(self) -> pd.DataFrame:
        """Those listed or referred, and those of the list of one year earlier; a person may stand in both."""
        earlier = self.last_year.people
        return pd.concat([self.listed, earlier], ignore_index=True) if len(earlier) else self.listed


def gather(
    service: Service,
    *,
    cut: datetime.date,
    after: datetime.datetime,
    known: datetime.datetime,
    sources: Sequence[Mapping[str, Any]] | None = None,
) -> Inputs:
    """What happened up to the day `cut`, which ends at the moment `after`, from what was stored before the moment `known`;
    with `sources`, from those, as they were set then.
    """
    feeds = coverage.feeds(service, known=known, sources=sources)
    covered = {each.key: coverage.covered(each.key, feeds, cut=cut) for each in ACTIVITY}
    out = records.left_out(service, known=known)
    listed = people.people_table(service, cut=cut, after=after, known=known, left_out=out)
    counted = {source for each in covered.values() for source in each.sources}
    stored = rows(service, feeds, counted, known=known)
    earlier = last_year(service, covered, stored, cut=cut, after=after, known=known, left_out=out)
    known_of = covariates.known_of(
        service, {int(each) for table in (listed, earlier.people) for each in table["person"]}, known=known
    )
    listed = covariates.with_covariates(listed, known_of)
    earlier = replace(earlier, people=covariates.with_covariates(earlier.people, known_of))
    both = [listed, earlier.people] if len(earlier.people) else [listed]
    willing = people.willing(pd.concat(both))
    return Inputs(
        feeds=feeds,
        covered=covered,
        left_out=out,
        listed=listed,
        last_year=earlier,
        activity=people.activity_table(service, willing, stored, sources=counted, cut=cut),
        negative_control=injuries.gather(service, willing, covered["ae"], stored, cut=cut),
    )


def studies(
    found: Inputs,
    *,
    seed: int,
    measures: Collection[str] | None = None,
    windows: Collection[int] = WINDOW_DAYS,
    only: pd.Series | None = None,
) -> dict[tuple[str, int], Study]:
    """What the estimators are given, by measure that is supplied and window in days; of `measures` only where they are
    named, and of the rows of `everybody` that `only` marks.
    """
    supplied = [
        each
        for each in found.covered.values()
        if each.supplied and each.measure in (measures or found.covered)
    ]
    everybody = found.everybody if only is None else found.everybody[only].reset_index(drop=True)
    followed = people.with_index_dates(everybody, seed)
    # Events of people who have not answered yet are no sign that both tables write identifiers differently.
    known = found.activity[found.activity["person"].isin(followed["person"])]
    of = {each.measure: known[known["measure"] == each.measure] for each in supplied}
    control = found.negative_control.rows
    if len(control) and injuries.MEASURE in of:
        # They come from the feed of attendances, and are covered as they are.
        of[injuries.MEASURE] = pd.concat([of[injuries.MEASURE].astype({"measure": object}), control])
    return {
        (each.measure, days): study_of(
            people.for_window(followed, each, days),
            of[each.measure],
            measure=each.measure,
            window_days=days,
            seed=seed,
            pool_problem=found.last_year.why_not if found.last_year.thinned else "",
        )
        for each, days in product(supplied, windows)
    }

"""How many events to expect of each person had nobody approached them, learnt from those whom nobody approached."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.impact.model import covariates, history, poisson
from evaluation.impact.pseudo_index import POOL
from evaluation.impact.result import LogRatio
from evaluation.impact.windows import Status

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

SMALLEST_POOL = 50
POOL_TOO_SMALL = (
    f"Fewer than {SMALLEST_POOL} people who were listed and not approached, this year or the year before, have "
    "12 months of history and enough follow-up: there is nobody to learn the expected number from."
)
NO_MODEL = "The expected number could not be fitted to the people who were not approached."


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Everybody with 12 months of history and enough follow-up; `rate` and `covariance` only where fitted.

    `row` is their row of the people table; `x` is 1, the log history, then the covariates (`names`); `levels` are those
    as words; `reason` says why nothing could be fitted.
    """

    row: npt.NDArray[np.int_]
    group: npt.NDArray[np.str_]
    x: Floats
    names: tuple[str, ...]
    levels: pd.DataFrame
    events: Floats
    years: Floats
    rate: Floats
    covariance: Floats
    reason: str

    def among(self, *groups: str) -> Mask:
        """Whose group is one of these."""
        return np.isin(self.group, groups)

    @property
    def pool(self) -> Mask:
        """People who were listed and not approached."""
        return self.among(*POOL)

    @property
    def expected(self) -> Floats:
        """Expected events of each: years x rate."""
        return self.years * self.rate


def expect(
    people: pd.DataFrame, activity: pd.DataFrame, windows: pd.DataFrame, pool_problem: str = ""
) -> Expected:
    """Fit the pool, predict everybody; with a `pool_problem`, which becomes the reason, nothing is fitted. `activity` is of
    one measure.

    Poisson, log link, offset ln(years): 1, ln(y12+1), its square, ln(1+count) of months 1, 2-3, 4-6 and 7-12
    before the index date, then age band, sex, deprivation quintile and site.
    """
    eligible = (windows["status"] == Status.FOLLOWED).to_numpy() & history.has_history(people)
    rows = people[eligible].reset_index(drop=True)
    events, years = (windows[name].to_numpy(float)[eligible] for name in ("events_post", "years_post"))
    pool = rows["group"].isin(POOL).to_numpy()
    words = covariates.levels(rows)
    extra, names = covariates.dummies(words, pool, events)
    past = history.log_history(history.counts(rows, activity))
    x = np.column_stack([np.ones(len(rows)), past, extra])
    rate, covariance, reason = np.full(len(rows), np.nan), np.zeros((x.shape[1], x.shape[1])), ""
    if pool_problem or pool.sum() < SMALLEST_POOL:
        reason = pool_problem or POOL_TOO_SMALL
    else:
        try:
            fit = poisson.fit(x[pool], events[pool], years[pool])
            rate, covariance = fit.rate(x), fit.covariance
        except poisson.NoFit:
            reason = NO_MODEL
    return Expected(
        row=np.flatnonzero(eligible),
        group=rows["group"].to_numpy(str),
        x=x,
        names=("constant", *history.NAMES, *names),
        levels=words,
        events=events,
        years=years,
        rate=rate,
        covariance=covariance,
        reason=reason,
    )


def log_observed_expected(found: Expected, who: Mask) -> LogRatio:
    """ln of observed over expected events of some people, with the uncertainty of the people and of the model.

    RR = sum Y / sum E. SE^2(ln RR) = n/(n-1) sum (Y_i/sum Y - E_i/sum E)^2 + g'Vg, with g = sum x_i E_i / sum E
    and V the sandwich covariance of the coefficients; t with n-1 degrees of freedom.
    """
    y, e = found.events[who], found.expected[who]
    n = len(y)
    influence = y / y.sum() - e / e.sum()
    variance = n / (n - 1) * float(influence @ influence) + model_variance(found, who, float(e.sum()))
    return LogRatio(math.log(y.sum() / e.sum()), math.sqrt(variance), n - 1)


def model_variance(found: Expected, who: Mask, over: float) -> float:
    """g'Vg with g = sum x_i E_i / over: what not knowing the coefficients adds to the variance."""
    g = found.x[who].T @ found.expected[who] / over
    return float(g @ found.covariance @ g)

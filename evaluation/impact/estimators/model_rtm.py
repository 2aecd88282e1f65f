"""How far the people who accepted would have fallen by themselves, from a formula (regression to the mean).

A sensitivity figure only: it needs every person's rate to stay the same for years.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.impact.estimators.observed_expected import NO_EVENTS
from evaluation.impact.model import gamma_poisson, history
from evaluation.impact.model.poisson import NoFit
from evaluation.impact.result import Estimate, LogRatio
from evaluation.impact.sample import Sample, observed_if_allowed, sample, why_not
from evaluation.impact.study import Study
from evaluation.impact.windows import Status

Floats = npt.NDArray[np.float64]

KEY = "model_rtm"
ORDER = 7
LABEL = "sensitivity: natural fall from a formula"
WHO = "accepted, with 12 months of history at their list date,"
CAVEAT = (
    "Sensitivity only. It takes each person's own rate to be the same for years. In a simulation in which rates "
    "change, as they do, it counts much of the natural fall as an effect."
)
NO_MODEL = "The counts of the people listed do not say how much their rates differ."


def estimate(study: Study) -> Estimate:
    """Events of those who accepted over (k + y12) / (beta + 1) a year, y12 the 12 months before the list
    date.
    """
    at_list = study.people.assign(index_date=study.people["list_date"] - pd.Timedelta(days=1))
    known = history.has_history(at_list)
    before = history.counts(at_list, study.events).sum(axis=1)
    windows = study.windows
    accepted = (windows["group"] == "accepted") & (windows["status"] == Status.FOLLOWED)
    who = accepted.to_numpy() & known
    events, years = (windows[name].to_numpy(float)[who] for name in ("events_post", "years_post"))
    n, listed = int(who.sum()), before[known]
    blank = Estimate(n=n, n_comparator=len(listed), label=LABEL, controlled=False, caveat=CAVEAT)
    reason = why_not(n, WHO) or ("" if events.sum() else NO_EVENTS)
    if not reason:
        try:
            gamma = gamma_poisson.fit(listed, int(listed.min()))
        except NoFit:
            reason = NO_MODEL
    if reason:
        return blank.withheld(reason, observed=observed_if_allowed(n, events.sum()))
    ratio = log_over_gamma(events, years, before[who], gamma)
    return blank.answered(ratio, observed=float(events.sum()), wide=sample(n) is Sample.WIDE)


def log_over_gamma(events: Floats, years: Floats, before: Floats, gamma: gamma_poisson.Gamma) -> LogRatio:
    """ln(sum Y / sum E), E_i = T_i (k + y12_i)/(beta + 1).

    SE^2 = n/(n-1) sum (Y_i/sum Y - E_i/sum E)^2 + g'Vg, V the covariance of (ln k, ln beta) and g = sum E_i d
    ln E_i / sum E (delta method).
    """
    expected = years * gamma.rate(before)
    n = len(events)
    influence = events / events.sum() - expected / expected.sum()
    g = gamma.log_gradient(before).T @ expected / expected.sum()
    variance = n / (n - 1) * float(influence @ influence) + float(g @ gamma.covariance @ g)
    return LogRatio(math.log(events.sum() / expected.sum()), math.sqrt(variance), n - 1)

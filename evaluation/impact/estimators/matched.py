"""People who accepted against the people most like them who were not approached."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from evaluation.impact.estimators.observed_expected import NO_EVENTS
from evaluation.impact.model.expected import Expected
from evaluation.impact.model.matching import Matches
from evaluation.impact.result import Estimate, LogRatio
from evaluation.impact.sample import Sample, observed_if_allowed, sample, why_not
from evaluation.impact.study import Study

Floats = npt.NDArray[np.float64]

KEY = "matched"
ORDER = 6
LABEL = "matched comparators"
WHO = "accepted and have somebody alike"
CAVEAT = (
    "Each person who accepted is compared with up to 3 people on the same kind of list who were not approached and "
    "are nearest in past attendances, of the same sex, age band and deprivation quintile. What is left of the "
    "difference in past attendances is adjusted for. People without anybody alike are left out and counted."
)


def estimate(study: Study) -> Estimate:
    """Events of the matched who accepted over those of their comparators, adjusted, with a 95% interval."""
    found, matches = study.expected, study.matches
    n, comparators = len(matches.case), sum(len(each) for each in matches.comparators)
    observed = float(found.events[matches.case].sum())
    blank = Estimate(n=n, n_comparator=comparators, label=LABEL, controlled=True, caveat=CAVEAT)
    blank = replace(blank, unmatched=matches.unmatched)
    reason = found.reason or why_not(n, WHO)
    expected = adjusted(found, matches) if not reason else np.zeros(0)
    if not reason and not (observed and expected.sum()):
        reason = NO_EVENTS
    if reason:
        return blank.withheld(reason, observed=observed_if_allowed(n, observed))
    ratio = log_matched(found.events[matches.case], expected)
    return blank.answered(ratio, observed=observed, wide=sample(n) is Sample.WIDE)


def adjusted(found: Expected, matches: Matches) -> Floats:
    """Events each case would have had at the rate of their comparators.

    E_i = T_i sum_j Y_j m_i/m_j / sum_j T_j over the comparators j of case i, m the fitted rate: a comparator
    of whom less was expected counts for more.
    """
    of_each = [
        float((found.events[them] * found.rate[case] / found.rate[them]).sum() / found.years[them].sum())
        for case, them in zip(matches.case, matches.comparators, strict=True)
    ]
    return found.years[matches.case] * np.array(of_each)


def log_matched(events: Floats, expected: Floats) -> LogRatio:
    """ln(sum Y / sum E) with the sandwich over matched sets: u_i = Y_i/sum Y - E_i/sum E, SE^2 = n/(n-1) sum
    u_i^2.
    """
    n = len(events)
    influence = events / events.sum() - expected / expected.sum()
    se = math.sqrt(n / (n - 1) * float(influence @ influence))
    return LogRatio(math.log(events.sum() / expected.sum()), se, n - 1)

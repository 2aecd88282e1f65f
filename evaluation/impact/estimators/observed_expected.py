"""Observed against expected: the headline.

As in the hospital mortality indicator SHMI: what happened to the people who accepted, over what the people who
met the same list rule and were not approached lead one to expect.
"""

from __future__ import annotations

from evaluation.impact.model.expected import Expected, Mask, log_observed_expected
from evaluation.impact.result import Estimate
from evaluation.impact.sample import Sample, observed_if_allowed, sample, why_not
from evaluation.impact.study import Study

KEY = "observed_expected"
ORDER = 2
LABEL = "observed against expected"
WHO = "accepted and have 12 months of history"
CAVEAT = (
    "Expected from people on the same kind of list who were not approached, with the same past attendances and, as "
    "far as they are known, age, sex, deprivation and site. It is biased when those who accept differ in what no table holds."
)
NO_EVENTS = "There were no events after the index date, so no ratio can be given."


def estimate(study: Study) -> Estimate:
    """Events of those who accepted over the events expected of them, with a 95% interval."""
    who = study.expected.among("accepted")
    return over_expected(study.expected, who, words=WHO, label=LABEL, caveat=CAVEAT)


def over_expected(found: Expected, who: Mask, *, words: str, label: str, caveat: str) -> Estimate:
    """The same for any of the people followed; `words` names them."""
    n, observed = int(who.sum()), float(found.events[who].sum())
    blank = Estimate(n=n, n_comparator=int(found.pool.sum()), label=label, controlled=True, caveat=caveat)
    reason = why_not(n, words) or found.reason or ("" if observed else NO_EVENTS)
    if reason:
        return blank.withheld(reason, observed=observed_if_allowed(n, observed))
    ratio = log_observed_expected(found, who)
    return blank.answered(ratio, observed=observed, wide=sample(n) is Sample.WIDE)

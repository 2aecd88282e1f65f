"""Naive change: the same people after against before. Descriptive only.

People are listed for a bad year and have a better one anyway, so this falls without any service.
"""

from __future__ import annotations

import math

import numpy as np

from evaluation.impact.result import Estimate, LogRatio
from evaluation.impact.sample import Sample, observed_if_allowed, sample, why_not
from evaluation.impact.study import Arm, Study

KEY = "change"
ORDER = 1
LABEL = "uncontrolled: change, not impact"
NO_EVENTS = "There were no events before or none after the index date, so no ratio can be given."


def estimate(study: Study) -> Estimate:
    """The change in the rate of the people who accepted, with a 95% interval."""
    arm = study.arm("accepted")
    blank = Estimate(n=arm.n, label=LABEL, controlled=False)
    reason = why_not(arm.n, "accepted") or ("" if has_ratio(arm) else NO_EVENTS)
    if reason:
        return blank.withheld(reason, observed=observed_if_allowed(arm.n, arm.events_post.sum()))
    wide = sample(arm.n) is Sample.WIDE
    return blank.answered(log_change(arm), observed=float(arm.events_post.sum()), wide=wide)


def has_ratio(arm: Arm) -> bool:
    """Whether there is an event on both sides; a ratio has no logarithm otherwise."""
    return bool(arm.events_pre.sum() > 0 and arm.events_post.sum() > 0)


def log_change(arm: Arm) -> LogRatio:
    """ln of the rate after over the rate before, with the person-level sandwich standard error.

    r = ln[(sum Y1 / sum T1) / (sum Y0 / sum T0)]; u_i = Y1_i/sum Y1 - T1_i/sum T1 - Y0_i/sum Y0 + T0_i/sum
    T0; SE^2 = n/(n-1) sum u_i^2, t with n-1 degrees of freedom. It equals a Poisson regression clustered by
    person.
    """
    shares = [each / each.sum() for each in (arm.events_post, arm.years_post, arm.events_pre, arm.years_pre)]
    influence = shares[0] - shares[1] - shares[2] + shares[3]
    after = arm.events_post.sum() / arm.years_post.sum()
    before = arm.events_pre.sum() / arm.years_pre.sum()
    se = math.sqrt(arm.n / (arm.n - 1) * float(np.sum(influence**2)))
    return LogRatio(math.log(after / before), se, arm.n - 1)

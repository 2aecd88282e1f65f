"""What support did to those who accepted, without assuming that they are like those who did not.

Everybody approached is compared with everybody who was not, and the difference is put down to those who
accepted (complier average causal effect).
"""

from __future__ import annotations

import math

from evaluation.impact.estimators.observed_expected import NO_EVENTS, WHO
from evaluation.impact.model.expected import Expected, model_variance
from evaluation.impact.result import Estimate, LogRatio
from evaluation.impact.sample import Sample, observed_if_allowed, sample, why_not
from evaluation.impact.study import Study
from evaluation.impact.tables import APPROACHED

KEY = "offer_cace"
ORDER = 4
LABEL = "offer-based: those who accepted"
CAVEAT = (
    "Holds whoever accepts, as long as who was approached was as good as random among people with the same past, "
    "and the offer alone changed nothing for those who did not take it up. The interval is wider than the headline's."
)
LEAST_EXPECTED = 8
TOO_FEW_EXPECTED = (
    f"Fewer than {LEAST_EXPECTED} events are expected of those who accepted once the events of the others are "
    "taken off: too few to divide by."
)


def estimate(study: Study) -> Estimate:
    """RR = O_accepted / (E_all - O_not). Not shown when E_all - O_not is below 8."""
    found = study.expected
    accepted = found.among("accepted")
    n, observed = int(accepted.sum()), float(found.events[accepted].sum())
    blank = Estimate(n=n, n_comparator=int(found.pool.sum()), label=LABEL, controlled=True, caveat=CAVEAT)
    reason = why_not(n, WHO) or found.reason or ("" if observed else NO_EVENTS)
    if not reason and expected_of_accepted(found) < LEAST_EXPECTED:
        reason = TOO_FEW_EXPECTED
    if reason:
        return blank.withheld(reason, observed=observed_if_allowed(n, observed))
    return blank.answered(log_cace(found), observed=observed, wide=sample(n) is Sample.WIDE)


def expected_of_accepted(found: Expected) -> float:
    """E_all - O_not: what is expected of everybody approached, less what those who did not accept had."""
    everybody, accepted = found.among(*APPROACHED), found.among("accepted")
    return float(found.expected[everybody].sum() - found.events[everybody & ~accepted].sum())


def log_cace(found: Expected) -> LogRatio:
    """ln RR with its standard error.

    u_i = 1(accepted) Y_i / O_accepted - (E_i - 1(not) Y_i) / (E_all - O_not); SE^2 = n/(n-1) sum u_i^2 + g'Vg
    with g = sum over everybody of x_i E_i / (E_all - O_not); t with n-1 degrees of freedom, n everybody
    approached.
    """
    everybody = found.among(*APPROACHED)
    y, e = found.events[everybody], found.expected[everybody]
    accepted = found.among("accepted")[everybody]
    observed, left = float(y[accepted].sum()), expected_of_accepted(found)
    influence = accepted * y / observed - (e - ~accepted * y) / left
    n = len(y)
    variance = n / (n - 1) * float(influence @ influence) + model_variance(found, everybody, left)
    return LogRatio(math.log(observed / left), math.sqrt(variance), n - 1)

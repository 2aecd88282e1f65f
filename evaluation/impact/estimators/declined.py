"""People who accepted against people who declined: difference in differences of the log rates."""

from __future__ import annotations

import math

from evaluation.impact.estimators.change import NO_EVENTS, has_ratio, log_change
from evaluation.impact.result import Estimate, LogRatio
from evaluation.impact.sample import Sample, observed_if_allowed, sample, why_not
from evaluation.impact.study import Study

KEY = "accepted_vs_declined"
ORDER = 5
LABEL = "compared with people who declined"
CAVEAT = (
    "People who decline may differ from people who accept. "
    "This is biased when those already recovering, or those still in crisis, are the ones who accept."
)


def estimate(study: Study) -> Estimate:
    """The change of those who accepted over the change of those who declined, with a 95% interval."""
    accepted, declined = study.arm("accepted"), study.arm("declined")
    blank = Estimate(n=accepted.n, n_comparator=declined.n, label=LABEL, controlled=True, caveat=CAVEAT)
    reason = why_not(accepted.n, "accepted") or why_not(declined.n, "declined")
    if not reason and not (has_ratio(accepted) and has_ratio(declined)):
        reason = NO_EVENTS
    if reason:
        return blank.withheld(reason, observed=observed_if_allowed(accepted.n, accepted.events_post.sum()))
    ratio = difference(log_change(accepted), log_change(declined))
    wide = sample(min(accepted.n, declined.n)) is Sample.WIDE
    return blank.answered(ratio, observed=float(accepted.events_post.sum()), wide=wide)


def difference(a: LogRatio, b: LogRatio) -> LogRatio:
    """a minus b of two independent groups; SE^2 = SE_a^2 + SE_b^2, degrees of freedom after
    Welch-Satterthwaite.
    """
    variance = a.se**2 + b.se**2
    if variance == 0:
        return LogRatio(a.value - b.value, 0.0, a.df + b.df)
    df = variance**2 / (a.se**4 / a.df + b.se**4 / b.df)
    return LogRatio(a.value - b.value, math.sqrt(variance), df)

"""Everybody who was offered support, whatever they answered (intention to treat)."""

from __future__ import annotations

from evaluation.impact.estimators.observed_expected import over_expected
from evaluation.impact.result import Estimate
from evaluation.impact.study import Study
from evaluation.impact.tables import APPROACHED

KEY = "offer_itt"
ORDER = 3
LABEL = "offer-based: everybody approached"
WHO = "were approached and have 12 months of history"
CAVEAT = (
    "Holds whoever accepts, as long as who was approached was as good as random among people with the same past. "
    "It is the effect of the offer, smaller than that of the support. People who were not reached are counted as "
    "people who did not accept."
)


def estimate(study: Study) -> Estimate:
    """RR = (O_accepted + O_not) / (E_accepted + E_not); standard error as for the headline."""
    who = study.expected.among(*APPROACHED)
    return over_expected(study.expected, who, words=WHO, label=LABEL, caveat=CAVEAT)

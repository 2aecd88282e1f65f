"""The headline without the person who attends most: one person can move the answer of a small group."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.impact.estimators.observed_expected import CAVEAT, WHO, over_expected
from evaluation.impact.model.history import NAMES
from evaluation.impact.result import Estimate
from evaluation.impact.study import Study

LABEL = "observed against expected, without the person who attends most"
TWELVE_MONTHS = 1 + NAMES.index("12 months")


def without_largest(study: Study) -> Estimate:
    """The headline without whoever, of those who accepted, had most events in 12 months before and the window
    after.

    Observed, expected and avoided are left out: taken from the headline's they would be one person's.
    """
    found = study.expected
    who = found.among("accepted")
    if who.any():
        events = np.expm1(found.x[:, TWELVE_MONTHS]) + found.events
        who[np.argmax(np.where(who, events, -1))] = False
    result = over_expected(found, who, words=WHO, label=LABEL, caveat=CAVEAT)
    return replace(result, observed=None, expected=None, avoided=None, avoided_lo=None, avoided_hi=None)

"""The headline intake by intake: of those first listed together, and of everybody up to then.

Services start with a first cohort, evaluate it, take on a second, and evaluate both. An intake is a list; where few of
it accepted, it waits for the next, since the figures of a handful of people would say nothing and give them away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.impact.estimators.observed_expected import CAVEAT, LABEL, WHO, over_expected
from evaluation.impact.result import Estimate
from evaluation.impact.sample import ESTIMATE_FROM
from evaluation.impact.study import Study


@dataclass(frozen=True)
class Intake:
    """Those first listed from `first` to `last`, and everybody listed up to `last`. Both days are missing for people who
    came without a list.
    """

    first: pd.Timestamp | None
    last: pd.Timestamp | None
    own: Estimate
    so_far: Estimate


def intakes(study: Study) -> list[Intake]:
    """Observed over expected of those who accepted, by the list they first came from; the model is fitted once, to
    everybody who was not approached.
    """
    found = study.expected
    accepted = found.among("accepted")
    listed = study.people["list_date"].to_numpy("datetime64[D]")[found.row]
    days = np.unique(listed[accepted & ~np.isnat(listed)])
    made, first = [], None
    for day in days:
        first = day if first is None else first
        own = accepted & (listed >= first) & (listed <= day)
        if own.sum() < ESTIMATE_FROM and day != days[-1]:
            continue
        made.append(_intake(study, first, day, own, accepted & (listed <= day)))
        first = None
    referred = accepted & np.isnat(listed)
    if referred.any():
        made.append(_intake(study, None, None, referred, accepted))
    return made


def _intake(
    study: Study, first: np.datetime64 | None, last: np.datetime64 | None, own: np.ndarray, so_far: np.ndarray
) -> Intake:
    estimates = (
        over_expected(study.expected, who, words=WHO, label=LABEL, caveat=CAVEAT) for who in (own, so_far)
    )
    return Intake(
        None if first is None else pd.Timestamp(first),
        None if last is None else pd.Timestamp(last),
        *estimates,
    )

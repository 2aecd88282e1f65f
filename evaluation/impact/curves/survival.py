"""The share of people to whom something has happened by a day, when not everybody can be followed as long."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from evaluation.impact.result import CONFIDENCE
from evaluation.impact.windows import WINDOW_DAYS

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Point:
    """By so many days: the share (0 to 1) with its 95% limits, the people it had happened to, and those still followed
    then to whom it had not.
    """

    days: int
    share: float
    lo: float
    hi: float
    happened: int
    still_followed: int


@dataclass(frozen=True)
class Curve:
    """Of `n` people, by each day asked for; no points where there is nobody."""

    n: int
    points: tuple[Point, ...] = ()


def curve(days: Floats, happened: Mask, at: Sequence[int] = WINDOW_DAYS) -> Curve:
    """One less the Kaplan-Meier estimate, with 95% limits from Greenwood's variance of ln(-ln S).

    `days` until it happened, or until the person could be followed no longer. Where it happened to nobody or to
    everybody that variance says nothing, and the limits are those of a binomial share (Clopper and Pearson).
    """
    n = len(days)
    if not n:
        return Curve(0)
    found = stats.ecdf(stats.CensoredData(uncensored=days[happened], right=days[~happened])).cdf
    with warnings.catch_warnings():
        # Undefined where everybody has it, which is dealt with below.
        warnings.simplefilter("ignore", RuntimeWarning)
        limits = found.confidence_interval(confidence_level=CONFIDENCE, method="log-log")
    points = []
    for day in at:
        share = float(found.evaluate(day))
        still = int((days > day).sum())
        lo, hi = float(limits.low.evaluate(day)), float(limits.high.evaluate(day))
        if share in (0, 1):
            certain = ((1 - CONFIDENCE) / 2) ** (1 / max(still if share == 0 else n, 1))
            lo, hi = (0.0, 1 - certain) if share == 0 else (certain, 1.0)
        points.append(Point(day, share, lo, hi, int((happened & (days <= day)).sum()), still))
    return Curve(n, tuple(points))

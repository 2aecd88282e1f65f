"""What every estimator returns."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True)
class LogRatio:
    """The logarithm of a rate ratio, its standard error and the degrees of freedom of its t interval."""

    value: float
    se: float
    df: float

    @property
    def ratio(self) -> float:
        """The rate ratio."""
        return math.exp(self.value)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% limits of the rate ratio, from the t distribution."""
        half = float(stats.t.ppf((1 + CONFIDENCE) / 2, self.df)) * self.se
        return math.exp(self.value - half), math.exp(self.value + half)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One answer to "did it help", or the reason why none is given.

    Reductions are percent, observed, expected and avoided are events in the accepted group. `controlled` is
    False where nothing but the people's own past stands behind the figure.
    """

    n: int
    label: str
    controlled: bool
    shown: bool = False
    n_comparator: int | None = None
    rate_ratio: float | None = None
    lo: float | None = None
    hi: float | None = None
    reduction_percent: float | None = None
    reduction_lo: float | None = None
    reduction_hi: float | None = None
    observed: float | None = None
    expected: float | None = None
    avoided: float | None = None
    avoided_lo: float | None = None
    avoided_hi: float | None = None
    unmatched: int | None = None
    wide: bool = False
    caveat: str = ""
    reason: str = ""

    def answered(self, log_ratio: LogRatio, *, observed: float, wide: bool) -> Estimate:
        """With the numbers that follow from a rate ratio and the events observed.

        Expected = observed / ratio; avoided = expected - observed, its limits expected x (1 - limit).
        """
        ratio, (lo, hi) = log_ratio.ratio, log_ratio.interval
        expected = observed / ratio
        return replace(
            self,
            shown=True,
            wide=wide,
            rate_ratio=ratio,
            lo=lo,
            hi=hi,
            reduction_percent=100 * (1 - ratio),
            reduction_lo=100 * (1 - hi),
            reduction_hi=100 * (1 - lo),
            observed=observed,
            expected=expected,
            avoided=expected - observed,
            avoided_lo=expected * (1 - hi),
            avoided_hi=expected * (1 - lo),
        )

    def withheld(self, reason: str, *, observed: float | None) -> Estimate:
        """With a sentence in place of the numbers."""
        return replace(self, shown=False, reason=reason, observed=observed)

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON; `reason` is there only when nothing is shown."""
        values = asdict(self)
        if self.shown:
            del values["reason"]
        return values

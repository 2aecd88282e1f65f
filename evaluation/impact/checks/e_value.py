"""How strong something unseen would have to be to explain the figure away (VanderWeele and Ding 2017)."""

from __future__ import annotations

import math
from typing import TypedDict

from evaluation.impact.result import Estimate


class EValue(TypedDict):
    """For the estimate, and for the limit of its interval nearest to no effect; None where nothing is shown."""

    estimate: float | None
    limit: float | None


def e_value(rate_ratio: float) -> float:
    """RR' + sqrt(RR' (RR' - 1)), with RR' = RR above 1 and 1/RR below.

    The risk ratio that something unseen would need with both accepting and attending.
    """
    away = max(rate_ratio, 1 / rate_ratio)
    return away + math.sqrt(away * (away - 1))


def e_values(of: Estimate) -> EValue:
    """E-values of an estimate. The limit's is 1 when the interval includes no effect: nothing is left to
    explain.
    """
    if of.rate_ratio is None or of.lo is None or of.hi is None:
        return {"estimate": None, "limit": None}
    limit = 1.0 if of.lo <= 1 <= of.hi else e_value(of.hi if of.hi < 1 else of.lo)
    return {"estimate": e_value(of.rate_ratio), "limit": limit}

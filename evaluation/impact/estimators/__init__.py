"""One file for each estimator. A new file here is found by itself; nothing else has to change.

A file holds `KEY` (its name in the result), `ORDER` (its place there) and `estimate(study) -> Estimate`.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from evaluation.impact.result import Estimate
    from evaluation.impact.study import Study


class Estimator(Protocol):
    """What a file of this folder looks like from outside."""

    KEY: str
    ORDER: int

    def estimate(self, study: Study) -> Estimate:
        """The answer, or the reason why none is given."""


@cache
def all_estimators() -> tuple[Estimator, ...]:
    """Every estimator of this folder, in order."""
    names = [module.name for module in pkgutil.iter_modules(__path__, f"{__name__}.")]
    found = [cast("Estimator", importlib.import_module(name)) for name in names]
    return tuple(sorted(found, key=lambda each: each.ORDER))

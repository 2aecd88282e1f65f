"""Rates drawn once for all from a gamma distribution, learnt from the counts of people on a list alone.

Everybody on the list has at least `least` events, so the negative binomial is cut off below it. It
assumes that a person's rate never changes, which the simulation shows to be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from evaluation.impact.model.poisson import NoFit

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = npt.NDArray[np.float64]

LARGEST_LOG = 8.0
STEP = 1e-3
SMALLEST = 1e-300


@dataclass(frozen=True)
class Gamma:
    """Shape k and inverse scale beta (years), and the covariance of (ln k, ln beta)."""

    k: float
    beta: float
    covariance: Floats

    def rate(self, counts: Floats) -> Floats:
        """Expected events a year of people with so many in the year seen: (k + y) / (beta + 1)."""
        return (self.k + counts) / (self.beta + 1)

    def log_gradient(self, counts: Floats) -> Floats:
        """Derivatives of ln rate with respect to ln k and ln beta, a row a person."""
        by_k = self.k / (self.k + counts)
        return np.column_stack([by_k, np.full(len(counts), -self.beta / (self.beta + 1))])


def fit(counts: Floats, least: int) -> Gamma:
    """Maximum likelihood of counts in one year ~ negative binomial (k, beta/(beta+1)) given count >= least.

    Covariance from the numerical second derivatives; 0 for k where k is 0. Raises NoFit where the likelihood is
    flat or runs away.
    """
    values, times = np.unique(counts, return_counts=True)

    def minus_likelihood(logs: Floats) -> float:
        k, beta = np.exp(logs)
        p = beta / (beta + 1)
        choose = special.gammaln(k + values) - special.gammaln(k) - special.gammaln(values + 1)
        seen = times @ (choose + k * np.log(p) + values * np.log1p(-p))
        at_least = special.betainc(least, k, 1 - p) if least else 1.0
        return float(times.sum() * np.log(max(at_least, SMALLEST)) - seen)

    bounds = [(-LARGEST_LOG, LARGEST_LOG)] * 2
    found = optimize.minimize(minus_likelihood, np.array([0.0, -1.0]), method="L-BFGS-B", bounds=bounds)
    edge = LARGEST_LOG - STEP
    # At k = 0 the distribution is the logarithmic series, which lists of people who attend very often come close to.
    free = found.x > [-edge, -LARGEST_LOG - 1]
    curvature: Floats = _second_derivatives(minus_likelihood, found.x)[np.ix_(free, free)]
    runs_away = not found.success or np.any(np.abs(found.x[free]) > edge)
    if runs_away or np.any(~np.isfinite(curvature)) or np.any(np.linalg.eigvalsh(curvature) <= 0):
        raise NoFit
    covariance = np.zeros((2, 2))
    covariance[np.ix_(free, free)] = np.linalg.inv(curvature)
    k, beta = np.exp(found.x)
    return Gamma(float(k), float(beta), covariance)


def _second_derivatives(function: Callable[[Floats], float], at: Floats) -> Floats:
    one, two = np.array([STEP, 0.0]), np.array([0.0, STEP])
    middle = function(at)

    def straight(step: Floats) -> float:
        return (function(at + step) - 2 * middle + function(at - step)) / STEP**2

    across = (
        function(at + one + two)
        - function(at + one - two)
        - function(at - one + two)
        + function(at - one - two)
    ) / (4 * STEP**2)
    return np.array([[straight(one), across], [across, straight(two)]])

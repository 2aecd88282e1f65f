"""Poisson regression with a log link and person-time as offset, by iteratively reweighted least squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MOST_STEPS = 60
CLOSE_ENOUGH = 1e-9
DEPENDENT = 1e-7
LARGEST_EXPONENT = 30.0


class NoFit(ArithmeticError):
    """The likelihood has no maximum that could be found."""


@dataclass(frozen=True)
class Fit:
    """Coefficients and their sandwich covariance; 0 in both for a column that follows from earlier ones."""

    coefficients: Floats
    covariance: Floats

    def rate(self, x: Floats) -> Floats:
        """Expected events a year for each row."""
        return np.exp(np.clip(x @ self.coefficients, -LARGEST_EXPONENT, LARGEST_EXPONENT))


def fit(x: Floats, events: Floats, years: Floats) -> Fit:
    """Maximum likelihood of events ~ Poisson(years * exp(x b)); the first column of x is the constant.

    Covariance = n/(n-p) A^-1 (sum x x' (y-mu)^2) A^-1 with A = sum x x' mu (HC1), which holds when counts vary
    more than Poisson, as attendances do. Raises NoFit.
    """
    kept = _independent(x)
    use = x[:, kept]
    if not events.sum() or len(use) <= use.shape[1]:
        raise NoFit
    b = _climb(use, events, years)
    mu = years * np.exp(use @ b)
    bread = np.linalg.inv((use * mu[:, None]).T @ use)
    scores = use * (events - mu)[:, None]
    n, p = use.shape
    covariance = bread @ (scores.T @ scores) @ bread * n / (n - p)
    coefficients, whole = np.zeros(x.shape[1]), np.zeros((x.shape[1], x.shape[1]))
    coefficients[kept] = b
    whole[np.ix_(kept, kept)] = covariance
    return Fit(coefficients, whole)


def _independent(x: Floats) -> npt.NDArray[np.int_]:
    """Columns that do not follow from those to their left."""
    size = np.linalg.norm(x, axis=0)
    scaled = x / np.where(size > 0, size, 1)
    return np.flatnonzero(np.abs(np.diag(np.linalg.qr(scaled, mode="r"))) > DEPENDENT)


def _climb(x: Floats, events: Floats, years: Floats) -> Floats:
    b = np.zeros(x.shape[1])
    b[0] = np.log(events.sum() / years.sum())
    best = _likelihood(x, events, years, b)
    for _ in range(MOST_STEPS):
        mu = years * np.exp(x @ b)
        try:
            step = np.linalg.solve((x * mu[:, None]).T @ x, x.T @ (events - mu))
        except np.linalg.LinAlgError:
            raise NoFit from None
        # A full step from far away can overshoot; halving it always climbs.
        while (reached := _likelihood(x, events, years, b + step)) < best - CLOSE_ENOUGH * abs(best):
            step = step / 2
        b, best = b + step, reached
        if np.max(np.abs(step)) < CLOSE_ENOUGH:
            return b
    raise NoFit


def _likelihood(x: Floats, events: Floats, years: Floats, b: Floats) -> float:
    eta = np.clip(x @ b, -LARGEST_EXPONENT, LARGEST_EXPONENT)
    return float(events @ eta - years @ np.exp(eta))

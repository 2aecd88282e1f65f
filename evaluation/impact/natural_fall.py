"""How far a list's attendances fall with no service at all.

Measured by simulating people who are listed and then left alone: 1,000 replications of each cell, people's
rates drawn from a gamma mixture fitted to published figures (of people with 8 attendances in a year 55%
have at least 5 again in the next, of people with 15 it is 82%), 6% dying and 8% moving away a year. Monte
Carlo error is about 0.4 points. The worlds differ in how often a person's own rate is drawn anew: never
(`mix`), at a hazard of 0.25 a year (`dyn`, which fits the published figures best and is the one to print),
or 0.6 a year (`dyn6`).

Lists: `r12` more than 5 attendances in 12 months with one in the last 3; `top250` the 250 who attend most;
`w12` more than 5 in 12 weeks. Percent, in equal windows of 91, 182, 273 and 365 days around the index date,
which is either the list date or 2 months later.
"""

from __future__ import annotations

from typing import Literal, get_args

from evaluation.impact.tables import InputProblem
from evaluation.impact.windows import WINDOW_DAYS, check_window

ListKind = Literal["r12", "top250", "w12"]
World = Literal["mix", "dyn", "dyn6"]

LAGS_MONTHS = (0, 2)
BASE_WORLD: World = "dyn"
FALL_PERCENT: dict[World, dict[ListKind, tuple[tuple[int, ...], tuple[int, ...]]]] = {
    "mix": {
        "r12": ((22, 17, 16, 16), (8, 14, 13, 14)),
        "top250": ((9, 8, 8, 8), (3, 5, 6, 7)),
        "w12": ((25, 14, 10, 8), (10, 14, 9, 7)),
    },
    "dyn": {
        "r12": ((26, 25, 25, 25), (13, 23, 25, 27)),
        "top250": ((15, 16, 18, 20), (8, 16, 19, 22)),
        "w12": ((29, 19, 15, 13), (16, 22, 19, 18)),
    },
    "dyn6": {
        "r12": ((31, 33, 35, 36), (22, 35, 39, 41)),
        "top250": ((20, 27, 30, 33), (17, 29, 35, 39)),
        "w12": ((31, 23, 21, 19), (22, 32, 31, 30)),
    },
}


def expected_natural_fall(
    list_kind: ListKind, *, window_days: int = 365, lag_months: int = 0, world: World = BASE_WORLD
) -> int:
    """Percent by which attendances fall with no service at all. Raises InputProblem for a cell not
    measured.
    """
    check_window(window_days)
    if list_kind not in get_args(ListKind):
        raise InputProblem(
            f"The natural fall of a list '{list_kind}' was not measured. "
            f"Choose one of {', '.join(get_args(ListKind))}."
        )
    if lag_months not in LAGS_MONTHS:
        raise InputProblem(
            f"A lag of {lag_months} months was not measured. Choose 0 or 2 months from list to index."
        )
    return FALL_PERCENT[world][list_kind][LAGS_MONTHS.index(lag_months)][WINDOW_DAYS.index(window_days)]


def natural_fall_sentence(list_kind: ListKind, *, window_days: int = 365, lag_months: int = 0) -> str:
    """The words to print beside every figure that has no comparator."""
    fall = expected_natural_fall(list_kind, window_days=window_days, lag_months=lag_months)
    return f"Uncontrolled; with no service at all a list like this one falls by about {fall}%."

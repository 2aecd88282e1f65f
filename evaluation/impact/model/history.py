"""A person's attendances in the 12 months before the index date, as the numbers a model can use.

Days count back from the index date, which itself counts as before, like in `windows`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.impact.windows import ONE_DAY

Floats = npt.NDArray[np.float64]

LOOK_BACK_DAYS = 365
# First day back of each stretch: month 1, months 2-3, months 4-6, months 7-12.
STRETCHES = (0, 31, 92, 183)
STRETCH_NAMES = ("month 1", "months 2 to 3", "months 4 to 6", "months 7 to 12")
NAMES = ("12 months", "12 months, squared", *STRETCH_NAMES)


def has_history(people: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Whether the 12 months before the index date are covered. Without, the counts are unknown, not 0."""
    days = (people["index_date"] - people["covered_from"]) / pd.Timedelta(days=1)
    return (days >= LOOK_BACK_DAYS).to_numpy()


def counts(people: pd.DataFrame, activity: pd.DataFrame) -> Floats:
    """Events in each of the four stretches, a row for each row of people."""
    index = people["index_date"].to_numpy("datetime64[D]")
    rows = pd.DataFrame({"person": people["person"], "index": index, "row": np.arange(len(people))})
    joined = activity[["person", "on"]].merge(rows, on="person")
    back = (joined["index"].to_numpy("datetime64[D]") - joined["on"].to_numpy("datetime64[D]")) / ONE_DAY
    inside = (back >= 0) & (back <= LOOK_BACK_DAYS)
    stretch = np.searchsorted(STRETCHES, back[inside], side="right") - 1
    cell = joined["row"].to_numpy()[inside] * len(STRETCHES) + stretch
    found = np.bincount(cell, minlength=len(people) * len(STRETCHES))
    return found.reshape(len(people), len(STRETCHES)).astype(float)


def log_history(found: Floats) -> Floats:
    """ln(y+1) and its square for the 12 months, then ln(y+1) of each stretch; columns as in NAMES.

    The square lets the expected rate bend: of people with very many attendances a smaller share comes again.
    """
    total = np.log1p(found.sum(axis=1))
    return np.column_stack([total, total**2, np.log1p(found)])

"""How long people keep attending after the index date: until they first go three months without an attendance.

Most people on a list go through a spell of many attendances that ends by itself. So the curve of those supported is
read beside that of people whom nobody approached, and is no estimate of what support did.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from evaluation.impact.curves.survival import Curve, curve
from evaluation.impact.tables import APPROACHED, NOT_APPROACHED
from evaluation.impact.windows import STOPS

QUIET_DAYS = 91
GROUPS = (*APPROACHED, NOT_APPROACHED)
ONE_DAY = np.timedelta64(1, "D")


def persistence(people: pd.DataFrame, events: pd.DataFrame) -> dict[str, Curve]:
    """Of each group: the share who have had QUIET_DAYS in a row without an event, by each day after the index date.

    Both tables come from `tables`, `events` of one measure. The index date itself belongs to the time before. People are
    followed to the first of death, a move, withdrawal, and the day the data end.
    """
    known = people[
        people["index_date"].notna() & people["covered_from"].notna() & people["covered_to"].notna()
    ]
    stop = known[list(STOPS)].min(axis=1)
    followed = known.assign(stop=stop)[stop > known["index_date"]].drop_duplicates("person")
    quiet = _quiet_from(followed, events)
    start = followed["index_date"].to_numpy("datetime64[D]")
    found = quiet.reindex(followed["person"]).to_numpy("datetime64[D]") + QUIET_DAYS * ONE_DAY
    happened = ~np.isnat(found)
    end = np.where(happened, found, followed["stop"].to_numpy("datetime64[D]"))
    days = (end - start) / ONE_DAY
    group = followed["group"].to_numpy()
    return {name: curve(days[group == name], happened[group == name]) for name in GROUPS}


def _quiet_from(people: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    """By person: the last day with an event before the first quiet stretch; nobody without one is in it."""
    spans = people[["person", "index_date", "stop"]]
    after = events[["person", "on"]].merge(spans, on="person")
    after = after[(after["on"] > after["index_date"]) & (after["on"] < after["stop"])]
    days = pd.concat(
        [
            spans[["person"]].assign(on=spans["index_date"]),
            after[["person", "on"]],
            spans[["person"]].assign(on=spans["stop"]),
        ]
    ).sort_values(["person", "on"], kind="stable")
    next_on = days.groupby("person")["on"].shift(-1)
    # The day of an event is not quiet; the day on which nobody can see any more is not seen.
    quiet = days[(next_on - days["on"]) > pd.Timedelta(days=QUIET_DAYS)]
    return quiet.groupby("person")["on"].first()

"""A day for those who were never approached, from which their follow-up can be counted.

Whoever was approached had to live, and stay, from the list to the approach. Counting others from the list
date would compare against people who did not have to (immortal-time bias). So each of them waits a time
drawn from the waits of those approached.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from evaluation.impact.tables import APPROACHED, LAST_YEAR, NOT_APPROACHED

POOL = (NOT_APPROACHED, LAST_YEAR)


def with_pseudo_index(people: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The people table with an index date for everybody in the pool who has none.

    Pseudo-index = list date + a wait in days drawn, with replacement, from those approached. The same seed
    and people give the same days in whatever order the rows come. Nobody gets one when no wait is known.

    Somebody on last year's list who was approached this year is followed up to that day only: afterwards
    they are no example of what happens without the service.
    """
    waits = (people["index_date"] - people["list_date"])[people["group"].isin(APPROACHED)]
    waits = waits[waits >= pd.Timedelta(0)].sort_values().to_numpy()
    wanted = people[
        people["group"].isin(POOL) & people["index_date"].isna() & people["list_date"].notna()
    ].sort_values(["person", "group"])
    filled = people.copy()
    if len(waits) and len(wanted):
        drawn = np.random.default_rng(seed).choice(waits, len(wanted))
        filled.loc[wanted.index, "index_date"] = (wanted["list_date"] + drawn).astype(
            filled["index_date"].dtype
        )
    return _until_approached(filled)


def _until_approached(people: pd.DataFrame) -> pd.DataFrame:
    approached = people[people["group"].isin(APPROACHED)].set_index("person")["index_date"]
    again = (people["group"] == LAST_YEAR) & people["person"].isin(approached.index)
    if not again.any():
        return people
    day = people["person"].map(approached).where(again)
    earlier = day.notna() & people["covered_to"].notna() & (day < people["covered_to"])
    return people.assign(covered_to=people["covered_to"].mask(earlier, day))

"""Who comes back after support has ended, and when.

Coming back is no failure: the door is meant to be open. The national evaluation found that hardly any service counts
it (Strategy Unit 2021, 4.2.5).
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.impact.curves.survival import Curve, curve

# More than five attendances in twelve months is how most services choose whom to list.
OFTEN, OFTEN_DAYS = 6, 365
ONE_DAY = np.timedelta64(1, "D")


class Return(StrEnum):
    """Ways of coming back, the mildest first."""

    ATTENDED = "attended"
    OFTEN = "often"
    SUPPORTED = "supported"


def relapse(ended: pd.DataFrame, events: pd.DataFrame) -> dict[Return, Curve]:
    """The share who have come back in each way, by each day after support ended.

    Args:
        ended: `person` once each, `ended_on`, `followed_to` (the first day on which nothing is known of them), and
            `supported_on`, the first later day on which support began again; dates, empty where there is none.
        events: `person` and `on` of one measure. The day support ended is not after it.
    """
    spans = ended[ended["followed_to"] > ended["ended_on"]].reset_index(drop=True)
    after = events[["person", "on"]].merge(spans[["person", "ended_on", "followed_to"]], on="person")
    after = after[(after["on"] > after["ended_on"]) & (after["on"] < after["followed_to"])]
    after = after.sort_values(["person", "on"])
    first_of_many = after.groupby("person")["on"].shift(OFTEN - 1)
    many = after[(after["on"] - first_of_many) < pd.Timedelta(days=OFTEN_DAYS)]
    again = spans["supported_on"].where(
        (spans["supported_on"] > spans["ended_on"]) & (spans["supported_on"] < spans["followed_to"])
    )
    days = {
        Return.ATTENDED: after.groupby("person")["on"].first().reindex(spans["person"]),
        Return.OFTEN: many.groupby("person")["on"].first().reindex(spans["person"]),
        Return.SUPPORTED: again,
    }
    return {how: _curve(spans, on.to_numpy("datetime64[D]")) for how, on in days.items()}


def _curve(spans: pd.DataFrame, on: npt.NDArray[np.datetime64]) -> Curve:
    happened = ~np.isnat(on)
    end = np.where(happened, on, spans["followed_to"].to_numpy("datetime64[D]"))
    return curve((end - spans["ended_on"].to_numpy("datetime64[D]")) / ONE_DAY, happened)

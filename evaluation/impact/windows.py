"""Person-time and events of each person before and after the index date.

With D the index date and w the window in days: before is [D - w, D), after is [D, D + w). An attendance on
D itself is often the one that led to the referral, so it counts as before. Time before starts no earlier
than the first day covered. Time after stops at the first of: end of window, death, a move out of the area,
withdrawal from data sharing, and `covered_to`, the day the data end (the first day that is not covered).
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import pandas as pd

from evaluation.impact.tables import InputProblem

WINDOW_DAYS = (91, 182, 273, 365)
# As people ask for them.
DAYS_OF_MONTHS = dict(zip((3, 6, 9, 12), WINDOW_DAYS, strict=True))
MIN_FOLLOW_UP_DAYS = 28
DAYS_PER_YEAR = 365.25
ONE_DAY = np.timedelta64(1, "D")
STOPS = ("died_on", "moved_on", "withdrawn_on", "covered_to")


class Status(StrEnum):
    """Whether a person can be counted, and if not, why not."""

    FOLLOWED = "followed"
    NO_INDEX_DATE = "no_index_date"
    NOT_SUPPLIED = "not_supplied"
    NOT_ENOUGH_FOLLOW_UP = "not_enough_follow_up"


def check_window(window_days: int) -> None:
    """Raises InputProblem when the window is not one of WINDOW_DAYS."""
    if window_days not in WINDOW_DAYS:
        allowed = ", ".join(str(days) for days in WINDOW_DAYS)
        raise InputProblem(f"A window of {window_days} days is not offered. Choose one of {allowed}.")


def person_windows(people: pd.DataFrame, activity: pd.DataFrame, window_days: int) -> pd.DataFrame:
    """One row for each row of people: status, events and years before and after, died and moved.

    Years are days / 365.25. Events and years are NaN, never 0, unless the person is followed or lacks only
    follow-up. Both tables come from `tables`; activity is already of one measure.
    """
    check_window(window_days)
    edges = _edges(people, window_days)
    status = _status(edges)
    known = status.isin([Status.FOLLOWED, Status.NOT_ENOUGH_FOLLOW_UP])
    pre, post = _events(people["person"], activity, edges)
    return pd.DataFrame(
        {
            "person": people["person"],
            "group": people["group"],
            "status": status,
            "events_pre": pre.where(known),
            "events_post": post.where(known),
            "years_pre": (edges["days_pre"] / DAYS_PER_YEAR).where(known),
            "years_post": (edges["days_post"] / DAYS_PER_YEAR).where(known),
            "died": _in_window(people["died_on"], edges),
            "moved": _in_window(people["moved_on"], edges),
        }
    )


def _edges(people: pd.DataFrame, window_days: int) -> pd.DataFrame:
    index = people["index_date"].to_numpy("datetime64[D]")
    covered_from = people["covered_from"].to_numpy("datetime64[D]")
    window = np.timedelta64(window_days, "D")
    start, stop = np.fmax(index - window, covered_from), index + window
    for column in STOPS:
        stop = np.fmin(stop, people[column].to_numpy("datetime64[D]"))
    unknown = np.isnat(covered_from) | people["covered_to"].isna().to_numpy()
    return pd.DataFrame(
        {
            "start": start,
            "index": index,
            "stop": stop,
            "window_end": index + window,
            "days_pre": np.maximum((index - start) / ONE_DAY, 0),
            "days_post": np.maximum((stop - index) / ONE_DAY, 0),
            "unknown": unknown,
        }
    )


def _status(edges: pd.DataFrame) -> pd.Series:
    # A person covered only after the index date has no "before": the source did not supply it.
    conditions = [
        edges["index"].isna(),
        edges["unknown"] | (edges["days_pre"] == 0),
        edges["days_post"] < MIN_FOLLOW_UP_DAYS,
    ]
    reasons = [Status.NO_INDEX_DATE, Status.NOT_SUPPLIED, Status.NOT_ENOUGH_FOLLOW_UP]
    return pd.Series(np.select(conditions, [r.value for r in reasons], Status.FOLLOWED.value), dtype=object)


def _events(person: pd.Series, activity: pd.DataFrame, edges: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    rows = edges[["start", "index", "stop"]].assign(person=person, row=np.arange(len(edges)))
    joined = activity[["person", "on"]].merge(rows, on="person")
    before = (joined["on"] >= joined["start"]) & (joined["on"] <= joined["index"])
    after = (joined["on"] > joined["index"]) & (joined["on"] < joined["stop"])
    pre, post = (
        np.bincount(joined["row"].to_numpy()[mask.to_numpy()], minlength=len(edges))
        for mask in (before, after)
    )
    return pd.Series(pre, dtype=float), pd.Series(post, dtype=float)


def _in_window(dates: pd.Series, edges: pd.DataFrame) -> pd.Series:
    return (dates >= edges["index"]) & (dates < edges["window_end"])

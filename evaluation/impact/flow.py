"""Who was listed, who was approached, and who can be counted; then the rates of each group."""

from __future__ import annotations

from typing import TypedDict

import pandas as pd

from evaluation.impact.tables import APPROACHED, GROUPS, LAST_YEAR
from evaluation.impact.windows import Status


class Flow(TypedDict):
    """People of this year's list, each counted once from `with_follow_up` to `no_index_date`."""

    listed: int
    approached: int
    accepted: int
    declined: int
    not_reached: int
    not_approached: int
    with_follow_up: int
    not_enough_follow_up: int
    not_supplied: int
    no_index_date: int
    died: int
    moved: int


class Group(TypedDict):
    """One group: people followed, events, person-years and events a person-year; None is not supplied."""

    listed: int
    n: int
    events_pre: int | None
    events_post: int | None
    person_years_pre: float | None
    person_years_post: float | None
    rate_pre: float | None
    rate_post: float | None
    died: int
    moved: int


def flow(windows: pd.DataFrame) -> Flow:
    """Counts of people from list to follow-up. Died and moved are those inside the window after the
    index date.
    """
    this_year = windows[windows["group"] != LAST_YEAR]
    group = this_year["group"].value_counts()
    status = this_year["status"].value_counts()
    return {
        "listed": len(this_year),
        "approached": int(this_year["group"].isin(APPROACHED).sum()),
        "accepted": int(group.get("accepted", 0)),
        "declined": int(group.get("declined", 0)),
        "not_reached": int(group.get("not_reached", 0)),
        "not_approached": int(group.get("not_approached", 0)),
        "with_follow_up": int(status.get(Status.FOLLOWED, 0)),
        "not_enough_follow_up": int(status.get(Status.NOT_ENOUGH_FOLLOW_UP, 0)),
        "not_supplied": int(status.get(Status.NOT_SUPPLIED, 0)),
        "no_index_date": int(status.get(Status.NO_INDEX_DATE, 0)),
        "died": int(this_year["died"].sum()),
        "moved": int(this_year["moved"].sum()),
    }


def groups(windows: pd.DataFrame) -> dict[str, Group]:
    """The rates of every group, including those nobody is in."""
    return {name: _group(windows[windows["group"] == name]) for name in GROUPS}


def _group(rows: pd.DataFrame) -> Group:
    followed = rows[rows["status"] == Status.FOLLOWED]
    columns = ("events_pre", "events_post", "years_pre", "years_post")
    sums = {name: float(followed[name].sum()) if len(followed) else None for name in columns}
    return {
        "listed": len(rows),
        "n": len(followed),
        "events_pre": _whole(sums["events_pre"]),
        "events_post": _whole(sums["events_post"]),
        "person_years_pre": sums["years_pre"],
        "person_years_post": sums["years_post"],
        "rate_pre": _rate(sums["events_pre"], sums["years_pre"]),
        "rate_post": _rate(sums["events_post"], sums["years_post"]),
        "died": int(rows["died"].sum()),
        "moved": int(rows["moved"].sum()),
    }


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _rate(events: float | None, years: float | None) -> float | None:
    return None if events is None or not years else events / years

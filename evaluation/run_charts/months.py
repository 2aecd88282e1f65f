"""Attendances of people while they are supported, month by month, for each 100 of them."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection

from casework.rules import OPEN_STAGES, Stage
from evaluation.quarters import Quarter
from governance.models import Service

MONTHS = 24
ONE_DAY = np.timedelta64(1, "D")
SUPPORTED = sorted(OPEN_STAGES - {Stage.OFFERED})
SPANS_SQL = """
SELECT person_id, stage_from, stage_to FROM (
    SELECT c.person_id, s.stage,
           (s.at AT TIME ZONE 'Europe/London')::date AS stage_from,
           (lead(s.at) OVER (PARTITION BY s.case_id ORDER BY s.at, s.id) AT TIME ZONE 'Europe/London')::date
               AS stage_to
    FROM casework_stagechange s JOIN casework_case c ON c.id = s.case_id
    WHERE s.service_id = %(service)s AND s.at < %(after)s
) stages
WHERE stage = ANY(%(supported)s)
ORDER BY person_id, stage_from
"""


def supported_spans(service: Service, *, after: datetime.datetime) -> pd.DataFrame:
    """Days on which people were supported, as known before a moment: `person`, `first`, and `last`, the day it
    ended and not part of it (missing while it goes on).
    """
    values: dict[str, Any] = {"service": service.pk, "after": after, "supported": SUPPORTED}
    with connection.cursor() as cursor:
        cursor.execute(SPANS_SQL, values)
        rows = [(str(person), first, last) for person, first, last in cursor.fetchall()]
    spans = pd.DataFrame(rows, columns=["person", "first", "last"])
    return spans.assign(first=pd.to_datetime(spans["first"]), last=pd.to_datetime(spans["last"]))


def months_up_to(quarter: Quarter, count: int = MONTHS) -> list[pd.Period]:
    """The last `count` months up to the end of the quarter, oldest first."""
    return list(pd.period_range(end=pd.Period(quarter.last_day, freq="M"), periods=count, freq="M"))


def rates(spans: pd.DataFrame, events: pd.DataFrame, months: list[pd.Period]) -> pd.DataFrame:
    """For each month: `people` supported on any day of it, their `events` on such days, and `rate`, events for
    each 100 people supported throughout (missing where there was nobody).

    Args:
        spans: as `supported_spans` gives them, of the people who count.
        events: columns `person` and `on`.
        months: in order.
    """
    # Of all who are listed few are supported.
    events = events[events["person"].isin(spans["person"])]
    pairs = events.assign(on=pd.to_datetime(events["on"])).merge(spans, on="person")
    supported = pairs[(pairs["on"] >= pairs["first"]) & ~(pairs["on"] >= pairs["last"])]
    events_of = supported["on"].dt.to_period("M").value_counts()
    person = pd.factorize(spans["person"])[0]
    first, last = (spans[name].to_numpy("datetime64[D]") for name in ("first", "last"))
    rows = []
    for month in months:
        begin, end = (np.datetime64(each.start_time, "D") for each in (month, month + 1))
        days = (np.fmin(last, end) - np.maximum(first, begin)) / ONE_DAY
        here = days > 0
        inside = int(events_of.get(month, 0))
        throughout = days[here].sum() / month.days_in_month
        rate = 100 * inside / throughout if throughout else float("nan")
        rows.append((len(np.unique(person[here])), inside, rate))
    return pd.DataFrame(rows, columns=["people", "events", "rate"], index=pd.Index(months, name="month"))

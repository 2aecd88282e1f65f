"""Reading those attendances from what sources sent, where they say often enough what somebody came with."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from django.db import connection

from evaluation.coverage import Covered
from evaluation.impact.tables import NEGATIVE_CONTROL
from evaluation.injuries import shipped
from evaluation.known.rows import Rows
from governance.models import Service

MEASURE = "ae"
# Of the attendances of each source and year, the share that must say what for: else a year of silence looks like a
# year without injuries.
LEAST_SAID = 0.8
# A year of fewer says nothing about a source.
FEWEST = 20
HAPPENED = "WITH {first}happened AS (SELECT * FROM {rows} stored)"
COMPLAINTS = f"""{HAPPENED}
SELECT source_id, date_part('year', started_on)::int, complaint, count(*) FROM happened
 WHERE service_id = %(service)s AND measure = %(measure)s AND source_id = ANY(%(sources)s)
   AND person_id = ANY(%(people)s) AND started_on BETWEEN %(first)s AND %(cut)s
 GROUP BY 1, 2, 3
"""  # noqa: S608 - our own words
MARKED = f"""{HAPPENED}
SELECT person_id, started_on FROM happened
 WHERE service_id = %(service)s AND measure = %(measure)s AND source_id = ANY(%(sources)s)
   AND person_id = ANY(%(people)s) AND started_on BETWEEN %(first)s AND %(cut)s
   AND complaint = ANY(%(complaints)s)
 ORDER BY person_id, started_on, id
"""  # noqa: S608 - our own words
COLUMNS = ["person", "measure", "on"]
NOT_SUPPLIED = "Not supplied"
NOT_COVERED = f"{NOT_SUPPLIED}: no source covers A&E attendances."
NOT_SAID = (
    f"{NOT_SUPPLIED}: a source says of too few attendances what the person came with. It may not send it, or an agreement "
    "may leave it out."
)
NONE_FOUND = "None of these attendances is said to be for such an injury."


@dataclass(frozen=True)
class Control:
    """The rows of the negative control, as an activity table, or why there are none."""

    rows: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=COLUMNS))
    why_not: str = ""


def gather(
    service: Service, people: Collection[int], covered: Covered, rows: Rows, *, cut: datetime.date
) -> Control:
    """The attendances of these people for injuries that support cannot change, up to the day `cut`. Two questions.

    Of measures other than attendances there are none.
    """
    if covered.measure != MEASURE:
        return Control()
    if covered.start is None:
        return Control(why_not=NOT_COVERED)
    values: dict[str, Any] = {
        **rows.values,
        "service": service.pk,
        "measure": MEASURE,
        "sources": [*covered.sources],
        "people": [*people],
        "first": covered.start,
        "cut": cut,
    }
    with connection.cursor() as cursor:
        cursor.execute(COMPLAINTS.format(first=rows.first, rows=rows.sql), values)
        found = pd.DataFrame(cursor.fetchall(), columns=["source", "year", "complaint", "n"])
        if not _said_enough(found):
            return Control(why_not=NOT_SAID)
        injuries = [each for each in found["complaint"].unique() if shipped().counts(each)]
        cursor.execute(MARKED.format(first=rows.first, rows=rows.sql), {**values, "complaints": injuries})
        marked = [(str(person), NEGATIVE_CONTROL, day) for person, day in cursor.fetchall()]
    rows_of = pd.DataFrame(marked, columns=COLUMNS)
    return Control(rows_of.assign(on=pd.to_datetime(rows_of["on"])), "" if marked else NONE_FOUND)


def added(activity: pd.DataFrame, control: Control) -> pd.DataFrame:
    """Attendances with the rows of the negative control: they come from the same feed, and are covered alike."""
    if control.rows.empty:
        return activity
    return pd.concat([activity.astype({"measure": object}), control.rows], ignore_index=True)


def _said_enough(found: pd.DataFrame) -> bool:
    total = found.groupby(["source", "year"])["n"].sum()
    said = (
        found[found["complaint"] != ""].groupby(["source", "year"])["n"].sum().reindex(total.index).fillna(0)
    )
    judged = total >= FEWEST
    return bool(judged.any() and (said[judged] >= LEAST_SAID * total[judged]).all())

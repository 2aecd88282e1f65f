"""Events of people in the measures, from rows as they were stored before a moment."""

from __future__ import annotations

import datetime
from collections.abc import Collection

from django.db import connection

from evaluation.known.rows import Rows
from governance.models import Service

Event = tuple[int, str, datetime.date]
EVENTS = """
WITH {first}happened AS (SELECT * FROM {rows} stored)
SELECT person_id, measure, started_on FROM happened
 WHERE service_id = %(service)s AND source_id = ANY(%(sources)s) AND person_id = ANY(%(people)s)
   AND started_on <= %(cut)s
"""


def events(
    service: Service, rows: Rows, *, people: Collection[int], sources: Collection[int], cut: datetime.date
) -> list[Event]:
    """Person, measure and day of the events of `people` up to the day `cut`."""
    values = {**rows.values, "service": service.pk, "sources": [*sources], "people": [*people], "cut": cut}
    with connection.cursor() as cursor:
        cursor.execute(EVENTS.format(first=rows.first, rows=rows.sql), values)
        return cursor.fetchall()

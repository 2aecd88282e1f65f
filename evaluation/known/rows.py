"""Rows of activity as they were stored before a moment, as SQL that a larger statement can read in place of the table.

What a later extract corrected is read as it was, from what is kept of that. Rows that a merge or a separation gave to
another record since are those of whose they were.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from cohorts.lists.selection_sql import STORED
from cohorts.models import Activity, Shape
from evaluation.coverage import Feed
from evaluation.known.records import moved_since
from governance.models import Service

UNTOUCHED = """
    SELECT a.* FROM cohorts_activity a
     WHERE a.service_id = %(service)s AND a.source_id = ANY(%(counted)s) AND a.extract_id <> ALL(%(late)s)
       AND a.id <> ALL(%(matched_late)s) AND a.id <> ALL(%(moved)s)"""
# What changed since is read as it was before the first change; a row that came with a late extract was not there. Put
# together once for a whole statement, which may ask for it person by person.
CORRECTED = f"""corrected AS MATERIALIZED (
    SELECT once.*
      FROM (SELECT "row", jsonb_object_agg(key, value) AS before
              FROM (SELECT DISTINCT ON (change."row", said.key) change."row", said.key, said.value
                      FROM (SELECT r."row", r.before, x.committed_at AS at, x.id
                              FROM cohorts_replacedrow r JOIN cohorts_extract x ON x.id = r.extract_id
                             WHERE r.service_id = %(service)s AND r.extract_id = ANY(%(late)s)
                               AND r."table" = 'cohorts_activity'
                            UNION ALL
                            SELECT "row", jsonb_build_object('person_id', person_id), at, 0
                              FROM ({moved_since(Activity)}) moved) change
                     CROSS JOIN LATERAL jsonb_each(change.before) said
                     ORDER BY change."row", said.key, change.at, change.id) oldest
             GROUP BY "row") was
      JOIN cohorts_activity a ON a.id = was."row"::uuid
     CROSS JOIN LATERAL jsonb_populate_record(a, was.before) once
     WHERE a.service_id = %(service)s AND a.source_id = ANY(%(counted)s) AND a.id <> ALL(%(matched_late)s)
       AND coalesce((was.before ->> 'extract_id')::bigint, a.extract_id) <> ALL(%(late)s)
), """  # noqa: S608 - one statement of our own inside another; values are parameters
AS_BEFORE = f"({UNTOUCHED} UNION ALL SELECT * FROM corrected)"  # noqa: S608 - our own words
LATER = f"""
SELECT ARRAY(SELECT id FROM cohorts_extract WHERE service_id = %(service)s AND committed_at >= %(known)s),
       ARRAY(SELECT event FROM cohorts_unmatchedrow
              WHERE service_id = %(service)s AND matched_at >= %(known)s AND event IS NOT NULL),
       ARRAY(SELECT "row"::uuid FROM ({moved_since(Activity)}) moved)
"""  # noqa: S608 - one statement of our own inside another; values are parameters""


@dataclass(frozen=True)
class Rows:
    """SQL to read activity from, what must stand `first` behind the WITH of the statement, and what it is asked with."""

    sql: str = STORED
    first: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


def rows(
    service: Service, feeds: Iterable[Feed], counted: Collection[int], *, known: datetime.datetime
) -> Rows:
    """The rows of the `counted` sources, as stored before the moment `known`. One question.

    Where nothing came later, and no other source sends events, that is the table itself, which has its indexes.
    """
    others = any(
        each.extracts and each.shape == Shape.ATTENDANCES and each.source not in counted for each in feeds
    )
    values: dict[str, Any] = {"service": service.pk, "counted": [*counted], "known": known}
    with connection.cursor() as cursor:
        cursor.execute(LATER, values)
        values["late"], values["matched_late"], values["moved"] = cursor.fetchone()
    if values["late"] or values["moved"]:
        return Rows(AS_BEFORE, CORRECTED, values)
    return Rows(f"({UNTOUCHED})", "", values) if others or values["matched_late"] else Rows()

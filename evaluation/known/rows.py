"""Rows of activity as they were stored before a moment, as SQL that a larger statement can read in place of the table.

`known.events` reads the events of single people in the same way; this is for questions about everybody.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from cohorts.lists.selection_sql import STORED
from cohorts.models import Shape
from evaluation.coverage import Feed
from governance.models import Service

# What late extracts corrected is read as it was before the first of them; a row that came with one was not there.
BEFORE_LATE = """(
    SELECT a.* FROM cohorts_activity a
     WHERE a.service_id = %(service)s AND a.source_id = ANY(%(counted)s) AND a.extract_id <> ALL(%(late)s)
       AND a.id <> ALL(%(matched_late)s)
     UNION ALL
    SELECT (jsonb_populate_record(a, was.before)).*
      FROM (SELECT "row", jsonb_object_agg(key, value) AS before
              FROM (SELECT DISTINCT ON (r."row", each.key) r."row", each.key, each.value
                      FROM cohorts_replacedrow r
                      JOIN cohorts_extract x ON x.id = r.extract_id
                     CROSS JOIN LATERAL jsonb_each(r.before) each
                     WHERE r.service_id = %(service)s AND r.extract_id = ANY(%(late)s)
                       AND r."table" = 'cohorts_activity'
                     ORDER BY r."row", each.key, x.committed_at, x.id) oldest
             GROUP BY "row") was
      JOIN cohorts_activity a ON a.id = was."row"::uuid
     WHERE a.service_id = %(service)s AND a.source_id = ANY(%(counted)s) AND a.id <> ALL(%(matched_late)s)
       AND coalesce((was.before ->> 'extract_id')::bigint, a.extract_id) <> ALL(%(late)s)
)"""

LATER = """
SELECT ARRAY(SELECT id FROM cohorts_extract WHERE service_id = %(service)s AND committed_at >= %(known)s),
       ARRAY(SELECT event FROM cohorts_unmatchedrow
              WHERE service_id = %(service)s AND matched_at >= %(known)s AND event IS NOT NULL)
"""


@dataclass(frozen=True)
class Rows:
    """SQL to read activity from, and what it is asked with."""

    sql: str = STORED
    values: Mapping[str, Any] = field(default_factory=dict)


def rows(
    service: Service, feeds: Iterable[Feed], counted: Collection[int], *, known: datetime.datetime
) -> Rows:
    """The rows of the `counted` sources, as stored before the moment `known`. One question.

    Where nothing came later, and no other source sends events, that is the table itself, which has its indexes.
    """
    others = any(each.source not in counted and each.shape == Shape.ATTENDANCES for each in feeds)
    values: dict[str, Any] = {"service": service.pk, "counted": [*counted], "known": known}
    with connection.cursor() as cursor:
        cursor.execute(LATER, values)
        values["late"], values["matched_late"] = cursor.fetchone()
    return Rows(BEFORE_LATE, values) if others or values["late"] or values["matched_late"] else Rows()

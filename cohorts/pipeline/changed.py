"""Which rows of a staged extract differ from what is stored, column by column, for whoever decides on it."""

from collections.abc import Mapping
from typing import Any

from django.db.backends.utils import CursorWrapper

from cohorts.pipeline import store
from cohorts.pipeline.fields import Shape
from cohorts.pipeline.match import Feed
from cohorts.pipeline.stage import Stage

MOST = 50

_ROWS = """
SELECT said.row, was.key, was.value, now.value
  FROM (SELECT said.row, stored, said
          FROM ({rows}) said
          JOIN {people} found USING (identifier)
          JOIN cohorts_activity stored ON stored.id = said.id
         WHERE {differs}
         ORDER BY said.row LIMIT {most}) changed
  JOIN LATERAL jsonb_each_text(to_jsonb(changed.stored)) was ON was.key = ANY(%(columns)s)
  JOIN LATERAL jsonb_each_text(to_jsonb(changed.said)) now ON now.key = was.key
  CROSS JOIN LATERAL (SELECT changed.row) said (row)
 WHERE coalesce(was.value, '') <> coalesce(now.value, '')
 ORDER BY said.row, was.key
"""
_COUNTS = """
SELECT said.row, counted.measure || ' in ' || counted.months || ' months', stored.count::text, counted.count::text
  FROM ({counts}) counted
  JOIN ({rows}) said USING (identifier)
  JOIN cohorts_activitycount stored
    ON stored.source_id = %(source_id)s AND stored.person_id = counted.person_id
   AND stored.measure = counted.measure AND stored.window_months = counted.months AND stored.as_at = %(as_at)s
 WHERE stored.count <> counted.count
 ORDER BY said.row, counted.months LIMIT {most}
"""


_MOVED = """
SELECT count(*)
  FROM ({rows}) said
  JOIN {people} found USING (identifier)
  JOIN cohorts_activity stored ON stored.id = said.id
 WHERE stored.person_id IS DISTINCT FROM found.person_id
"""
_MOVED_HERE = """
SELECT count(*)
  FROM cohorts_replacedrow replaced
  JOIN cohorts_activity stored ON stored.id = replaced.row::uuid
 WHERE replaced.extract_id = %s AND replaced."table" = 'cohorts_activity'
   AND (replaced.before ->> 'person_id')::bigint <> stored.person_id
"""


def moved_rows(cursor: CursorWrapper, stage: Stage) -> int:
    """How many rows would belong to somebody else than before; call it where `changed_rows` can be called."""
    cursor.execute(_MOVED.format(rows=store.distinct_rows(cursor, stage), people=stage.people))
    return int(cursor.fetchone()[0])


def moved_here(cursor: CursorWrapper, extract_id: int) -> int:
    """How many rows this extract gave to somebody else, by what was kept of them; in the storing transaction."""
    cursor.execute(_MOVED_HERE, [extract_id])
    return int(cursor.fetchone()[0])


def changed_rows(
    cursor: CursorWrapper, stage: Stage, feed: Feed, windows: Mapping[str, int]
) -> list[dict[str, Any]]:
    """Up to 50 changed rows as [{"row", "column", "before", "after"}], one for each column that differs.

    Row numbers are those of the file as a spreadsheet shows it. Call it after `store.preview`, in its
    transaction: it looks at the same temporary tables.
    """
    rows = store.distinct_rows(cursor, stage)
    values = {**store.values_of(feed), "columns": [name for name in store.CONTENT if name != "person_id"]}
    if stage.shape == Shape.PEOPLE:
        statement = _COUNTS.format(counts=store.counted(stage, windows, rows), rows=rows, most=MOST)
    else:
        statement = _ROWS.format(rows=rows, people=stage.people, differs=store.DIFFERS, most=MOST)
    cursor.execute(statement, values)
    found = [dict(zip(("row", "column", "before", "after"), row, strict=True)) for row in cursor.fetchall()]
    return found[:MOST]

"""Between check and match: rows of people whom the agreement does not reach leave the staged rows, counted.

One statement for all of them, and none where the agreement sets no limit. A person is judged as a whole:
what becomes of one row becomes of all. Unknown is not zero, and not enough either: who cannot be shown to
be within the agreement is left out, under a reason of its own.
"""

from typing import Any

from django.db.backends.utils import CursorWrapper

from cohorts.pipeline.fields import Shape
from cohorts.pipeline.limit import CountColumns, Limit
from cohorts.pipeline.stage import Stage

# Of rows that are the same one the last is believed, as when they are stored.
_PEOPLE = """
SELECT DISTINCT ON (identifier) identifier, {count}::integer AS counted,
       {recent}::integer AS lately, row::bigint AS tie
  FROM {staged} ORDER BY identifier, row DESC
"""
# The months end on the last day that the file reaches, that day included.
_ATTENDANCES = """
SELECT identifier, count(DISTINCT id) FILTER (WHERE {in_months})::integer AS counted,
       count(*) FILTER (WHERE {in_recent})::integer AS lately, min(row)::bigint AS tie
  FROM {staged}, (SELECT max(started_on) AS day FROM {staged}) newest
 GROUP BY identifier
"""
_DROP = """
WITH judged AS (
     SELECT identifier, counted, tie,
            CASE WHEN NOT %(by_count)s THEN NULL
                 WHEN counted IS NULL THEN 'count_not_supplied'
                 WHEN counted < %(least)s THEN 'below_threshold' END AS on_count,
            CASE WHEN NOT %(by_recency)s THEN NULL
                 WHEN lately IS NULL THEN 'recency_not_supplied'
                 WHEN lately < 1 THEN 'not_recent' END AS on_recency
       FROM ({people}) person),
ranked AS (
     SELECT identifier, coalesce(on_count, on_recency) AS reason,
            row_number() OVER (PARTITION BY coalesce(on_count, on_recency) IS NULL
                               ORDER BY counted DESC NULLS LAST, tie) AS place
       FROM judged),
outside AS (
     SELECT identifier, coalesce(reason, 'beyond_top_n') AS reason
       FROM ranked WHERE reason IS NOT NULL OR place > %(top_n)s),
gone AS (
     DELETE FROM {staged} staged USING outside WHERE staged.identifier = outside.identifier
     RETURNING outside.reason)
SELECT reason, count(*) FROM gone GROUP BY reason
"""


def drop(cursor: CursorWrapper, stage: Stage, limit: Limit, columns: CountColumns) -> dict[str, int]:
    """Leave out the staged rows that the agreement does not reach; returns how many, by reason.

    Args:
        columns: which counts of a list of people to go by; nobody is asked about a count that is not there.
    """
    if not limit.applies:
        return {}
    is_list = stage.shape == Shape.PEOPLE
    people = _people(stage, columns) if is_list else _attendances(stage, limit)
    values: dict[str, Any] = {
        "by_count": limit.threshold is not None,
        "least": (limit.threshold or 0) + limit.above,
        "by_recency": limit.recent_months is not None and (columns.recent is not None or not is_list),
        "months": limit.months,
        "recent_months": limit.recent_months,
        "top_n": limit.top_n,
    }
    cursor.execute(_DROP.format(people=people, staged=stage.table), values)
    return dict(cursor.fetchall())


def _people(stage: Stage, columns: CountColumns) -> str:
    return _PEOPLE.format(staged=stage.table, count=columns.count or "NULL", recent=columns.recent or "NULL")


def _attendances(stage: Stage, limit: Limit) -> str:
    return _ATTENDANCES.format(
        staged=stage.table,
        in_months=_within("months", limit.months),
        in_recent=_within("recent_months", limit.recent_months),
    )


def _within(name: str, months: int | None) -> str:
    return "true" if months is None else f"started_on > newest.day - make_interval(months => %({name})s)"

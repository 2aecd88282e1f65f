"""Sixth step: rows become activity, or counts, set-based and inside the caller's one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.backends.utils import CursorWrapper

from cohorts.pipeline.fields import COUNTS, F, Shape
from cohorts.pipeline.match import Feed, are_few, beside, contradicted, find_people, in_list, store_people
from cohorts.pipeline.stage import Stage
from governance.locks import hold_off_loads, hold_off_purge

# The column of the table, and what stands for it in a staged row.
CONTENT = {
    "person_id": "found.person_id",
    "started_on": "said.started_on",
    "started_at_time": "said.started_at_time",
    "age": "said.age",
    "arrival_mode": "coalesce(said.arrival_mode, '')",
    "attendance_category": "coalesce(said.attendance_category, '')",
    "department_type": "coalesce(said.department_type, '')",
    "acuity": "coalesce(said.acuity, '')",
    "site": "coalesce(said.site, '')",
    "complaint": "coalesce(said.complaint, '')",
    "disposal": "coalesce(said.disposal, '')",
    "admitted": "said.admitted",
    "duration_minutes": "said.duration_minutes",
    "cost": "said.cost",
}
_STORED = ", ".join(f"stored.{name}" for name in CONTENT)
_SAID = ", ".join(CONTENT.values())
DIFFERS = f"({_STORED}) IS DISTINCT FROM ({_SAID})"

_ADD = f"""
INSERT INTO cohorts_activity (id, service_id, source_id, extract_id, measure, {", ".join(CONTENT)})
SELECT said.id, %(service_id)s, %(source_id)s, %(extract_id)s, %(measure)s, {_SAID}
  FROM ({{rows}}) said
  JOIN {{people}} found USING (identifier)
 {{only_new}}
 ORDER BY said.id
"""  # noqa: S608 - names of our own tables and columns; values are parameters
_ONLY_NEW = "WHERE NOT EXISTS (SELECT FROM cohorts_activity stored WHERE stored.id = said.id)"
# Says which of the staged rows were added, and as what.
_ADD_ROWS = (
    f"WITH added AS ({_ADD} RETURNING id) SELECT row, id::text FROM ({{rows}}) said JOIN added USING (id)"  # noqa: S608
)
# The rows that are not stored as they are, each compared once.
_NEWS = f"""
CREATE TEMPORARY TABLE {{news}} ON COMMIT DROP AS
SELECT said.*, stored.id IS NULL AS is_new
  FROM ({{rows}}) said
  JOIN {{people}} found USING (identifier)
  {{beside_stored}}
 WHERE stored.id IS NULL OR {DIFFERS}
"""  # noqa: S608
_CHANGE = f"""
UPDATE cohorts_activity stored
   SET extract_id = %(extract_id)s, {", ".join(f"{name} = {value}" for name, value in CONTENT.items())}
  FROM {{news}} said
  JOIN {{people}} found USING (identifier)
 WHERE NOT said.is_new AND stored.id = said.id {{among}}
"""  # noqa: S608
# What was stored as a row without a number is this file's once it tells the same with the number.
_TOLD_AGAIN = """
UPDATE cohorts_activity stored SET extract_id = %(extract_id)s
 WHERE stored.extract_id <> %(extract_id)s
   AND stored.id = ANY(ARRAY(SELECT given.event FROM cohorts_unmatchedrow given JOIN {staged} said ON said.id = given.event
                              WHERE given.service_id = %(service_id)s))
   AND EXISTS (SELECT FROM cohorts_unmatchedrow given
                WHERE given.event = stored.id AND given.extract_id = stored.extract_id)
"""
_COMPARE = f"""
SELECT count(*) FILTER (WHERE stored.id IS NULL), count(*) FILTER (WHERE stored.id IS NOT NULL AND {DIFFERS})
  FROM ({{rows}}) said
  JOIN {{people}} found USING (identifier)
  {{beside_stored}}
"""  # noqa: S608

_COUNTS = """
SELECT DISTINCT ON (found.person_id, identifier, counted.measure, counted.months)
       said.identifier, found.person_id, counted.*
  FROM ({rows}) said
  JOIN {people} found USING (identifier)
  CROSS JOIN LATERAL (VALUES {values}) counted (measure, months, count, cost)
 WHERE counted.count IS NOT NULL
"""
# Counts stored as a row without a number are this file's, as events are, once it tells them with the number.
_ADD_COUNTS = """
INSERT INTO cohorts_activitycount
       (service_id, source_id, extract_id, as_at, person_id, measure, window_months, count, cost)
SELECT %(service_id)s, %(source_id)s, %(extract_id)s, %(as_at)s, person_id, measure, months,
       sum(count), sum(cost)
  FROM ({counts}) counted
 GROUP BY person_id, measure, months
    ON CONFLICT (source_id, person_id, measure, window_months, as_at)
    DO UPDATE SET count = excluded.count, cost = excluded.cost, extract_id = excluded.extract_id
    WHERE (cohorts_activitycount.count, cohorts_activitycount.cost)
          IS DISTINCT FROM (excluded.count, excluded.cost)
       OR EXISTS (SELECT FROM cohorts_unmatchedrow given
                   WHERE given.extract_id = cohorts_activitycount.extract_id
                     AND given.person_id = cohorts_activitycount.person_id)
"""
_IN_THE_LIST = """
DELETE FROM {people} found USING cohorts_activitycount stored
 WHERE stored.source_id = %(source_id)s AND stored.as_at = %(as_at)s AND stored.person_id = found.person_id
"""
_COMPARE_COUNTS = """
SELECT count(*) FILTER (WHERE NOT known), count(*) FILTER (WHERE known AND differs)
  FROM (SELECT counted.identifier, bool_or(stored.id IS NOT NULL) AS known,
               bool_or((stored.count, stored.cost) IS DISTINCT FROM (counted.count, counted.cost)) AS differs
          FROM ({counts}) counted
          LEFT JOIN cohorts_activitycount stored
                 ON stored.source_id = %(source_id)s AND stored.person_id = counted.person_id
                AND stored.measure = counted.measure AND stored.window_months = counted.months
                AND stored.as_at = %(as_at)s
         GROUP BY counted.identifier) person
"""

# Each statement goes through its tables once, whatever PostgreSQL believes their size to be: after a big
# load it may think for a while that a table of a million rows is empty, and then look through all of it
# for each row of another.
_LINEAR = "SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '128MB'"
# Rows that add so much to a table have it counted again at once: until PostgreSQL does so by itself, a minute
# later, pages are planned for the table as it was, and one of them took 25 seconds.
_MANY, _A_SHARE = 1_000, 0.1


@dataclass(frozen=True)
class Outcome:
    """What storing did, or would do: rows and people by what becomes of them."""

    new: int
    changed: int
    duplicate: int
    people_new: int
    people_known: int
    # People of whom the extract says something else than was put right here; that was left as it is.
    people_corrected: int = 0


def preview(cursor: CursorWrapper, stage: Stage, feed: Feed, windows: Mapping[str, int]) -> Outcome:
    """What storing the staged rows would do; changes nothing. Call inside a transaction."""
    cursor.execute(_LINEAR)
    few = are_few(cursor, stage)
    people = find_people(cursor, stage, feed, few=few, reserve_ids=False)
    rows = distinct_rows(cursor, stage)
    compared = _compare(cursor, stage, feed, windows, rows, few=few)
    return Outcome(*compared, *people, contradicted(cursor, stage, feed))


def store(cursor: CursorWrapper, stage: Stage, feed: Feed, windows: Mapping[str, int]) -> Outcome:
    """Store the staged rows and their people. Call inside a transaction.

    Loads of one service wait for each other here: two files may bring the same new person.
    """
    hold_off_loads(feed.service_id)
    hold_off_purge(feed.service_id)
    cursor.execute(_LINEAR)
    few = are_few(cursor, stage)
    new, known = find_people(cursor, stage, feed, few=few, reserve_ids=True)
    rows = distinct_rows(cursor, stage)
    people = (new, known, contradicted(cursor, stage, feed))
    store_people(cursor, stage, feed, new=new, known=known, few=few)
    if stage.shape == Shape.PEOPLE:
        outcome = Outcome(*_compare(cursor, stage, feed, windows, rows, few=few), *people)
        cursor.execute(_ADD_COUNTS.format(counts=counted(stage, windows, rows)), values_of(feed))
        return outcome
    outcome = Outcome(*_store_activity(cursor, stage, feed, rows, few=few), *people)
    _count_again(cursor, outcome.new)
    return outcome


def _count_again(cursor: CursorWrapper, new: int) -> None:
    if new < _MANY:
        return
    cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'cohorts_activity'::regclass")
    if new > _A_SHARE * cursor.fetchone()[0]:
        cursor.execute("SELECT cohorts_count_again()")


def store_known(
    cursor: CursorWrapper, stage: Stage, feed: Feed, windows: Mapping[str, int]
) -> dict[int, str | None]:
    """Store staged rows whose identifier is the id of a person we have; returns what was added, by row.

    That is the id of the event, or None for counts. Nothing that is there is changed: what came with a number,
    and perhaps later, says more than these. Somebody with counts in the same list gets no others.
    """
    hold_off_loads(feed.service_id)
    hold_off_purge(feed.service_id)
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{stage.people}")
    cursor.execute(
        f"CREATE TEMPORARY TABLE {stage.people} ON COMMIT DROP AS"  # noqa: S608 - names of our own
        f" SELECT DISTINCT identifier, identifier::bigint AS person_id FROM {stage.table}"
    )
    rows = distinct_rows(cursor, stage)
    if stage.shape == Shape.PEOPLE:
        cursor.execute(_IN_THE_LIST.format(people=stage.people), values_of(feed))
        cursor.execute(f"SELECT row FROM ({rows}) said JOIN {stage.people} USING (identifier)")  # noqa: S608
        added: dict[int, str | None] = dict.fromkeys(row for (row,) in cursor.fetchall())
        cursor.execute(_ADD_COUNTS.format(counts=counted(stage, windows, rows)), values_of(feed))
        return added
    statement = _ADD_ROWS.format(rows=rows, people=stage.people, only_new=_ONLY_NEW)
    cursor.execute(statement, values_of(feed))
    return dict(cursor.fetchall())


def _store_activity(
    cursor: CursorWrapper, stage: Stage, feed: Feed, rows: str, *, few: bool
) -> tuple[int, int, int]:
    names = {"rows": rows, "people": stage.people, "news": stage.news}
    total = _count(cursor, stage.table)
    changed = 0
    if _has_activity(cursor, feed):
        cursor.execute(_NEWS.format(**names, beside_stored=_beside_stored(stage, few)), values_of(feed))
        among = f"AND stored.id = ANY(ARRAY(SELECT id FROM {stage.news} WHERE NOT is_new))" if few else ""  # noqa: S608
        cursor.execute(_CHANGE.format(**names, among=among), values_of(feed))
        changed = cursor.rowcount
        cursor.execute(_TOLD_AGAIN.format(staged=stage.table), values_of(feed))
        names["rows"] = f"SELECT * FROM {stage.news} WHERE is_new"  # noqa: S608
    cursor.execute(_ADD.format(**names, only_new=""), values_of(feed))
    new = cursor.rowcount
    return new, changed, total - new - changed


def _beside_stored(stage: Stage, few: bool) -> str:
    only = in_list("stored.id", f"SELECT id FROM {stage.table}")  # noqa: S608
    return beside("cohorts_activity", "stored", "stored.id = said.id", few=few, only=only)


def _compare(
    cursor: CursorWrapper, stage: Stage, feed: Feed, windows: Mapping[str, int], rows: str, *, few: bool
) -> tuple[int, int, int]:
    if stage.shape == Shape.ATTENDANCES:
        statement = _COMPARE.format(rows=rows, people=stage.people, beside_stored=_beside_stored(stage, few))
    else:
        statement = _COMPARE_COUNTS.format(counts=counted(stage, windows, rows))
    cursor.execute(statement, values_of(feed))
    new, changed = cursor.fetchone()
    return new, changed, _count(cursor, stage.table) - new - changed


def distinct_rows(cursor: CursorWrapper, stage: Stage) -> str:
    """The staged rows as a query; repeated ones are only looked for, and left out, where there are any."""
    repeated = f"SELECT FROM {stage.table} GROUP BY {stage.identity} HAVING count(*) > 1 LIMIT 1"
    cursor.execute(repeated)
    return stage.latest if cursor.fetchone() is not None else f"SELECT * FROM {stage.table}"  # noqa: S608


def _has_activity(cursor: CursorWrapper, feed: Feed) -> bool:
    """Whether anything of this source is stored, by way of the index that starts with the service."""
    cursor.execute(
        "SELECT EXISTS (SELECT FROM cohorts_activity"
        " WHERE service_id = %(service_id)s AND measure = %(measure)s AND source_id = %(source_id)s)",
        values_of(feed),
    )
    return bool(cursor.fetchone()[0])


def _count(cursor: CursorWrapper, table: str) -> int:
    cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
    number: int = cursor.fetchone()[0]
    return number


def counted(stage: Stage, windows: Mapping[str, int], rows: str) -> str:
    """The counts of a list of people as a query: one row for each person, measure and number of months."""
    values = [
        f"('{COUNTS[F(name)][0]}', {months}, said.{name}, {_cost_of(name)})"
        for name, months in windows.items()
    ]
    return _COUNTS.format(rows=rows, people=stage.people, values=", ".join(values))


def _cost_of(name: str) -> str:
    """A total cost goes with the count of attendances, which is what the sender priced."""
    return "said.cost_total" if name == F.AE_COUNT else "NULL::numeric"


def values_of(feed: Feed) -> dict[str, Any]:
    """What the statements of a load are told of where its rows belong."""
    return {
        "service_id": feed.service_id,
        "source_id": feed.source_id,
        "extract_id": feed.extract_id,
        "measure": feed.measure,
        "as_at": feed.as_at,
    }

"""A stored extract taken back, set-based and inside the caller's one transaction.

While an extract is stored, triggers keep what it replaces (migration keep_replaced); here that goes back to its place.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

# What a load changes, with the type of its key.
_TABLES = {
    "cohorts_activity": "uuid",
    "cohorts_activitycount": "bigint",
    "governance_person": "bigint",
    "cohorts_source": "bigint",
}
_COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
 WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attname <> 'id'
"""
_RESTORE = """
UPDATE {table} stored
   SET ({columns}) = (SELECT {columns} FROM jsonb_populate_record(stored, replaced.before))
  FROM cohorts_replacedrow replaced
 WHERE replaced.extract_id = %(extract)s AND replaced."table" = '{table}' AND stored.id = replaced.row::{key}
"""
_PEOPLE = """
CREATE TEMPORARY TABLE undone_people ON COMMIT DROP AS
SELECT DISTINCT person_id AS id
  FROM (SELECT person_id, extract_id FROM cohorts_activity
         UNION ALL SELECT person_id, extract_id FROM cohorts_activitycount) row
 WHERE extract_id = %(extract)s AND person_id > %(above)s AND person_id <= %(up_to)s
"""
# Rows of other files that were matched by a local number it taught, and what was stored as them.
_LET_GO = """
CREATE TEMPORARY TABLE let_go ON COMMIT DROP AS
SELECT id, extract_id, person_id, event FROM cohorts_unmatchedrow
 WHERE matched_through_id = %(extract)s AND extract_id <> %(extract)s AND person_id IS NOT NULL
"""
_STORED_AS_THEM = (
    "DELETE FROM cohorts_activity stored USING let_go"
    " WHERE stored.id = let_go.event AND stored.extract_id = let_go.extract_id",
    # A row of counts is matched only where its person had no other counts in its list.
    "DELETE FROM cohorts_activitycount stored USING let_go"
    " WHERE stored.extract_id = let_go.extract_id AND stored.person_id = let_go.person_id",
)
# What its rows taught of who is who goes with them; rows of other files that were matched by it wait again.
_IDENTITY = (
    "DELETE FROM cohorts_unmatchedrow WHERE extract_id = %(extract)s",
    "UPDATE cohorts_unmatchedrow SET person_id = NULL, matched_at = NULL, matched_by_id = NULL,"
    " matched_through_id = NULL, event = NULL"
    " WHERE id IN (SELECT id FROM let_go) OR person_id IN (SELECT id FROM undone_people)",
    # A number that a decision said before the file told it again is the decision's once more.
    "UPDATE cohorts_localnumber learnt SET extract_id = NULL WHERE extract_id = %(extract)s AND EXISTS ("
    "SELECT FROM cohorts_unmatchedrow given JOIN cohorts_source source ON source.id = given.source_id"
    "  JOIN cohorts_samedecision decided"
    "    ON decided.handle = given.handle AND decided.person_id = given.person_id AND decided.answer IN ('same', 'new')"
    " WHERE given.person_id = learnt.person_id AND given.local_number = learnt.number"
    "   AND source.organisation_id = learnt.issuer_id)",
    "DELETE FROM cohorts_localnumber"
    " WHERE extract_id = %(extract)s OR person_id IN (SELECT id FROM undone_people)",
    "DELETE FROM governance_searchkey WHERE person_id IN (SELECT id FROM undone_people)",
)


@dataclass(frozen=True)
class Undone:
    """How many rows went, how many were put back as they were, and how many people went."""

    removed: int
    restored: int
    people: int
    # Those whose rows of other extracts wait again, by extract.
    let_go: dict[int, set[int]]


def begin_keeping(cursor: CursorWrapper, extract_id: int) -> int:
    """From here to the end of the transaction what is replaced is kept; returns the id people are added above."""
    cursor.execute("SELECT set_config('hiu.extract', %s, true)", [str(extract_id)])
    return highest_person(cursor)


def end_keeping(cursor: CursorWrapper) -> int:
    """What is changed from here on is not the extract's doing; returns the id people were added up to."""
    cursor.execute("SELECT set_config('hiu.extract', '', true)")
    return highest_person(cursor)


def highest_person(cursor: CursorWrapper) -> int:
    """An id that every person so far is below; it is used up, so nobody ever has it."""
    cursor.execute("SELECT nextval(pg_get_serial_sequence('governance_person', 'id'))")
    return int(cursor.fetchone()[0])


def take_back(cursor: CursorWrapper, extract_id: int, *, above: int, up_to: int) -> Undone:
    """Put back what the extract replaced, and remove what it added, people included.

    Whoever calls it has made sure that nothing else hangs on those people.
    """
    values = {"extract": extract_id, "above": above, "up_to": up_to}
    restored = 0
    for table, key in _TABLES.items():
        cursor.execute(_COLUMNS, [table])
        columns = cursor.fetchone()[0]
        cursor.execute(_RESTORE.format(table=table, columns=columns, key=key), values)
        restored += cursor.rowcount
    cursor.execute(_PEOPLE, values)
    cursor.execute(_LET_GO, values)
    cursor.execute("SELECT extract_id, person_id FROM let_go")
    let_go: dict[int, set[int]] = defaultdict(set)
    for extract, person in cursor.fetchall():
        let_go[extract].add(person)
    removed = 0
    for statement in _STORED_AS_THEM:
        cursor.execute(statement)
        removed += cursor.rowcount
    for table in ("cohorts_activity", "cohorts_activitycount"):
        cursor.execute(f"DELETE FROM {table} WHERE extract_id = %(extract)s", values)  # noqa: S608
        removed += cursor.rowcount
    for statement in _IDENTITY:
        cursor.execute(statement, values)
    cursor.execute("DELETE FROM cohorts_replacedrow WHERE extract_id = %(extract)s", values)
    cursor.execute("DELETE FROM governance_person WHERE id IN (SELECT id FROM undone_people)")
    people = cursor.rowcount
    cursor.execute("DROP TABLE pg_temp.undone_people, pg_temp.let_go")
    return Undone(removed, restored, people, let_go)

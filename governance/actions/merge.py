"""Two records that are of one person become one, and two again: set-based, and exactly as they were."""

from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from governance import audit, locks, merging
from governance.actions import search_keys
from governance.models import MovedRow, Person, PersonMerge, PersonSeparation, Seal, Service, User
from governance.rules import RuleBroken

_NOTE = """
INSERT INTO governance_movedrow (service_id, merge_id, "table", "column", row)
SELECT %(service)s, %(merge)s, {table}, {column}, movable.id FROM ({rows}) movable
"""
_MOVE = """
SELECT governance_move(%(table)s, %(column)s, ARRAY(
       SELECT row FROM governance_movedrow
        WHERE merge_id = %(merge)s AND "table" = %(table)s AND "column" = %(column)s), %(was)s, %(becomes)s)
"""


@transaction.atomic
def merge(*, service: Service, person: Person, merged: Person, reason: str = "", by: User) -> PersonMerge:
    """Move what is known of `merged` to `person`; the emptied record stays and leads there.

    Raises:
        RuleBroken: why they cannot be merged, in sentences.
    """
    person, merged = _locked(service, person, merged)
    if found := merging.obstacles(service, person, merged):
        raise RuleBroken(" ".join(found))
    done = service.person_merges.create(person=person, merged=merged, reason=reason, by=by)
    moved: dict[str, int] = {}
    with connection.cursor() as cursor:
        for column in merging.moving():
            if number := _move(cursor, done, column):
                moved[column.name] = number
    _fill(done, person, merged)
    merged.merged_into = person
    merged.save(update_fields=["merged_into"])
    search_keys.refresh(service=service, people=[person.pk])
    changes = {"merged": merged.pk, "moved": moved}
    audit.record("people_merged", service=service, by=by, on=person, changes=changes)
    return done


@transaction.atomic
def separate(*, merge: PersonMerge, reason: str = "", by: User) -> PersonSeparation:
    """Put every row that a merge moved back, and take away the details it filled in.

    What came to the record since the merge stays with it.

    Raises:
        RuleBroken: it was separated before, one of the records was merged again since, or is sealed.
    """
    service = merge.service
    person, merged = _locked(service, merge.person, merge.merged)
    if PersonSeparation.objects.filter(merge=merge).exists():
        raise RuleBroken("These records were separated before.")
    if found := obstacles(merge):
        raise RuleBroken(found)
    done = service.person_separations.create(merge=merge, reason=reason, by=by)
    returned: dict[str, int] = {}
    with connection.cursor() as cursor:
        rows = MovedRow.objects.filter(merge=merge).order_by().values_list("table", "column").distinct()
        for table, column in rows:
            told: dict[str, Any] = {
                "table": table,
                "column": column,
                "merge": merge.pk,
                "was": person.pk,
                "becomes": merged.pk,
            }
            cursor.execute(_MOVE, told)
            returned[table] = returned.get(table, 0) + int(cursor.fetchone()[0])
    _empty(merge, person, merged)
    merged.merged_into = None
    merged.save(update_fields=["merged_into"])
    # The names it lent were never theirs, so they are not kept as former ones.
    search_keys.refresh(service=service, people=[person.pk], forget=True)
    changes = {"merged": merged.pk, "returned": returned}
    audit.record("people_separated", service=service, by=by, on=person, changes=changes)
    return done


def obstacles(merge: PersonMerge) -> str:
    """Why a merge cannot be taken back now, in a sentence; empty when it can."""
    if Seal.objects.standing().filter(person__in=[merge.person_id, merge.merged_id]).exists():
        return "A record is sealed. Somebody named on it has to lift the seal before."
    later = PersonMerge.objects.filter(service=merge.service, separation=None, pk__gt=merge.pk)
    if later.filter(person=merge.person).exists() or later.filter(merged=merge.person).exists():
        return "The record was merged once more since. Separate the later merge first."
    return ""


def _locked(service: Service, *people: Person) -> list[Person]:
    """The people as they are now. No load, no purge and no other merge goes on meanwhile."""
    locks.hold_off_loads_now(service.pk)
    search_keys.hold(service.pk)
    rows = Person.objects.select_for_update(of=["self"]).filter(service=service).order_by("pk")
    found = {row.pk: row for row in rows.filter(pk__in=[each.pk for each in people])}
    if len(found) < len({each.pk for each in people}):
        raise RuleBroken("One of the records is not there any more. Go back and look again.")
    return [found[each.pk] for each in people]


def _move(cursor: CursorWrapper, done: PersonMerge, column: merging.Column) -> int:
    told: dict[str, Any] = {
        "service": done.service_id,
        "merge": done.pk,
        "person": done.person_id,
        "merged": done.merged_id,
        "table": column.table,
        "column": column.column,
        "was": done.merged_id,
        "becomes": done.person_id,
    }
    note = sql.SQL(_NOTE).format(
        table=sql.Literal(column.table), column=sql.Literal(column.column), rows=merging.rows_to_move(column)
    )
    cursor.execute(note.as_string(cursor.connection), told)
    if not cursor.rowcount:
        return 0
    cursor.execute(_MOVE, told)
    return int(cursor.fetchone()[0])


def _fill(done: PersonMerge, person: Person, merged: Person) -> None:
    names = merging.fills(person, merged)
    for name in names:
        setattr(person, name, getattr(merged, name))
        done.service.filled_details.create(merge=done, field=name)
    if names:
        person.save(update_fields=names)


def _empty(merge: PersonMerge, person: Person, merged: Person) -> None:
    """A detail that was changed since is left as it is."""
    names = [
        name
        for name in merge.filled.values_list("field", flat=True)
        if getattr(person, name) == getattr(merged, name)
    ]
    for name in names:
        setattr(person, name, None if Person._meta.get_field(name).null else "")
    if names:
        person.save(update_fields=names)

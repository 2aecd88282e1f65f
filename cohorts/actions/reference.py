"""Loading published files of areas, which say nothing about anybody."""

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from psycopg.errors import UniqueViolation

from cohorts.areas.editions import EDITIONS, Kind
from cohorts.areas.published import Published
from cohorts.models import AreaDecile, PostcodeArea, ReferenceFile
from governance import audit
from governance.models import User
from governance.rules import RuleBroken

_INTO: dict[bool, tuple[Any, tuple[str, ...]]] = {
    True: (PostcodeArea, ("postcode", "area_2011", "area_2021")),
    False: (AreaDecile, ("area", "decile")),
}


@dataclass(frozen=True)
class Taken:
    """The file as noted, whether anything was changed, and what a reader should know of it."""

    file: ReferenceFile
    changed: bool
    remarks: list[str]


@transaction.atomic
def load(*, published: Published, source: str, licence: str, by: User | None = None) -> Taken:
    """Load a file in the place of the one of its kind, all of it or nothing; the same bytes change nothing.

    Raises:
        RuleBroken: a line cannot be read, an area or a postcode comes twice, or there are none.
    """
    with connection.cursor() as cursor:
        # Two who load at once wait for each other here.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('cohorts.reference'))")
    newest = ReferenceFile.objects.filter(kind=published.kind).order_by("-loaded_at", "-pk").first()
    told = {"sha256": published.sha256, "source": source, "licence": licence}
    if newest and all(getattr(newest, name) == value for name, value in told.items()):
        return Taken(newest, False, _remarks(newest))
    row = _replaced(published, newest, told)
    changes = {"kind": row.kind, "rows": [newest.rows if newest else None, row.rows], "sha256": row.sha256}
    audit.record("reference_loaded", service=None, by=by, on=row, changes=changes)
    return Taken(row, True, _remarks(row))


def _replaced(published: Published, before: ReferenceFile | None, told: dict[str, str]) -> ReferenceFile:
    """The note of the file with its rows in the table. Its number is fixed after the rows are counted."""
    model, columns = _INTO[published.kind == Kind.POSTCODES]
    edition = next((each for each in EDITIONS if each.kind == published.kind), None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [ReferenceFile._meta.db_table])
        number = cursor.fetchone()[0]
    old = model.objects.filter(edition=edition.kind) if edition else model.objects.all()
    old._raw_delete(old.db)
    try:
        rows = _copy(published, number, model._meta.db_table, columns)
    except UniqueViolation as problem:
        what = "An area" if edition else "A postcode"
        raise RuleBroken(
            f"{what} comes twice in this file. Nothing was loaded. Get the file again."
        ) from problem
    if not rows:
        raise RuleBroken("There is no row in this file that can be used. Nothing was loaded.")
    return ReferenceFile.objects.create(
        pk=number,
        kind=published.kind,
        year=edition.year if edition else None,
        areas_of=" ".join(map(str, sorted(published.columns.areas))),
        rows=rows,
        **told,
    )


def _copy(published: Published, file: int, table: str, columns: tuple[str, ...]) -> int:
    fixed = () if published.kind == Kind.POSTCODES else (published.kind.value,)
    names = ", ".join(("file_id", *(("edition",) if fixed else ()), *columns))
    rows = 0
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in published.rows():
            copy.write_row((file, *fixed, *row))
            rows += 1
    return rows


def _remarks(file: ReferenceFile) -> list[str]:
    edition = next((each for each in EDITIONS if each.kind == file.kind), None)
    if edition is None or file.rows == edition.areas:
        return []
    return [
        f"This file has {file.rows:,} areas, and all of {edition.title} has {edition.areas:,}. People who live in "
        "the others count as not known."
    ]

"""Proof that people are gone: every text that can be read is searched for who they were.

Identifiers are looked for as whole words, in any case and with any punctuation between, in every text column
of the service and in every file kept for it. What is found is counted by place; the identifiers themselves
stay in memory.
"""

import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q
from psycopg import sql

from governance.models import Person, Service
from governance.rules import format_nhs_number

# A number of fewer digits may be anything: a door, a year, a count.
FEWEST_DIGITS = 10
LARGEST_PART_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True)
class Identity:
    """What a person could be found by."""

    nhs_number: str | None
    pseudonym: str | None
    first_name: str
    last_name: str
    phone: str


@dataclass
class Found:
    """How much was searched, and in how many texts of each column, and in how many files, something was found."""

    columns: int = 0
    files: int = 0
    # Files still within their own time; they go on a day of their own.
    in_files: int = 0
    # Columns, as table.column.
    places: Counter[str] = field(default_factory=Counter)


def identities(people: Iterable[int]) -> list[Identity]:
    """Who these people are, records merged into them included, read before they go."""
    names = ("nhs_number", "pseudonym", "first_name", "last_name", "phone")
    ids = list(people)
    rows = Person.objects.filter(Q(pk__in=ids) | Q(merged_into__in=ids))
    return [Identity(*row) for row in rows.values_list(*names)]


class Needles:
    """Identifiers as runs of words, in small letters and without punctuation."""

    def __init__(self, people: Iterable[Identity], others: Iterable[tuple[str, str, str]] = ()) -> None:
        shared = {run for first, last, phone in others for run in (*_names(first, last), _words(phone))}
        found = {run for person in people for run in _runs(person)} - shared
        self._runs = {run for run in found if run}
        self._lengths = sorted({len(run) for run in self._runs})

    def are_in(self, text: str) -> bool:
        """Whether any of them stands in the text."""
        words = _words(text)
        return any(
            words[start : start + length] in self._runs
            for length in self._lengths
            for start in range(len(words) - length + 1)
        )


def search(service: Service, people: list[Identity]) -> Found:
    """Look for people who are gone, in all text the service's session can read and in its files.

    A name or a phone that somebody else of the service shares is left out: it would be found, and prove
    nothing.
    """
    found = Found()
    if people:
        needles = Needles(people, service.people.values_list("first_name", "last_name", "phone"))
        _search_columns(service, needles, found)
        _search_files(service, needles, found)
    return found


def _search_columns(service: Service, needles: Needles, found: Found) -> None:
    with connection.cursor() as cursor:
        for table, column, has_service in _text_columns(cursor):
            found.columns += 1
            name = sql.Identifier(column)
            query = sql.SQL("SELECT DISTINCT {}::text FROM {} WHERE {} IS NOT NULL {}").format(
                name,
                sql.Identifier(table),
                name,
                sql.SQL("AND service_id = %s" if has_service else ""),
            )
            cursor.execute(query.as_string(cursor.connection), [service.pk] if has_service else None)
            hits = sum(needles.are_in(row[0]) for row in cursor)
            if hits:
                found.places[f"{table}.{column}"] += hits


def _text_columns(cursor: Any) -> list[tuple[str, str, bool]]:
    """Every column of text, of JSON and of lists of text that the application may read."""
    cursor.execute(
        "SELECT c.relname, a.attname, EXISTS (SELECT FROM pg_attribute own WHERE own.attrelid = c.oid"
        "                                     AND own.attname = 'service_id' AND c.relname <> 'governance_auditchain')"
        "  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid"
        " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace"
        "   AND a.attnum > 0 AND NOT a.attisdropped"
        "   AND (t.typcategory = 'S' OR t.typname IN ('json', 'jsonb', '_text', '_varchar'))"
        "   AND has_column_privilege(c.oid, a.attnum, 'SELECT')"
        " ORDER BY 1, 2"
    )
    return list(cursor.fetchall())


def _search_files(service: Service, needles: Needles, found: Found) -> None:
    root = Path(settings.MEDIA_ROOT)
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        folders = path.relative_to(root).parts[:-1]
        # Files stand in <kind>/<id of the service>/; another service may well know the same person.
        is_ours = str(service.pk) in folders or not any(folder.isdigit() for folder in folders)
        if path.is_file() and is_ours:
            found.files += 1
            if any(needles.are_in(line) for line in _lines(path)):
                found.in_files += 1


def _lines(path: Path) -> Iterator[str]:
    """The lines of a file; of a workbook, the text of its parts."""
    if not zipfile.is_zipfile(path):
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from file
        return
    with zipfile.ZipFile(path) as book:
        for part in book.infolist():
            if part.filename.endswith(".xml") and part.file_size <= LARGEST_PART_BYTES:
                yield from book.read(part).decode("utf-8", errors="replace").split("<")


def _runs(person: Identity) -> Iterator[tuple[str, ...]]:
    if person.nhs_number:
        yield _words(person.nhs_number)
        yield _words(format_nhs_number(person.nhs_number))
    if person.pseudonym:
        yield _words(person.pseudonym)
    yield from _names(person.first_name, person.last_name)
    if sum(letter.isdigit() for letter in person.phone) >= FEWEST_DIGITS:
        yield _words(person.phone)


def _names(first: str, last: str) -> Iterator[tuple[str, ...]]:
    """A full name in both orders; a first or a last name alone is shared by too many."""
    if first and last:
        yield _words(f"{first} {last}")
        yield _words(f"{last} {first}")


def _words(text: str) -> tuple[str, ...]:
    return tuple("".join(letter if letter.isalnum() else " " for letter in text.casefold()).split())

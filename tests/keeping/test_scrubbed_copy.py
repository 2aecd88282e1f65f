"""A developer copy names nobody: a mark is planted in every personal or special field, and hunted for."""

import io
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import nhs_number
import pytest
from django.core.management import CommandError, call_command
from django.db import models

from governance.privacy import Scrub
from hiu.keeping import scrub
from hiu.keeping.place import Place, as_owner, program, scratch
from hiu.keeping.scrub import Column, columns, expression

MARK = re.compile(rb"zq(\d{3})x")
FIRST_ID = 900_000
# Without its checks, a table takes a row of nothing but marks.
BARE = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', conrelid::regclass, conname) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f')
UNION ALL
SELECT format('ALTER TABLE %s ALTER %I DROP NOT NULL', attrelid::regclass, attname) FROM pg_attribute
JOIN pg_class c ON c.oid = attrelid WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
AND attnotnull AND attnum > 0 AND attidentity = '' AND NOT EXISTS (
  SELECT 1 FROM pg_index i WHERE i.indrelid = attrelid AND i.indisprimary AND attnum = ANY (i.indkey))
UNION ALL
SELECT format('ALTER TABLE %s DISABLE TRIGGER USER', c.oid::regclass) FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
"""


def mark_for(column: Column, number: int) -> str | None:
    """A value nobody else has, as long as the column allows; None where no text can stand."""
    mark = f"zq{number:03}x"
    if column.field.choices:
        return None
    if column.is_text:
        return mark if (column.field.max_length or 100) >= len(mark) else None
    return json.dumps([mark]) if isinstance(column.field, models.JSONField) else None


@pytest.fixture(scope="module")
def planted(committed: str) -> dict[str, str]:
    """The database with a row of marks in every table that has such a field; which mark is where."""
    places: dict[str, str] = {}
    rows: dict[str, dict[str, str]] = {}
    for number, column in enumerate(columns()):
        if mark := mark_for(column, number):
            places[f"{number:03}"] = f"{column.table}.{column.field.column}"
            rows.setdefault(column.table, {})[str(column.field.column)] = mark
    with as_owner().connect() as session:
        for (statement,) in session.execute(BARE).fetchall():
            session.execute(statement)
        for table, values in rows.items():
            keys, marks = ", ".join(f'"{key}"' for key in values), list(values.values())
            slots = ", ".join(["%s"] * len(marks))
            session.execute(f'INSERT INTO "{table}" (id, {keys}) VALUES ({new_id(table)}, {slots})', marks)
        session.execute("CREATE TABLE of_no_model (words text)")
        session.execute("INSERT INTO of_no_model VALUES ('zq999x')")
        session.execute(
            "INSERT INTO django_session VALUES ('zq998x', 'zq997x', now()) ON CONFLICT DO NOTHING"
        )
    return places


def new_id(table: str) -> str:
    with as_owner().connect() as session:
        (kind,) = session.execute(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = %s::regclass"
            " AND attname = 'id'",
            [table],
        ).fetchone()
    return "gen_random_uuid()" if kind == "uuid" else str(FIRST_ID)


def in_plain(dump: Path) -> bytes:
    """Every word of a dump."""
    reader = program("pg_restore", 180000)
    return subprocess.run([reader, "--file=-", dump], capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def copied(planted: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Place]]:
    """A copy as a file, and another one in a database."""
    out = tmp_path_factory.mktemp("copy") / "copy.dump"
    call_command("scrubbed_copy", out=out, stdout=io.StringIO())
    with scratch(as_owner(), "developer") as place:
        call_command("scrubbed_copy", into=place.url, stdout=io.StringIO())
        yield out, place


def test_every_field_that_takes_words_was_planted(planted: dict[str, str], tmp_path: Path) -> None:
    dump = tmp_path / "source.dump"
    place = as_owner()
    subprocess.run(
        [program("pg_dump", 180000), "--format=custom", f"--file={dump}"],
        env={"PATH": "/usr/bin:/bin", **place.environment},
        check=True,
    )
    there = {found.decode() for found in MARK.findall(in_plain(dump))}
    assert set(planted) | {"997", "998", "999"} <= there
    assert len(planted) > 15


def test_no_mark_is_in_the_copy(planted: dict[str, str], copied: tuple[Path, Place]) -> None:
    found = {number.decode() for number in MARK.findall(in_plain(copied[0]))}
    assert [planted.get(number, number) for number in found] == []


def test_no_name_of_the_world_is_in_the_copy(copied: tuple[Path, Place]) -> None:
    text = in_plain(copied[0])
    for name in (b"Zephyrine", b"Quagmire", b"Canary Wharf", b"9990000018"):
        assert name not in text


def test_rows_stay_and_still_belong_together(copied: tuple[Path, Place]) -> None:
    question = (
        "SELECT count(*), count(DISTINCT c.person_id) FROM casework_case c JOIN governance_person p"
        " ON p.id = c.person_id"
    )
    with as_owner().connect() as before, copied[1].connect() as after:
        assert before.execute(question).fetchone() == after.execute(question).fetchone()


def test_nhs_numbers_are_valid_and_never_issued(copied: tuple[Path, Place]) -> None:
    with copied[1].connect() as session:
        numbers = [
            n for (n,) in session.execute("SELECT nhs_number FROM governance_person WHERE nhs_number <> ''")
        ]
    assert len(numbers) == len(set(numbers)) >= 1
    assert all(nhs_number.is_valid(n) and n.startswith("999") for n in numbers)


def test_who_acted_is_the_same_person_in_the_audit_as_among_the_users(copied: tuple[Path, Place]) -> None:
    with copied[1].connect() as session:
        pairs = session.execute(
            "SELECT DISTINCT e.actor, u.email FROM governance_auditevent e JOIN governance_user u ON u.id = e.actor_id"
        ).fetchall()
        systems = session.execute(
            "SELECT count(*) FROM governance_auditevent WHERE actor = 'the system'"
        ).fetchone()
    assert pairs
    assert all(actor == email and email.startswith("user-") for actor, email in pairs)
    assert systems is not None
    assert systems[0] >= 1


def test_what_no_declaration_covers_is_emptied(copied: tuple[Path, Place]) -> None:
    with copied[1].connect() as session:
        for table in ("of_no_model", "django_session"):
            assert session.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        assert session.execute("SELECT count(*) > 0 FROM django_migrations").fetchone() == (True,)


def test_two_runs_give_two_different_sets(copied: tuple[Path, Place]) -> None:
    with copied[1].connect() as session:
        emails = [email for (email,) in session.execute("SELECT email FROM governance_user").fetchall()]
    text = in_plain(copied[0]).decode()
    assert "user-" in text
    assert [email for email in emails if email in text] == []


def test_a_file_that_exists_and_a_database_in_use_are_left_alone(copied: tuple[Path, Place]) -> None:
    with pytest.raises(CommandError, match="exists already"):
        call_command("scrubbed_copy", out=copied[0])
    with pytest.raises(CommandError, match="not empty"):
        call_command("scrubbed_copy", into=copied[1].url)


@pytest.mark.parametrize("column", columns(), ids=lambda c: f"{c.table}.{c.field.column}")
def test_every_field_becomes_something_that_can_be_said_in_sql(column: Column) -> None:
    value = expression(column)
    assert value is None or value.as_string()
    if column.kind is not Scrub.KEEP:
        assert value is not None


def test_a_kept_text_that_few_share_is_left_out(planted: dict[str, str]) -> None:
    with scratch(as_owner(), "rare") as place, place.connect() as session:
        session.execute("CREATE TABLE cohorts_activity (id int, disposal varchar(100) NOT NULL)")
        session.execute("INSERT INTO cohorts_activity SELECT n, 'Sent home' FROM generate_series(1, 8) n")
        session.execute(
            "INSERT INTO cohorts_activity SELECT n, 'Taken to his sister' FROM generate_series(9, 15) n"
        )
        column = next(c for c in columns() if (c.table, c.field.column) == ("cohorts_activity", "disposal"))
        scrub._replace(session, "cohorts_activity", [column])
        found = session.execute(
            "SELECT disposal, count(*) FROM cohorts_activity GROUP BY 1 ORDER BY 1"
        ).fetchall()
    assert found == [("", 7), ("Sent home", 8)]

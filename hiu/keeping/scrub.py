"""What each personal or special field becomes in a copy for developers: SQL from the declarations.

Within one run the same value becomes the same value everywhere, so that rows which belonged together still
do; what was empty stays empty. The key of a run is random and kept nowhere, so no value can be led back.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from psycopg import sql

from governance.audit import THE_SYSTEM
from governance.privacy import FieldPrivacy, Scrub
from hiu.demo.attendances import FIRST_NAMES, LAST_NAMES
from hiu.keeping.place import KeepingError

# A text that is kept and that fewer rows share than this could point at somebody; reports withhold 1 to 7 too.
FEWEST_ALIKE = 8
# NHS numbers 999 000 0000 to 999 999 9999 are never issued.
FIRST_STEM, STEMS = 999_000_000, 1_000_000
FILLER = "A sentence that was written for a copy. "
# Of tables that are not ours these are kept; every other one is emptied, so that what is new tells nothing.
KEPT = {"django_migrations", "django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}
TEXTS = (models.CharField, models.TextField)
NUMBERS_OF_DJANGO = (models.IntegerField, models.FloatField, models.DecimalField)

PREPARE = """
CREATE FUNCTION pg_temp.mark(given text) RETURNS text LANGUAGE sql STABLE AS
  $$ SELECT encode(sha256(convert_to(current_setting('hiu.scrub') || given, 'UTF8')), 'hex') $$;
CREATE FUNCTION pg_temp.draw(given text, sort text, out_of int) RETURNS int LANGUAGE sql STABLE AS
  $$ SELECT (('x' || left(pg_temp.mark(sort || given), 7))::bit(28)::int) % out_of $$;
CREATE FUNCTION pg_temp.one_of(given text, sort text, choices text[]) RETURNS text LANGUAGE sql STABLE AS
  $$ SELECT choices[1 + pg_temp.draw(given, sort, cardinality(choices))] $$;
"""
# The number whose first nine digits are a stem of the range, for each stem that has a check digit. One that
# is in use (a demo's) is passed over, or two rows would share it half-way through the statement.
NUMBERS = """
CREATE TEMP TABLE new_numbers AS
WITH used AS ({used}), old AS (
  SELECT given, row_number() OVER (ORDER BY pg_temp.mark(given)) AS place FROM used
), stems AS (
  SELECT stem, (11 - (SELECT sum(substr(stem::text, digit, 1)::int * (11 - digit)) FROM generate_series(1, 9) digit)
    % 11) % 11 AS check_digit FROM generate_series({first}, {last}) stem
), numbers AS (
  SELECT stem::text || check_digit AS number, row_number() OVER (ORDER BY stem) AS place
  FROM stems WHERE check_digit <> 10 AND stem::text || check_digit NOT IN (SELECT given FROM used)
)
SELECT given, number FROM old LEFT JOIN numbers USING (place)
"""


@dataclass(frozen=True)
class Column:
    """A personal or special column and what is to become of it."""

    table: str
    field: models.Field
    kind: Scrub

    @property
    def name(self) -> sql.Identifier:
        return sql.Identifier(str(self.field.column))

    @property
    def is_text(self) -> bool:
        return isinstance(self.field, TEXTS)


@dataclass(frozen=True)
class Scrubbed:
    """What was done: how many fields of how many tables, and which tables were emptied."""

    fields: int
    tables: int
    emptied: list[str]


def columns() -> list[Column]:
    """Every column of our models that is personal or special, except those the database computes."""
    found = []
    for model in _ours():
        privacy: FieldPrivacy = model.privacy  # type: ignore[attr-defined]
        for name, kind in {**privacy.personal, **privacy.special}.items():
            field = model._meta.get_field(name)
            if isinstance(field, models.Field) and not getattr(field, "generated", False):
                found.append(Column(model._meta.db_table, field, kind))
    return found


def scrub(session: psycopg.Connection[Any]) -> Scrubbed:
    """Replace and empty in a database that is a copy already, as the owner of its tables.

    The old values are still in dead rows afterwards: only a dump of this database may leave it.
    """
    found = columns()
    emptied = _tables_not_ours(session)
    session.execute("SELECT set_config('hiu.scrub', %s, false)", [secrets.token_hex(32)])
    session.execute("SET row_security = off")
    session.execute(PREPARE)
    with session.transaction():
        _numbers(session, [column for column in found if column.kind is Scrub.NHS_NUMBER and column.is_text])
        for table in sorted({column.table for column in found}):
            _replace(session, table, [column for column in found if column.table == table])
        if emptied:
            session.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, emptied))))
    return Scrubbed(len(found), len({column.table for column in found}), emptied)


def _ours() -> Iterator[type[models.Model]]:
    for model in apps.get_models():
        if hasattr(model, "privacy") and model._meta.managed and not model._meta.proxy:
            yield model


def _tables_not_ours(session: psycopg.Connection[Any]) -> list[str]:
    """Tables of the database that no declaration covers: sessions, second factors, whatever comes."""
    ours = {model._meta.db_table for model in _ours()}
    # A table of pairs of ids that Django makes for two of our models holds nothing else.
    for model in _ours():
        ours |= {field.m2m_db_table() for field in model._meta.local_many_to_many}
    there = session.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    ).fetchall()
    return [name for (name,) in there if name not in ours | KEPT]


def _numbers(session: psycopg.Connection[Any], found: list[Column]) -> None:
    """One new number for each number that stands anywhere."""
    asked = [
        sql.SQL("SELECT {0} AS given FROM {1} WHERE {0} <> ''").format(c.name, sql.Identifier(c.table))
        for c in found
    ]
    used = sql.SQL(" UNION ").join(asked) if asked else sql.SQL("SELECT '' AS given WHERE false")
    (count,) = session.execute(sql.SQL("SELECT count(*) FROM ({}) used").format(used)).fetchone() or (0,)
    # One stem in eleven has no check digit, and as many as there are may be in use.
    last = FIRST_STEM + min(STEMS, 100 + count * 23 // 10) - 1
    session.execute(sql.SQL(NUMBERS).format(used=used, first=FIRST_STEM, last=last))
    session.execute("ALTER TABLE new_numbers ADD PRIMARY KEY (given)")
    if session.execute("SELECT 1 FROM new_numbers WHERE number IS NULL LIMIT 1").fetchone():
        raise KeepingError("There are more NHS numbers than the range that is never issued has.")


def _replace(session: psycopg.Connection[Any], table: str, found: list[Column]) -> None:
    """One statement for a table. Its triggers rest meanwhile: they would write down what goes."""
    values = [(column.name, value) for column in found if (value := expression(column)) is not None]
    if not values:
        return
    name = sql.Identifier(table)
    new = sql.SQL(", ").join(sql.SQL("{} = {}").format(*pair) for pair in values)
    session.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(name))
    session.execute(sql.SQL("UPDATE {} SET {}").format(name, new))
    session.execute("SET CONSTRAINTS ALL IMMEDIATE")
    session.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(name))


def expression(column: Column) -> sql.Composable | None:
    """What a column becomes, in SQL; None where it stays. A kind that does not fit the column means blank."""
    if column.kind is Scrub.KEEP:
        return _kept(column)
    makers = TEXT_MAKERS if column.is_text else OTHER_MAKERS
    maker = makers.get(column.kind) if not isinstance(column.field, ArrayField) else None
    if maker is None or (column.kind is Scrub.BIRTH_DATE and not isinstance(column.field, models.DateField)):
        return _blank(column.field)
    value = sql.SQL(maker).format(
        it=column.name,
        first_names=sql.Literal([name for names in FIRST_NAMES.values() for name in names]),
        last_names=sql.Literal(list(LAST_NAMES)),
        filler=sql.Literal(FILLER),
        system=sql.Literal(THE_SYSTEM),
    )
    if not column.is_text:
        return value
    most = column.field.max_length or 10_000_000
    return sql.SQL("CASE WHEN {it} <> '' THEN left({value}, {most}) ELSE {it} END").format(
        it=column.name, value=value, most=sql.Literal(most)
    )


TEXT_MAKERS = {
    Scrub.NHS_NUMBER: "(SELECT number FROM new_numbers WHERE given = {it})",
    Scrub.FIRST_NAME: "pg_temp.one_of({it}, 'first', {first_names})",
    Scrub.LAST_NAME: "pg_temp.one_of({it}, 'last', {last_names})",
    Scrub.FULL_NAME: (
        "pg_temp.one_of({it}, 'first', {first_names}) || ' ' || pg_temp.one_of({it}, 'last', {last_names})"
    ),
    Scrub.EMAIL: (
        "CASE {it} WHEN {system} THEN {it} ELSE 'user-' || left(pg_temp.mark(lower({it})), 16) || '@example.org' END"
    ),
    # Numbers that Ofcom keeps free for drama.
    Scrub.PHONE: "'07700 900' || lpad(pg_temp.draw({it}, 'phone', 1000)::text, 3, '0')",
    Scrub.ADDRESS: "(1 + pg_temp.draw({it}, 'house', 200)) || ' Example Street'",
    # No postcode area is called ZZ, except for "not known".
    Scrub.POSTCODE: "'ZZ' || (10 + pg_temp.draw({it}, 'area', 80)) || ' ' || pg_temp.draw({it}, 'street', 10) || 'ZZ'",
    Scrub.IDENTIFIER: "left(pg_temp.mark({it}), 32)",
    # As long as before, so that a page with a long note still is one.
    Scrub.SENTENCE: "left(repeat({filler}, length({it}) / length({filler}) + 1), length({it}))",
    # Django takes a password that begins so as one nobody can type.
    Scrub.SECRET: "'!' || pg_temp.mark({it})",
}
OTHER_MAKERS = {
    # Another day of the same year: ages stay about what they were.
    Scrub.BIRTH_DATE: (
        "make_date(extract(year FROM {it})::int, 1, 1) + pg_temp.draw({it}::text, 'birth', 365)"
    ),
}


def _kept(column: Column) -> sql.Composable | None:
    """A text without a list of choices is kept only where enough rows say the same."""
    if not column.is_text or column.field.choices:
        return None
    return sql.SQL(
        "CASE WHEN {it} IN (SELECT {it} FROM {table} GROUP BY {it} HAVING count(*) >= {fewest}) THEN {it} ELSE {blank} END"
    ).format(
        it=column.name,
        table=sql.Identifier(column.table),
        fewest=sql.Literal(FEWEST_ALIKE),
        blank=_blank(column.field),
    )


def _blank(field: models.Field) -> sql.Composable:
    """Nothing, in the way this column says nothing."""
    if field.null:
        return sql.SQL("NULL")
    if isinstance(field, ArrayField):
        return sql.SQL("'{}'")
    if isinstance(field, models.JSONField):
        return sql.SQL("'[]'::jsonb") if field.get_default() == [] else sql.SQL("'{}'::jsonb")
    if isinstance(field, models.BinaryField):
        return sql.SQL("'\\x'::bytea")
    if isinstance(field, models.DateField):
        return sql.SQL("DATE '1900-01-01'")
    if isinstance(field, models.UUIDField):
        return sql.SQL("gen_random_uuid()")
    if isinstance(field, models.BooleanField):
        return sql.SQL("false")
    return sql.SQL("0") if isinstance(field, NUMBERS_OF_DJANGO) else sql.SQL("''")

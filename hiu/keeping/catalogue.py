"""Everything that makes a database what it is, read from PostgreSQL's own catalogues.

Nothing here knows a table of ours by name, so what a migration adds is compared from the day it is added.
The owner of the tables is written as "owner", so that a copy owned by another role can be compared.
"""

# ruff: noqa: S608  every part of these queries is written in this file

import re
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

# section -> the query of its (name, what it is) rows
_OURS = "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"
_NOT_OF_EXTENSION = (
    "NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = '{0}'::regclass AND d.objid = {1}.oid"
    " AND d.deptype = 'e')"
)
_TABLES = f"{_OURS} AND {_NOT_OF_EXTENSION.format('pg_class', 'c')}"
_GRANTEE = (
    "CASE WHEN a.grantee = 0 THEN 'everybody' WHEN a.grantee = {0} THEN 'owner'"
    " ELSE pg_get_userbyid(a.grantee) END"
)


def _grants(kind: str, name: str, owner: str, acl: str, tables: str, condition: str) -> str:
    """One row for each grantee of each object: what they may do with it."""
    who = _GRANTEE.format(owner)
    right = "a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END"
    return (
        f"SELECT '{kind} ' || {name} || ' to ' || {who}, string_agg({right}, ', ' ORDER BY a.privilege_type)"
        f" FROM {tables}, aclexplode({acl}) a WHERE {condition} GROUP BY 1"
    )


SECTIONS: dict[str, str] = {
    "extension": "SELECT extname, extversion FROM pg_extension",
    "table": (
        "SELECT c.oid::regclass::text, format('%s %s owned by %s, row security %s, forced %s', c.relkind,"
        " c.relpersistence, CASE WHEN c.relowner = d.datdba THEN 'owner' ELSE pg_get_userbyid(c.relowner) END,"
        " c.relrowsecurity, c.relforcerowsecurity)"
        " || CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) ELSE '' END"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pg_database d"
        f" WHERE d.datname = current_database() AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {_TABLES}"
    ),
    "column": (
        "SELECT c.oid::regclass || '.' || t.attname, concat_ws(' ', format_type(t.atttypid, t.atttypmod),"
        " CASE WHEN t.attnotnull THEN 'not null' END, nullif(t.attidentity, ''), nullif(t.attgenerated, ''),"
        " (SELECT collname FROM pg_collation o WHERE o.oid = t.attcollation),"
        " (SELECT pg_get_expr(f.adbin, f.adrelid) FROM pg_attrdef f WHERE f.adrelid = c.oid AND f.adnum = t.attnum))"
        " FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        f" WHERE t.attnum > 0 AND NOT t.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {_TABLES}"
    ),
    "constraint": (
        "SELECT o.conrelid::regclass || '.' || o.conname, pg_get_constraintdef(o.oid) || CASE WHEN"
        " o.convalidated THEN '' ELSE ' unchecked' END FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid"
        # "Not null" is said of the column; from version 18 on it is a constraint as well.
        f" JOIN pg_namespace n ON n.oid = c.relnamespace WHERE o.contype <> 'n' AND {_TABLES}"
    ),
    "index": (
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid THEN ''"
        " ELSE ' broken' END FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
        f" JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_TABLES}"
    ),
    "trigger": (
        "SELECT t.tgrelid::regclass || '.' || t.tgname, pg_get_triggerdef(t.oid) || ' enabled ' || t.tgenabled::text"
        " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        f" WHERE NOT t.tgisinternal AND {_TABLES}"
    ),
    "policy": (
        "SELECT p.polrelid::regclass || '.' || p.polname, format('%s %s to %s using %s check %s', p.polcmd,"
        " p.polpermissive, (SELECT string_agg(CASE r WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(r) END, ', '"
        " ORDER BY 1) FROM unnest(p.polroles) r), pg_get_expr(p.polqual, p.polrelid),"
        " pg_get_expr(p.polwithcheck, p.polrelid)) FROM pg_policy p"
    ),
    "function": (
        "SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid) FROM pg_proc p"
        f" JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.prokind IN ('f', 'p') AND {_OURS}"
        f" AND {_NOT_OF_EXTENSION.format('pg_proc', 'p')}"
    ),
    "type": (
        "SELECT t.oid::regtype::text, coalesce((SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder)"
        " FROM pg_enum e WHERE e.enumtypid = t.oid), format_type(t.typbasetype, t.typtypmod)) FROM pg_type t"
        f" JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd') AND {_OURS}"
        f" AND {_NOT_OF_EXTENSION.format('pg_type', 't')}"
    ),
    "grant": " UNION ALL ".join(
        [
            _grants(
                "table",
                "c.oid::regclass::text",
                "c.relowner",
                "coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\", c.relowner))",
                "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace",
                f"c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND {_TABLES}",
            ),
            _grants(
                "column",
                "(c.oid::regclass || '.' || t.attname)",
                "c.relowner",
                "t.attacl",
                "pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace",
                f"NOT t.attisdropped AND {_TABLES}",
            ),
            _grants(
                "function",
                "p.oid::regprocedure::text",
                "p.proowner",
                "coalesce(p.proacl, acldefault('f', p.proowner))",
                "pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace",
                f"{_OURS} AND {_NOT_OF_EXTENSION.format('pg_proc', 'p')}",
            ),
            _grants(
                "schema",
                "n.nspname",
                "n.nspowner",
                "coalesce(n.nspacl, acldefault('n', n.nspowner))",
                "pg_namespace n",
                _OURS,
            ),
        ]
    ),
    "default right": (
        "SELECT coalesce(n.nspname, 'everywhere') || ' ' || d.defaclobjtype::text, d.defaclacl::text"
        " FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace"
    ),
}
SEQUENCES = (
    "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    f" WHERE c.relkind = 'S' AND {_TABLES}"
)
TABLES = (
    "SELECT n.nspname, c.relname, c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    f" WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND {_TABLES} ORDER BY 1, 2"
)
# The words of a row must not depend on who asks.
SAME_WORDS = (
    "SELECT set_config('search_path', 'pg_catalog, public', false), set_config('DateStyle', 'ISO, YMD', false),"
    " set_config('TimeZone', 'UTC', false), set_config('extra_float_digits', '3', false),"
    " set_config('bytea_output', 'hex', false), set_config('IntervalStyle', 'iso_8601', false),"
    # An error, instead of fewer rows, where a policy would hide some from the owner too.
    " set_config('row_security', 'off', false)"
)


MOST_WORDS = 200
ONE_TEXT = re.compile(r"'(?:[^']|'')*'::character varying")
LIST_OF_TEXTS = re.compile(rf"\(ARRAY\[((?:{ONE_TEXT.pattern}(?:, )?)+)\]\)::text\[\]")
CAST = r"(\g<0>)::text"


@dataclass(frozen=True)
class Description:
    """A database: its parts by section, and the count and hash of the rows of each table."""

    parts: dict[str, dict[str, str]]
    rows: dict[str, list[Any]]


def describe(session: psycopg.Connection[Any]) -> Description:
    """Read one database; inside a transaction that reads repeatably, as at one moment."""
    session.execute(SAME_WORDS)
    parts = {
        section: {name: _settled(definition or "") for name, definition in session.execute(query).fetchall()}
        for section, query in SECTIONS.items()
    }
    tables = session.execute(TABLES).fetchall()
    return Description(parts, {name: rows_of(session, schema, table) for schema, table, name in tables})


def sequences(session: psycopg.Connection[Any]) -> dict[str, int]:
    """The last number each sequence handed out, 0 where none; no transaction holds these still."""
    session.execute(SAME_WORDS)
    names = [name for (name,) in session.execute(SEQUENCES)]
    return {
        name: session.execute("SELECT coalesce(pg_sequence_last_value(%s::regclass), 0)", [name]).fetchone()[
            0
        ]  # type: ignore[index]
        for name in names
    }


def first_difference(expected: Description, found: Description) -> str | None:
    """The first thing that is not as it was, in words; None when all is."""
    for section, parts in expected.parts.items():
        there = found.parts.get(section, {})
        for name in sorted(parts.keys() | there.keys()):
            if name not in there:
                return f"The {section} {name} is missing."
            if name not in parts:
                return f"The {section} {name} was not in the backup."
            if parts[name] != there[name]:
                now, then = there[name][:MOST_WORDS], parts[name][:MOST_WORDS]
                return f"The {section} {name} is not as it was: {now!r} instead of {then!r}."
    for table, (count, digest) in expected.rows.items():
        count_there, digest_there = found.rows[table]
        if count != count_there:
            return f"The table {table} has {count_there:,} rows instead of {count:,}."
        if digest != digest_there:
            return f"The table {table} has a row that is not as it was."
    return None


def first_sequence_out_of_step(before: dict[str, list[int]], found: dict[str, int]) -> str | None:
    """The first sequence that stands outside what it was before and after the dump."""
    for name, (low, high) in before.items():
        if not low <= found.get(name, -1) <= high:
            return f"The sequence {name} is not where it was."
    return None


def _settled(definition: str) -> str:
    """PostgreSQL words a list of texts anew when it reads its own words; here both are the second."""
    return LIST_OF_TEXTS.sub(lambda found: f"ARRAY[{ONE_TEXT.sub(CAST, found[1])}]", definition)


def rows_of(session: psycopg.Connection[Any], schema: str, table: str) -> list[Any]:
    """How many rows, and the sum of the two halves of the md5 of each: the order of rows does not matter."""
    query = sql.SQL(
        "SELECT count(*), coalesce(sum(('x' || left(h, 16))::bit(64)::bigint), 0)::text || '/' ||"
        " coalesce(sum(('x' || right(h, 16))::bit(64)::bigint), 0)::text"
        " FROM (SELECT md5((t.*)::text) AS h FROM {}.{} t OFFSET 0) hashed"
    ).format(sql.Identifier(schema), sql.Identifier(table))
    row = session.execute(query).fetchone()
    return list(row or ())

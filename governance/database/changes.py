"""The triggers that note every write, installed on every table of the models (changes.sql says how).

Nothing of the application can write a note or be without one: the triggers and the notes are the owner's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.db import connections, models
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from governance.models import AuditChain, AuditEvent, RowChange, SearchKey

CODE = Path(__file__).with_name("changes.sql").read_text(encoding="utf-8")

# Tables whose writes are not noted, by label, and why.
QUIET = {
    AuditChain._meta.label: "the audit itself, chained and signed",
    AuditEvent._meta.label: "the audit itself, chained and signed",
    RowChange._meta.label: "the notes themselves, sealed by the audit",
    SearchKey._meta.label: "made from people, whose writes are noted; can be made again at any time",
    "sessions.Session": "comes and goes with every sign-in, which is an event",
    "contenttypes.ContentType": "names of tables, written by migrations",
    "auth.Permission": "not used: roles are code",
    "auth.Group": "not used: roles are code",
}
# Each needs a trigger of its own, since PostgreSQL gives a transition table to one kind of statement only.
_EVENTS = {
    "INSERT": "REFERENCING NEW TABLE AS came",
    "UPDATE": "REFERENCING OLD TABLE AS went NEW TABLE AS came",
    "DELETE": "REFERENCING OLD TABLE AS went",
    "TRUNCATE": "",
}


@dataclass(frozen=True)
class Noted:
    """One table and what its triggers are told: key, service and group columns, and withheld columns."""

    table: str
    key: str
    service: str
    group: str
    withheld: tuple[str, ...]


def noted_tables() -> list[Noted]:
    """Every table whose writes are noted, by name."""
    found = [_noted(m) for m in apps.get_models() if m._meta.managed and m._meta.label not in QUIET]
    return sorted(found, key=lambda noted: noted.table)


def build(using: str) -> None:
    """Install functions and triggers as the owner, and take a baseline where a table has a new shape."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(CODE)
        for noted in noted_tables():
            for event, tables in _EVENTS.items():
                cursor.execute(_trigger(noted, event, tables).as_string(cursor.connection))
            _baseline(cursor, noted)


def problems() -> list[str]:
    """What is wrong with the triggers and their functions themselves, in sentences."""
    wanted = {(noted.table, f"note_{event.lower()}") for noted in noted_tables() for event in _EVENTS}
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
            " WHERE tgenabled = 'O' AND tgfoid = to_regproc('governance_note_change')"
        )
        missing = sorted(wanted - {(table, name) for table, name in cursor.fetchall()})
        changed = [name for name, body in _bodies().items() if _stored_body(cursor, name) != body]
    return [
        *(f"the trigger {name} of {table} is missing or switched off" for table, name in missing),
        *(f"the function {name} was changed" for name in changed),
    ]


def differences(tables: Iterable[Noted] | None = None) -> list[str]:
    """Rows that are not as the notes say, in sentences that name table and row."""
    found = []
    with connections["default"].cursor() as cursor:
        for noted in noted_tables() if tables is None else tables:
            cursor.execute(
                "SELECT of_key, what FROM governance_differences(%s, %s, %s) LIMIT 20",
                [noted.table, noted.key, noted.group],
            )
            of = f"rows with {noted.group}" if noted.group else "row"
            found += [f"{of} {key} of {noted.table} {what}" for key, what in cursor.fetchall()]
    return found


def _noted(model: type[models.Model]) -> Noted:
    columns = {field.name: str(field.column) for field in model._meta.concrete_fields}
    privacy = getattr(model, "privacy", None)
    # Of tables that are not ours nothing is known, so no value is kept.
    withheld = privacy.withheld if privacy else columns.keys()
    return Noted(
        table=model._meta.db_table,
        key=str(model._meta.pk.column),
        service=columns.get("service", ""),
        group=columns.get(getattr(model, "noted_by", ""), ""),
        withheld=tuple(sorted(columns[name] for name in withheld)),
    )


def _trigger(noted: Noted, event: str, tables: str) -> sql.Composed:
    text = (
        "CREATE OR REPLACE TRIGGER {name} AFTER " + event + " ON {table} " + tables + " FOR EACH STATEMENT"
        " EXECUTE FUNCTION governance_note_change({key}, {service}, {group}, {withheld})"
    )
    return sql.SQL(text).format(
        name=sql.Identifier(f"note_{event.lower()}"),
        table=sql.Identifier(noted.table),
        key=sql.Literal(noted.key),
        service=sql.Literal(noted.service),
        group=sql.Literal(noted.group),
        withheld=sql.Literal(",".join(noted.withheld)),
    )


def _baseline(cursor: CursorWrapper, noted: Noted) -> None:
    cursor.execute("SELECT governance_shape_of(%s)", [noted.table])
    shape = f"{cursor.fetchone()[0]}; by {noted.group or 'row'}"
    cursor.execute(
        "SELECT changes ->> 'shape' FROM governance_rowchange"
        " WHERE \"table\" = %s AND operation = 'B' ORDER BY id DESC LIMIT 1",
        [noted.table],
    )
    last = cursor.fetchone()
    if last is None or last[0] != shape:
        arguments = [noted.table, noted.key, noted.service, noted.group, shape]
        cursor.execute("SELECT governance_take_baseline(%s, %s, %s, %s, %s)", arguments)


def _bodies() -> dict[str, str]:
    """The functions of changes.sql and what stands between their dollars."""
    parts = CODE.split("CREATE OR REPLACE FUNCTION ")[1:]
    return {part.split("(", 1)[0]: part.split("$$")[1] for part in parts}


def _stored_body(cursor: CursorWrapper, name: str) -> str | None:
    cursor.execute("SELECT prosrc FROM pg_proc WHERE oid = to_regproc(%s)", [name])
    row = cursor.fetchone()
    return row[0] if row else None

"""The second wall: row-level security, so that a forgotten filter brings back nothing of another service.

Policies follow from the models. A table with a service shows the rows of the session's service (see
governance/scope.py); one without shows the rows whose parent the session sees. Tables that lead to a person
are empty, too, for a session in which people are out of reach, such as a commissioner's.
The owner of the tables is not held back; the application's role owns none (`role_problem`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connections, models
from psycopg import sql

from governance.models import (
    AuditChain,
    AuditEvent,
    Membership,
    Organisation,
    Person,
    RowChange,
    Service,
    SignIn,
    User,
)

OWN_APPS = ("governance", "cohorts", "casework", "evaluation")

# Tables every member may see whole, and why.
OPEN: dict[type[models.Model], str] = {
    Organisation: "names of organisations, shared by all services",
    Service: "names of services, needed to choose one",
    User: "who may sign in; asked before a service is known",
    Membership: "decides which service a session is in, so it is asked before",
    SignIn: "one's own sessions, begun and listed before a service is chosen",
}

_OF_SESSION = (
    "{column} = (SELECT nullif(nullif(current_setting('hiu.service', true), ''), 'every')::bigint)"
    " OR (SELECT current_setting('hiu.service', true) = 'every')"
)
_PEOPLE_IN_REACH = "(SELECT current_setting('hiu.people', true) = 'on')"
_OF_PARENT = "EXISTS (SELECT FROM {parent} parent WHERE parent.{key} = {table}.{column})"


@dataclass(frozen=True)
class Wall:
    """The policy of one table: which rows a session sees, and whether they lead to a person."""

    table: str
    condition: str
    leads_to_person: bool


def own_models() -> list[type[models.Model]]:
    """The models of the four apps."""
    return [model for model in apps.get_models() if model._meta.app_label in OWN_APPS]


def walls() -> list[Wall]:
    """The policy of every table that is not open. Raises LookupError for a model with no way to a service."""
    return [_wall(model) for model in own_models() if not is_open(model)]


def is_open(model: type[models.Model]) -> bool:
    """Whether every member may see the table whole: named above, or with a reason of its own, `open_to_all`."""
    return model in OPEN or hasattr(model, "open_to_all")


def build(using: str) -> None:
    """Put the policies of the models in force, as the owner of the tables; safe to run again."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for wall in walls():
            for statement in _statements(wall):
                cursor.execute(statement.as_string(cursor.connection))


def problem() -> str | None:
    """The first table that stands without its wall, in a sentence; None when all stand."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT relname, polname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid"
            " WHERE relrowsecurity AND relnamespace = 'public'::regnamespace"
        )
        standing = set(cursor.fetchall())
    wanted = {(wall.table, "own_service") for wall in walls()}
    wanted |= {(wall.table, "people_in_reach") for wall in walls() if wall.leads_to_person}
    if missing := sorted(wanted - standing):
        return f"The table {missing[0][0]} has no row-level security. Run manage.py prepare_database."
    return None


def leads_to_person(model: type[models.Model]) -> bool:
    """Whether every row of the model belongs to one person, directly or through its parents."""
    # Rows may describe people before it is known who they are.
    if model is Person or getattr(model, "describes_people", False):
        return True
    return any(
        parent is not model and leads_to_person(parent)
        for field, parent in _parents(model)
        if not field.null and not is_open(parent)
    )


def _wall(model: type[models.Model]) -> Wall:
    table = model._meta.db_table
    return Wall(table, _condition(model), leads_to_person(model))


def _condition(model: type[models.Model]) -> str:
    if model in (AuditChain, AuditEvent):
        # Chain 0 belongs to no service: signing in, choosing one.
        column = "service_id" if model is AuditChain else "chain_id"
        return f"{column} = 0 OR {_OF_SESSION.format(column=column)}"
    fields = {field.name: field for field in model._meta.concrete_fields}
    if "service" in fields:
        own = _OF_SESSION.format(column=fields["service"].column)
        return f"service_id IS NULL OR {own}" if fields["service"].null else own
    if model is RowChange:
        return f"service_id IS NULL OR {_OF_SESSION.format(column='service_id')}"
    for field, parent in _parents(model):
        if not field.null and not is_open(parent):
            return _OF_PARENT.format(
                parent=parent._meta.db_table,
                key=parent._meta.pk.column,
                table=model._meta.db_table,
                column=field.column,
            )
    raise LookupError(f"{model.__name__} leads to no service. Give it one, or say why with `open_to_all`.")


def _parents(model: type[models.Model]) -> Iterator[tuple[models.ForeignKey, type[models.Model]]]:
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey):
            yield field, field.related_model


def _statements(wall: Wall) -> list[sql.Composed]:
    table = sql.Identifier(wall.table)
    people = (
        "CREATE POLICY people_in_reach ON {} AS RESTRICTIVE USING (" + _PEOPLE_IN_REACH + ")"
        if wall.leads_to_person
        else None
    )
    texts = [
        "ALTER TABLE {} ENABLE ROW LEVEL SECURITY",
        "DROP POLICY IF EXISTS own_service ON {}",
        "CREATE POLICY own_service ON {} USING (" + wall.condition + ")",
        "DROP POLICY IF EXISTS people_in_reach ON {}",
        *([people] if people else []),
    ]
    return [sql.SQL(text).format(table) for text in texts]

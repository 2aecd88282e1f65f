"""What stands in the database itself: two roles, and the walls around what the application's may reach.

One role owns the tables; the other is the application's and owns nothing.
"""

from django.apps import apps
from django.conf import settings
from django.db import connections, transaction
from psycopg import sql

from governance.database import changes, policies
from governance.holdings import erasable_tables
from governance.merging import movable
from governance.models.insert_only import InsertOnlyModel

OWNER = "owner"


def build_walls(to: str, using: str = OWNER) -> None:
    """Everything beyond the tables: rights of the role `to`, row-level security, notes of every write.

    It follows from the models, so a model added later is behind the walls by itself. Safe to run again.
    """
    with transaction.atomic(using=using):
        policies.build(using)
        changes.build(using)
        grant(to, using)


def ensure_application_role() -> str:
    """Make the role that the application signs in with, and return its name.

    A role that somebody else made (DATABASE_OWNER_URL is set) keeps its password; the one made here
    has its password set again, since it follows from SECRET_KEY.
    """
    role = str(settings.DATABASES["default"]["USER"])
    owner = str(settings.DATABASES[OWNER]["USER"])
    if role == owner:
        return role
    with connections[OWNER].cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        verb = "ALTER" if cursor.fetchone() else "CREATE"
        if verb == "CREATE" or not settings.APPLICATION_ROLE_IS_GIVEN:
            # A new role has no rights to take away, and of an old one only a superuser may take them.
            statement = sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
                sql.SQL(verb), sql.Identifier(role), sql.Literal(settings.DATABASES["default"]["PASSWORD"])
            )
            cursor.execute(statement.as_string(cursor.connection))
    return role


def grant(to: str, using: str = OWNER) -> None:
    """Give the application's role `to` what its work needs and no more; safe to run again.

    Rows of history can be added and read, not changed: PostgreSQL says it too.
    """
    role = sql.Identifier(to)
    database = sql.Identifier(connections[using].settings_dict["NAME"])
    statements = [
        sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(database, role),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(role),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(role),
        *(
            sql.SQL("REVOKE UPDATE, DELETE ON {} FROM {}").format(sql.Identifier(table), role)
            for table in insert_only_tables()
        ),
        sql.SQL("REVOKE DELETE ON governance_auditchain FROM {}").format(role),
        sql.SQL("REVOKE INSERT ON governance_rowchange FROM {}").format(role),
        *_allow_erasure(role),
        *_allow_merging(role),
    ]
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.as_string(cursor.connection))


def insert_only_tables() -> list[str]:
    """Tables whose rows the application may add and read but never change."""
    return sorted(m._meta.db_table for m in apps.get_models() if issubclass(m, InsertOnlyModel))


def problem() -> str | None:
    """Why the application must not start on this database, in a sentence; None if it may."""
    return (
        role_problem()
        or policies.problem()
        or next(
            (f"In the database {each}. Run manage.py prepare_database." for each in changes.problems()), None
        )
    )


def _allow_erasure(role: sql.Identifier) -> list[sql.Composed]:
    """Retention deletes rows of history through one function of the owner's, and from these tables only."""
    rows = [sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, row))) for row in erasable_tables()]
    return [
        sql.SQL("REVOKE ALL ON governance_erasable FROM {}").format(role),
        sql.SQL("DELETE FROM governance_erasable").format(),
        sql.SQL("INSERT INTO governance_erasable VALUES {}").format(sql.SQL(", ").join(rows)),
        sql.SQL("GRANT EXECUTE ON FUNCTION governance_erase(text, text[]) TO {}").format(role),
    ]


def _allow_merging(role: sql.Identifier) -> list[sql.Composed]:
    """A merge gives rows to another person, history too, through one function and in these columns only."""
    rows = [sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, row))) for row in movable()]
    return [
        sql.SQL("REVOKE ALL ON governance_movable FROM {}").format(role),
        sql.SQL("DELETE FROM governance_movable").format(),
        sql.SQL("INSERT INTO governance_movable VALUES {}").format(sql.SQL(", ").join(rows)),
        sql.SQL("GRANT EXECUTE ON FUNCTION governance_move(text, text, text[], bigint, bigint) TO {}").format(
            role
        ),
    ]


def role_problem() -> str | None:
    """Why the application must not run as the role it is signed in as, in a sentence; None if it may."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            # Whatever role it is a member of, it can become.
            "SELECT session_user::text, EXISTS (SELECT FROM pg_roles r"
            "  WHERE pg_has_role(session_user, r.oid, 'MEMBER') AND (r.rolsuper OR r.rolbypassrls OR EXISTS ("
            "        SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relpersistence <> 't')))"
        )
        name, may_bypass = cursor.fetchone()
    return _role_sentence(name, may_bypass)


def _role_sentence(name: str, may_bypass: bool) -> str | None:
    if may_bypass:
        return (
            f"The application is signed in to the database as {name}, which owns tables or is a superuser. "
            "Run manage.py prepare_database, then sign in as the application's role: docs/how-to/deploy.md."
        )
    return None

import pytest
from django.db import DatabaseError, connection, transaction

from governance import database
from governance.models import AuditChain

pytestmark = pytest.mark.django_db


def test_the_application_owns_nothing_and_is_no_superuser():
    assert database.role_problem() is None


def test_the_application_cannot_make_or_drop_tables():
    for statement in ("CREATE TABLE mine (x int)", "DROP TABLE governance_person"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize("table", database.insert_only_tables())
def test_history_is_closed_to_change(table):
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_the_head_of_a_chain_cannot_be_deleted():
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        AuditChain.objects.all()._raw_delete("default")

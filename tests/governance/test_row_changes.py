"""What the database notes by itself of every write, and what it leaves out."""

import pytest
from django.db import DatabaseError, connection, transaction

from governance import audit, scope
from governance.actions import consent
from governance.models import AuditEvent, Person, RowChange
from tests.factories.cohorts import ActivityFactory, ExtractFactory
from tests.factories.governance import PersonFactory

pytestmark = pytest.mark.django_db


def notes(table="governance_person"):
    return list(RowChange.objects.filter(table=table).exclude(operation="B").order_by("pk"))


def test_every_way_of_writing_leaves_its_notes(service):
    first = PersonFactory(service=service)
    Person.objects.bulk_create(Person(service=service, first_name=f"Zz{i}") for i in range(3))
    Person.objects.filter(first_name__startswith="Zz").update(moved_on="2026-01-01")
    first.moved_on = "2026-02-02"
    Person.objects.bulk_update([first], ["moved_on"])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE governance_person SET moved_on = NULL WHERE id = %s", [first.pk])
        cursor.execute("DELETE FROM governance_person WHERE id = %s", [first.pk])
    assert [note.operation for note in notes()] == [*"IIII", *"UUUUU", "D"]


def test_a_note_has_old_and_new_but_no_personal_value(service, lead):
    person = PersonFactory(service=service, first_name="Zephyrine")
    with scope.of(service, by=lead, request="/cases/1/"):
        Person.objects.filter(pk=person.pk).update(first_name="Quagmire", moved_on="2026-03-01")
    note = notes()[-1]
    assert note.changes == {"first_name": None, "moved_on": [None, "2026-03-01"]}
    assert (note.key, note.service_id) == (str(person.pk), service.pk)
    assert (note.actor, note.request) == (str(lead.pk), "/cases/1/")
    assert note.role == connection.settings_dict["USER"]


def test_a_write_that_changes_nothing_leaves_no_note(service):
    person = PersonFactory(service=service)
    before = len(notes())
    person.save()
    assert len(notes()) == before


def test_many_rows_of_one_statement_are_noted_together_with_the_digest_of_each(service):
    Person.objects.bulk_create(Person(service=service, first_name=f"F{i}") for i in range(60))
    (note,) = notes()
    assert note.rows == len(note.keys) == len(note.digests) == 60


def test_activity_is_noted_by_extract(service):
    extract = ExtractFactory(service=service)
    rows = [ActivityFactory(service=service, extract=extract, source=extract.source) for _ in range(3)]
    found = notes("cohorts_activity")
    assert {note.key for note in found} == {str(extract.pk)}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cohorts_activity")
    assert sum(note.balance for note in notes("cohorts_activity")) == 0
    assert len(rows) == sum(note.rows for note in found)


@pytest.mark.parametrize(
    "statement",
    [
        'INSERT INTO governance_rowchange (at, transaction, "table", operation, key, rows, role, actor, request)'
        " VALUES (now(), 1, 'x', 'I', '', 0, '', '', '')",
        "UPDATE governance_rowchange SET key = 'x'",
        "DELETE FROM governance_rowchange",
        "TRUNCATE governance_rowchange",
        "ALTER TABLE governance_person DISABLE TRIGGER USER",
        "SELECT governance_take_baseline('governance_person', 'id', 'service_id', '', 'x')",
        "SET session_replication_role = replica",
    ],
)
def test_the_application_can_neither_write_notes_nor_switch_them_off(service, statement):
    PersonFactory(service=service)
    refused = pytest.raises(DatabaseError, match=r"permission denied|must be owner")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_event_seals_the_notes_of_its_change_and_the_next_one_only_its_own(service, lead):
    person = PersonFactory(service=service)
    audit.seal_the_rest()
    given = {"service": service, "person": person, "method": "phone", "by": lead}
    consent.record(scope="support", decision="given", **given)
    consent.record(scope="support", decision="withdrawn", **given)
    first, second = AuditEvent.objects.filter(chain_id=service.pk).order_by("number")
    assert first.changes_hash != second.changes_hash
    assert first.changes_last < second.changes_first
    assert audit.unsealed() == []


def test_what_no_event_sealed_is_sealed_by_the_sweep_once(service):
    audit.seal_the_rest()
    PersonFactory(service=service)
    assert audit.unsealed() != []
    assert audit.seal_the_rest() > 0
    assert (audit.unsealed(), audit.seal_the_rest()) == ([], 0)
    event = AuditEvent.objects.filter(event="changes_sealed").latest("number")
    assert (event.chain_id, event.changes["tables"]["governance_person"]) == (0, 1)


@pytest.mark.parametrize(
    "table, key",
    [
        ("governance_person", "nhs_number"),
        ("seen", "id"),
        ("governance_auditevent", "id"),
        ("pg_authid", "oid"),
    ],
)
def test_the_owners_reader_reads_only_what_is_noted_and_by_its_key(service, table, key):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY VIEW seen AS SELECT 1::bigint AS id")
    refused = pytest.raises(DatabaseError, match="no notes are kept")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM governance_differences(%s, %s, '')", [table, key])


def test_the_application_cannot_put_the_trigger_on_a_table_of_its_own(service):
    refused = pytest.raises(DatabaseError, match="permission denied for function governance_note_change")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE governance_person (id bigint)")
        cursor.execute(
            "CREATE TRIGGER forged AFTER INSERT ON pg_temp.governance_person REFERENCING NEW TABLE AS came"
            " FOR EACH STATEMENT EXECUTE FUNCTION governance_note_change('id', '', '', '')"
        )

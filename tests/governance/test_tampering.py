"""Eight ways to tamper, by somebody with the owner's rights: each is found, and the row named."""

import os
import random
import secrets

import pytest
from django.conf import settings
from django.db import connection

from governance import audit, verification
from governance.actions import consent
from governance.models import AuditChain, AuditEvent, Consent, Person
from tests.factories.casework import CaseFactory, ContactFactory, StageChangeFactory
from tests.factories.cohorts import ActivityFactory, ExtractFactory

pytestmark = pytest.mark.django_db
# Each a change of mind, so that each is a row and an event.
DECISIONS = [
    ("support", "given"),
    ("evaluation", "refused"),
    ("support", "withdrawn"),
    ("publish", "given"),
    ("evaluation", "given"),
    ("publish", "withdrawn"),
]
LATER = ["withdrawn", "given", "refused"]
TABLES = ["governance_consent", "casework_contact", "governance_person", "casework_stagechange"]


@pytest.fixture(scope="module", autouse=True)
def _signed_in_as_the_owner(django_db_setup, django_db_blocker):
    """The attacker's session; what it does is undone with the test's transaction."""
    before = dict(connection.settings_dict)
    owner = settings.DATABASES["owner"]
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict.update(USER=owner["USER"], PASSWORD=owner["PASSWORD"])
    yield
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict.update(USER=before["USER"], PASSWORD=before["PASSWORD"])


@pytest.fixture
def attack(request):
    """The same attack at the same place, whenever the test of this number is run."""
    return random.Random(request.node.callspec.params["number"])


@pytest.fixture
def history(service, lead):
    """A service with some days behind it: consents, contacts, a bulk of people, activity of an extract."""
    case = CaseFactory(service=service)
    for scope, decision in DECISIONS:
        consent.record(
            service=service, person=case.person, scope=scope, decision=decision, method="phone", by=lead
        )
    Person.objects.bulk_create(Person(service=service, first_name=f"F{i}") for i in range(60))
    for _ in range(4):
        ContactFactory(service=service, case=case, by=lead)
        StageChangeFactory(service=service, case=case, by=lead)
    extract = ExtractFactory(service=service)
    for _ in range(3):
        ActivityFactory(service=service, extract=extract, source=extract.source, person=case.person)
    audit.seal_the_rest()
    run("SET CONSTRAINTS ALL IMMEDIATE")
    assert verification.verify().problems == []
    verification.write_anchors()
    return case


def run(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def found():
    return verification.verify().problems


def quietly(table, *statements):
    """Write with the triggers off and put them on again, as if nothing had been."""
    run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for statement in statements:
        run(statement)
    run(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def any_event(attack, service):
    return attack.choice(list(AuditEvent.objects.filter(chain_id=service.pk).order_by("number")))


# A few of each in every run; `make drill` makes 25.
ATTEMPTS = pytest.mark.parametrize("number", range(int(os.environ.get("HIU_ATTEMPTS", "5"))))


@ATTEMPTS
def test_an_edited_event(history, service, attack, number):
    event = any_event(attack, service)
    column, value = attack.choice(
        [("event", "'x'"), ("actor", "'nobody'"), ("actor_id", "0"), ("target_id", "'9'"), ("changes", "'{}'"),
         ("at", "at - interval '1 day'"), ("changes_hash", "repeat('0', 64)"), ("hash", "repeat('0', 64)")]
    )  # fmt: skip
    run(f"UPDATE governance_auditevent SET {column} = {value} WHERE id = %s", event.pk)
    assert found()[0].startswith(f"event {event.number} of service {service.pk}")


@ATTEMPTS
def test_an_event_taken_out(history, service, attack, number):
    event = any_event(attack, service)
    run("DELETE FROM governance_auditevent WHERE id = %s", event.pk)
    assert found()[0] == f"event {event.number} of service {service.pk} is missing"


@ATTEMPTS
def test_a_forged_event(history, service, attack, number):
    head = AuditChain.objects.get(pk=service.pk)
    forged = secrets.token_hex(32)
    run(
        "INSERT INTO governance_auditevent (chain_id, number, at, event, actor, target, target_id, changes,"
        " transactions, changes_hash, previous_hash, hash)"
        " VALUES (%s, %s, now(), %s, 'lead@example.org', '', '', '{}', '{}', '', %s, %s)",
        service.pk, head.last_number + 1, attack.choice(["case_opened", "member_added"]), head.last_hash, forged,
    )  # fmt: skip
    run(
        "UPDATE governance_auditchain SET last_number = last_number + 1, last_hash = %s WHERE service_id = %s",
        forged,
        service.pk,
    )
    assert found()[0] == f"event {head.last_number + 1} of service {service.pk} was changed"


@ATTEMPTS
def test_two_events_that_changed_places(history, service, attack, number):
    one, other = sorted(attack.sample(range(1, 7), 2))
    run("UPDATE governance_auditevent SET number = -number WHERE chain_id = %s", service.pk)
    for old, new in ((one, other), (other, one)):
        run(
            "UPDATE governance_auditevent SET number = %s WHERE chain_id = %s AND number = %s",
            new, service.pk, -old,
        )  # fmt: skip
    run("UPDATE governance_auditevent SET number = -number WHERE chain_id = %s AND number < 0", service.pk)
    assert found()[0].startswith(f"event {one} of service {service.pk}")


@ATTEMPTS
def test_the_end_of_a_chain_cut_off_together_with_its_head(history, service, attack, number):
    last = attack.randint(1, 5)
    run("DELETE FROM governance_auditevent WHERE chain_id = %s AND number > %s", service.pk, last)
    run(
        "UPDATE governance_auditchain head SET last_number = event.number, last_hash = event.hash"
        " FROM governance_auditevent event WHERE head.service_id = event.chain_id AND event.chain_id = %s"
        " AND event.number = %s",
        service.pk, last,
    )  # fmt: skip
    assert any(problem.startswith(f"event 6 of service {service.pk} is not the one") for problem in found())


@ATTEMPTS
def test_a_table_emptied(history, attack, number):
    table = attack.choice(["governance_consent", "casework_contact", "casework_stagechange"])
    keys = [key for (key,) in run(f"SELECT id FROM {table}")]
    attack.choice(
        [lambda: run(f"TRUNCATE {table} CASCADE"), lambda: quietly(table, f"DELETE FROM {table}")]
    )()
    assert {f"row {key} of {table} is missing" for key in keys} <= set(found())


@ATTEMPTS
def test_a_row_written_with_the_triggers_off(history, service, attack, number):
    table = attack.choice(TABLES)
    key = attack.choice([key for (key,) in run(f"SELECT id FROM {table} ORDER BY id")])
    column = {
        "governance_consent": "decision",
        "casework_contact": "note",
        "governance_person": "phone",
        "casework_stagechange": "reason",
    }[table]
    quietly(table, f"UPDATE {table} SET {column} = 'x{number}' WHERE id = {key}")
    assert found() == [f"row {key} of {table} was changed"]


@ATTEMPTS
def test_an_old_copy_of_a_table_put_back(history, service, lead, attack, number):
    run("CREATE TEMPORARY TABLE old ON COMMIT DROP AS SELECT * FROM governance_consent")
    later = [
        consent.record(
            service=service,
            person=history.person,
            scope="evaluation",
            decision=decision,
            method="phone",
            by=lead,
        )
        for decision in LATER[: attack.randint(1, 3)]
    ]
    run("SET CONSTRAINTS ALL IMMEDIATE")
    quietly(
        "governance_consent",
        "DELETE FROM governance_consent",
        "INSERT INTO governance_consent SELECT * FROM old",
    )
    assert found() == [f"row {row.pk} of governance_consent is missing" for row in later]


def test_a_row_of_a_bulk_and_activity_of_an_extract_are_named_too(history, service):
    last = Person.objects.latest("pk")
    quietly("governance_person", f"DELETE FROM governance_person WHERE id = {last.pk}")
    quietly("cohorts_activity", "UPDATE cohorts_activity SET site = 'elsewhere'")
    extract = run("SELECT DISTINCT extract_id FROM cohorts_activity")[0][0]
    assert found() == [
        f"rows with extract_id {extract} of cohorts_activity was changed",
        f"row {last.pk} of governance_person is missing",
    ]


def test_a_row_added_past_the_triggers(history, service, lead):
    row = Consent.objects.latest("pk")
    run(
        "CREATE TEMPORARY TABLE copy ON COMMIT DROP AS SELECT * FROM governance_consent WHERE id = %s", row.pk
    )
    quietly(
        "governance_consent",
        f"UPDATE copy SET id = {row.pk + 1000}",
        "INSERT INTO governance_consent SELECT * FROM copy",
    )
    assert found() == [f"row {row.pk + 1000} of governance_consent was added"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE governance_rowchange SET actor = '99' WHERE \"table\" = 'governance_consent'",
        "DELETE FROM governance_rowchange WHERE \"table\" = 'governance_consent'",
        "UPDATE governance_rowchange SET digest = NULL WHERE \"table\" = 'governance_consent'",
    ],
)
def test_notes_that_were_touched(history, service, statement):
    run(statement)
    sealed = f"the notes on rows sealed by event 1 of service {service.pk} were changed"
    assert sealed in found()


def test_a_trigger_switched_off_and_a_function_replaced(history):
    run("ALTER TABLE casework_contact DISABLE TRIGGER note_update")
    run(
        "CREATE OR REPLACE FUNCTION governance_row_digest(line text) RETURNS bytea LANGUAGE sql"
        " AS $$ SELECT '\\x00'::bytea $$"
    )
    assert {
        "the trigger note_update of casework_contact is missing or switched off",
        "the function governance_row_digest was changed",
    } <= set(found())


def test_writing_past_the_application_is_told_to_the_service(history, service):
    settings_user = connection.settings_dict["USER"]
    run("UPDATE governance_person SET phone = '07700 900000' WHERE id = %s", history.person_id)
    connection.settings_dict["USER"] = "somebody_else"
    try:
        audit.seal_the_rest()
    finally:
        connection.settings_dict["USER"] = settings_user
    event = AuditEvent.objects.get(chain_id=service.pk, event="changed_outside_the_application")
    assert event.changes == {"governance_person": {"notes": 1, "first": [str(history.person_id)]}}
    assert event.actor == settings_user

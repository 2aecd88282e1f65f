import threading
from contextvars import copy_context

import pytest
from django.db import DatabaseError, connection, transaction

from governance import audit, verification
from governance.models import AuditEvent
from tests.factories.governance import PersonFactory

pytestmark = pytest.mark.django_db


def three_events(service, lead):
    for event in ("extract_received", "extract_committed", "list_built"):
        with transaction.atomic():
            audit.record(event, service=service, by=lead, changes={"rows": [0, 10]})


def as_owner(statement):
    """What somebody with the owner's rights could do behind the application's back."""
    from django.conf import settings

    connection.commit()
    owner = settings.DATABASES["owner"]
    import psycopg

    with psycopg.connect(
        host=owner["HOST"],
        port=owner["PORT"],
        user=owner["USER"],
        password=owner["PASSWORD"],
        dbname=connection.settings_dict["NAME"],
    ) as direct:
        direct.execute(statement)


def test_untouched_chain_verifies(service, lead):
    three_events(service, lead)
    assert verification.verify() == verification.Verification(events=3, problems=[])


def test_event_outside_a_transaction_is_refused(transactional_db, service, lead):
    with pytest.raises(audit.NotInTransaction):
        audit.record("extract_received", service=service, by=lead)


def test_event_carries_label_and_id_but_no_name(service, lead):
    person = PersonFactory(service=service, first_name="Canary", last_name="Bird")
    event = audit.record("person_viewed", service=service, by=lead, on=person)
    assert (event.target, event.target_id) == ("governance.person", str(person.pk))
    assert "Canary" not in str(vars(event))


def test_the_application_cannot_edit_or_delete_events(service, lead):
    three_events(service, lead)
    for statement in ("UPDATE governance_auditevent SET actor = 'x'", "DELETE FROM governance_auditevent"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)


@pytest.mark.parametrize(
    "attack, where",
    [
        ("UPDATE governance_auditevent SET actor = 'nobody' WHERE number = 2", "event 2"),
        ("UPDATE governance_auditevent SET changes = '{\"rows\": [0, 11]}' WHERE number = 3", "event 3"),
        ("DELETE FROM governance_auditevent WHERE number = 2", "event 2"),
        ("DELETE FROM governance_auditevent WHERE number = 3", "event 3"),
        ("DELETE FROM governance_auditevent", "event 3"),
        ("UPDATE governance_auditevent SET number = number + 10 WHERE number = 3", "event 3"),
        ("DELETE FROM governance_auditchain", "head"),
        ("UPDATE governance_auditchain SET last_number = 2", "head"),
        (
            "UPDATE governance_auditevent SET chain_id = 999;"
            "UPDATE governance_auditchain SET service_id = 999",
            "event 1 of service 999 was changed",
        ),
        ("UPDATE governance_auditchain SET last_hash = 'x'", "event 3"),
        ("UPDATE governance_auditevent SET actor_id = 0 WHERE number = 2", "event 2"),
        ("UPDATE governance_auditevent SET target_id = '9' WHERE number = 2", "event 2"),
        ("UPDATE governance_auditevent SET at = at - interval '1 day' WHERE number = 2", "event 2"),
        ("UPDATE governance_auditevent SET previous_hash = 'x' WHERE number = 2", "event 2"),
    ],
)
def test_tampering_is_found_and_named(transactional_db, service, lead, attack, where):
    three_events(service, lead)
    as_owner(attack)
    found = verification.verify()
    assert not found.ok
    assert where in found.first_broken


def test_a_genuine_event_of_another_history_is_found(transactional_db, service, lead):
    """Its own seal is right, as after a backup was restored; the event after it gives it away."""
    three_events(service, lead)
    as_owner(
        "CREATE TABLE kept AS SELECT * FROM governance_auditevent WHERE number = 2;"
        "DELETE FROM governance_auditevent WHERE number > 1;"
        "UPDATE governance_auditchain SET last_number = 1, last_hash = (SELECT hash FROM governance_auditevent)"
    )
    three_events(service, lead)
    as_owner(
        "DELETE FROM governance_auditevent WHERE number = 2;"
        "INSERT INTO governance_auditevent SELECT * FROM kept;"
        "DROP TABLE kept"
    )
    assert (
        verification.verify().first_broken
        == f"event 3 of service {service.pk} does not follow the one before it"
    )


def test_an_event_recorded_while_the_log_is_checked_is_no_alarm(transactional_db, service, lead):
    def record():
        with transaction.atomic():
            audit.record("list_built", service=service, by=lead)
        connection.close()

    def somebody_works(execute, sql, *args):
        if "auditevent" in sql and not working:
            working.append(threading.Thread(target=copy_context().run, args=[record]))
            working[0].start()
            working[0].join()
        return execute(sql, *args)

    working = []
    three_events(service, lead)
    with connection.execute_wrapper(somebody_works):
        assert verification.verify().ok
    assert verification.verify() == verification.Verification(events=4, problems=[])


def test_the_log_of_one_service_says_nothing_of_another(transactional_db, service, neighbour, lead):
    three_events(service, lead)
    three_events(neighbour, lead)
    as_owner(f"DELETE FROM governance_auditevent WHERE chain_id = {neighbour.pk} AND number = 2")
    assert verification.verify_chain(service) == verification.Verification(events=3, problems=[])
    assert not verification.verify_chain(neighbour).ok


def test_events_of_two_services_do_not_wait_for_each_other(service, neighbour, lead):
    three_events(service, lead)
    three_events(neighbour, lead)
    assert sorted(AuditEvent.objects.values_list("chain_id", "number")) == sorted(
        (s.pk, n) for s in (service, neighbour) for n in (1, 2, 3)
    )

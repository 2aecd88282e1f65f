"""While a routine load holds everything it needs, no page waits for it and a contact can be logged."""

from contextvars import copy_context
from threading import Event, Thread
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from casework.actions import contact
from casework.models import Contact
from cohorts.models import Extract
from cohorts.pipeline import match
from governance import audit
from governance.models import Person
from governance.roles import Role
from tests.cohorts.extracts import BOB, feed, load_rows, row
from tests.factories.governance import MembershipFactory, ServiceFactory
from tests.signed_in import signed_in
from tests.test_access import ALL, address
from tests.world import build_world

pytestmark = pytest.mark.django_db(transaction=True)

LONGEST_WAIT = "100ms"


@pytest.fixture
def world(transactional_db):
    return build_world(ServiceFactory())


@pytest.fixture
def load_that_holds(world, monkeypatch):
    """A second extract about the world's own person, stored but for its last line, until the test ends."""
    number = world.rows["case"].person.nhs_number
    source = feed(world.service, slug="routine")
    load_rows(source, row("A1", number))
    stored, go_on, record = Event(), Event(), audit.record

    def last_line(event, **facts):
        if event == "extract_committed":
            stored.set()
            go_on.wait(60)
        record(event, **facts)

    monkeypatch.setattr(audit, "record", last_line)

    def load():
        try:
            load_rows(source, row("A1", number, end="Referred"), row("A2", number, on="2026-02-03"))
        finally:
            connection.close()

    thread = Thread(target=copy_context().run, args=[load])
    thread.start()
    assert stored.wait(30)
    yield
    go_on.set()
    thread.join()
    newest = Extract.objects.filter(source=source).latest("pk")
    assert (newest.status, newest.rows_new, newest.rows_changed) == ("committed", 1, 1)


def test_no_page_waits_for_a_routine_load(world, load_that_holds):
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LONGEST_WAIT}'")
    opened = 0
    for role in (Role.HIU_LEAD, Role.LINK_WORKER):
        client = signed_in(MembershipFactory(service=world.service, role=role).user)
        for name in sorted(ALL):
            answer = client.get(address(name, world))
            answer.getvalue()
            opened += answer.status_code == 200
    assert opened > 50


def test_a_contact_is_logged_beside_a_load_of_the_same_person(world, load_that_holds):
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LONGEST_WAIT}'")
    case = world.rows["case"]
    logged = contact.log(
        case=case, key=uuid4(), kind="call", outcome="no_answer", by=case.worker, note="Rang twice."
    )
    assert Contact.objects.filter(pk=logged.pk).exists()


def test_whoever_a_load_has_news_of_is_held_before_these_are_read(transactional_db, monkeypatch):
    source = feed(ServiceFactory())
    load_rows(source, row("A1"), row("B1", BOB, first="Bob"))
    read, refused = match._news_statement, []

    def correct():
        for person in Person.objects.order_by("nhs_number"):
            try:
                with transaction.atomic():
                    Person.objects.select_for_update(of=["self"], nowait=True).get(pk=person.pk)
            except DatabaseError:
                refused.append(person.first_name)
        connection.close()

    def statement(stage, *, few):
        thread = Thread(target=copy_context().run, args=[correct])
        thread.start()
        thread.join(20)
        return read(stage, few=few)

    monkeypatch.setattr(match, "_news_statement", statement)
    load_rows(source, row("A2", on="2026-03-01", first="Anna"), row("B1", BOB, first="Bob"))
    assert "Ann" in refused
    assert Person.objects.filter(first_name="Anna").exists()

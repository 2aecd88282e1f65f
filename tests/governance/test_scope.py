"""The scope of a database session follows the code that runs, and ends with it."""

import pytest
from django.db import connection, transaction

from governance import scope
from governance.middleware import ServiceMiddleware
from tests.factories.governance import MembershipFactory

pytestmark = pytest.mark.django_db


def setting(name):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true)", [f"hiu.{name}"])
        return cursor.fetchone()[0]


def test_a_session_is_told_which_service_and_who(service, lead):
    with scope.of(service, by=lead, people=False, request="/board/"):
        assert setting("service") == str(service.pk)
        assert setting("people") == "off"
        assert setting("actor") == str(lead.pk)
        assert setting("request") == "/board/"


def test_leaving_brings_the_scope_before_back(service, neighbour):
    with scope.of(service):
        with scope.of(neighbour):
            assert setting("service") == str(neighbour.pk)
        assert setting("service") == str(service.pk)


def test_a_failed_transaction_brings_it_back_too(service):
    before = setting("service")
    failing = pytest.raises(Exception, match="does not exist")
    with failing, transaction.atomic(), scope.of(service), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM nowhere")
    assert setting("service") == before


def test_a_new_session_starts_where_the_code_is(service):
    with scope.of(service):
        scope.on_connect(type(connection), connection)
        assert setting("service") == str(service.pk)


@pytest.mark.parametrize("role, people", [("hiu_lead", "on"), ("commissioner", "off"), ("auditor", "off")])
def test_a_request_is_told_its_service_and_whether_people_are_in_reach(service, as_user, rf, role, people):
    user = MembershipFactory(service=service, role=role).user
    request = rf.get("/")
    request.user, request.session = user, {"second_factor": {"kind": "totp", "at": 0}}
    found = []
    ServiceMiddleware(lambda r: found.append((setting("service"), setting("people"))))(request)
    assert found == [(str(service.pk), people)]

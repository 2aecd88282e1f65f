"""Every page about a person leaves one row: who, whose record, which page, why."""

import pytest
from django.db import models
from django.urls import reverse

from governance.actions import search_keys
from governance.models import AuditEvent, Person
from governance.permissions import role_allows
from governance.roles import Role
from tests.factories.governance import MembershipFactory
from tests.signed_in import signed_in
from tests.test_access import GUARDED, address, permission_of
from tests.world import CANARIES, NOUN_OF, World, build_world

pytestmark = pytest.mark.django_db

# Looked at without somebody's record: noted under a name of their own, on no person.
NOTED = {
    "casework:cases": "cases_listed",
    "casework:experiences": "experience_listed",
    "cohorts:list": "list_opened",
    "cohorts:line": "list_opened",
    "evaluation:area_profile": "area_profile_opened",
    "cohorts:referrals": "referrals_listed",
    "evaluation:report": "report_opened",
    "evaluation:report_file": "report_downloaded",
    "governance:opened_outside": "access_report_opened",
}
# What the rows of the world do not let anybody see yet; each is tried in tests/governance/test_rights_pages.py.
NOT_SHOWN = {
    "casework:reopen": "the case of the world is open; see tests/casework/test_queries.py",
    "governance:copy": "the request is not released",
    "governance:correct": "no detail is chosen in the address",
    "cohorts:same_person": "the address does not say who else; see tests/cohorts/test_identity_pages.py",
}
# A page that is looked at before the record is.
ASKS = {"casework:give_reason"}


def person_of(row: models.Model) -> Person | None:
    """The one person a row of the world is about."""
    if isinstance(row, Person):
        return row
    for name in ("person", "case", "request", "disclosure"):
        if isinstance(getattr(row, name, None), models.Model):
            return person_of(getattr(row, name))
    return None


@pytest.fixture
def world(service) -> World:
    return build_world(service)


def members_who_may(service, name):
    for role in Role:
        if role_allows(role, permission_of(GUARDED[name])):
            yield MembershipFactory(service=service, role=role)


def test_the_sweep_knows_what_leads_to_a_person(world):
    leads = {noun for noun, row in world.rows.items() if person_of(row)}
    assert leads >= {"person", "opening", "candidate", "case"}
    assert not leads & {"extract", "report", "rule", "membership", "agreement"}


@pytest.mark.parametrize("name", sorted(set(NOUN_OF) & set(GUARDED)))
def test_a_page_about_a_person_leaves_one_row(world, name):
    person = person_of(world.rows[NOUN_OF[name]])
    if person is None:
        return
    shown = []
    for membership in members_who_may(world.service, name):
        client = signed_in(membership.user)
        before = AuditEvent.objects.count()
        response = client.get(address(name, world))
        rows = list(AuditEvent.objects.order_by("number")[before:])
        if response.status_code != 200:
            assert rows == []
            assert [c for c in CANARIES if c in response.content.decode()] == []
            continue
        [row] = rows
        assert row.event == ("record_asked_for" if name in ASKS else "record_opened")
        assert (row.target, row.target_id) == ("governance.person", str(person.pk))
        assert row.actor_id == membership.user_id
        assert row.changes["page"] == name
        assert row.changes["role"] == membership.role
        assert name in ASKS or row.changes["why"]
        assert [c for c in CANARIES if c in str(row.changes)] == []
        shown.append(membership.role)
    answer = client.get(address(name, world))
    assert shown or answer.status_code == 405 or name in NOT_SHOWN, (
        f"{name} was shown to nobody, so the sweep proves nothing"
    )


@pytest.mark.parametrize("name", sorted(set(NOUN_OF) & set(GUARDED)))
def test_a_form_that_comes_back_with_an_error_leaves_a_row_too(world, name):
    about = person_of(world.rows[NOUN_OF[name]]) is not None
    for membership in members_who_may(world.service, name):
        client = signed_in(membership.user)
        before = AuditEvent.objects.filter(target="governance.person").count()
        response = client.post(address(name, world), {"step": "nothing"})
        rows = AuditEvent.objects.filter(target="governance.person").count() - before
        assert rows == (about and response.status_code == 200)


@pytest.mark.parametrize("name, event", NOTED.items())
def test_lists_and_reports_leave_a_row_as_well(world, name, event):
    for membership in members_who_may(world.service, name):
        client = signed_in(membership.user)
        before = AuditEvent.objects.count()
        assert client.get(address(name, world)).status_code == 200
        [row] = AuditEvent.objects.order_by("number")[before:]
        assert (row.event, row.actor_id) == (event, membership.user_id)


def test_a_search_is_noted_without_its_letters(world):
    search_keys.refresh(service=world.service)
    membership = next(m for m in members_who_may(world.service, "casework:choose_client"))
    client = signed_in(membership.user)
    client.post(reverse("casework:choose_client"), {"q": "Zephy"})
    row = AuditEvent.objects.get(event="people_searched")
    assert row.changes == {"page": "casework:choose_client", "letters": 5, "found": 1}


def test_a_page_that_cannot_be_noted_is_not_shown(world, monkeypatch):
    def fail(row):
        raise OSError

    client = signed_in(MembershipFactory(service=world.service, role=Role.HIU_LEAD).user)
    client.raise_request_exception = False
    monkeypatch.setattr("governance.audit.sign", fail)
    response = client.get(world.rows["case"].get_absolute_url())
    assert response.status_code == 500
    assert [c for c in CANARIES if c in response.content.decode()] == []

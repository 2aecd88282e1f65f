"""Who opens what, and that a neighbour's client is not found."""

import pytest
from django.urls import reverse

from governance.roles import Role
from tests.factories.casework import CaseFactory, ContactFactory, RiskFactory
from tests.factories.governance import MembershipFactory

WORKERS = {Role.LINK_WORKER, Role.HIU_LEAD}
LEADS = {Role.HIU_LEAD}
LISTS = {
    "today": WORKERS,
    "choose_client": WORKERS,
    "cases": WORKERS,
    "board": LEADS,
    "recalls": WORKERS,
    "disclosures": {Role.IG_LEAD},
    "caseload": LEADS | {Role.SERVICE_MANAGER},
}
OF_A_CASE = {
    "case": WORKERS,
    "log_contact": WORKERS,
    "move_stage": WORKERS,
    "score": WORKERS,
    "risk": WORKERS,
    "consent": WORKERS,
    "notice": WORKERS,
    "sharing": WORKERS,
    "share_otherwise": WORKERS,
    "reopen": WORKERS,
    "allocate": LEADS,
}
FOUND = {200, 302, 405}
WRONG_METHOD = {("case", "post"), ("sharing", "post")}


def member_of(service, role, as_user):
    return as_user(MembershipFactory(service=service, role=role).user)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name, roles", LISTS.items())
def test_a_list_opens_for_its_roles(service, case, as_user, name, roles, role):
    response = member_of(service, role, as_user).get(reverse(f"casework:{name}"))
    assert response.status_code == (200 if role in roles else 403)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name, roles", OF_A_CASE.items())
def test_a_page_of_a_case_opens_for_its_roles(case, as_user, name, roles, role):
    client = member_of(case.service, role, as_user)
    response = client.get(reverse(f"casework:{name}", args=[case.pk]))
    if role in roles:
        assert response.status_code in FOUND
    else:
        assert response.status_code == 403
        assert "Marigold" not in response.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", OF_A_CASE)
def test_a_neighbours_case_is_not_found_and_not_named(case, outsider, as_user, name, method):
    RiskFactory(case=case)
    response = getattr(as_user(outsider), method)(reverse(f"casework:{name}", args=[case.pk]))
    assert response.status_code == (405 if (name, method) in WRONG_METHOD else 404)
    body = response.content.decode()
    assert "Marigold" not in body
    assert "Featherstone" not in body


@pytest.mark.parametrize("name", LISTS)
def test_a_neighbours_lists_name_none_of_our_clients(case, outsider, as_user, name):
    ContactFactory(case=case)
    body = as_user(outsider).get(reverse(f"casework:{name}")).content.decode()
    assert "Marigold" not in body
    assert "Wendy Worker" not in body


def test_a_neighbours_hours_cannot_be_set(service, link_worker, outsider, as_user):
    url = reverse("casework:capacity", args=[link_worker.memberships.get().pk])
    assert as_user(outsider).get(url).status_code == 404


def test_a_service_manager_sees_loads_and_no_client(service, case, half_time, as_user):
    manager = member_of(service, Role.SERVICE_MANAGER, as_user)
    body = manager.get(reverse("casework:caseload")).content.decode()
    assert "Wendy Worker" in body
    assert "1 open case, 2 of 30 points in use (7%)." in body
    assert "Marigold" not in body
    assert reverse("casework:cases") not in body


def test_a_link_worker_sees_a_colleagues_case_but_cannot_allocate_it(service, lead, link_worker, as_user):
    theirs = CaseFactory(service=service, worker=lead)
    body = as_user(link_worker).get(theirs.get_absolute_url()).content.decode()
    assert reverse("casework:log_contact", args=[theirs.pk]) in body
    assert reverse("casework:allocate", args=[theirs.pk]) not in body


def test_a_receipt_for_a_colleagues_contact_is_not_shown(case, lead, as_user):
    contact = ContactFactory(case=case, note="Private")
    body = as_user(lead).get(reverse("casework:today"), {"logged": contact.pk}).content.decode()
    assert "Logged" not in body
    assert "Marigold" not in body


@pytest.mark.parametrize("logged", ["", "abc", "-1", "٣", "²", "9" * 40])
def test_a_made_up_receipt_is_ignored(case, link_worker, as_user, logged):
    assert as_user(link_worker).get(reverse("casework:today"), {"logged": logged}).status_code == 200

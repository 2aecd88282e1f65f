"""Every address, as nobody, as each role, and as the other service's people."""

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from governance.permissions import role_allows
from governance.roles import Role
from tests.factories.governance import MembershipFactory
from tests.signed_in import signed_in
from tests.world import CANARIES, World, build_world

pytestmark = pytest.mark.django_db

# What answers without signing in, and why.
PUBLIC = {
    "login": "where one signs in",
    "second_factor": "between the password and the second factor nobody is signed in",
    "lost_factor": "the same, for those whose phone is gone",
    "logout": "ends a session, wherever it is",
    "health": "asked by the load balancer; says nothing",
    "brand": "one colour",
    "cohorts:refer": "a form for organisations that refer without an account; shows nobody",
    "cohorts:refer_status": "tells a referrer how a referral stands; names nobody",
}
# What every member of any role may open.
ANY_ROLE = {
    "home",
    "governance:choose_service",
    "new_password",
    "keep_working",
    "security",
    "end_other_sessions",
    "remove_factor",
    "set_up",
    "set_up_app",
    "set_up_passkey",
    "recovery_codes",
    "governance:printed",
}


def patterns(resolver=None, namespace=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from patterns(pattern, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{namespace}{pattern.name}", pattern


def permission_of(pattern):
    return getattr(pattern.callback, "permission", None)


ALL = dict(patterns())
GUARDED = {name: p for name, p in ALL.items() if name not in PUBLIC and name not in ANY_ROLE}


def address(name: str, world: World) -> str:
    """The address with the ids of the world's own rows in it."""
    converters = ALL[name].pattern.converters
    return reverse(name, kwargs={key: world.argument(name, key) for key in converters})


@pytest.fixture
def world(service) -> World:
    return build_world(service)


def client_of(service, role: Role) -> Client:
    return signed_in(MembershipFactory(service=service, role=role).user)


def test_every_guarded_view_names_its_permission():
    assert {name for name, p in GUARDED.items() if permission_of(p) is None} == set()


def test_the_public_list_is_short_and_known():
    assert len(PUBLIC) <= 8
    assert set(PUBLIC) <= set(ALL)


@pytest.mark.parametrize("name", sorted(ANY_ROLE))
def test_nobody_is_sent_to_sign_in(client, world, name):
    """For what every role may open; the other addresses are in access_matrix.yaml."""
    for method in ("get", "post"):
        response = getattr(client, method)(address(name, world))
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("login"))


@pytest.mark.parametrize("name", sorted(n for n, p in GUARDED.items() if not p.pattern.converters))
def test_the_other_services_pages_show_none_of_our_people(world, neighbour, name):
    for role in Role:
        if role_allows(role, permission_of(GUARDED[name])):
            body = client_of(neighbour, role).get(address(name, world)).getvalue()
            assert [c for c in CANARIES if c.encode() in body] == []


def test_access_ends_on_the_request_after_the_last_day(world, link_worker, as_user):
    client = as_user(link_worker)
    assert client.get(reverse("casework:today")).status_code == 200
    link_worker.memberships.update(starts_on="2020-01-01", ends_on="2020-02-01")
    assert client.get(reverse("casework:today")).status_code == 403

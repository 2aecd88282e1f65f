"""access_matrix.yaml names who may call what; here every cell of it is tried.

One test for each app and method: as nobody, as each role, as somebody suspended, as each role of the other service
with our ids and with ids that do not exist.
"""

import re
from pathlib import Path

import pytest
import yaml
from django.db import transaction
from django.test import Client
from django.urls import reverse

from governance.roles import Role
from tests.factories.governance import MembershipFactory
from tests.signed_in import signed_in
from tests.test_access import ALL, ANY_ROLE, PUBLIC
from tests.world import CANARIES, World, build_world

pytestmark = pytest.mark.django_db
MATRIX: dict[str, dict[str, list[str]]] = yaml.safe_load(
    Path(__file__).with_name("access_matrix.yaml").read_text()
)
METHODS = ("get", "post")
GUARDED = sorted(set(ALL) - set(PUBLIC) - ANY_ROLE)
APPS = sorted({name.rpartition(":")[0] for name in GUARDED})
NO_SUCH_ROW = 987_654_321
# What differs between two answers that say the same: tokens, ids, and the minute on the printed copy.
CHANGING = re.compile(
    rb'name="csrfmiddlewaretoken" value="[^"]*"|data-(ends|printed)="[^"]*"|, \d\d:\d\d\.</p>|'
    + str(NO_SUCH_ROW).encode()
)


@pytest.fixture
def world(service) -> World:
    return build_world(service)


def clients(service) -> dict[str, Client]:
    """A browser for each role of a service."""
    found = {}
    for role in Role:
        found[role.value] = signed_in(MembershipFactory(service=service, role=role).user)
    return found


def arguments(name: str, world: World) -> dict[str, object]:
    return {key: world.argument(name, key) for key in ALL[name].pattern.converters}


def call(client: Client, method: str, address: str):
    """The answer, with what the request wrote undone, also in the browser."""
    before = client.cookies.copy()
    try:
        with transaction.atomic():
            response = getattr(client, method)(address)
            response.content_seen = response.getvalue()
            raise _Undo
    except _Undo:
        client.cookies = before
        return response


class _Undo(Exception):
    pass


def expected(name: str, method: str, role: str) -> set[int]:
    """The statuses a role of the service itself may meet."""
    cells = MATRIX[name]
    if role in cells.get(method, []):
        return {200, 302, 400}
    return {405} if any(role in roles for roles in cells.values()) else {403}


def leaks(response) -> list[str]:
    headers = " ".join(f"{k}: {v}" for k, v in response.headers.items())
    return [c for c in CANARIES if c.encode() in response.content_seen or c in headers]


def test_the_matrix_names_every_address_and_no_other():
    assert sorted(MATRIX) == GUARDED
    assert {m for cells in MATRIX.values() for m in cells} <= set(METHODS)
    assert {r for cells in MATRIX.values() for roles in cells.values() for r in roles} <= set(Role)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("app", APPS)
def test_every_cell(world, app, method):
    browsers = clients(world.service)
    suspended = MembershipFactory(service=world.service, role=Role.HIU_LEAD, ends_on="2020-12-31")
    browsers["suspended"] = signed_in(suspended.user)
    wrong = []
    for name in _of(app):
        address = reverse(name, kwargs=arguments(name, world))
        nobody = call(Client(), method, address)
        if nobody.status_code != 302 or not nobody["Location"].startswith(reverse("login")) or leaks(nobody):
            wrong.append((name, "nobody", nobody.status_code))
        for role, client in browsers.items():
            response = call(client, method, address)
            allowed = {403} if role == "suspended" else expected(name, method, role)
            refused = response.status_code >= 400
            if response.status_code not in allowed or (refused and leaks(response)):
                wrong.append((name, role, response.status_code, leaks(response)))
    assert wrong == []


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("app", APPS)
def test_ids_of_another_service_are_ids_that_do_not_exist(world, neighbour, app, method):
    browsers = clients(neighbour)
    wrong = []
    for name in _of(app):
        ours = arguments(name, world)
        no_such = {key: NO_SUCH_ROW if isinstance(value, int) else value for key, value in ours.items()}
        for role, client in browsers.items() if ours else ():
            found, missing = (call(client, method, reverse(name, kwargs=ids)) for ids in (ours, no_such))
            same = CHANGING.sub(b"", found.content_seen) == CHANGING.sub(b"", missing.content_seen)
            if (
                found.status_code not in {403, 404, 405}
                or found.status_code != missing.status_code
                or not same
                or leaks(found)
            ):
                wrong.append((name, role, found.status_code, missing.status_code, same, leaks(found)))
    assert wrong == []


def _of(app: str) -> list[str]:
    return [name for name in GUARDED if name.rpartition(":")[0] == app]

"""Every page and file, and every link on them, opened as each role: afterwards all tables are as they were.

What may differ is what was looked at (the audit) and the session itself.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from governance import scope
from governance.models import Organisation, Service
from governance.roles import Role
from hiu.keeping import catalogue
from tests.factories.governance import MembershipFactory
from tests.signed_in import signed_in
from tests.test_access import ALL, address
from tests.world import World, build_world

pytestmark = pytest.mark.django_db

MAY_CHANGE = re.compile(r"audit|^django_session$")
MOST_PAGES = 300
READABLE = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
AND has_table_privilege(oid, 'SELECT') ORDER BY 1
"""


@pytest.fixture
def world(service: Service) -> World:
    return build_world(service)


def state() -> dict[str, list[Any]]:
    """Count and hash of the rows of every table, over all services."""
    with scope.every_service(), connection.cursor() as cursor:
        cursor.execute(READABLE)
        tables = [name for (name,) in cursor.fetchall() if not MAY_CHANGE.search(name)]
        session = connection.connection
        assert session is not None
        return {table: catalogue.rows_of(session, "public", table) for table in tables}


def crawl(client: Client, world: World) -> list[tuple[str, int]]:
    """What each address answers to GET: the ones we name, and those their pages link to."""
    waiting = [address(name, world) for name in sorted(ALL)]
    seen: dict[str, int] = {}
    while waiting and len(seen) < MOST_PAGES:
        place = waiting.pop(0)
        if place in seen:
            continue
        response = client.get(place)
        seen[place] = response.status_code
        waiting += list(links(response, place))
        response.getvalue()  # a file is read to its end; closing by hand would end the transaction
    return list(seen.items())


def links(response: Any, place: str) -> Iterator[str]:
    if response.streaming or "html" not in response.headers.get("Content-Type", ""):
        return
    for link in re.findall(r'href="([^"#]+)', response.content.decode()):
        link = link.replace("&amp;", "&")
        if link.startswith("?"):
            yield place.partition("?")[0] + link
        elif link.startswith("/") and not link.startswith(("//", "/static/")):
            yield link


@pytest.mark.parametrize("role", [None, *Role])
def test_opening_everything_changes_nothing(world: World, role: Role | None) -> None:
    client = signed_in(MembershipFactory(service=world.service, role=role).user) if role else Client()
    before = state()
    answered = crawl(client, world)
    after = state()
    assert {table for table in before if before[table] != after[table]} == set()
    assert [place for place, status in answered if status >= 500] == []
    if role is Role.HIU_LEAD:
        assert sum(status == 200 for _, status in answered) > 20


def test_a_view_that_writes_on_get_is_found(world: World, monkeypatch: Any, lead: Any, as_user: Any) -> None:
    def writing(request: Any) -> HttpResponse:
        Organisation.objects.create(name="Made by looking")
        return HttpResponse()

    monkeypatch.setattr(ALL["home"], "callback", writing)
    client, before = as_user(lead), state()
    client.get(reverse("home"))
    after = state()
    assert "governance_organisation" in {table for table in before if before[table] != after[table]}

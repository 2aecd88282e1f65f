"""No log line, task or address tells anything about anybody."""

import inspect
import io
import logging
import re
import uuid
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from governance.models import Person, Service
from governance.roles import Role
from hiu import logs
from hiu.celery import app
from tests.cohorts.extracts import HEADER, feed, row
from tests.factories.governance import MembershipFactory
from tests.signed_in import signed_in
from tests.test_access import ALL, address
from tests.test_get_changes_nothing import crawl
from tests.world import CANARIES, World, build_world

pytestmark = pytest.mark.django_db

OURS = {"governance", "cohorts", "casework", "evaluation", "hiu"}


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the handler of the settings writes while a test runs, from the most talkative level up.

    The stream is put in its place without a flush of the one before, which may be of a test long over.
    """
    written = io.StringIO()
    (handler,) = [h for h in logging.getLogger().handlers if isinstance(h.formatter, logs.Formatter)]
    monkeypatch.setattr(handler, "stream", written)
    monkeypatch.setattr(logging.getLogger(), "level", logging.DEBUG)
    return written


@pytest.fixture
def world(service: Service) -> World:
    return build_world(service)


def member(service: Service, role: Role) -> Client:
    user = MembershipFactory(service=service, role=role).user
    return signed_in(user, Client(raise_request_exception=False))


def told(text: str) -> list[str]:
    return [canary for canary in [*CANARIES, "Zephyr"] if canary in text]


def failing_with(failure: Any, monkeypatch: Any) -> None:
    """The home page fails so."""

    def fail(request: Any) -> HttpResponse:
        raise failure if isinstance(failure, Exception) else failure()

    monkeypatch.setattr(ALL["home"], "callback", fail)


@pytest.mark.parametrize("role", [Role.HIU_LEAD, Role.LINK_WORKER])
def test_nothing_about_anybody_is_in_a_log(world: World, logged: io.StringIO, role: Role) -> None:
    client = member(world.service, role)
    opened = crawl(client, world)
    nasty = {
        "note": "Zephyrine\nQuagmire",
        "words": "Zephyrine",
        "detail": "Quagmire",
        "key": str(uuid.uuid4()),
    }
    for name in sorted(ALL):
        if name != "logout":
            client.post(address(name, world), nasty)
    assert len(opened) > 20
    assert told(logged.getvalue()) == []


def test_no_address_on_any_page_tells_anything(world: World) -> None:
    opened = crawl(member(world.service, Role.HIU_LEAD), world)
    assert [place for place, _ in opened if told(place)] == []


def test_a_failure_is_logged_with_its_place_and_no_value(
    world: World, logged: io.StringIO, monkeypatch: Any
) -> None:
    failing_with(ValueError("Zephyrine Quagmire is not a number"), monkeypatch)
    assert member(world.service, Role.HIU_LEAD).get(reverse("home")).status_code == 500
    text = logged.getvalue()
    assert told(text) == []
    assert re.search(r"tests/test_logs\.py:\d+ in fail\nbuiltins\.ValueError\n", text)


def test_a_row_that_stands_already_is_logged_by_its_rule(
    world: World, logged: io.StringIO, monkeypatch: Any
) -> None:
    def twice() -> Exception:
        try:
            with transaction.atomic():
                Person.objects.create(service=world.service, nhs_number="9990000018")
        except IntegrityError as problem:
            return problem
        raise AssertionError

    failing_with(twice, monkeypatch)
    member(world.service, Role.HIU_LEAD).get(reverse("home"))
    text = logged.getvalue()
    assert told(text) == []
    assert "person_nhs_number_once" in text


def test_a_server_that_is_away_is_logged_in_its_own_words(
    world: World, logged: io.StringIO, monkeypatch: Any
) -> None:
    failing_with(OperationalError("connection refused"), monkeypatch)
    member(world.service, Role.HIU_LEAD).get(reverse("home"))
    assert "OperationalError: connection refused" in logged.getvalue()


def test_a_refusal_is_logged_with_its_address(world: World, logged: io.StringIO) -> None:
    place = address("casework:case", world)
    assert member(world.service, Role.COMMISSIONER).get(place).status_code == 403
    assert re.search(rf"WARNING django\.request: Forbidden .*{place}", logged.getvalue())


def test_nobody_forges_a_line(logged: io.StringIO) -> None:
    logging.getLogger("hiu").warning(
        "Not found: %s", "x\n2026-01-01T00:00:00.000Z INFO hiu: all is well\x1b[2J"
    )
    text = logged.getvalue()
    assert text.count("\n") == 1
    assert "\\n2026" in text
    assert "\x1b" not in text
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING hiu: Not found", text)


def test_a_task_that_fails_says_where_and_nothing_of_whom(logged: io.StringIO) -> None:
    @app.task(name="tests.failing")
    def failing(number: int) -> None:
        raise ValueError("Zephyrine")

    try:
        failing.apply((1,))
    finally:
        app.tasks.unregister("tests.failing")
    text = logged.getvalue()
    assert "tests.failing" in text
    assert "ValueError" in text
    assert told(text) == []


def test_tasks_take_ids_and_nothing_else() -> None:
    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if name.split(".")[0] in OURS}
    taken = {
        f"{name}: {parameter}"
        for name, task in ours.items()
        for parameter in inspect.signature(task.run).parameters.values()
        if parameter.annotation not in {int, uuid.UUID}
    }
    assert ours
    assert taken == set()


def test_a_load_from_the_command_line_names_nobody(
    service: Service, tmp_path: Any, logged: io.StringIO, capsys: Any
) -> None:
    feed(service)
    path = tmp_path / "Quagmire.csv"
    rows = [
        row("A1", "9990000018", first="Zephyrine"),
        row("A2", "999 000 0019", first="Zephyrine"),
        row("A3", "x"),
    ]
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    call_command("load_extract", str(path), source="attendances")
    call_command("verify_audit")
    shown = capsys.readouterr()
    assert told(logged.getvalue() + shown.out + shown.err) == []

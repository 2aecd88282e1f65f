"""Files that come by NHS MESH, against the real sandbox server."""

import datetime
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from django.db import connection

from cohorts.actions import arrival as arrivals
from cohorts.actions import extract as extracts
from cohorts.actions import mesh, plan
from cohorts.models import Activity, Arrival, ArrivalState, Extract, ExtractStatus
from tests.cohorts import sandbox as box
from tests.cohorts.extracts import BOB, HEADER, feed, row
from tests.cohorts.sandbox import Sandbox

pytestmark = pytest.mark.django_db
ATTEMPTS = int(os.environ.get("HIU_ATTEMPTS", "4"))
# About how long a round takes, in seconds.
A_ROUND = 1.0


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    if not box.PYTHON.exists():
        pytest.skip("the MESH sandbox is not installed: make sandbox")
    folder = tmp_path_factory.mktemp("mesh") / "mailboxes"
    folder.mkdir()
    running = Sandbox(folder)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def sandbox(server, settings):
    settings.MESH_URL, settings.MESH_MAILBOX = server.address, box.OURS
    settings.MESH_PASSWORD, settings.MESH_SHARED_KEY = box.PASSWORD, box.KEY
    yield server
    with server.mailbox(box.OURS) as client:
        for message in client.list_messages():
            client.acknowledge_message(message)


@pytest.fixture
def source(service):
    source = feed(service)
    plan.change(source=source, by=None, mesh_workflow=box.WORKFLOW)
    return source


def csv(*lines: str) -> bytes:
    return ("\n".join([HEADER, *lines]) + "\n").encode()


def collect() -> list[Arrival]:
    with mesh.mailbox() as client:
        return mesh.collect(client)


def test_a_message_is_acknowledged_only_after_its_extract_is_stored(sandbox, source, lead):
    sandbox.send(csv(*(row(f"A{n}") for n in range(200))))  # in several chunks
    (arrival,) = collect()
    assert arrival.extract.status == ExtractStatus.PREVIEWED
    assert (arrival.sender, arrival.name) == (box.TRUST, "january.csv")
    assert len(sandbox.waiting()) == 1
    collect()
    assert Extract.objects.count() == 1
    extracts.commit(extract=arrival.extract, by=lead)
    extracts.store(extract=arrival.extract)
    (arrival,) = collect()
    assert (arrival.state, sandbox.waiting()) == (ArrivalState.SETTLED, [])
    assert Activity.objects.count() == 200


def test_a_source_that_may_stores_what_looks_like_the_file_before(sandbox, source, lead):
    plan.change(source=source, by=lead, stores_itself=True, most_rejected=10)
    sandbox.send(csv(row("A1")))
    (first,) = collect()
    assert "first file that came this way" in arrivals.why_look(first)
    extracts.commit(extract=first.extract, by=lead)
    extracts.store(extract=first.extract)
    sandbox.send(csv(row("A2"), row("A3", BOB)))
    assert [each.extract.status for each in collect()] == [ExtractStatus.COMMITTED] * 2
    assert sandbox.waiting() == []
    sandbox.send(csv(row("A4"), row("A5", "1234567890")))
    (third,) = collect()
    assert third.extract.status == ExtractStatus.PREVIEWED
    assert arrivals.why_look(third) == "1 of 2 rows are rejected, which is more than 10%."


def test_a_file_that_cannot_be_used_is_refused_and_acknowledged(sandbox, source):
    sandbox.send(b"%PDF-1.7 not a list", name="letter.pdf")
    (arrival,) = collect()
    assert arrival.problem.startswith("This is a PDF document")
    assert (arrival.state, sandbox.waiting()) == (ArrivalState.SETTLED, [])


@pytest.mark.parametrize("what", ["workflow", "sender"])
def test_a_message_no_source_expects_stays_unread_in_the_mailbox(sandbox, source, what):
    if what == "sender":
        plan.change(source=source, by=None, mesh_sender=box.OTHER)
    message = sandbox.send(csv(row("A1")), workflow="SOMETHING" if what == "workflow" else box.WORKFLOW)
    (parked,) = collect()
    collect()
    assert (parked.state, parked.service, parked.extract) == (ArrivalState.PARKED, None, None)
    assert Arrival.objects.count() == 1
    assert sandbox.waiting() == [message]
    plan.change(source=source, by=None, mesh_workflow=parked.workflow, mesh_sender="")
    (arrival,) = collect()
    assert (arrival.state, arrival.source) == (ArrivalState.TAKEN, source)


def test_nothing_is_fetched_while_the_agreement_does_not_allow_it(sandbox, source):
    source.agreement.valid_to = datetime.date(2021, 1, 1)
    source.agreement.save()
    message = sandbox.send(csv(row("A1")))
    assert collect() == []
    assert (sandbox.waiting(), Arrival.objects.count()) == ([message], 0)


def test_the_same_file_in_two_messages_is_loaded_once(sandbox, source, lead):
    content = csv(row("A1"))
    sandbox.send(content)
    (first,) = collect()
    extracts.commit(extract=first.extract, by=lead)
    extracts.store(extract=first.extract)
    sandbox.send(content, name="again.csv")
    collect()
    assert Activity.objects.count() == 1
    assert sandbox.waiting() == []
    assert Arrival.objects.get(name="again.csv").problem.startswith("This file was already loaded on")


def test_an_acknowledgement_that_was_not_noted_is_noted_by_the_next_round(sandbox, source, monkeypatch):
    sandbox.send(b"%PDF-1.7", name="letter.pdf")
    monkeypatch.setattr(mesh.arrivals, "settle", lambda arrival: None)
    collect()
    monkeypatch.undo()
    assert (sandbox.waiting(), Arrival.objects.get().state) == ([], ArrivalState.TAKEN)
    assert [each.state for each in collect()] == [ArrivalState.SETTLED]


def test_a_sandbox_that_restarts_loses_and_doubles_nothing(sandbox, source):
    sandbox.send(csv(row("A1")))
    collect()
    sandbox.stop()
    with pytest.raises(mesh.RequestException):
        collect()
    sandbox.start()
    collect()
    assert (Extract.objects.count(), len(sandbox.waiting())) == (1, 1)


def test_a_message_that_breaks_off_is_left_for_the_next_round(sandbox, source, monkeypatch):
    sandbox.send(csv(*(row(f"A{n}") for n in range(200))))
    whole, pieces = mesh._read, []

    def breaks(message):
        pieces.append(message)
        if len(pieces) > 1:
            raise mesh._Broken
        return whole(message)

    monkeypatch.setattr(mesh, "_PIECE", 1000)
    monkeypatch.setattr(mesh, "_read", breaks)
    collect()
    assert not Arrival.objects.exists()
    monkeypatch.undo()
    collect()
    assert Extract.objects.get().rows_read == 200


# Started once; for each line it reads it does one round in a process that can be killed.
COLLECTOR = """
import os, sys, django
django.setup()
from django.db import connection
from cohorts.actions import mesh
connection.settings_dict["NAME"] = sys.argv[1]
for line in sys.stdin:
    child = os.fork()
    if not child:
        with mesh.mailbox() as client:
            mesh.collect(client)
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@pytest.fixture
def collector(sandbox, settings):
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "hiu.settings",
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        **{
            f"MESH_{name}": getattr(settings, f"MESH_{name}")
            for name in ("URL", "MAILBOX", "PASSWORD", "SHARED_KEY")
        },
    }
    program = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", COLLECTOR, connection.settings_dict["NAME"]],
        env=environment,
        cwd=box.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield program
    program.stdin.close()
    program.wait()
    program.stdout.close()


@pytest.mark.django_db(transaction=True)
def test_killed_between_download_and_acknowledgement_nothing_is_doubled(
    sandbox, source, lead, collector, capsys, monkeypatch
):
    """HIU_ATTEMPTS kills at random moments of a round (make drill: 200)."""
    plan.change(source=source, by=lead, stores_itself=True)
    sandbox.send(csv(row("K0")))
    (first,) = collect()
    extracts.commit(extract=first.extract, by=lead)
    extracts.store(extract=first.extract)
    collect()
    chance, killed = random.Random(ATTEMPTS), 0
    for attempt in range(1, ATTEMPTS + 1):
        sandbox.send(csv(row(f"K{attempt}"), row(f"L{attempt}", BOB)), name=f"{attempt}.csv")
        collector.stdin.write("go\n")
        collector.stdin.flush()
        child = int(collector.stdout.readline())
        time.sleep(chance.random() * A_ROUND)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        ended = int(collector.stdout.readline())
        assert ended in (0, signal.SIGKILL)
        killed += ended == signal.SIGKILL
    collect()
    # Work interrupted four times on end is given up, and begun anew while the message lies there.
    monkeypatch.setattr(mesh, "TRIED_AGAIN_AFTER", datetime.timedelta())
    given_up = len(sandbox.waiting())
    collect()
    with capsys.disabled():
        said = f"{killed} of {ATTEMPTS} rounds killed in the middle, {given_up} messages begun anew"
        print(said)  # noqa: T201
    assert sandbox.waiting() == []
    assert Activity.objects.count() == 1 + 2 * ATTEMPTS
    assert Extract.objects.filter(status=ExtractStatus.COMMITTED).count() == 1 + ATTEMPTS
    assert Arrival.objects.filter(state=ArrivalState.SETTLED).count() == 1 + ATTEMPTS

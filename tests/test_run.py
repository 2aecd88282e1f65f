"""`make run` for real, without demo data: it starts, answers, mends itself, and takes everything down again."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from hiu import embedded, processes, settings
from hiu.processes import Program
from hiu.servers.common import free_port

FOR_RUNS = {"HIU_DEMO": "0", "DEBUG": "1"}
NOT_FOR_RUNS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
Run = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def folder() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="hiu-run-"))
    yield place
    servers = embedded.start(place)
    servers.release()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def run(folder: Path) -> Iterator[Run]:
    """Starts `python -m hiu.run` in the folder; what a test leaves running ends with the test."""
    started: list[subprocess.Popen[str]] = []

    def run(**more: str) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if name not in NOT_FOR_RUNS}
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "hiu.run"],
                env=environment | FOR_RUNS | {"HIU_VAR": str(folder), "HIU_PORT": str(free_port())} | more,
                cwd=embedded.BASE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        return started[-1]

    yield run
    for process in started:
        process.terminate()
        process.communicate(timeout=90)
    processes.end_leftovers(folder / "run.json")


def _until(run: subprocess.Popen[str], pattern: str) -> str:
    """What a run prints up to a line with this pattern, for which it has three minutes, as a busy machine may need."""
    said = ""
    assert run.stdout
    too_late = threading.Timer(180, run.terminate)
    too_late.start()
    for line in run.stdout:
        said += line
        if re.search(pattern, line):
            too_late.cancel()
            return said
    too_late.cancel()
    raise AssertionError(f"“{pattern}” was never said, but:\n{said}")


def _answer(said: str) -> int:
    address = re.search(r"http://127\.0\.0\.1:\d+/", said)
    assert address
    with urllib.request.urlopen(address[0] + "sign-in/", timeout=20) as page:
        return int(page.status)


def _children(folder: Path) -> dict[str, psutil.Process]:
    noted = [psutil.Process(int(pid)) for pid in json.loads((folder / "run.json").read_text())]
    return dict(zip(("web", "worker", "beat"), noted, strict=True))


def test_a_killed_worker_and_a_killed_database_are_started_again(run: Run, folder: Path) -> None:
    """One preparation: the port is taken, a second start is told, a worker, the database and the run itself are killed,
    and a signal ends all."""
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        running = run(HIU_PORT=str(port))
        said = _until(running, "Ctrl-C")
    assert f"Port {port} is taken by another program" in said
    assert _answer(said) == 200
    second = run()
    told, _ = second.communicate(timeout=90)
    assert second.returncode == 1
    assert re.search(r"already runs from this folder, at http://127\.0\.0\.1:\d+/", told)
    _children(folder)["worker"].kill()
    _until(running, r"The worker ended \(code -9\); starting it again")
    psutil.Process(int((folder / "postgres" / "postmaster.pid").read_text().split()[0])).kill()
    _until(running, "A server had ended; started it again")
    assert _answer(said) == 200
    left = list(_children(folder).values())
    running.kill()
    running.communicate()
    running = run()
    said = _until(running, "Ctrl-C")
    assert "ended the 3 programs it left behind" in said
    assert [program for program in left if program.is_running()] == []
    assert _answer(said) == 200
    programs = list(_children(folder).values())
    programs.append(psutil.Process(int((folder / "postgres" / "postmaster.pid").read_text().split()[0])))
    running.send_signal(signal.SIGINT)
    assert "The data stays" in running.communicate(timeout=90)[0]
    assert running.returncode == 0
    assert [program for program in programs if program.is_running()] == []


def test_an_impossible_port_is_refused_in_a_sentence(run: Run) -> None:
    refused = run(HIU_PORT="http")
    said, _ = refused.communicate(timeout=90)
    assert refused.returncode == 1
    assert "HIU_PORT is “http”, which is not a port number." in said
    assert "Traceback" not in said


def test_a_database_that_does_not_answer_is_said_in_a_sentence(run: Run) -> None:
    refused = run(DATABASE_URL=f"postgres://nobody@127.0.0.1:{free_port()}/none")
    said, _ = refused.communicate(timeout=90)
    assert refused.returncode == 1
    assert "The database could not be prepared: " in said
    assert "Traceback" not in said


def test_servers_of_ones_own_are_used_and_nothing_embedded_is_started(run: Run, folder: Path) -> None:
    elsewhere = embedded.start(folder / "elsewhere")
    assert elsewhere.database_owner_url
    with psycopg.connect(elsewhere.database_owner_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE boss LOGIN CREATEROLE PASSWORD 'secret'")
        connection.execute("GRANT boss TO hiu_owner")
        connection.execute("CREATE DATABASE ours OWNER boss")
    server = elsewhere.database_owner_url.rpartition("@")[2].partition("/")[0]
    named = {"DATABASE_URL": f"postgres://boss:secret@{server}/ours", "REDIS_URL": elsewhere.redis_url or ""}
    for _ in range(2):  # the second start finds the application's role made by the first
        running = run(**named)
        assert _answer(_until(running, "Ctrl-C")) == 200
        running.terminate()
        running.communicate(timeout=90)
    assert not (folder / "postgres").exists()
    assert not (folder / "valkey").exists()
    elsewhere.release()


def test_the_demo_secret_is_refused_without_debug_in_a_sentence(run: Run) -> None:
    refused = run(DEBUG="0", SECRET_KEY=settings.DEMO_SECRET)
    said, _ = refused.communicate(timeout=90)
    assert refused.returncode == 1
    assert "SECRET_KEY is the demo secret, which anyone can read." in said
    assert "Traceback" not in said


def test_a_program_that_keeps_ending_is_not_started_for_ever(tmp_path: Path) -> None:
    program = Program("worker", [sys.executable, "-c", "print('no reason')"], tmp_path / "worker.log")
    assert [program.may_restart() for _ in range(4)] == [True, True, True, False]


def test_a_program_that_ignores_the_signal_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.3)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)\n"
    program = Program("deaf", [sys.executable, "-c", deaf + "time.sleep(60)"], tmp_path / "deaf.log")
    program.start()
    while "deaf" not in program.last_words():
        time.sleep(0.02)
    processes.end([program])
    assert program.ended() == -signal.SIGKILL

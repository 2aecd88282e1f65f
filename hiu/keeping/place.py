"""A database as the programs of PostgreSQL and we reach it: as its owner."""

import contextlib
import re
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql
from psycopg.conninfo import make_conninfo

from governance.database import OWNER
from hiu.servers.common import ServerError
from hiu.servers.postgres import programs

# Of the address's options, those that decide how the connection is secured.
SECURED_BY = ("sslmode", "sslrootcert", "sslcert", "sslkey")
WORDS_OF_AN_ERROR = 300


class KeepingError(Exception):
    """A backup, a restore or a copy cannot go on; the message says why and what to do."""


@dataclass(frozen=True)
class Place:
    """Where a database is, and who signs in to it."""

    host: str
    port: str
    user: str
    password: str
    name: str
    options: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, settings_of_a_database: dict[str, Any], **changed: str) -> "Place":
        """From one entry of DATABASES."""
        found = {key: str(settings_of_a_database.get(key.upper()) or "") for key in _KEYS} | changed
        options = settings_of_a_database.get("OPTIONS") or {}
        return cls(**found, options=tuple((key, str(options[key])) for key in SECURED_BY if key in options))

    def called(self, name: str) -> "Place":
        """Another database of the same server."""
        return replace(self, name=name)

    @property
    def environment(self) -> dict[str, str]:
        """For libpq. The password stays out of the list of processes."""
        given = {
            "PGHOST": self.host,
            "PGPORT": self.port,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGDATABASE": self.name,
            "PGTZ": "UTC",
            **{f"PG{key.upper()}": value for key, value in self.options},
        }
        return {key: value for key, value in given.items() if value}

    @property
    def url(self) -> str:
        """The address as a setting, with its password."""
        who = f"{quote(self.user)}:{quote(self.password, safe='')}"
        extra = "?" + "&".join(f"{key}={quote(value)}" for key, value in self.options) if self.options else ""
        return f"postgres://{who}@{self.host}:{self.port or 5432}/{quote(self.name)}{extra}"

    def connect(self) -> psycopg.Connection[Any]:
        """A session that commits each statement. KeepingError where nobody lets us in."""
        given = {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "dbname": self.name,
            **dict(self.options),
        }
        try:
            return psycopg.connect(make_conninfo(**{k: v for k, v in given.items() if v}), autocommit=True)
        except psycopg.OperationalError as problem:
            raise KeepingError(
                f"The database {self.name} could not be reached as {self.user}: {str(problem).strip()}"
            ) from problem


_KEYS = ("host", "port", "user", "password", "name")


def as_owner() -> Place:
    """The database of this installation, as the role that owns its tables."""
    name = str(connections["default"].settings_dict["NAME"])
    return Place.of(settings.DATABASES[OWNER], name=name)


def as_application(name: str) -> Place:
    """A database of the same server, as the application's own role."""
    return Place.of(settings.DATABASES["default"], name=name)


@contextlib.contextmanager
def scratch(beside: Place, purpose: str) -> Iterator[Place]:
    """An empty database on the same server, dropped at the end; also what a killed run left."""
    place = beside.called(f"{beside.name}_{purpose}_{uuid.uuid4().hex[:8]}")
    with beside.connect() as session:
        _sweep(session, f"{beside.name}_{purpose}_")
        create(session, place.name)
    try:
        yield place
    finally:
        drop(beside, place.name)


def drop(beside: Place, name: str) -> None:
    """Drop a scratch database, which waits a few seconds for sessions that are just ending.

    Raises KeepingError where one does not end: a copy of everybody's details must not be forgotten.
    """
    with beside.connect() as session:
        try:
            session.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        except psycopg.errors.ObjectInUse as problem:
            raise KeepingError(
                f"Somebody uses the database {name}. Drop it: it is a whole copy."
            ) from problem


def create(session: psycopg.Connection[Any], name: str) -> None:
    """Make an empty database. KeepingError where the owner may not."""
    try:
        session.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    except psycopg.errors.InsufficientPrivilege as problem:
        who = session.info.user
        raise KeepingError(
            f"{who} may not make a database to try the backup in. As a superuser: ALTER ROLE {who} CREATEDB;"
        ) from problem


def _sweep(session: psycopg.Connection[Any], prefix: str) -> None:
    """Drop what runs that were killed left; one that somebody is using stays."""
    left = session.execute(
        "SELECT datname FROM pg_database d WHERE starts_with(datname, %s)"
        " AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datid = d.oid)",
        [prefix],
    ).fetchall()
    for (name,) in left:
        with contextlib.suppress(psycopg.errors.ObjectInUse, psycopg.errors.InvalidCatalogName):
            session.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def program(name: str, server_version: int) -> Path:
    """pg_dump or pg_restore, of the server's own version or else a newer one: the wheel's, or the machine's.

    Raises KeepingError, with what to install, where there is none.
    """
    major = server_version // 10000
    there = sorted((version, found) for found in _candidates(name) if (version := _version(found)) >= major)
    if not there:
        raise KeepingError(
            f"{name} of PostgreSQL {major} or newer is not on this machine. "
            f"On Debian: apt-get install postgresql-client-{major}"
        )
    return there[0][1]


def _version(program: Path) -> int:
    """The major version of a program; 0 where it does not run."""
    try:
        said = subprocess.run([str(program), "--version"], capture_output=True, text=True)  # noqa: S603
    except OSError:
        return 0
    version = re.search(r"(\d+)\.\d+", said.stdout)
    return int(version[1]) if version and said.returncode == 0 else 0


def _candidates(name: str) -> Iterator[Path]:
    with contextlib.suppress(ServerError):
        yield programs() / name
    if found := shutil.which(name):
        yield Path(found)
    yield from sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)


def run(command: list[str], place: Place, doing: str) -> None:
    """Run one of PostgreSQL's programs against a place. KeepingError with its first words when it fails."""
    done = subprocess.run(command, env=_environment(place), capture_output=True)  # noqa: S603
    if done.returncode:
        raise _failed(doing, command, done.stderr)


def pipe(first: list[str], of: Place, second: list[str], to: Place, doing: str) -> None:
    """Let one program write what the other reads, so that no file in between holds it."""
    with tempfile.TemporaryFile() as words:
        writer = subprocess.Popen(first, env=_environment(of), stdout=subprocess.PIPE, stderr=words)  # noqa: S603
        done = subprocess.run(second, env=_environment(to), stdin=writer.stdout, capture_output=True)  # noqa: S603
        if writer.stdout:
            writer.stdout.close()
        if writer.wait():
            words.seek(0)
            raise _failed(doing, first, words.read())
    if done.returncode:
        raise _failed(doing, second, done.stderr)


def _failed(doing: str, command: list[str], stderr: bytes) -> KeepingError:
    # The first line names the object; the lines after it may repeat rows.
    said = next(iter(stderr.decode(errors="replace").strip().splitlines()), "nothing")[:WORDS_OF_AN_ERROR]
    return KeepingError(f"{doing} failed. {Path(command[0]).name} said: {said}")


def _environment(place: Place) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", **place.environment}

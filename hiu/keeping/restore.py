"""Opens a backup, fills an empty database from it, and proves that what came back is what went in."""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from hiu.keeping import catalogue, seal
from hiu.keeping.backup import DUMP, FORMAT, MANIFEST, MEDIA, SEALED, digest, files_of, write
from hiu.keeping.catalogue import Description
from hiu.keeping.place import KeepingError, Place, as_application, as_owner, program, run, scratch


class Different(KeepingError):
    """What came back is not what went in; the message is the first difference."""


@dataclass(frozen=True)
class Opened:
    """A backup whose files are whole and whose keys were opened."""

    folder: Path
    manifest: dict[str, Any]
    keys: seal.Keys

    @property
    def described(self) -> Description:
        return Description(self.manifest["parts"], self.manifest["rows"])


@dataclass(frozen=True)
class Proof:
    """What a drill found, for the command to say and for the log of drills."""

    made_at: str
    tables: int
    rows: int
    media_files: int
    audit_events: int
    seconds: float


def open_backup(folder: Path) -> Opened:
    """Check every file against the manifest and open the keys. Different names the first that is not whole."""
    phrase = seal.passphrase()
    for name in (MANIFEST, SEALED):
        if not (folder / name).is_file():
            raise Different(f"{name} is missing in {folder}.")
    content = (folder / MANIFEST).read_bytes()
    keys = seal.unseal((folder / SEALED).read_bytes(), phrase, content)
    manifest = json.loads(content)
    if manifest["format"] != FORMAT:
        raise KeepingError(f"This backup has format {manifest['format']}; this version reads {FORMAT}.")
    if problem := _first_broken_file(folder, manifest["files"]):
        raise Different(problem)
    return Opened(folder, manifest, keys)


def drill(folder: Path) -> Proof:
    """Restore into a scratch database on the same server, compare everything, and drop it."""
    began = time.monotonic()
    opened = open_backup(folder)
    with scratch(as_owner(), "drill") as place:
        fill(place, opened)
        prove(place, opened)
        events = verify_audit(place.name, opened.keys)
    rows = opened.manifest["rows"]
    return Proof(
        made_at=opened.manifest["made_at"],
        tables=len(rows),
        rows=sum(count for count, _ in rows.values()),
        media_files=sum(name.startswith(MEDIA) for name in opened.manifest["files"]),
        audit_events=events,
        seconds=round(time.monotonic() - began, 1),
    )


def into(place: Place, folder: Path, *, media: Path | None = None, keys: Path | None = None) -> Opened:
    """Restore into an empty database, and where asked the files and the keys; refuses what is not empty."""
    opened = open_backup(folder)
    if media and media.exists() and any(media.iterdir()):
        raise KeepingError(f"{media} is not empty. Nothing was restored.")
    if keys and keys.exists():
        raise KeepingError(f"{keys} exists already. Nothing was restored.")
    fill(place, opened)
    prove(place, opened)
    if media:
        shutil.copytree(folder / MEDIA, media, dirs_exist_ok=True)
    if keys:
        write(keys, json.dumps(opened.keys, indent=1).encode())
    return opened


def fill(place: Place, opened: Opened) -> None:
    """Load the dump into an empty database, in one transaction."""
    with place.connect() as session:
        pg_restore = program("pg_restore", session.info.server_version)
        _refuse_unless_empty(session, place.name)
        refuse_without_roles(session, opened.described)
    command = [str(pg_restore), "--no-owner", "--exit-on-error", "--single-transaction", "--no-password"]
    run([*command, f"--dbname={place.name}", str(opened.folder / DUMP)], place, "The restore")


def prove(place: Place, opened: Opened) -> None:
    """Compare a restored database with what the manifest says. Different names the first difference."""
    with place.connect() as session:
        compare(session, opened)


def compare(session: psycopg.Connection[Any], opened: Opened) -> None:
    """The same within a session."""
    expected, found = opened.described, catalogue.describe(session)
    if session.info.server_version // 10000 != opened.manifest["postgresql"] // 10000:
        # Another version words the same thing differently.
        expected, found = _names_only(expected), _names_only(found)
    problem = catalogue.first_difference(expected, found) or catalogue.first_sequence_out_of_step(
        opened.manifest["sequences"], catalogue.sequences(session)
    )
    if problem:
        raise Different(problem)


# As web and worker do: refuse a database without its walls, seal what waits for the scheduler, then check.
AS_THE_APPLICATION = """
import hiu.wsgi
from django.core.management import call_command
from governance.tasks import seal_changes
seal_changes()
call_command("verify_audit", json=True)
"""


def verify_audit(database: str, keys: seal.Keys) -> int:
    """Start the application on a restored database, in its own role and with the keys of the backup, and
    check the audit; returns how many events it holds. Different names the first broken place."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE")}
    environment |= {name: key if isinstance(key, str) else ",".join(key) for name, key in keys.items()}
    environment |= {
        "DATABASE_URL": as_application(database).url,
        "DATABASE_OWNER_URL": as_owner().called(database).url,
        "REDIS_URL": settings.CELERY_BROKER_URL,
    }
    command = [sys.executable, "-c", AS_THE_APPLICATION]
    done = subprocess.run(  # noqa: S603
        command, env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True
    )
    try:
        found = json.loads(done.stdout)
    except json.JSONDecodeError:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise Different(f"The application does not start on the restored database: {last}") from None
    if not found["ok"]:
        raise Different(f"The audit of the restored database is broken: {found['first_broken']}.")
    return int(found["events"])


def _first_broken_file(folder: Path, listed: dict[str, dict[str, Any]]) -> str | None:
    there = dict(files_of(folder))
    for name, file in listed.items():
        path = there.pop(name, None)
        if path is None or not path.is_file():
            return f"The file {name} is missing."
        if path.stat().st_size != file["bytes"]:
            return f"The file {name} has {path.stat().st_size:,} bytes instead of {file['bytes']:,}."
        if digest(path) != file["sha256"]:
            return f"The file {name} is not as it was."
    return f"The file {next(iter(there))} was not in the backup." if there else None


def _refuse_unless_empty(session: psycopg.Connection[Any], name: str) -> None:
    if tables := session.execute(catalogue.TABLES).fetchall():
        raise KeepingError(
            f"The database {name} is not empty: it has {len(tables)} tables. Nothing was restored."
        )


def refuse_without_roles(session: psycopg.Connection[Any], described: Description) -> None:
    """Raise KeepingError where a role is missing: a dump grants to roles and makes none of them."""
    wanted = {name.rpartition(" to ")[2] for name in described.parts["grant"]} - {"owner", "everybody"}
    there = {name for (name,) in session.execute("SELECT rolname FROM pg_roles")}
    if missing := sorted(wanted - there):
        raise KeepingError(
            f"The server has no role {missing[0]}, which the backup grants rights to. "
            f"Make it first, as in docs/how-to/deploy.md: CREATE ROLE {missing[0]} LOGIN PASSWORD '...';"
        )


def _names_only(described: Description) -> Description:
    names = {section: dict.fromkeys(parts, "") for section, parts in described.parts.items()}
    return Description(names, described.rows)

"""Makes a backup: the database as at one moment, the files, the sealed keys, and a list of all three."""

import hashlib
import json
import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from governance import audit
from hiu.keeping import catalogue, seal
from hiu.keeping.place import KeepingError, Place, as_owner, program, run

DUMP, MEDIA, MANIFEST, SEALED = "database.dump", "media", "manifest.json", "keys.sealed"
ANCHORS = "audit-anchors.jsonl"
FORMAT = 1


@dataclass(frozen=True)
class Backup:
    """What was written, for the command to say."""

    out: str
    made_at: str
    tables: int
    rows: int
    media_files: int
    bytes: int
    keys: list[str]


def make(out: Path) -> Backup:
    """Write a backup into a folder that does not exist yet or is empty.

    The folder appears whole or not at all. Raises KeepingError with what to do.
    """
    phrase = seal.passphrase()
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise KeepingError(f"{out} is not empty. Name a new folder for each backup.")
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    draft.mkdir(mode=0o700, parents=True)
    try:
        backup = _fill(draft, phrase, out)
        if out.exists():
            out.rmdir()
        draft.rename(out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    with transaction.atomic():
        counts = {"tables": backup.tables, "rows": backup.rows, "media_files": backup.media_files}
        audit.record("backup_made", service=None, by=None, changes=counts)
    return backup


def _fill(folder: Path, phrase: str, out: Path) -> Backup:
    anchors = Path(settings.AUDIT_ANCHORS)
    if anchors.exists():  # before the database, which then has the events they name
        write(folder / ANCHORS, anchors.read_bytes())
    told = _dump(as_owner(), folder / DUMP)
    _copy_media(Path(settings.MEDIA_ROOT), folder / MEDIA)  # after the database: no row lacks its file
    manifest = _manifest(folder, told)
    content, keys = json.dumps(manifest, indent=1, sort_keys=True).encode(), seal.keys_in_use()
    write(folder / MANIFEST, content)
    write(folder / SEALED, seal.seal(keys, phrase, content))
    return Backup(
        out=str(out),
        made_at=manifest["made_at"],
        tables=len(told["rows"]),
        rows=sum(count for count, _ in told["rows"].values()),
        media_files=sum(name.startswith(MEDIA) for name in manifest["files"]),
        bytes=sum(file["bytes"] for file in manifest["files"].values()),
        keys=sorted(keys),
    )


def _manifest(folder: Path, told: dict[str, Any]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "django": version("django"),
        "files": {
            name: {"sha256": digest(path), "bytes": path.stat().st_size} for name, path in files_of(folder)
        },
        **told,
    }


def _dump(place: Place, path: Path) -> dict[str, Any]:
    """Dump and describe one and the same moment; sequences, which have none, before and after."""
    with place.connect() as session:
        pg_dump = program("pg_dump", session.info.server_version)
        session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        moment = session.execute("SELECT pg_export_snapshot()").fetchone()
        before = catalogue.sequences(session)
        path.touch(mode=0o600)
        command = [str(pg_dump), "--format=custom", f"--snapshot={(moment or ['?'])[0]}", f"--file={path}"]
        run(command, place, "The dump")
        try:
            described = catalogue.describe(session)
        except psycopg.errors.InsufficientPrivilege as problem:
            raise KeepingError(
                f"{place.user} cannot read every row: {problem.diag.message_primary}."
            ) from problem
        after = catalogue.sequences(session)
        server = session.info.server_version
    return {
        **asdict(described),
        "sequences": {name: [before.get(name, 0), last] for name, last in after.items()},
        "database": place.name,
        "postgresql": server,
    }


def _copy_media(source: Path, target: Path) -> None:
    target.mkdir(mode=0o700)
    for file in sorted(source.rglob("*")) if source.exists() else []:
        if file.is_file():
            copy = target / file.relative_to(source)
            copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
            copy.chmod(0o600)


def files_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files a manifest lists, by the name it gives them: dump, anchors of the audit, all below media."""
    yield DUMP, folder / DUMP
    if (folder / ANCHORS).exists():
        yield ANCHORS, folder / ANCHORS
    for path in sorted((folder / MEDIA).rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(path: Path, content: bytes) -> None:
    """A file that only its owner reads."""
    path.touch(mode=0o600)
    path.write_bytes(content)

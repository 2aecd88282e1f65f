"""Makes a copy of the database for developers, in which nobody is named; files are left out."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path

from django.db import transaction

from governance import audit
from hiu.keeping import scrub
from hiu.keeping.place import KeepingError, Place, as_owner, pipe, program, run, scratch


@dataclass(frozen=True)
class Copy:
    """What was made, for the command to say."""

    out: str
    fields: int
    tables: int
    emptied: list[str]


def make(*, out: Path | None = None, into: Place | None = None) -> Copy:
    """Scrub in a database beside the real one, and let only a dump of that leave.

    Raises KeepingError with what to do: a file that exists, a target that is not empty.
    """
    if out and out.exists():
        raise KeepingError(f"{out} exists already. Name a new file.")
    place = as_owner()
    with place.connect() as session:
        dump, restore = (program(name, session.info.server_version) for name in ("pg_dump", "pg_restore"))
    if into:
        _refuse_unless_empty(into)
    with transaction.atomic():
        audit.record("developer_copy_made", service=None, by=None)
    fill = [str(restore), "--no-owner", "--exit-on-error", "--single-transaction"]
    with scratch(place, "copy") as beside:
        pipe([str(dump), "--format=custom"], place, [*fill, f"--dbname={beside.name}"], beside, "The copy")
        with beside.connect() as session:
            done = scrub.scrub(session)
        if out:
            _write(dump, beside, out)
        if into:
            # Nobody in the place it goes to has our roles.
            fill = [*fill, "--no-privileges", f"--dbname={into.name}"]
            pipe([str(dump), "--format=custom"], beside, fill, into, "Filling the target")
    return Copy(out=str(out or (into and into.name)), **asdict(done))


def _write(dump: Path, beside: Place, out: Path) -> None:
    """The file appears whole or not at all, readable by its owner only."""
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        draft.touch(mode=0o600)
        run([str(dump), "--format=custom", "--no-privileges", f"--file={draft}"], beside, "Writing the file")
        draft.rename(out)
    finally:
        draft.unlink(missing_ok=True)


def _refuse_unless_empty(place: Place) -> None:
    with place.connect() as session:
        query = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        (count,) = session.execute(query).fetchone() or (0,)
    if count:
        raise KeepingError(
            f"The database {place.name} is not empty: it has {count} tables. Nothing was copied."
        )

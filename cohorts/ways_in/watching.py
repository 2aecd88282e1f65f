"""A watched folder: which of its files are complete, and where they go. No database here."""

import datetime
import errno
import fcntl
import os
from pathlib import Path

DONE, REFUSED = "done", "refused"
# Files that nobody wrote to for so long are complete, where nothing better can be known.
SETTLES_SECONDS = 30
# What was taken in lies here as a second copy, so not for long.
KEPT_DAYS = 30
_UNFINISHED = (".part", ".partial", ".tmp", ".filepart", ".crdownload", ".writing", ".lock")


def prepare(folder: Path) -> None:
    """Make the folder and those inside it, for the application's account alone."""
    for each in (folder, folder / DONE, folder / REFUSED):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)


def complete_files(folder: Path, *, now: float) -> list[Path]:
    """Files that lie there finished, the oldest first. Links, folders and files still being written are left."""
    found = [path for path in folder.iterdir() if path.is_file() and not path.is_symlink()]
    ready = [path for path in found if not _is_unfinished(path, now)]
    return sorted(ready, key=lambda path: (path.stat().st_mtime_ns, path.name))


def key_of(path: Path, folder: str) -> str:
    """What tells a file in a folder from another of the same name that comes later."""
    about = path.stat()
    return f"{folder}/{path.name[-255:]}|{about.st_mtime_ns}|{about.st_size}"


def put_away(path: Path, where: str, note: str, *, at: datetime.datetime) -> Path:
    """Move a file to `done` or `refused`, with a note beside it that says what became of it."""
    target = path.parent / where / f"{at:%Y%m%d-%H%M%S}-{path.name[-200:]}"
    note_file = target.with_name(f"{target.name}.txt")
    note_file.touch(mode=0o600)
    note_file.write_text(f"{note}\n", encoding="utf-8")
    os.replace(path, target)
    return target


def clear_out(folder: Path, *, now: float) -> None:
    """Delete what was put away long ago."""
    for where in (DONE, REFUSED):
        for path in (folder / where).iterdir():
            if path.is_file() and now - path.stat().st_ctime > KEPT_DAYS * 24 * 60 * 60:
                path.unlink()


def _is_unfinished(path: Path, now: float) -> bool:
    if path.name.startswith((".", "~")) or path.suffix.lower() in _UNFINISHED:
        return True
    return now - path.stat().st_mtime < SETTLES_SECONDS or _is_open_for_writing(path)


def _is_open_for_writing(path: Path) -> bool:
    """Whether a program of this machine still writes; False where the file system cannot tell."""
    with path.open("rb") as file:
        try:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except OSError as error:
            return error.errno == errno.EAGAIN
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        return False

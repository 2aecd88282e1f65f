"""Files made by others to break importers, through the door of an extract: `python -m bench messy`.

Each is checked in a process of its own, as if its first column said who and its second when, so that its rows
are read too. Printed is what came of it, how long it took and how much memory. A goal missed ends in exit 1.
"""

import multiprocessing
import resource
import tempfile
import time
import traceback
from collections.abc import Iterator
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

from cohorts.pipeline import sample, workbook
from cohorts.pipeline.problems import Unreadable
from cohorts.pipeline.profile import Conventions, Layout
from cohorts.pipeline.recognise import FileKind, recognise
from cohorts.pipeline.run import check_file

MOST_SECONDS = 10
MOST_MEGABYTES = 512
WHERE = Path(__file__).resolve().parents[2] / "shared" / "data" / "messy_files"


def run(folder: Path) -> int:
    """Print a line for each file; returns how many ended in a traceback or over a limit."""
    bad = 0
    for path in files(folder):
        found = measured(path)
        over = found["seconds"] > MOST_SECONDS or found["megabytes"] > MOST_MEGABYTES
        bad += over or str(found["outcome"]).startswith("TRACEBACK")
        name = path.relative_to(folder)
        print(f"{name!s:55} {found['seconds']:5.1f} s {found['megabytes']:4.0f} MB  {found['outcome']}")
    return bad


def files(folder: Path) -> list[Path]:
    """Every file of the collection, without the notes about it."""
    return sorted(path for path in folder.glob("*/*") if path.is_file())


def measured(path: Path) -> dict[str, float | str]:
    """What came of a file in a process of its own.

    Each begins from a server that has everything loaded and nothing started: threads do not survive a fork.
    """
    started = time.perf_counter()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    reads, writes = context.Pipe(duplex=False)
    child = context.Process(target=_in_child, args=(path, writes))
    child.start()
    writes.close()
    try:
        found: dict[str, float | str] = reads.recv()
    except EOFError:
        found = {"outcome": "TRACEBACK the process died", "megabytes": 0}
    child.join()
    return found | {"seconds": time.perf_counter() - started}


def _in_child(path: Path, told: Connection) -> None:
    try:
        outcome = outcome_of(path)
    except BaseException:
        outcome = f"TRACEBACK {traceback.format_exc().splitlines()[-1]}"
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    told.send({"outcome": outcome, "megabytes": peak / 1024})


def outcome_of(path: Path) -> str:
    """What the check says of a file: why it is refused, or how many of its rows could be used."""
    try:
        with tempfile.TemporaryDirectory() as scratch:
            for plain in _opened(path):
                layout = Layout("attendances", "pseudonym", _columns(plain, path.name), Conventions())
                summary = check_file(
                    plain,
                    name=path.name,
                    layout=layout,
                    allowed={"pseudonym", "arrived_on"},
                    today=date.today(),
                    rejects_path=Path(scratch) / "rejects.csv",
                    sink=lambda frame: None,
                )
    except Unreadable as problem:
        return f"Refused. {problem.sentence}"
    first = f" {summary.examples[0]['reason']}" if summary.examples else ""
    return f"Kept {summary.rows_passed} of {summary.rows_read}.{first}"


def _opened(path: Path) -> Iterator[Path]:
    """The file, or the workbook inside it, as the door opens it."""
    if recognise(path, path.name) is FileKind.OLE:
        with workbook.unlocked(path, None) as plain:
            yield plain
    else:
        yield path


def _columns(path: Path, name: str) -> dict[str, str]:
    """The first column as who, the second as when; the page's own reader finds the heading row."""
    header = sample.take(path, name=name, password=None, expected=()).header
    return dict(zip(header, ("pseudonym", "arrived_on"), strict=False))

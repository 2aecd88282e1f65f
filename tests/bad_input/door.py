"""The door every file comes through, and what was said at it."""

import datetime
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cohorts.pages.preview import in_words
from cohorts.pipeline import workbook
from cohorts.pipeline.fields import DATA_ITEMS
from cohorts.pipeline.problems import Unreadable
from cohorts.pipeline.profile import Conventions, Layout, load
from cohorts.pipeline.recognise import FileKind, recognise
from cohorts.pipeline.run import Summary, check_file

TODAY = datetime.date(2026, 7, 1)
EVERYTHING = {item.name for item in DATA_ITEMS}


@dataclass
class Case:
    """One file: what it is called, what is in it, and how its source reads it."""

    name: str
    file: str
    content: bytes
    layout: Layout = field(default_factory=lambda: Layout.of(load("attendances")))
    password: str | None = None
    allowed: set[str] = field(default_factory=lambda: EVERYTHING)


def knock(case: Case, folder: Path) -> list[str]:
    """What is said of a file: why it is refused, or of each row why it is, and what was noticed, and how many are kept."""
    path = folder / "upload"
    path.write_bytes(case.content)
    try:
        if recognise(path, case.file) is FileKind.OLE:
            with workbook.unlocked(path, case.password) as plain:
                summary = _check(case, plain)
        else:
            summary = _check(case, path)
    except Unreadable as problem:
        return [f"Refused. {problem.sentence}"]
    said = [str(example["reason"]) for example in summary.examples]
    said += [summary.date_order] if summary.date_order else []
    said += [f"Note: {number} {words}." for words, number in in_words(summary.notes)]
    return [*said, f"Kept: {summary.rows_passed} of {summary.rows_read}."]


def _check(case: Case, path: Path) -> Summary:
    return check_file(
        path,
        name=case.file,
        layout=case.layout,
        allowed=case.allowed,
        today=TODAY,
        rejects_path=path.with_name(path.name + ".rejects"),
        sink=lambda frame: None,
    )


def layout(profile: str, **conventions: Any) -> Layout:
    """A shipped layout, read with other conventions."""
    found = Layout.of(load(profile))
    stored = found.conventions.as_json() | conventions
    return Layout(found.shape, found.identifier, found.columns, Conventions.from_json(stored))

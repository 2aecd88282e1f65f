"""Published files of a test's own, written and loaded."""

from itertools import count
from pathlib import Path

from cohorts.actions import reference
from cohorts.areas import published

_numbers = count(1)


def write(folder: Path, *lines: str) -> Path:
    path = folder / f"published-{next(_numbers)}.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def load(path: Path) -> reference.Taken:
    return reference.load(published=published.opened(path), source="Made for tests", licence="None")

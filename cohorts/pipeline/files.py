"""What a check leaves beside the upload: the rows that passed, ready for COPY, and the rows that did not."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO

import polars as pl

from cohorts.pipeline.check import Reject

_NUMBER = re.compile(r"\s*[-+]?[\d.,]+\s*")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")


def copy_text(frame: pl.DataFrame, null: str = "") -> bytes:
    """Rows in COPY's text format; the check left no tab and no line break in any cell.

    Args:
        null: what stands for null; COPY must be told the same.
    """
    text = io.BytesIO()
    frame.write_csv(text, include_header=False, separator="\t", quote_style="never", null_value=null)
    rows = text.getvalue()
    return rows.replace(b"\\", b"\\\\") if b"\\" in rows else rows


def as_copy_text(*writers: Callable[[list[str], bytes], None]) -> Callable[[pl.DataFrame], None]:
    """What hands the rows of a block, made into text once, to each writer with the names of the columns."""

    def sink(frame: pl.DataFrame) -> None:
        columns, rows = list(frame.columns), copy_text(frame)
        for write in writers:
            write(columns, rows)

    return sink


class CheckedFile:
    """Rows that passed: the names of the columns on the first line, then the text for COPY."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def __call__(self, columns: list[str], rows: bytes) -> None:
        """Add rows; every call names the same columns."""
        if self._file is None:
            self._path.touch(mode=0o600)
            self._file = self._path.open("wb")
            self._file.write("\t".join(columns).encode() + b"\n")
        self._file.write(rows)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def open_checked(path: Path) -> tuple[list[str], IO[bytes]]:
    """The columns of a checked file and the file standing at its first row."""
    file = path.open("rb")
    return file.readline().decode().rstrip("\n").split("\t"), file


class RejectsFile:
    """Rows turned away, as CSV that Excel opens: row number, reason, then the columns that were kept.

    Columns that the agreement does not name are not repeated; the row number leads back to them.
    """

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self._path = path
        self._header = ["Row", "Why it was rejected", *header]
        self._file: IO[str] | None = None

    def write(self, rejects: Iterable[Reject]) -> None:
        lines = [[str(reject.row), reject.reason, *map(inert, reject.cells)] for reject in rejects]
        if not lines:
            return
        if self._file is None:
            self._path.touch(mode=0o600)
            self._file = self._path.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._file).writerow(map(inert, self._header))
        csv.writer(self._file).writerows(lines)

    @property
    def is_empty(self) -> bool:
        return self._file is None

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def inert(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would take for a formula; numbers stay numbers."""
    if cell.lstrip(" \xa0\u200b\ufeff").startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(cell):
        return "'" + cell
    return cell

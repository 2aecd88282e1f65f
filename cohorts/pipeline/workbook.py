"""Workbooks: refused when they would swell, unlocked with their password, read in a limited process."""

import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msoffcrypto
import olefile
from msoffcrypto.exceptions import InvalidKeyError

from cohorts.pipeline import open_workbook
from cohorts.pipeline.delimited import Stream
from cohorts.pipeline.problems import Unreadable
from cohorts.pipeline.recognise import SAVE_AS, recognise

OPENS_TO_BYTES = 200 * 1024 * 1024
OPENS_TO_RATIO = 100
ENTRIES = 2_000
# Small parts compress very well without being a danger.
RATIO_COUNTS_FROM = 10 * 1024 * 1024
_OLD = {
    "WordDocument": "an old Word document",
    "PowerPoint Document": "an old presentation",
    "__properties_version1.0": "an e-mail",
}


@dataclass(frozen=True)
class Sheet:
    """One sheet as a stream of CSV in UTF-8; row 1 of the sheet is its first line."""

    name: str
    height: int
    calendar: str  # "1900" or "1904": how it counts days
    stream: Stream


def check_size(path: Path) -> None:
    """Refuse a workbook whose own directory says that it opens to too much, before opening it.

    Raises:
        Unreadable: over 200 MB, over 100 times its size, or more than 2,000 parts.
    """
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    opened = sum(part.file_size for part in parts)
    if len(parts) > ENTRIES:
        raise Unreadable(f"This workbook is made of more than {ENTRIES:,} parts, so we stopped. {_AS_CSV}")
    if opened > OPENS_TO_BYTES:
        raise Unreadable(f"This file opens to more than 200 MB, so we stopped. {_AS_CSV}")
    if opened > RATIO_COUNTS_FROM and opened > OPENS_TO_RATIO * path.stat().st_size:
        raise Unreadable(f"This file opens to more than 100 times its size, so we stopped. {_AS_CSV}")


@contextmanager
def unlocked(path: Path, password: str | None) -> Iterator[Path]:
    """An OLE file as a plain workbook; the opened copy is gone when the block ends.

    Raises:
        Unreadable: for the old .xls, for a missing or wrong password, for a lock we cannot open.
    """
    with path.open("rb") as file, tempfile.NamedTemporaryFile(suffix=".xlsx") as opened:
        try:
            _check_is_locked_workbook(file)
            if not password:
                raise Unreadable("This file has a password. Type it in; we do not keep it.")
            office = msoffcrypto.OfficeFile(file)
            office.load_key(password=password)
            office.decrypt(opened)
        except Unreadable:
            raise
        except InvalidKeyError as error:
            raise Unreadable(
                "The password does not open this file. Check it with the sender and type it again."
            ) from error
        except Exception as error:  # whatever the parsers make of a damaged or hostile container
            raise Unreadable(f"This file is locked or damaged in a way we cannot open. {SAVE_AS}") from error
        opened.flush()
        plain = Path(opened.name)
        recognise(plain, "opened.xlsx")
        yield plain


def _check_is_locked_workbook(file: IO[bytes]) -> None:
    """Say what an OLE file is, unless it is a locked workbook: by the names of its streams."""
    with olefile.OleFileIO(file.read()) as container:
        names = {"/".join(entry) for entry in container.listdir()}
    file.seek(0)
    for stream, words in _OLD.items():
        if stream in names:
            raise Unreadable(f"This is {words}, not an Excel (.xlsx) or CSV file. {SAVE_AS}")
    if names & {"Workbook", "Book"}:
        raise Unreadable(f"This is an old Excel file (.xls). {SAVE_AS}")


@contextmanager
def open_sheet(path: Path, expected: set[str]) -> Iterator[Sheet]:
    """The sheet that looks most like the expected one.

    Raises:
        Unreadable: when the workbook is too big, damaged, or has no rows on any visible sheet.
    """
    check_size(path)
    program = [sys.executable, "-I", open_workbook.__file__, str(path), json.dumps(sorted(expected))]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        stream = process.stdout
        assert stream is not None
        try:
            first = stream.readline()
            if not first:
                raise Unreadable(_why_it_stopped(process.wait()))
            about = json.loads(first)
            if not about["height"]:
                raise Unreadable(
                    "No visible sheet of this workbook has anything in it. Check that you sent the right file."
                )
            yield Sheet(about["sheet"], about["height"], about["calendar"], _Checked(stream, process))
        finally:
            process.kill()


class _Checked:
    """The process's output; a process that dies half-way must not pass for a shorter sheet."""

    def __init__(self, stream: IO[bytes], process: "subprocess.Popen[bytes]") -> None:
        self._stream = stream
        self._process = process

    def read(self, size: int = -1, /) -> bytes:
        return self._stream.read(size) or self._end()

    def readline(self, size: int = -1, /) -> bytes:
        return self._stream.readline(size) or self._end()

    def _end(self) -> bytes:
        if self._process.wait() != 0:
            raise Unreadable(_why_it_stopped(self._process.returncode))
        return b""


_AS_CSV = "In Excel choose File, Save As, CSV UTF-8 (.csv), and send that."


def _why_it_stopped(code: int) -> str:
    if code == 1:
        return f"This workbook is damaged. Open it in Excel to see what is left of it. {_AS_CSV}"
    return f"This workbook needs more memory or time than we allow. {_AS_CSV}"

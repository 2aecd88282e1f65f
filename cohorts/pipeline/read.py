"""First step: a file as it came becomes blocks of text, each row with the number people see."""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from cohorts.pipeline import delimited, workbook
from cohorts.pipeline.delimited import Block, Broken, Stream
from cohorts.pipeline.open_workbook import LOOKED_AT, normal
from cohorts.pipeline.problems import Unreadable
from cohorts.pipeline.recognise import FileKind, encoding_of, recognise

__all__ = ["Block", "Broken", "Table", "Unreadable", "open_table"]

_HEAD_BYTES = 1024 * 1024


@dataclass
class Table:
    """An opened file: its heading row, and its rows when asked for."""

    header: list[str]
    header_row: int
    sheet: str  # empty for a text file
    delimiter: str
    _stream: Stream
    _start: bytes
    _raw: IO[bytes] | None
    _total: int
    calendar: str = ""  # of a workbook: "1900" or "1904"
    _rows_seen: int = field(default=0)

    @property
    def is_spreadsheet(self) -> bool:
        return bool(self.sheet)

    @property
    def fraction_read(self) -> float:
        """How much of the file was read, from 0 to 1."""
        done = self._raw.tell() if self._raw else self._rows_seen
        return min(1.0, done / max(1, self._total))

    def blocks(self, keep: Sequence[int]) -> Iterator[Block]:
        """The rows under the heading, with the columns numbered in `keep` and no others.

        Raises:
            Unreadable: when a quote mark is never closed, or the workbook breaks off.
        """
        found = delimited.blocks(
            self._stream,
            start=self._start,
            delimiter=self.delimiter,
            width=len(self.header),
            keep=keep,
            first_row=self.header_row + 1,
        )
        for block in found:
            self._rows_seen += len(block.rows) + len(block.broken)
            yield block


@contextmanager
def open_table(
    path: Path, *, name: str, password: str | None = None, expected: Iterable[str] = ()
) -> Iterator[Table]:
    """Open a CSV or XLSX file and find its heading row, under title rows if there are any.

    Args:
        name: what the sender called it; the ending must agree with the content.
        expected: column names that the heading row should hold, to tell it from the rows around it.

    Raises:
        Unreadable: with a sentence that says what is wrong and what to do.
    """
    names = {normal(column) for column in expected} - {""}
    with ExitStack() as stack:
        kind = recognise(path, name)
        if kind is FileKind.OLE:
            path = stack.enter_context(workbook.unlocked(path, password))
        if kind is FileKind.TEXT:
            yield _text_table(stack.enter_context(path.open("rb")), path.stat().st_size, names)
        else:
            yield _sheet_table(stack.enter_context(workbook.open_sheet(path, names)), names)


def _text_table(raw: IO[bytes], size: int, names: set[str]) -> Table:
    stream = _as_utf8_stream(raw)
    head = delimited.as_utf8(stream.read(_HEAD_BYTES) + stream.readline())
    head = head.removeprefix(b"\xef\xbb\xbf")
    delimiter = delimited.guess_delimiter(head)
    header, row, start = _find_header(head, delimiter, names)
    return Table(header, row, "", delimiter, stream, start, raw, size)


def _sheet_table(sheet: workbook.Sheet, names: set[str]) -> Table:
    head = sheet.stream.read(_HEAD_BYTES) + sheet.stream.readline()
    header, row, start = _find_header(head, ",", names)
    return Table(header, row, sheet.name, ",", sheet.stream, start, None, sheet.height, sheet.calendar)


class _Recoded:
    """A text stream as bytes of UTF-8."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text

    def read(self, size: int = -1, /) -> bytes:
        return self._text.read(size).encode("utf-8", "replace")

    def readline(self, size: int = -1, /) -> bytes:
        return self._text.readline(size).encode("utf-8", "replace")


def _as_utf8_stream(raw: IO[bytes]) -> Stream:
    head = raw.read(65536)
    raw.seek(0)
    encoding = encoding_of(head)
    if encoding != "utf-8-sig":
        return _Recoded(io.TextIOWrapper(raw, encoding, "replace", newline="\n"))
    if b"\n" not in head and b"\r" in head:  # Macs of long ago ended lines so
        return io.BytesIO(raw.read().replace(b"\r", b"\n"))
    return raw


def _find_header(head: bytes, delimiter: str, names: set[str]) -> tuple[list[str], int, bytes]:
    """The heading row, its number, and the text after it."""
    records = delimited.first_rows(head, delimiter, LOOKED_AT)
    index = _header_index([cells for _, cells in records], names)
    end, cells = records[index]
    return _column_names(cells), index + 1, head[end:]


def _header_index(rows: list[list[str]], names: set[str]) -> int:
    known = [len({normal(cell) for cell in cells} & names) for cells in rows]
    if max(known, default=0) > 0:
        return known.index(max(known))
    filled = [sum(bool(cell.strip()) for cell in cells) for cells in rows]
    widest = max(filled, default=0)
    for index, cells in enumerate(rows):
        if filled[index] * 2 > widest and not _mostly_numbers(cells):
            return index
    raise Unreadable(
        "This file has no heading row that we can find: its first rows hold no column names. "
        "Add a row with the name of each column at the top and send it again."
    )


def _mostly_numbers(cells: list[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return 2 * sum(not any(letter.isalpha() for letter in cell) for cell in filled) >= len(filled)


def _column_names(cells: list[str]) -> list[str]:
    """The names as written; nameless columns get their number, repeated names a counter."""
    names: list[str] = []
    for number, cell in enumerate(cells, start=1):
        name = base = " ".join(cell.split()) or f"column {number}"
        copy = 1
        while name in names:
            copy += 1
            name = f"{base} ({copy})"
        names.append(name)
    return names

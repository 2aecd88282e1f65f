"""Delimited text, block by block: polars where every line is regular, the csv module where one is not.

The csv module says exactly which row is broken; polars is many times as fast but stops at a ragged line
without saying which. So a block goes to polars only after its delimiters were counted.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import polars as pl

from cohorts.pipeline.problems import Unreadable, broken_csv, wrong_width

BLOCK_BYTES = 4 * 1024 * 1024
_LONGEST_BLOCK = 16 * BLOCK_BYTES  # a quote mark left open would otherwise swallow the file
_ALL_BYTES = bytes(range(256))
_QUOTED = re.compile(rb'"[^"]*"')
_DELIMITERS = ",;\t|"


class Stream(Protocol):
    """Bytes read from front to back."""

    def read(self, size: int = -1, /) -> bytes: ...

    def readline(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True)
class Broken:
    """A row whose cells cannot be told apart; `problem` says why."""

    row: int
    problem: str


@dataclass
class Block:
    """Some rows: a frame of text with one column for each kept column of the file."""

    frame: pl.DataFrame
    rows: np.ndarray  # row numbers as Excel shows them, one for each line of the frame
    broken: list[Broken] = field(default_factory=list)


def _cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", "replace"), error.end


codecs.register_error("cohorts.cp1252", _cp1252)


def as_utf8(data: bytes) -> bytes:
    """The same text in UTF-8: bytes that are not UTF-8 are taken as Windows cp1252, as old exports write them."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("utf-8", "cohorts.cp1252").encode("utf-8")
    return data


def first_rows(head: bytes, delimiter: str, limit: int = 40) -> list[tuple[int, list[str]]]:
    """The first records of UTF-8 text, each with the number of bytes up to its end.

    Raises:
        Unreadable: when a quote mark among them is not closed.
    """
    text = head.decode("utf-8", "replace")
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter)
    found: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            found.append((len(text[: lines.tell()].encode()), cells))
            if len(found) == limit:
                break
    except csv.Error as error:
        raise Unreadable(broken_csv(len(found) + 1, error)) from error
    return found


def guess_delimiter(head: bytes) -> str:
    """The delimiter that makes the most cells in the same way in most of the first rows."""

    def score(delimiter: str) -> tuple[int, int]:
        widths = [len(cells) for _, cells in first_rows(head, delimiter) if len(cells) > 1]
        if not widths:
            return (0, 0)
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        return (widths.count(usual), usual)

    return max(_DELIMITERS, key=score)


def blocks(
    stream: Stream, *, start: bytes, delimiter: str, width: int, keep: Sequence[int], first_row: int
) -> Iterator[Block]:
    """Read the records of `start` and then of `stream`, keeping only the columns numbered in `keep`.

    Args:
        start: UTF-8 text already taken from the stream; it ends where a line ends.
        width: cells in the header; a row with another number of cells is broken.
        first_row: the row number of the first record.

    Raises:
        Unreadable: when a quote mark is never closed.
    """
    row = first_row
    data = _whole_records(start, stream)
    while data:
        frame = _fast(data, delimiter, keep) if _is_regular(data, delimiter.encode(), width) else None
        if frame is None:
            block, row = _careful(data, delimiter, width, keep, row)
        else:
            block = Block(frame, np.arange(row, row + len(frame)))
            row += len(frame)
        yield block
        data = _whole_records(b"", stream)


def _whole_records(start: bytes, stream: Stream) -> bytes:
    """A block of UTF-8 that ends where a record ends."""
    data = start or stream.read(BLOCK_BYTES) + stream.readline()
    while data.count(b'"') % 2 and len(data) < _LONGEST_BLOCK:
        more = stream.readline()
        if not more:
            break
        data += more
    return as_utf8(data)


def _is_regular(data: bytes, delimiter: bytes, width: int) -> bool:
    """Whether every line has exactly `width` cells and none is blank, so the quick reader cannot go wrong."""
    if width == 1:
        return False
    if b'"' in data:
        data = _QUOTED.sub(b"q", data)
    blank = delimiter * (width - 1)
    if data.startswith((blank + b"\n", blank + b"\r")) or data.endswith(b"\n" + blank):
        return False
    if b"\n" + blank + b"\n" in data or b"\n" + blank + b"\r" in data:
        return False
    skeleton = data.translate(None, _ALL_BYTES.translate(None, delimiter + b'\r\n"\0')).replace(
        b"\r\n", b"\n"
    )
    line = blank + b"\n"
    return skeleton.removesuffix(b"\n") + b"\n" == line * (len(skeleton.removesuffix(b"\n")) // len(line) + 1)


def _fast(data: bytes, delimiter: str, keep: Sequence[int]) -> pl.DataFrame | None:
    """The kept columns as text, or nothing where a quote mark stands where it may not."""
    try:
        frame = pl.read_csv(
            data,
            separator=delimiter,
            has_header=False,
            columns=sorted(keep),
            infer_schema=False,
            empty_string_is_null=False,
        )
    except pl.exceptions.ComputeError:
        return None
    return frame.select(frame.columns[sorted(keep).index(index)] for index in keep)


def _careful(data: bytes, delimiter: str, width: int, keep: Sequence[int], row: int) -> tuple[Block, int]:
    """The block with its broken rows set aside, and the number of the row after it."""
    good: list[list[str]] = []
    numbers: list[int] = []
    broken: list[Broken] = []
    # Strict is the reader that tells of a quote mark never closed; it also minds those that do no harm.
    unclosed = data.count(b'"') % 2 == 1
    lines = io.StringIO(data.decode("utf-8"), newline="")
    reader = csv.reader(lines, delimiter=delimiter, strict=unclosed)
    try:
        for cells in reader:
            cells = _without_blank_tail(cells, width)
            if problem := _problem(cells, width):
                broken.append(Broken(row, problem))
            elif any(cells):
                good.append([cells[index] for index in keep])
                numbers.append(row)
            row += 1
    except csv.Error as error:
        raise Unreadable(broken_csv(row, error)) from error
    frame = pl.DataFrame(good, schema=dict.fromkeys(map(str, keep), pl.String), orient="row")
    return Block(frame, np.array(numbers, dtype=np.int64), broken), row


def _without_blank_tail(cells: list[str], width: int) -> list[str]:
    """The cells without empty ones past the header's last: programs that write CSV often add some."""
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    return cells


def _problem(cells: list[str], width: int) -> str:
    if not any(cells):
        return ""
    if len(cells) != width:
        return wrong_width(len(cells), width)
    if any("\0" in cell for cell in cells):
        return "it holds a character that is no text (NUL)"
    return ""

"""Reading a published file of areas, row by row. No database here.

Known by its headings, as published or as others pass it on: "LSOA code (2011)" or lsoa11_code with a decile of the
Index of Multiple Deprivation; a postcode beside an LSOA, as in the ONS and NHS postcode directories.
"""

import csv
import gzip
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cohorts.areas.editions import EDITIONS, Kind, check_areas, compact
from governance.rules import RuleBroken

_LSOA = re.compile(r"lsoa(?:code)?(?:20)?(11|21)(?:cd|code)?")
_CODE = re.compile(r"E01\d{6}")
_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}")
_POSTCODE_NAMES = ("pcds", "pcd7", "pcd8", "pcd", "postcode")
_YEAR_OF = {"11": 2011, "21": 2021}


@dataclass(frozen=True)
class Columns:
    """What a file is, and which of its columns are read; `areas` is {census year: column}."""

    kind: Kind
    areas: dict[int, int]
    value: int  # the decile, or the postcode


@dataclass(frozen=True)
class Published:
    """A file whose headings are known."""

    path: Path
    columns: Columns
    sha256: str

    @property
    def kind(self) -> Kind:
        return self.columns.kind

    def rows(self) -> Iterator[tuple[str | int | None, ...]]:
        """(area, decile) of an edition; (postcode, area of 2011, area of 2021) of a file of postcodes.

        Raises:
            RuleBroken: with the line, when it is no such row.
        """
        read = _postcode if self.kind == Kind.POSTCODES else _decile
        with _lines(self.path) as lines:
            next(lines)
            for number, cells in enumerate(lines, start=2):
                if any(cells):
                    row = read(cells, self.columns, number)
                    if row is not None:
                        yield row


def opened(path: Path, kind: Kind | None = None) -> Published:
    """A file by its headings.

    Args:
        kind: what it should be.

    Raises:
        RuleBroken: there is no such file, its headings say nothing we know, or say something else than `kind`.
    """
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        with _lines(path) as lines:
            header = next(lines, [])
    except OSError as problem:
        raise RuleBroken(f"{path.name} cannot be opened: {problem.strerror or problem}.") from None
    columns = columns_of(header)
    if kind is not None and kind != columns.kind:
        for edition in EDITIONS:
            if edition.kind == kind and columns.kind != Kind.POSTCODES:
                check_areas(edition, next(iter(columns.areas)))
        raise RuleBroken(f"By its headings this file is {columns.kind}, not {kind}. Nothing was loaded.")
    return Published(path, columns, sha256)


def columns_of(header: Sequence[str]) -> Columns:
    """What a heading row says the file is.

    Raises:
        RuleBroken: nothing we know, or areas of two censuses with one decile.
    """
    plain = [re.sub(r"[^a-z0-9]", "", name.lower()) for name in header]
    areas: dict[int, int] = {}
    for index, name in enumerate(plain):
        if found := _LSOA.fullmatch(name):
            areas.setdefault(_YEAR_OF[found[1]], index)
    postcode = next((plain.index(name) for name in _POSTCODE_NAMES if name in plain), None)
    if postcode is not None and areas:
        return Columns(Kind.POSTCODES, areas, postcode)
    deciles = [i for i, name in enumerate(plain) if _is_decile(name)]
    if len(areas) != 1 or len(deciles) != 1:
        raise RuleBroken(
            "This file cannot be told by its headings. It needs a column with the code of the LSOA that says of "
            "which year, such as “LSOA code (2021)” or lsoa21_code, and one with the IMD decile, or the postcode."
        )
    edition = next(each for each in EDITIONS if each.areas_of in areas)
    return Columns(edition.kind, areas, deciles[0])


def _is_decile(name: str) -> bool:
    """Of the index itself, not of one of its domains such as income."""
    of_index = name.startswith(("imd", "indexofmultipledeprivation"))
    return of_index and "decile" in name


def _decile(cells: Sequence[str], columns: Columns, line: int) -> tuple[str, int]:
    code = _cell(cells, next(iter(columns.areas.values())), line)
    decile = _cell(cells, columns.value, line)
    if not _CODE.fullmatch(code):
        raise RuleBroken(f'Line {line}: "{code}" is not the code of an LSOA in England, such as E01000001.')
    if not (decile.isascii() and decile.isdigit() and 1 <= int(decile) <= 10):
        raise RuleBroken(f'Line {line}: "{decile}" is not a decile, a number from 1 to 10.')
    return code, int(decile)


def _postcode(cells: Sequence[str], columns: Columns, line: int) -> tuple[str, str | None, str | None] | None:
    """Postcodes outside England have areas of another kind, and are left out."""
    postcode = compact(_cell(cells, columns.value, line))
    if not _POSTCODE.fullmatch(postcode):
        raise RuleBroken(f'Line {line}: "{postcode}" is not a postcode.')
    codes = {year: _cell(cells, index, line) for year, index in columns.areas.items()}
    known = {year: code for year, code in codes.items() if _CODE.fullmatch(code)}
    return (postcode, known.get(2011), known.get(2021)) if known else None


def _cell(cells: Sequence[str], index: int, line: int) -> str:
    if index >= len(cells):
        raise RuleBroken(f"Line {line} has {len(cells)} cells, fewer than the headings. Get the file again.")
    return cells[index].strip()


@contextmanager
def _lines(path: Path) -> Iterator[Iterator[list[str]]]:
    """The rows of a text file, packed by gzip or not. Raises RuleBroken where it is damaged or no text."""
    try:
        with path.open("rb") as start:
            packed = start.read(2) == b"\x1f\x8b"
        with (
            (gzip.open if packed else open)(path, "rb") as raw,
            io.TextIOWrapper(raw, "utf-8-sig", newline="") as text,
        ):
            yield csv.reader(text)
    except (UnicodeDecodeError, csv.Error, EOFError, gzip.BadGzipFile) as problem:
        raise RuleBroken(
            f"{path.name} is damaged, or is not CSV text (packed by gzip or not). Get the file again."
        ) from problem

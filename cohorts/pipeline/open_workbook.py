"""Run as a program: turns one sheet of a workbook into CSV on standard output.

A workbook can ask for any amount of memory, so it is opened in a process of its own whose memory
and time are limited; if that process dies, nothing else does. It must stay light: no polars here.
"""

import csv
import datetime
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterable
from typing import Any

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 120
LOOKED_AT = 40  # rows in which a heading row is looked for


def normal(name: str) -> str:
    """A column name without case, spaces and punctuation, so that "NHS No." meets "nhs_no"."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def cell_text(value: Any) -> str:
    """A cell as text: dates in ISO form, whole numbers without a decimal point."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        rounded = value + datetime.timedelta(microseconds=500_000)
        return rounded.replace(microsecond=0).isoformat(" ")
    if isinstance(value, datetime.timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M:%S")
    return str(value)


def hits(rows: Iterable[list[str]], expected: set[str]) -> int:
    """The most expected names that one of the rows holds."""
    return max((len({normal(cell) for cell in row} & expected) for row in rows), default=0)


def _choose(book: Any, expected: set[str]) -> Any:
    """The visible sheet that looks most like the one expected; the first of equals."""
    best, best_score = None, (-1, 0)
    for about in book.sheets_metadata:
        if not str(about.visible).endswith(".Visible") or not str(about.typ).endswith(".WorkSheet"):
            continue
        sheet = book.get_sheet_by_name(about.name)
        if sheet.start is None:
            continue
        head = [
            [cell_text(cell) for cell in row]
            for _, row in zip(range(LOOKED_AT), sheet.iter_rows(), strict=False)
        ]
        score = (hits(head, expected), 1 if sheet.end[0] > 0 else 0)
        if score > best_score:
            best, best_score = sheet, score
    return best


def _write_rows(sheet: Any, out: Any) -> None:
    writer = csv.writer(out, lineterminator="\n")
    for row in sheet.iter_rows():
        cells = [cell_text(cell) for cell in row]
        writer.writerow(cells if any(cells) else [])


def calendar(path: str) -> str:
    """The first year of the calendar in which the workbook counts days: "1900", or "1904" on old Macs."""
    with zipfile.ZipFile(path) as archive:
        name = next((name for name in archive.namelist() if name.lower() == "xl/workbook.xml"), None)
        text = archive.read(name) if name else b""
    return "1904" if re.search(rb'date1904\s*=\s*["\'](1|true)["\']', text) else "1900"


def main() -> int:
    """Arguments: the path, then a JSON list of expected column names already made normal."""
    from python_calamine import CalamineWorkbook

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    book = CalamineWorkbook.from_path(sys.argv[1])
    sheet = _choose(book, set(json.loads(sys.argv[2])))
    about = {"sheet": sheet.name, "height": sheet.end[0] + 1} if sheet else {"sheet": "", "height": 0}
    about["calendar"] = calendar(sys.argv[1])
    sys.stdout.reconfigure(encoding="utf-8", errors="replace", newline="")  # type: ignore[union-attr]
    sys.stdout.write(json.dumps(about) + "\n")
    if sheet:
        _write_rows(sheet, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())

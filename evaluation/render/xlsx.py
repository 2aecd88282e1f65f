"""The report as a workbook: how to read it, then a sheet for each table."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from evaluation import blocks, render
from evaluation.models import Report

# Text stays text: no formula, no link and no number is made of it.
OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "constant_memory": True,
}
LONGEST_SHEET_NAME = 31
FIRST_WIDTH, WIDTH, NOTE_WIDTH = 34, 16, 70
HEAD_ROW = 2


class _Book:
    """An open workbook and its formats."""

    def __init__(self, file: io.BytesIO, report: Report) -> None:
        self.book = xlsxwriter.Workbook(file, OPTIONS)
        snapshot = report.snapshot
        self.book.set_properties(
            {
                "title": f"{snapshot['service']}, {snapshot['quarter']}",
                "subject": "Quarterly report",
                "created": report.frozen_at.replace(tzinfo=None),
            }
        )
        self.draft = render.draft_mark(report)
        self.bold = self.book.add_format({"bold": True, "font_size": 14})
        self.head = self.book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"})
        self.wrap = self.book.add_format({"text_wrap": True, "valign": "top"})
        self.right = self.book.add_format({"align": "right", "valign": "top"})
        self.numbers: dict[str, Format] = {}

    def number_format(self, text: str) -> Format:
        """The format that prints a number as the report does."""
        decimals = len(text.rstrip("%").partition(".")[2])
        code = "#,##0" + ("." + "0" * decimals if decimals else "")
        code = f"£{code}" if "£" in text else code
        code += '"%"' if text.endswith("%") else ""
        if code not in self.numbers:
            self.numbers[code] = self.book.add_format({"num_format": code, "valign": "top"})
        return self.numbers[code]


def draw(report: Report) -> bytes:
    """The workbook. Its times are those of the freezing, so the same snapshot gives the same bytes."""
    file = io.BytesIO()
    made = _Book(file, report)
    names: set[str] = set()
    _how_to_read(made, report, made.book.add_worksheet(_name("How to read", names)))
    for section, table in blocks.tables(report.snapshot):
        sheet = made.book.add_worksheet(_name(table["caption"], names))
        _table(made, sheet, section["title"], table)
    made.book.close()
    return file.getvalue()


def _name(wanted: str, taken: set[str]) -> str:
    """A sheet name Excel accepts, used once."""
    clean = "".join(c for c in wanted if c not in "[]:*?/\\").strip("' ")[:LONGEST_SHEET_NAME] or "Table"
    name, count = clean, 1
    while name.lower() in taken:
        count += 1
        name = f"{clean[: LONGEST_SHEET_NAME - len(str(count)) - 1]} {count}"
    taken.add(name.lower())
    return name


def _how_to_read(made: _Book, report: Report, sheet: Worksheet) -> None:
    sheet.set_column(0, 0, FIRST_WIDTH)
    sheet.set_column(1, 1, 100)
    sheet.write_string(0, 0, "How to read this workbook", made.bold)
    _mark(made, sheet)
    lines = [*render.facts(report), *SYMBOLS, *_words(report.snapshot)]
    for at, (name, words) in enumerate(lines, start=2):
        sheet.write_string(at, 0, name, made.wrap)
        sheet.write_string(at, 1, words, made.wrap)


SYMBOLS = (
    ("*", "A number exists and is withheld because it is small, or because it would give a small one away."),
    ("not supplied", "No source covers it. It is not zero."),
    ("not applicable", "There is nobody it could describe."),
    ("Rounding", "Counts are rounded to the nearest 5, totals added up first and rounded after."),
)


def _words(snapshot: dict[str, Any]) -> list[tuple[str, str]]:
    """What the report says around its tables: sentences and warnings belong to the figures."""
    lines: list[tuple[str, str]] = []
    for section in snapshot["sections"]:
        for block in section["blocks"]:
            if block["kind"] in ("text", "inset"):
                lines.append((section["title"], block["text"]))
            elif block["kind"] == "warning":
                lines.append((f"{section['title']}: {block['heading']}", block["text"]))
            elif block["kind"] == "list":
                lines += [(section["title"], item) for item in block["items"]]
    return lines


def _mark(made: _Book, sheet: Worksheet) -> None:
    """The word on every sheet, and on every page of it on paper, while nobody has released the report."""
    if made.draft:
        sheet.write_string(1, 0, made.draft, made.bold)
        sheet.set_header(f"&L{made.draft}")


def _table(made: _Book, sheet: Worksheet, section: str, table: blocks.Block) -> None:
    columns = table["columns"]
    sheet.set_column(0, 0, FIRST_WIDTH)
    for at, column in enumerate(columns, start=1):
        sheet.set_column(at, at, WIDTH if column["numeric"] else FIRST_WIDTH)
    sheet.set_column(len(columns) + 1, len(columns) + 1, NOTE_WIDTH)
    sheet.write_string(0, 0, f"{section}: {table['caption']}", made.bold)
    _mark(made, sheet)
    for at, label in enumerate([table["first"], *(each["label"] for each in columns), "Read with it"]):
        sheet.write_string(HEAD_ROW, at, label, made.head)
    for at, line in enumerate(table["rows"], start=HEAD_ROW + 1):
        sheet.write_string(at, 0, line["label"], made.wrap)
        for place, cell in enumerate(line["cells"], start=1):
            _cell(made, sheet, at, place, cell)
        sheet.write_string(at, len(columns) + 1, line["note"], made.wrap)
    sheet.write_string(HEAD_ROW + len(table["rows"]) + 2, 0, "Where this comes from", made.head)
    sheet.write_string(HEAD_ROW + len(table["rows"]) + 3, 0, table["how"])


def _cell(made: _Book, sheet: Worksheet, row: int, place: int, cell: dict[str, Any]) -> None:
    if cell["value"] is not None:
        sheet.write_number(row, place, cell["value"], made.number_format(cell["text"]))
    else:
        sheet.write_string(
            row, place, cell["text"], made.wrap if cell["state"] == blocks.TEXT else made.right
        )

"""The report as one tidy CSV file: a row for each figure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from evaluation import blocks, render
from evaluation.models import Report
from governance.inert import inert

HEAD = ("section", "measure", "group", "period", "figure", "value", "shown", "note")
SHOWN = "shown"


def draw(report: Report) -> bytes:
    """UTF-8 with the mark that makes Excel read it as such. The same snapshot gives the same bytes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEAD)
    for line in _lines(report):
        writer.writerow(line)
    return text.getvalue().encode("utf-8-sig")


def _lines(report: Report) -> Iterator[list[str]]:
    for name, value in render.facts(report):
        yield ["report", "", "", report.quarter, inert(name), inert(value), SHOWN, ""]
    for section, table in blocks.tables(report.snapshot):
        for line in table["rows"]:
            for index, cell in enumerate(line["cells"]):
                about = blocks.about_cell(table, line, index)
                dimensions = [inert(about.get(name, "")) for name in blocks.DIMENSIONS]
                state = SHOWN if cell["state"] == blocks.TEXT else cell["state"].replace("_", " ")
                yield [inert(section["title"]), *dimensions, _value(cell), state, inert(line["note"])]


def _value(cell: dict) -> str:
    """Numbers as numbers, minus sign and all; words made harmless; nothing where nothing is shown."""
    if cell["state"] == blocks.TEXT:
        return inert(cell["text"])
    value = cell["value"]
    if value is None:
        return ""
    return f"{value:g}" if value == int(value) and abs(value) < 1e5 else f"{value:.10g}"

"""The parts a snapshot is made of. Plain dictionaries, ready for JSON; no queries, no clock.

A section holds blocks, a table holds rows, a row holds cells. `about` on a table, a row or a column says which
measure, group, period and figure a cell is about: the tidy file is made from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evaluation.disclosure import Disclosed, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Block = dict[str, Any]
TEXT = "text"
DIMENSIONS = ("measure", "group", "period", "figure")


def text(words: str) -> Block:
    """A paragraph."""
    return {"kind": "text", "text": words}


def bullets(items: Sequence[str]) -> Block:
    """A list of sentences."""
    return {"kind": "list", "items": list(items)}


def heading(words: str) -> Block:
    """A heading inside a section."""
    return {"kind": "heading", "text": words}


def inset(words: str) -> Block:
    """A remark that stands out."""
    return {"kind": "inset", "text": words}


def warning(title: str, words: str) -> Block:
    """Something to know before quoting the figures below it."""
    return {"kind": "warning", "heading": title, "text": words}


def stats(*figures: tuple[str, Disclosed, str]) -> Block:
    """Figures at a glance: (label, number, note)."""
    return {
        "kind": "stats",
        "stats": [{"label": label, "value": number.text, "note": note} for label, number, note in figures],
    }


def cell(number: Disclosed | str) -> dict[str, Any]:
    """A cell: words as they are, or a number that has been through disclosure control."""
    if isinstance(number, str):
        return {"text": number, "value": None, "state": TEXT}
    return {"text": number.text, "value": number.value, "state": number.state.value}


def column(label: str, **about: str) -> dict[str, Any]:
    """A column of numbers."""
    return {"label": label, "numeric": True, "about": about}


def words_column(label: str, **about: str) -> dict[str, Any]:
    """A column of words."""
    return {"label": label, "numeric": False, "about": about}


def row(label: str, cells: Sequence[Disclosed | str], *, note: str = "", **about: str) -> dict[str, Any]:
    """A row; `note` is what must be read with it."""
    return {"label": label, "cells": [cell(each) for each in cells], "note": note, "about": about}


def table(
    key: str,
    caption: str,
    *,
    first: str,
    columns: Sequence[dict[str, Any]],
    rows: Sequence[dict[str, Any]],
    how: str,
    about: Mapping[str, str] | None = None,
    charts: Sequence[dict[str, Any]] = (),
    folded: str = "",
) -> Block:
    """A table with the charts that stand above it. `first` heads the row labels; `how` says where the figures
    come from; with `folded` a page shows these words and opens the table behind them. Raises ValueError
    when a row and the columns differ in number.
    """
    for each in rows:
        if len(each["cells"]) != len(columns):
            raise ValueError(f"Row '{each['label']}' of table '{key}' does not have a cell for each column.")
    return {
        "kind": "table",
        "key": key,
        "caption": caption,
        "first": first,
        "columns": list(columns),
        "rows": list(rows),
        "how": how,
        "about": dict(about or {}),
        "charts": list(charts),
        "folded": folded,
    }


def section(key: str, title: str, blocks: Sequence[Block]) -> dict[str, Any]:
    """A part of the report with a heading of its own."""
    return {"key": key, "title": title, "blocks": list(blocks)}


def point(number: Disclosed) -> float | str | None:
    """A number for a chart: itself, "*", or None where it was not supplied."""
    return number.text if number.suppressed else number.value


def tables(snapshot: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], Block]]:
    """Every table with its section, in the order of the report."""
    for part in snapshot["sections"]:
        for block in part["blocks"]:
            if block["kind"] == "table":
                yield part, block


def about_cell(block: Block, line: Mapping[str, Any], index: int) -> dict[str, str]:
    """What one cell of a table is about."""
    return {**block["about"], **line["about"], **block["columns"][index]["about"]}


def suppressed_cells(sections: Sequence[Mapping[str, Any]]) -> int:
    """How many cells are withheld, in all tables."""
    return sum(
        each["state"] == State.SUPPRESSED
        for _, block in tables({"sections": sections})
        for line in block["rows"]
        for each in line["cells"]
    )

"""Ten-row literal files for the tests of the pipeline, and where the shared public files are."""

import datetime
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from cohorts.pipeline import map as mapping
from cohorts.pipeline import minimise
from cohorts.pipeline.check import Checker, Reject
from cohorts.pipeline.fields import FIELDS
from cohorts.pipeline.profile import Conventions, Layout
from cohorts.pipeline.read import open_table

TODAY = datetime.date(2026, 7, 1)
SHARED = Path(os.environ.get("HIU_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
NHS = "9434765919"  # the NHS Data Dictionary's example; it passes the check


def shared(path: str) -> Path:
    """A file of the shared public data; the test is skipped where they are not at hand."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"the public files are not beside this checkout ({path})")
    return found


def write(folder: Path, text: str, name: str = "extract.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


class Result:
    """What the pure steps made of a file."""

    def __init__(self) -> None:
        self.frames: list[pl.DataFrame] = []
        self.rejects: list[Reject] = []
        self.notes: Counter[str] = Counter()
        self.plan: minimise.Plan

    @property
    def frame(self) -> pd.DataFrame:
        """The rows that passed, as pandas, which has more ways to be asked."""
        return pd.DataFrame(pl.concat(self.frames).to_dict(as_series=False), dtype=object)

    @property
    def reasons(self) -> list[str]:
        return [reject.reason for reject in self.rejects]

    @property
    def codes(self) -> Counter[str]:
        return Counter(reject.code for reject in self.rejects)


def check(
    path: Path, layout: Layout, *, allowed: Any = None, today: datetime.date = TODAY, name: str = ""
) -> Result:
    """Read, map, minimise and check a file."""
    result = Result()
    with open_table(path, name=name or path.name, expected=layout.columns) as table:
        mapped = mapping.match(table.header, layout.columns)
        result.plan = minimise.plan(
            table.header,
            mapped,
            allowed=set(FIELDS) if allowed is None else allowed,
            identifier=layout.identifier,
            shape=layout.shape,
        )
        checker = Checker(result.plan, layout, today=today, is_spreadsheet=table.is_spreadsheet)
        for block in table.blocks(result.plan.indexes):
            checked = checker.check(block)
            result.frames.append(checked.frame)
            result.rejects += checked.rejects
            result.notes += checked.notes
    return result


def layout(
    columns: dict[str, str], *, shape: str = "attendances", identifier: str = "nhs_number", **conventions: Any
) -> Layout:
    return Layout(shape, identifier, columns, Conventions.from_json(conventions))


SIMPLE = {"NHS number": "nhs_number", "Arrival date": "arrived_on", "Arrival time": "arrived_time"}


def rows(folder: Path, *lines: str, header: str = "NHS number,Arrival date", **options: Any) -> Result:
    """Check a small CSV file whose columns are named as the fields are on the page."""
    names = {field.label: field.name.value for field in FIELDS.values()}
    columns = {column: names[column] for column in header.split(",")}
    path = write(folder, "\n".join([header, *lines]) + "\n")
    return check(path, layout(columns, **options))

"""Second step: which column of this file is which field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from cohorts.pipeline.open_workbook import normal


@dataclass(frozen=True)
class MappedColumn:
    """A column of the file that stands for a field."""

    index: int
    header: str
    field: str


def match(header: Sequence[str], columns: Mapping[str, str]) -> list[MappedColumn]:
    """The mapped columns that this file has, in its order.

    Case, spaces and punctuation of a heading do not matter. Several names for one field are names of
    one column in different files; where a file has more than one of them, the leftmost is taken.
    """
    field_of = {normal(column): field for column, field in columns.items()}
    found: dict[str, MappedColumn] = {}
    for index, name in enumerate(header):
        field = field_of.get(normal(name))
        if field is not None and field not in found:
            found[field] = MappedColumn(index, name, field)
    return list(found.values())


def rename(frame: pl.DataFrame, columns: Sequence[MappedColumn]) -> pl.DataFrame:
    """The frame with field names for column numbers."""
    return frame.rename(dict(zip(frame.columns, [column.field for column in columns], strict=True)))

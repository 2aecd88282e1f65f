"""Second step: which column of this file is which field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from cohorts.pipeline.open_workbook import normal


@dataclass(frozen=True)
class MappedColumn:
    """A column of the file that stands for a field."""

    index: int
    header: str
    field: str


def match(header: Sequence[str], columns: Mapping[str, str]) -> list[MappedColumn]:
    """The mapped columns that this file has, in its order.

    Case, spaces and punctuation of a heading do not matter. Where a source names several columns for
    one field, the first of them that the file has is taken.
    """
    place = {normal(name): index for index, name in reversed(list(enumerate(header)))}
    found: dict[str, MappedColumn] = {}
    for column, field in columns.items():
        index = place.get(normal(column))
        if index is not None and field not in found:
            found[field] = MappedColumn(index, header[index], field)
    return sorted(found.values(), key=lambda column: column.index)


def rename(frame: pd.DataFrame, columns: Sequence[MappedColumn]) -> pd.DataFrame:
    """The frame with field names for column numbers."""
    return frame.set_axis([column.field for column in columns], axis=1)

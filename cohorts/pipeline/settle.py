"""What is decided once for a file before its rows are read: the order of its dates, and how it counts days."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cohorts.pipeline import date_order
from cohorts.pipeline.delimited import Block
from cohorts.pipeline.fields import FIELDS, F, Kind
from cohorts.pipeline.map import MappedColumn, rename
from cohorts.pipeline.minimise import Plan
from cohorts.pipeline.profile import Layout
from cohorts.pipeline.read import Table, open_table


def for_file(
    layout: Layout, plan: Plan, table: Table, first: Block | None, *, path: Path, name: str
) -> tuple[Layout, str]:
    """The layout to read this file by, and a sentence on the order of its dates (empty where it needs none).

    Args:
        first: the first rows; where they show no order the file is opened once more and looked through.

    Raises:
        Unreadable: when nobody can say whether the day or the month comes first.
    """
    conventions = layout.conventions
    if not conventions.day_numbers and table.is_spreadsheet:
        conventions = replace(conventions, day_numbers=table.calendar)
    columns = dates_in(plan.kept)
    scan = _Scan(path, name, layout, columns)
    seen = _texts(first, plan.kept) if first is not None else {}
    conventions, sentence = date_order.settle(conventions, seen, scan)
    return replace(layout, conventions=conventions), sentence


def dates_in(columns: Sequence[MappedColumn]) -> list[MappedColumn]:
    """The columns that hold dates."""
    return [column for column in columns if FIELDS[F(column.field)].kind in (Kind.DATE, Kind.DATETIME)]


@dataclass(frozen=True)
class _Scan:
    """Looks through the whole file until a date shows the order."""

    path: Path
    name: str
    layout: Layout
    columns: list[MappedColumn]

    def __call__(self, fields: Sequence[str], evidence: date_order.Evidence) -> None:
        wanted = [column for column in self.columns if column.field in fields]
        evidence.forget_counts()
        for block in self._blocks(wanted):
            for name, (column, rows, texts) in _texts(block, wanted).items():
                evidence.take(name, column, rows, texts)
            if not evidence.fits_both:
                return

    def _blocks(self, wanted: Sequence[MappedColumn]) -> Iterator[Block]:
        with open_table(self.path, name=self.name, expected=self.layout.columns) as again:
            yield from again.blocks([column.index for column in wanted])


def _texts(block: Block, columns: Sequence[MappedColumn]) -> dict[str, tuple[str, list[int], list[str]]]:
    """Of each date field its heading, the row numbers and the cells.

    Args:
        columns: those of the block, in its order.
    """
    rows, frame = block.rows.tolist(), rename(block.frame, columns)
    return {
        column.field: (column.header, rows, frame[column.field].to_list()) for column in dates_in(columns)
    }

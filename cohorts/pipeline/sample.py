"""The beginning of a file, for the page on which its columns are mapped. Nothing of it is kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cohorts.pipeline import looks
from cohorts.pipeline.date_order import Evidence, has_order
from cohorts.pipeline.problems import Unreadable
from cohorts.pipeline.read import open_table

SHOWN = 3
LOOKED_AT = 200
MOST_COLUMNS = 2000


@dataclass
class Sample:
    """The heading row, the first rows under it, and what the dates of the file show."""

    header: list[str]
    rows: list[list[str]]  # at most LOOKED_AT
    is_spreadsheet: bool
    sheet: str
    evidence: Evidence = field(default_factory=Evidence)

    @property
    def columns(self) -> list[list[str]]:
        """The values of each column, in the order of the heading row."""
        return [[row[index] for row in self.rows] for index in range(len(self.header))]

    @property
    def shown(self) -> dict[str, list[str]]:
        """{column: its first values}, each cut to what fits a page."""
        first = self.rows[:SHOWN]
        return {name: [row[index][:60] for row in first] for index, name in enumerate(self.header)}

    @property
    def day_numbers(self) -> dict[str, str]:
        """{column: a value of it} for the columns of a text file that may count days as spreadsheets do."""
        if self.is_spreadsheet:
            return {}
        seen = zip(self.header, self.columns, strict=True)
        return {
            name: next(filter(None, values))
            for name, values in seen
            if looks.look(values).shape == looks.DAY_NUMBER
        }


def take(path: Path, *, name: str, password: str | None, expected: Iterable[str]) -> Sample:
    """Read the heading row and the first rows, and look through all dates for the order they are in.

    Raises:
        Unreadable: with a sentence, when the file cannot be used.
    """
    with open_table(path, name=name, password=password, expected=expected) as table:
        if len(table.header) > MOST_COLUMNS:
            raise Unreadable(
                f"This file has {len(table.header):,} columns, and {MOST_COLUMNS:,} is the most that can be "
                "mapped. Take out those that are not needed and send it again."
            )
        sample = Sample(table.header, [], table.is_spreadsheet, table.sheet)
        dates: list[int] | None = None
        for block in table.blocks(range(len(table.header))):
            if dates is None:
                sample.rows = [list(row) for row in block.frame.head(LOOKED_AT).rows()]
                dates = _dates(sample.columns)
            rows = block.rows.tolist()
            for index in dates:
                texts = block.frame.to_series(index).to_list()
                sample.evidence.take("", table.header[index], rows, texts)
            if not dates or sample.evidence.order:
                break
    return sample


def _dates(columns: Sequence[Sequence[str]]) -> list[int]:
    """The columns whose dates must be put in an order; a file without any is not read further."""
    return [index for index, values in enumerate(columns) if any(map(has_order, values))]

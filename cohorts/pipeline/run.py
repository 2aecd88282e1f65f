"""The pure steps one after another: read, map, minimise, check."""

import datetime
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import polars as pl

from cohorts.pipeline import limit as limits
from cohorts.pipeline import map as mapping
from cohorts.pipeline import minimise, settle
from cohorts.pipeline.check import Checked, Checker
from cohorts.pipeline.files import RejectsFile
from cohorts.pipeline.problems import Unreadable
from cohorts.pipeline.profile import Layout
from cohorts.pipeline.read import open_table
from cohorts.pipeline.synonyms import known_names

EXAMPLES = 50

# Called after each block with the share of the file that was read, 0 to 1.
Progress = Callable[[float], None]
# Called with the rows of each block that passed.
Sink = Callable[[pl.DataFrame], None]


@dataclass
class Summary:
    """What a check found."""

    rows_read: int = 0
    rows_passed: int = 0
    rows_rejected: int = 0
    unmatched: int = 0  # of the rejected ones, those kept until it is known whose they are
    reject_reasons: Counter[str] = field(default_factory=Counter)
    examples: list[dict[str, str | int]] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    columns_dropped: list[str] = field(default_factory=list)
    date_order: str = ""  # which order of dates was decided, and from which rows; empty where none was needed
    count_columns: limits.CountColumns = limits.NO_COUNTS
    first_day: datetime.date | None = None
    last_day: datetime.date | None = None

    def add(self, checked: Checked) -> None:
        """Count in what came of a block."""
        self.rows_passed += len(checked.frame)
        self.rows_rejected += len(checked.rejects)
        self.rows_read = self.rows_passed + self.rows_rejected
        self.reject_reasons.update(reject.code for reject in checked.rejects)
        for reject in checked.rejects[: EXAMPLES - len(self.examples)]:
            self.examples.append({"row": reject.row, "code": reject.code, "reason": reject.reason})
        self.notes.update(checked.notes)
        self.first_day = min(_days(self.first_day, checked.first_day), default=None)
        self.last_day = max(_days(self.last_day, checked.last_day), default=None)


def check_file(
    path: Path,
    *,
    name: str,
    layout: Layout,
    allowed: Collection[str],
    today: datetime.date,
    rejects_path: Path,
    sink: Sink,
    unmatched: Sink = lambda frame: None,
    limit: limits.Limit = limits.NO_LIMIT,
    measure: str = "ae",
    progress: Progress = lambda fraction: None,
) -> Summary:
    """Check a whole file; rows that pass go to the sink, the others to `rejects_path`, made only for them.

    Args:
        unmatched: told of rejected rows that only lack a usable NHS number.
        limit: whom the agreement reaches; only checked for here, since it takes the whole file to judge.
        measure: what the source counts.

    Raises:
        Unreadable: when the file as a whole cannot be used.
    """
    columns = {**layout.columns}
    with open_table(path, name=name, expected=columns or known_names()) as table:
        mapped = mapping.match(table.header, columns)
        plan = minimise.plan(
            table.header, mapped, allowed=allowed, identifier=layout.identifier, shape=layout.shape
        )
        counts = limits.count_columns(limit, plan.fields, layout.conventions, measure)
        limits.check(limit, layout.shape, counts)
        summary = Summary(columns_dropped=list(plan.dropped), count_columns=counts)
        blocks = table.blocks(plan.indexes)
        first = next(blocks, None)
        layout, summary.date_order = settle.for_file(layout, plan, table, first, path=path, name=name)
        checker = Checker(plan, layout, today=today, is_spreadsheet=table.is_spreadsheet)
        rejects = RejectsFile(rejects_path, [column.header for column in plan.kept])
        try:
            for block in chain([first] if first else [], blocks):
                checked = checker.check(block)
                summary.add(checked)
                rejects.write(checked.rejects)
                unmatched(checked.unmatched)
                sink(checked.frame)
                progress(table.fraction_read)
        finally:
            rejects.close()
    if not summary.rows_read:
        raise Unreadable(
            "This file has a heading row but no rows under it. Check that the list was not filtered to nothing."
        )
    return summary


def _days(*days: datetime.date | None) -> list[datetime.date]:
    return [day for day in days if day is not None]

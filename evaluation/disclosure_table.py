"""A whole table at once: cells and totals controlled so that no withheld cell can be worked out from the
rest.

Rounding alone does not do that. Twelve cells of 1 add up to 12, printed as 10, which stands for 8 to 12:
twelve withheld cells of at least 1 each must then all be 1. Totals like that are withheld too, in two
steps.

1. A total at the very end of what its printed cells allow is withheld, and so is its neighbour one further
   in: a reader who knows this rule then still cannot tell which of the two it was.
2. Cells and totals form a network in which counts flow from total to row to column and back. A withheld
   number can be something else exactly when one unit can be sent round a loop through it without changing
   anything printed. Where one cannot, all totals of the table are withheld.

Together: nothing withheld follows from what is printed, in any table. A reader who also knows these two
steps and tries every possible table learns nothing from rows with a total; of all 2 by 2 tables with cells
from 0 to 12 and totals both ways, such a reader can work out a cell in fewer than one in 1,000.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from evaluation.disclosure import DEFAULT_RULE, NOT_SUPPLIED, SUPPRESSED, Disclosed, Rule, count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Totals = Literal["both", "rows", "columns", "none"]
Arc = tuple[str, str]
NO_LIMIT = 10**12
GRAND: Arc = ("columns", "rows")


@dataclass(frozen=True)
class ControlledTable:
    """A table fit to leave. Totals not asked for are absent."""

    columns: tuple[str, ...]
    rows: dict[str, dict[str, Disclosed]]
    row_totals: dict[str, Disclosed]
    column_totals: dict[str, Disclosed]
    total: Disclosed | None

    @property
    def suppressed_cells(self) -> int:
        """How many cells and totals are withheld."""
        cells = [cell for row in self.rows.values() for cell in row.values()]
        margins = [*self.row_totals.values(), *self.column_totals.values()]
        return sum(each.suppressed for each in [*cells, *margins, *([self.total] if self.total else [])])


def control_table(
    rows: Mapping[str, Mapping[str, int | None]], *, totals: Totals = "both", rule: Rule = DEFAULT_RULE
) -> ControlledTable:
    """Control every count of a table, and its totals, added up exactly and rounded after.

    None is not supplied, and so is every total it belongs to. Raises ValueError when rows differ in
    columns, or for a number that is no count.
    """
    columns = tuple(next(iter(rows.values()), {}))
    for label, row in rows.items():
        if tuple(row) != columns:
            raise ValueError(
                f"Row '{label}' has other columns than the first row. Give every row the same columns."
            )
        for value in row.values():
            count(value, rule)
    network = _Network(rows, columns, totals, rule)
    network.withhold_extremes()
    network.withhold_until_safe()
    return network.printed()


def gives_away(parts: Sequence[int], total: int, rule: Rule = DEFAULT_RULE) -> bool:
    """Whether a total printed somewhere else, if it is that of these parts, gives a withheld part away.

    As step 1 above: the total at the very end of what the printed parts allow, or one further in.
    """
    if not any(rule.hides(part) for part in parts):
        return False
    lowest, highest = _sum_bounds(parts, rule)
    least, most = rule.bounds(total)
    return most in (lowest, lowest + 1) or least in (highest, highest - 1)


def giving_away(divisions: Mapping[str, Sequence[int]], total: int, rule: Rule = DEFAULT_RULE) -> set[str]:
    """Of several ways to divide the same people or events, printed beside each other, those to withhold whole.

    The printed total, and every other division that is printed, bound how many there are in all; a reader may
    put all of them together. Where that many lie at the very end of what a division's printed parts allow, or
    one further in, its withheld parts follow.

    Raises:
        ValueError: when a division does not add up to the total.
    """
    for name, parts in divisions.items():
        if sum(parts) != total:
            raise ValueError(f"'{name}' adds up to {sum(parts)}, and not to {total}.")
    limits = {name: _sum_bounds(parts, rule) for name, parts in divisions.items()}
    with_withheld = [name for name, parts in divisions.items() if any(rule.hides(part) for part in parts)]
    withheld: set[str] = set()
    for name in with_withheld:
        others = [limits[each] for each in limits if each != name and each not in withheld]
        known = [rule.bounds(total), *others]
        least, most = max(low for low, _ in known), min(high for _, high in known)
        lowest, highest = limits[name]
        if most <= lowest + 1 or least >= highest - 1:
            withheld.add(name)
    return withheld


def _sum_bounds(parts: Sequence[int], rule: Rule) -> tuple[int, int]:
    limits = [rule.bounds(part) for part in parts]
    return sum(low for low, _ in limits), sum(high for _, high in limits)


class _Network:
    """Counts as flow: "rows" -> each row -> each column -> "columns" -> back."""

    def __init__(
        self, rows: Mapping[str, Mapping[str, int | None]], columns: Sequence[str], totals: Totals, rule: Rule
    ) -> None:
        self.rule = rule
        self.row_of = {label: f"row {i}" for i, label in enumerate(rows)}
        self.column_of = {name: f"column {j}" for j, name in enumerate(columns)}
        self.cells: dict[Arc, int | None] = {
            (self.row_of[label], self.column_of[name]): row[name]
            for label, row in rows.items()
            for name in columns
        }
        self.wanted = self._wanted(totals)
        self.flow = {arc: value for arc, value in self.cells.items() if value is not None}
        for total in [*self._row_totals(), *self._column_totals(), GRAND]:
            self.flow[total] = sum(self.cells[arc] or 0 for arc in self._cells_of(total))
        self.unsupplied = {
            t for t in self.wanted if any(self.cells[arc] is None for arc in self._cells_of(t))
        }
        self.withheld: set[Arc] = set()

    def _row_totals(self) -> list[Arc]:
        return [("rows", node) for node in self.row_of.values()]

    def _column_totals(self) -> list[Arc]:
        return [(node, "columns") for node in self.column_of.values()]

    def _wanted(self, totals: Totals) -> list[Arc]:
        by_row = self._row_totals() if totals in ("both", "rows") else []
        by_column = self._column_totals() if totals in ("both", "columns") else []
        return [*by_row, *by_column, *([GRAND] if totals == "both" else [])]

    def _cells_of(self, total: Arc) -> list[Arc]:
        if total == GRAND:
            return list(self.cells)
        node = total[1] if total[0] == "rows" else total[0]
        return [arc for arc in self.cells if node in arc]

    def _bounds(self, arc: Arc) -> tuple[int, int]:
        """What a reader must think possible of one number."""
        is_total = arc not in self.cells
        if is_total and (arc not in self.wanted or arc in self.withheld or arc in self.unsupplied):
            return 0, NO_LIMIT
        return self.rule.bounds(self.flow[arc])

    def _lines(self) -> Iterator[tuple[Arc, list[Arc]]]:
        for total in self.wanted:
            if total != GRAND:
                yield total, self._cells_of(total)
        if GRAND in self.wanted:
            yield GRAND, list(self.cells)
            yield GRAND, self._row_totals()
            yield GRAND, self._column_totals()

    def withhold_extremes(self) -> None:
        """Step 1, for each line of cells and its total."""
        for total, parts in self._lines():
            if total in self.unsupplied or not any(self.rule.hides(self.flow[arc]) for arc in parts):
                continue
            limits = [self._bounds(arc) for arc in parts]
            lowest, highest = sum(low for low, _ in limits), sum(high for _, high in limits)
            value = self.flow[total]
            alone_below = self.rule.bounds(lowest)[1] == lowest and value <= lowest + 1
            alone_above = self.rule.bounds(highest)[0] == highest and value >= highest - 1
            if alone_below or alone_above:
                self.withheld.add(total)

    def withhold_until_safe(self) -> None:
        """Step 2: where one number is exposed, every total printed as a number goes, not the guilty one
        alone.
        """
        if self._any_exposed():
            self.withheld.update(t for t in self.wanted if self.flow[t] > self.rule.threshold)

    def _any_exposed(self) -> bool:
        steps = self._free_steps()
        hidden = [arc for arc in [*self.cells, *self.wanted] if self.rule.hides(self.flow.get(arc, 0))]
        open_to_attack = (arc for arc in hidden if arc not in self.withheld | self.unsupplied)
        return any(not _can_differ(arc, steps) for arc in open_to_attack)

    def _free_steps(self) -> dict[str, set[str]]:
        """Where one unit more (along an arc) or one less (against it) changes nothing printed."""
        steps: dict[str, set[str]] = {}
        for arc, value in self.flow.items():
            low, high = self._bounds(arc)
            start, end = arc
            if value < high:
                steps.setdefault(start, set()).add(end)
            if value > low:
                steps.setdefault(end, set()).add(start)
        return steps

    def _print(self, arc: Arc) -> Disclosed:
        if arc in self.unsupplied or arc not in self.flow:
            return NOT_SUPPLIED
        return SUPPRESSED if arc in self.withheld else count(self.flow[arc], self.rule)

    def printed(self) -> ControlledTable:
        """The table as it may be shown."""
        by_row = {label: ("rows", node) for label, node in self.row_of.items()}
        by_column = {name: (node, "columns") for name, node in self.column_of.items()}
        return ControlledTable(
            columns=tuple(self.column_of),
            rows={
                label: {name: self._print((row, column)) for name, column in self.column_of.items()}
                for label, row in self.row_of.items()
            },
            row_totals={label: self._print(t) for label, t in by_row.items() if t in self.wanted},
            column_totals={name: self._print(t) for name, t in by_column.items() if t in self.wanted},
            total=self._print(GRAND) if GRAND in self.wanted else None,
        )


def _can_differ(arc: Arc, steps: dict[str, set[str]]) -> bool:
    return any(
        end in steps.get(start, ()) and _reaches(end, start, steps, arc) for start, end in (arc, arc[::-1])
    )


def _reaches(start: str, goal: str, steps: dict[str, set[str]], without: Arc) -> bool:
    """Whether `goal` can be reached without stepping along or against the arc `without`."""
    barred = {without, without[::-1]}
    seen, queue = {start}, deque([start])
    while queue:
        node = queue.popleft()
        for after in steps.get(node, ()):
            if (node, after) in barred or after in seen:
                continue
            if after == goal:
                return True
            seen.add(after)
            queue.append(after)
    return False

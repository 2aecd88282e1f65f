"""Which attendances count under a rule, and why others do not. Pure: no queries, no clock."""

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from cohorts.lists.sentences import ARRIVAL_WORDS
from cohorts.rules import (
    CATEGORY_WORDS,
    DEPARTMENT_WORDS,
    UNKNOWN,
    Repeats,
    RuleTerms,
    Window,
    counted_window,
)


class Row(Protocol):
    """What of an activity is asked; the model has these fields."""

    pk: Any
    source_id: int
    started_on: datetime.date
    started_at_time: datetime.time | None
    attendance_category: str
    arrival_mode: str
    department_type: str
    site: str


@dataclass(frozen=True)
class Explained:
    """One row, and why it does not count; no reason where it does."""

    row: Any
    why_not: str

    @property
    def counts(self) -> bool:
        return not self.why_not


def explain(
    rule: RuleTerms, as_at: datetime.date, rows: Iterable[Row], silent: Collection[int] = ()
) -> list[Explained]:
    """Each row with why it does not count, in the order given; of several that are one, the first counts.

    `silent` are the ids of sources that never say the kind of an attendance.
    """
    span = counted_window(rule, as_at)
    seen: set[tuple[Any, ...]] = set()
    found = []
    for row in rows:
        why_not = _outside(span, row.started_on) or _other_kind(rule, row, silent)
        if not why_not and rule.repeats != Repeats.ALL:
            same = _same(rule.repeats, row)
            why_not = _SEEN[Repeats(rule.repeats)] if same in seen else ""
            seen.add(same)
        found.append(Explained(row, why_not))
    return found


_SEEN = {
    Repeats.SAME_MOMENT: "Same minute and site as another, which counted",
    Repeats.SAME_DAY: "Same day as another, which counted",
}


def _outside(span: Window, day: datetime.date) -> str:
    if day < span.first:
        return f"Before {span.first:%-d %B %Y}, the first day that counts"
    return f"After {span.last:%-d %B %Y}, the last day that counts" if day > span.last else ""


def _other_kind(rule: RuleTerms, row: Row, silent: Collection[int]) -> str:
    """The same as in cohorts/lists/selection_sql.py, for one row and in words."""
    category, mode = row.attendance_category or UNKNOWN, row.arrival_mode
    never_said = category == UNKNOWN and row.source_id in silent
    if rule.attendance_categories and category not in rule.attendance_categories and not never_said:
        return f"The rule does not count {CATEGORY_WORDS.get(category, category)}"
    if rule.arrival_modes and mode and mode not in rule.arrival_modes:
        return f"The rule does not count arrivals {ARRIVAL_WORDS.get(mode, mode)}"
    if rule.department_types and row.department_type and row.department_type not in rule.department_types:
        return f"The rule does not count departments of {DEPARTMENT_WORDS[row.department_type]}"
    if rule.sites and row.site and row.site.upper() not in {site.upper() for site in rule.sites}:
        return f"The rule does not count {row.site}"
    return ""


def _same(repeats: str, row: Row) -> tuple[Any, ...]:
    if repeats == Repeats.SAME_DAY:
        return (row.started_on,)
    return (row.started_on, row.started_at_time or row.pk, row.site)

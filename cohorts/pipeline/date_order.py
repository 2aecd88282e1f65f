"""Whether the day or the month comes first: decided once for a file, from its own dates, and never row by row.

25/04/2026 shows that the day comes first and 04/25/2026 the month; 03/04/2026 fits both. Where every date fits
both, nobody may guess, so the file is refused until somebody says.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cohorts.pipeline.fields import FIELDS, F, Kind
from cohorts.pipeline.problems import Unreadable
from cohorts.pipeline.profile import Conventions

DAY_FIRST, MONTH_FIRST = "day_first", "month_first"
WORDS = {DAY_FIRST: "the day first", MONTH_FIRST: "the month first"}
# One odd date among this many is a mistake in a row; more often, and the file mixes two orders.
CLEAR = 20

_DATE = re.compile(r"\s*(\d{1,2})([/.\-])(\d{1,2})\2(\d{4}|\d{2})(?:[T, ]\s*\d{1,2}[:.]\d\d.*)?\s*")
_DAYS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FORMATS: dict[str, tuple[str, ...]] = {
    MONTH_FIRST: (
        "%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p",
        "%m-%d-%Y", "%m-%d-%Y %H:%M", "%m.%d.%Y", "%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y",
        "%Y%m%d",
    ),
}  # fmt: skip
_SHORT_YEARS = ("%m/%d/%y", "%m-%d-%y", "%m/%d/%y %H:%M")


@dataclass(frozen=True)
class Example:
    """One cell that shows something; the text of a date of birth is never repeated."""

    row: int
    column: str
    text: str

    def __str__(self) -> str:
        return f"row {self.row} of “{self.column}”" + (f" has {self.text}" if self.text else "")


@dataclass
class Evidence:
    """What the dates seen so far show: how many fit one order only, or both, and the first of each."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys((DAY_FIRST, MONTH_FIRST, "both"), 0))
    first: dict[str, Example] = field(default_factory=dict)

    def take(self, name: str, column: str, rows: Iterable[int], texts: Sequence[str]) -> None:
        """Look at the cells of one column, which stands for the field `name`."""
        showing = {text: order for text in set(texts) if (order := shows(text, name))}
        if not showing:
            return
        for row, text in zip(rows, texts, strict=True):
            if shown := showing.get(text):
                self.counts[shown] += 1
                if shown not in self.first:
                    told = "" if name == F.BIRTH_DATE else text.strip()[:40]
                    self.first[shown] = Example(int(row), column, told)

    def forget_counts(self) -> None:
        """Begin to count anew, because the rows will be seen from the first one again."""
        self.counts = dict.fromkeys(self.counts, 0)

    @property
    def order(self) -> str:
        """The order of the file; blank where no date shows one."""
        day, month = self.counts[DAY_FIRST], self.counts[MONTH_FIRST]
        if day == month == 0 or (day and month and max(day, month) < CLEAR * min(day, month)):
            return ""
        return DAY_FIRST if day > month else MONTH_FIRST

    @property
    def fits_both(self) -> bool:
        """Whether there are dates, and each reads as another day the other way round."""
        return not self.order and self.counts["both"] > 0 and not self.is_mixed

    @property
    def is_mixed(self) -> bool:
        """Whether some dates can only have the day first and others only the month."""
        return not self.order and self.counts[DAY_FIRST] > 0 and self.counts[MONTH_FIRST] > 0

    @property
    def sentence(self) -> str:
        """What was decided and from what; empty where no date asks for a decision."""
        if not self.order:
            return ""
        other = MONTH_FIRST if self.order == DAY_FIRST else DAY_FIRST
        count, odd = self.counts[self.order], self.counts[other]
        rows = "1 date shows it" if count == 1 else f"{count:,} dates show it"
        but = f", and {odd:,} cannot be read so" if odd else ""
        return f"Dates are read with {WORDS[self.order]}: {self.first[self.order]}. {rows}{but}."

    @property
    def finding(self) -> str:
        """What stands in the way of an order; empty where one is decided, or where it makes no difference."""
        if self.is_mixed:
            day, month = self.first[DAY_FIRST], self.first[MONTH_FIRST]
            return (
                f"This file mixes two orders of dates: {day}, which has the day first, and {month}, which has "
                "the month first."
            )
        if self.fits_both:
            return (
                "Every date in this file can be read with the day first or with the month first: "
                f"{self.first['both']}."
            )
        return ""

    @property
    def problem(self) -> str:
        """The finding with what to do, for whoever sent the file in."""
        if self.is_mixed:
            return (
                f"{self.finding} Ask the sender for one order, or say on the source's mapping page which it is. "
                "Rows in the other order are then rejected."
            )
        if self.fits_both:
            return f"{self.finding} Choose which it is on the source's mapping page, and send the file again."
        return ""


def has_order(text: str) -> bool:
    """Whether a text is a date of two numbers and a year, so that an order must be known to read it."""
    return _DATE.fullmatch(text) is not None


def shows(text: str, name: str = "") -> str:
    """Which order one date shows: DAY_FIRST, MONTH_FIRST, "both", or nothing where it makes no difference.

    Dates of birth with two digits for the year show nothing: such rows are rejected anyway.
    """
    found = _DATE.fullmatch(text)
    if found is None or (name == F.BIRTH_DATE and len(found[4]) == 2):
        return ""
    first, second = int(found[1]), int(found[3])
    day_first, month_first = _is_day(first, second), _is_day(second, first)
    if day_first and month_first:
        return "" if first == second else "both"
    return DAY_FIRST if day_first else MONTH_FIRST if month_first else ""


def _is_day(day: int, month: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= _DAYS[month]


def undecided(conventions: Conventions, fields: Iterable[str]) -> list[str]:
    """The date fields for which neither an order nor a pattern is stated."""
    if conventions.date_order:
        return []
    dates = {Kind.DATE, Kind.DATETIME}
    return [name for name in fields if FIELDS[F(name)].kind in dates and name not in conventions.formats]


def with_order(conventions: Conventions, order: str, fields: Iterable[str]) -> Conventions:
    """The conventions with the patterns of an order for the date fields that state none.

    With the day first they stay as they are: that is how the pipeline reads dates that nobody described.
    """
    if order != MONTH_FIRST:
        return conventions
    formats = dict(conventions.formats)
    for name in undecided(replace(conventions, date_order=""), fields):
        short = () if name == F.BIRTH_DATE else _SHORT_YEARS
        formats[name] = [*_FORMATS[MONTH_FIRST], *short]
    return replace(conventions, formats=formats, date_order=order)


def read_so(conventions: Conventions, reading: Mapping[str, str]) -> Conventions:
    """The conventions with `date_order`, `day_numbers` or `code_set` as somebody chose them.

    An order that was chosen outweighs patterns that say the other, so those are left out.
    """
    order = reading.get("date_order", "")
    formats = {
        name: [pattern for pattern in patterns if not order or _order_of(pattern) in ("", order)]
        for name, patterns in conventions.formats.items()
    }
    kept = {name: patterns for name, patterns in formats.items() if patterns}
    stored = conventions.as_json() | {"formats": kept} | dict(reading)
    return Conventions.from_json(stored)


def _order_of(pattern: str) -> str:
    """The order that a pattern reads; nothing where the year comes first or the month is a word."""
    found = re.match(r"%([dm])[/.\-]?%([dm])", pattern)
    return "" if found is None else DAY_FIRST if found[1] == "d" else MONTH_FIRST


# Looks at every date of the file once more: called only where its beginning shows nothing.
Scan = Callable[[Sequence[str], Evidence], None]


def settle(
    conventions: Conventions, columns: Mapping[str, tuple[str, Sequence[int], Sequence[str]]], scan: Scan
) -> tuple[Conventions, str]:
    """Decide the order of a file's dates; returns the conventions to read it by, and the sentence to show.

    Args:
        columns: of each date field at the beginning of the file its heading, the row numbers and the texts.

    Raises:
        Unreadable: when both orders fit every date, or the file mixes them.
    """
    if conventions.date_order:
        said = f"Dates are read with {WORDS[conventions.date_order]}, as this source says."
        return with_order(conventions, conventions.date_order, columns), said
    open_fields = undecided(conventions, columns)
    evidence = Evidence()
    for name in open_fields:
        evidence.take(name, *columns[name])
    if evidence.fits_both:
        scan(open_fields, evidence)
    if evidence.problem:
        raise Unreadable(evidence.problem)
    return with_order(conventions, evidence.order, open_fields), evidence.sentence

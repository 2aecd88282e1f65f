"""Calendar quarters: 2026-Q3 is July to September 2026. No queries, no clock."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from governance.rules import RuleBroken

MONTHS = ("January", "April", "July", "October")
LAST_MONTHS = ("March", "June", "September", "December")
ONE_DAY = datetime.timedelta(days=1)


class QuarterProblem(RuleBroken):
    """Raised with a sentence when words name no quarter, or one that cannot be reported yet."""


@dataclass(frozen=True, order=True)
class Quarter:
    """Three calendar months."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"

    @property
    def label(self) -> str:
        """The months in words, since the NHS counts quarters from April and calendars from January."""
        return f"{MONTHS[self.number - 1]} to {LAST_MONTHS[self.number - 1]} {self.year}"

    @property
    def short_label(self) -> str:
        """For a chart, where the words may stand on two lines: "Q3 2026"."""
        return f"Q{self.number} {self.year}"

    @property
    def nhs_label(self) -> str:
        """The same quarter of the NHS year, which begins in April."""
        year = self.year if self.number > 1 else self.year - 1
        return f"quarter {(self.number + 2) % 4 + 1} of {year}/{(year + 1) % 100:02}"

    @property
    def first_day(self) -> datetime.date:
        """The day it begins."""
        return datetime.date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> datetime.date:
        """The day it ends."""
        return self.following.first_day - ONE_DAY

    @property
    def following(self) -> Quarter:
        """The next quarter."""
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    @property
    def previous(self) -> Quarter:
        """The quarter before."""
        return Quarter(self.year - 1, 4) if self.number == 1 else Quarter(self.year, self.number - 1)

    def since(self, first: Quarter) -> int:
        """How many quarters after another one: 0 for the same, below 0 before it."""
        return 4 * (self.year - first.year) + self.number - first.number

    def back(self, count: int) -> list[Quarter]:
        """The last `count` quarters up to this one, oldest first."""
        quarters = [self]
        while len(quarters) < count:
            quarters.insert(0, quarters[0].previous)
        return quarters


def parse(text: str) -> Quarter:
    """Read "2026-Q3". Raises QuarterProblem when it is written in any other way."""
    found = re.fullmatch(r"(20\d\d)-Q([1-4])", text, flags=re.ASCII)
    if not found:
        raise QuarterProblem(
            f"'{text}' is not a quarter. Write the calendar year and quarter as in 2026-Q3 "
            "(July to September 2026)."
        )
    return Quarter(int(found[1]), int(found[2]))


def of(day: datetime.date) -> Quarter:
    """The quarter a day falls in."""
    return Quarter(day.year, (day.month + 2) // 3)


def check_ended(quarter: Quarter, today: datetime.date) -> None:
    """Raises QuarterProblem while the quarter has not ended."""
    if today <= quarter.last_day:
        raise QuarterProblem(
            f"{quarter} ({quarter.label}) ends on {quarter.last_day:%-d %B %Y}. "
            "Build its report on the day after or later."
        )


def seed_of(quarter: Quarter) -> int:
    """The number every random draw of a report starts from: the same quarter, the same draws."""
    return quarter.year * 10 + quarter.number

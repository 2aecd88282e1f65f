"""Whom the agreement reaches: how often somebody must have attended, how recently, and how many people.

Pure: what the limits are, and whether a file can show who is within them. drop.py leaves out the others.
"""

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from cohorts.pipeline.fields import COUNTS, F, Shape
from cohorts.pipeline.problems import Unreadable
from cohorts.pipeline.profile import Conventions

# Why rows were left out: the words go after "rows".
DROP_WORDS = {
    "below_threshold": "of people who attended less often than the agreement says",
    "not_recent": "of people whose last attendance is longer ago than the agreement says",
    "beyond_top_n": "of people beyond the number that the agreement allows in one extract",
    "count_not_supplied": "of people for whom the file does not say how often they attended",
    "recency_not_supplied": "of people for whom the file does not say whether they attended recently",
}


@dataclass(frozen=True)
class Limit:
    """The terms of an agreement that say about whom a file may be."""

    above: bool = False  # "more than" the threshold, not "at least"
    threshold: int | None = None
    months: int | None = None
    recent_months: int | None = None
    top_n: int | None = None

    @property
    def applies(self) -> bool:
        """Whether there is anything to leave out at all."""
        return any(term is not None for term in (self.threshold, self.recent_months, self.top_n))


NO_LIMIT = Limit()


@dataclass(frozen=True)
class CountColumns:
    """Which counts of a list of people the limits are held against; None where the file has no such count."""

    count: F | None
    recent: F | None


NO_COUNTS = CountColumns(None, None)


def count_columns(
    limit: Limit, fields: Collection[str], conventions: Conventions, measure: str
) -> CountColumns:
    """The columns that count what the source counts over the agreed months."""

    def over(months: int | None) -> F | None:
        return next(
            (
                name
                for name, (of, _) in COUNTS.items()
                if of == measure and name in fields and conventions.window(name) == months
            ),
            None,
        )

    # With no agreed months, "those who attended most" goes by whichever count there is.
    fallback = next((name for name, (of, _) in COUNTS.items() if of == measure and name in fields), None)
    return CountColumns(
        over(limit.months) or (fallback if limit.months is None else None), over(limit.recent_months)
    )


def check(limit: Limit, shape: str, columns: CountColumns) -> None:
    """Refuse a list of people that cannot show who reaches the threshold.

    Raises:
        Unreadable: in a sentence.
    """
    if shape == Shape.PEOPLE and columns.count is None:
        if limit.threshold is not None:
            raise Unreadable(
                "The agreement is only about people who attended often enough in "
                f"{limit.months} months, and this file has no column that counts over {limit.months} months. "
                "Ask the sender for one, or say on the source's mapping page which column it is."
            )
        if limit.top_n is not None:
            raise Unreadable(
                f"The agreement allows {limit.top_n:,} people in each extract, those who attended most, and "
                "this file has no count to choose them by. Ask the sender for one."
            )


def remarks(
    limit: Limit,
    shape: str,
    columns: CountColumns,
    *,
    first_day: datetime.date | None,
    last_day: datetime.date | None,
) -> list[str]:
    """What the reader should know about how the limits were held, in sentences."""
    if shape == Shape.PEOPLE:
        if limit.recent_months is not None and columns.recent is None:
            return [
                f"No column says who attended in the last {limit.recent_months} months, as the agreement "
                "asks. Here we rely on the sender."
            ]
        return []
    if limit.threshold is None or limit.months is None or first_day is None or last_day is None:
        return []
    if (last_day - first_day).days >= limit.months * 28:
        return []
    return [
        f"The file holds {first_day:%-d %B %Y} to {last_day:%-d %B %Y}, and the agreement counts over "
        f"{limit.months} months. People were counted in this file alone, so some may be left out who would "
        "have been in a longer one."
    ]

"""When files of a source are expected, and what became of each. Pure: neither queries nor "now"."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cohorts.rules import months_before

# Days before the due day from which a file counts for it: about a third of the time between two.
EARLY_DAYS = {"daily": 0, "weekly": 2, "monthly": 10, "quarterly": 30, "once": 30}
_DAYS = {"daily": 1, "weekly": 7}
_MONTHS = {"monthly": 1, "quarterly": 3}


class SlotState(StrEnum):
    EXPECTED = "expected"
    ARRIVED = "arrived"
    LATE = "late"
    LOADED = "loaded"
    FAILED = "failed"


@dataclass(frozen=True)
class Came:
    """A file as the calendar sees it: the day it came, and whether it is stored or came to nothing."""

    on: datetime.date
    stored: bool
    gone: bool


@dataclass(frozen=True)
class Slot:
    """One due day and its state."""

    due_on: datetime.date
    state: SlotState


def due_days(
    first: datetime.date, frequency: str, *, since: datetime.date, until: datetime.date
) -> list[datetime.date]:
    """Every due day from `since` to `until`, both included. The 31st becomes the last day of shorter months."""
    found: list[datetime.date] = []
    for number in range(100_000):
        day = _nth(first, frequency, number)
        if day is None or day > until:
            break
        if day >= since:
            found.append(day)
    return found


def counts_from(due_on: datetime.date, frequency: str) -> datetime.date:
    """The first day on which a file counts for this due day and not for the one before."""
    return due_on - datetime.timedelta(days=EARLY_DAYS[frequency])


def slots(
    days: Sequence[datetime.date], frequency: str, came: Iterable[Came], *, grace: int, today: datetime.date
) -> list[Slot]:
    """What became of each due day. A file counts for the last due day that it is not too early for."""
    by_day: dict[datetime.date, list[Came]] = {day: [] for day in days}
    ordered = sorted(days)
    for each in came:
        earlier = [day for day in ordered if counts_from(day, frequency) <= each.on]
        if earlier:
            by_day[earlier[-1]].append(each)
    return [Slot(day, _state(day, by_day[day], grace=grace, today=today)) for day in ordered]


def runs(periods: Iterable[tuple[datetime.date, datetime.date]], *, gap: int = 7) -> list[
    tuple[datetime.date, datetime.date]
]:  # fmt: skip
    """Periods joined where the next begins within `gap` days of the end of the one before, oldest first."""
    found: list[tuple[datetime.date, datetime.date]] = []
    for first, last in sorted(periods):
        if found and (first - found[-1][1]).days <= gap:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def _nth(first: datetime.date, frequency: str, number: int) -> datetime.date | None:
    if frequency in _DAYS:
        return first + datetime.timedelta(days=_DAYS[frequency] * number)
    if frequency in _MONTHS:
        return months_before(first, -_MONTHS[frequency] * number)
    return first if number == 0 else None


def _state(due_on: datetime.date, came: Sequence[Came], *, grace: int, today: datetime.date) -> SlotState:
    if any(each.stored for each in came):
        return SlotState.LOADED
    if any(not each.gone for each in came):
        return SlotState.ARRIVED
    if came:
        return SlotState.FAILED
    return SlotState.LATE if today > due_on + datetime.timedelta(days=grace) else SlotState.EXPECTED

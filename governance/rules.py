"""Pure rules about people and permission to use data. No queries, no clock."""

import calendar
import datetime


class RuleBroken(Exception):
    """Raised with a sentence that a page can show: what is wrong and what to do."""


def age_on(
    day: datetime.date,
    *,
    birth_date: datetime.date | None,
    stated_age: int | None = None,
    stated_age_on: datetime.date | None = None,
) -> int | None:
    """Age in whole years on `day`; None when unknown, which is not the same as zero.

    A stated age moves on by the whole years since the day it was true, so it is at most one year low; a
    few days before that day it is the same.
    """
    if birth_date is not None:
        return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
    if stated_age is None or stated_age_on is None:
        return None
    return stated_age + int((day - stated_age_on).days / 365)


def format_nhs_number(nhs_number: str) -> str:
    """Ten digits as people read them: 3-3-4 (NHS Data Model and Dictionary)."""
    return f"{nhs_number[:3]} {nhs_number[3:6]} {nhs_number[6:]}"


def agreement_problem(
    on: datetime.date, *, valid_from: datetime.date, valid_to: datetime.date | None, title: str
) -> str | None:
    """Why an agreement cannot be relied on that day, in a sentence; None when it can."""
    if on < valid_from:
        return (
            f'The agreement "{title}" starts on {valid_from:%-d %B %Y}. Load this file on or after that day.'
        )
    if valid_to is not None and on > valid_to:
        return (
            f'The agreement "{title}" ended on {valid_to:%-d %B %Y}. Nothing was stored. '
            "Renew the agreement, then load the file again."
        )
    return None


def days_before(day: datetime.date, number: int) -> datetime.date:
    """The day `number` days earlier."""
    return day - datetime.timedelta(days=number)


def years_before(day: datetime.date, number: int) -> datetime.date:
    """The same day `number` years earlier; 28 February where that year has no 29th."""
    try:
        return day.replace(year=day.year - number)
    except ValueError:
        return day.replace(year=day.year - number, day=28)


def months_after(day: datetime.date, number: int) -> datetime.date:
    """The same day of the month `number` months later; the month's last day where it has no such day.

    So counts the time to answer a request about one's own data: ICO, "Right of access", time limits.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def check_extension(due_on: datetime.date, to: datetime.date, *, latest: datetime.date) -> None:
    """Raises RuleBroken when a request may not be answered as late as `to` (UK GDPR, article 12(3))."""
    if to <= due_on:
        raise RuleBroken(f"Enter a day after {due_on:%-d %B %Y}, when it is due anyway.")
    if to > latest:
        raise RuleBroken(f"Two more months are the most: enter {latest:%-d %B %Y} or an earlier day.")

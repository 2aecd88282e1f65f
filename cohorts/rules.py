"""Pure rules of lists: windows, what meets a rule, and the rule as a sentence. No queries, no clock."""

import calendar
import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from governance.rules import RuleBroken


@dataclass(frozen=True)
class Window:
    """Days from `first` to `last`, both counted."""

    first: datetime.date
    last: datetime.date


class RuleTerms(Protocol):
    """What a cohort rule says; the model has these fields, and so has a form not saved yet."""

    measure: str
    operator: str
    count: int
    window_months: int
    recent_count: int | None
    recent_months: int | None
    min_admissions: int | None
    min_age: int | None
    max_age: int | None
    top_n: int | None
    exclusions: list[str]


ADULT_AGE = 18
LONGEST_WINDOW_MONTHS = 60
SCREENED_OUT_MONTHS = 12
# After this many days without newer data the lead is told to re-check before calling anyone.
STALE_AFTER_DAYS = 35
# The last row of an extract may be a few days older than the last day it covers.
LATEST_ROW_DAYS = 7

# Reasons about the day, not about the person: the next list brings these people back.
PASSING_REASONS = frozenset({"no_capacity", "out_of_date"})

MEASURE_NOUNS: dict[str, tuple[str, str]] = {
    "ae": ("A&E attendance", "A&E attendances"),
    "nel": ("emergency admission", "emergency admissions"),
    "conveyance": ("ambulance conveyance", "ambulance conveyances"),
    "call_999": ("999 call", "999 calls"),
    "outpatient": ("outpatient appointment", "outpatient appointments"),
}

OPERATOR_WORDS = {">=": "at least", ">": "more than"}

EXCLUSION_WORDS = {
    "already_client": "already have a case",
    "died": "have died",
    "moved": "have moved out of the area",
    "screened_out": "were screened out in the last 12 months",
}

# Why a person with activity in the window is not on the list; the first that applies is counted.
LEFT_OUT_WORDS = {
    "too_few": "attended less often than the rule asks",
    "not_recent": "had too little recent activity",
    "too_few_admissions": "had too few admissions",
    "too_young": "are younger than the rule asks",
    "too_old": "are older than the rule asks",
    "objected": "asked not to be contacted, or that their data is not used",
    **EXCLUSION_WORDS,
    "beyond_first": "met the rule but came after the last place on the list",
}

_COUNT = re.compile(r"\s*(>=|>)\s*(\d{1,4})\s*")
_RECENT = re.compile(r"\s*(>=|>)\s*(\d{1,4})\s*/\s*(\d{1,2})\s*")


def months_before(day: datetime.date, months: int) -> datetime.date:
    """The same day of the month `months` earlier; the month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def window(as_at: datetime.date, months: int) -> Window:
    """The `months` calendar months that end on `as_at`, that day included.

    The first day is the one after the same day `months` earlier: 12 months as at 31 March 2008 are
    1 April 2007 to 31 March 2008.
    """
    return Window(months_before(as_at, months) + datetime.timedelta(days=1), as_at)


def is_stale(data_to: datetime.date | None, today: datetime.date) -> bool:
    """Whether the newest day any source reported is too long ago to call people by."""
    return data_to is None or (today - data_to).days > STALE_AFTER_DAYS


def parse_count(text: str) -> tuple[str, int]:
    """(">=", 3) from ">=3".

    Raises:
        RuleBroken: when it is not an operator and a number.
    """
    found = _COUNT.fullmatch(text)
    if found is None:
        raise RuleBroken(f'"{text}" is not a count. Write it as ">=3" (at least 3) or ">5" (more than 5).')
    return found[1], int(found[2])


def parse_recent(text: str) -> tuple[int, int]:
    """(1, 3) from ">=1/3": at least 1 in the last 3 months. ">0/3" says the same.

    Raises:
        RuleBroken: when it is not an operator, a number and a number of months.
    """
    found = _RECENT.fullmatch(text)
    if found is None:
        raise RuleBroken(
            f'"{text}" is not a recent count. Write it as ">=1/3": at least 1 in the last 3 months.'
        )
    return int(found[2]) + (found[1] == ">"), int(found[3])


def rule_problems(rule: RuleTerms) -> dict[str, str]:
    """What makes no sense together in a rule: {field: sentence}; empty when all is well."""
    problems: dict[str, str] = {}
    if not 1 <= rule.window_months <= LONGEST_WINDOW_MONTHS:
        problems["window_months"] = f"Enter a number of months from 1 to {LONGEST_WINDOW_MONTHS}"
    if rule.count == 0 and rule.operator == ">=":
        problems["count"] = "Enter 1 or more: everyone has at least 0"
    if (rule.recent_count is None) != (rule.recent_months is None):
        missing = "recent_months" if rule.recent_months is None else "recent_count"
        problems[missing] = "Enter both how many and in how many months, or leave both empty"
    elif rule.recent_months is not None and not 1 <= rule.recent_months <= rule.window_months:
        problems["recent_months"] = f"Enter from 1 to {rule.window_months} months, within the months above"
    elif rule.recent_count == 0:
        problems["recent_count"] = "Enter 1 or more, or leave both empty"
    if rule.min_age is not None and rule.max_age is not None and rule.max_age < rule.min_age:
        problems["max_age"] = f"The oldest age cannot be below the youngest, {rule.min_age}"
    if rule.top_n == 0:
        problems["top_n"] = "Enter 1 or more, or leave it empty to keep everyone"
    return problems


def counted(number: int, measure: str) -> str:
    """A number with its noun: "1 A&E attendance", "6 A&E attendances"."""
    return f"{number:,} {MEASURE_NOUNS[measure][number != 1]}"


def sentence(rule: RuleTerms, as_at: datetime.date | None = None) -> str:
    """The rule in plain English; with `as_at`, for the list of that day."""
    until = f"months to {as_at:%-d %B %Y}" if as_at else "months before the list"
    span = until.replace("months", "month", 1) if rule.window_months == 1 else f"{rule.window_months} {until}"
    clauses = [f"{_who(rule)} with {OPERATOR_WORDS[rule.operator]} {counted(rule.count, rule.measure)}"]
    if rule.min_admissions:
        clauses.append(f" and at least {counted(rule.min_admissions, 'nel')}")
    clauses.append(f" in the {span}")
    if rule.recent_count is not None and rule.recent_months is not None:
        clauses.append(f", and at least {rule.recent_count} in the last {_months(rule.recent_months)}")
    if rule.top_n:
        clauses.append(f"; the first {rule.top_n:,}")
    if rule.exclusions:
        clauses.append(f"; leaving out people who {either([EXCLUSION_WORDS[e] for e in rule.exclusions])}")
    return "".join(clauses)


def either(words: Sequence[str]) -> str:
    """Words in a row: "a, b or c"."""
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _months(number: int) -> str:
    return "month" if number == 1 else f"{number} months"


def _who(rule: RuleTerms) -> str:
    youngest, oldest = rule.min_age, rule.max_age
    if youngest and oldest is not None:
        return f"People aged {youngest} to {oldest}"
    if oldest is not None:
        return f"People of {oldest} or under"
    if youngest:
        return f"{'Adults' if youngest == ADULT_AGE else 'People'} of {youngest} or over"
    return "People of any age"


def age_band(age: int | None) -> str:
    """Ten years wide ("25 to 34"), with "under 18" and "85 or over"; empty where the age is unknown."""
    if age is None:
        return ""
    if age < ADULT_AGE:
        return "under 18"
    if age < 25:
        return "18 to 24"
    if age >= 85:
        return "85 or over"
    low = age - (age - 25) % 10
    return f"{low} to {low + 9}"

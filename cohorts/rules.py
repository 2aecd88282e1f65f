"""Pure rules of lists: windows, tiers, areas, and what makes no sense in a rule. No queries, no clock.

How a rule reads as a sentence is in cohorts/lists/sentences.py.
"""

import calendar
import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from governance.rules import RuleBroken


@dataclass(frozen=True)
class Window:
    """Days from `first` to `last`, both counted."""

    first: datetime.date
    last: datetime.date


class WindowKind(StrEnum):
    """Which stretch of days is counted."""

    ROLLING = "rolling"
    CALENDAR_YEAR = "calendar_year"
    FINANCIAL_YEAR = "financial_year"


class Repeats(StrEnum):
    """What is counted where a person has several rows close together."""

    ALL = "all"
    SAME_MOMENT = "same_moment"
    SAME_DAY = "same_day"


class RuleTerms(Protocol):
    """What a cohort rule says; the model has these fields, and so has `Terms`."""

    measure: str
    operator: str
    count: int
    window_months: int
    window_days: int | None
    window_kind: str
    includes_day: bool
    recent_count: int | None
    recent_months: int | None
    recent_days: int | None
    or_count: int | None
    or_months: int | None
    admissions_operator: str
    min_admissions: int | None
    min_age: int | None
    max_age: int | None
    attendance_categories: list[str]
    arrival_modes: list[str]
    department_types: list[str]
    sites: list[str]
    repeats: str
    postcode_areas: list[str]
    gp_practices: list[str]
    top_n: int | None
    keep_ties: bool
    exclusions: list[str]
    tiers: list[dict[str, Any]]


@dataclass
class Terms:
    """The terms of a rule that is not stored; what is not said is left open."""

    count: int
    operator: str = ">="
    measure: str = "ae"
    window_months: int = 12
    window_days: int | None = None
    window_kind: str = WindowKind.ROLLING.value
    includes_day: bool = True
    recent_count: int | None = None
    recent_months: int | None = None
    recent_days: int | None = None
    or_count: int | None = None
    or_months: int | None = None
    admissions_operator: str = ">="
    min_admissions: int | None = None
    min_age: int | None = None
    max_age: int | None = None
    attendance_categories: list[str] = field(default_factory=list)
    arrival_modes: list[str] = field(default_factory=list)
    department_types: list[str] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)
    repeats: str = Repeats.ALL.value
    postcode_areas: list[str] = field(default_factory=list)
    gp_practices: list[str] = field(default_factory=list)
    top_n: int | None = None
    keep_ties: bool = False
    exclusions: list[str] = field(default_factory=list)
    tiers: list[dict[str, Any]] = field(default_factory=list)


TERM_NAMES = tuple(Terms.__dataclass_fields__)
ADULT_AGE = 18
# How many rows may belong to somebody else than before, in all and as a share of those known.
MOST_MOVED = 10
SHARE_MOVED = 0.1
LONGEST_WINDOW_MONTHS = 60
LONGEST_WINDOW_DAYS = 1830
ONE_DAY = datetime.timedelta(days=1)
# The UK financial year, 1 April to 31 March.
FINANCIAL_YEAR_MONTH = 4
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

# The values are those that profiles give to Activity. Definitions differ on rows that do not say, so that is one
# of the kinds; where a source never says it, its rows count whatever is chosen.
UNKNOWN = "unknown"
CATEGORY_WORDS = {
    "first": "first attendances",
    "unplanned follow-up": "unplanned follow-ups",
    "planned follow-up": "planned follow-ups",
    UNKNOWN: "attendances of a kind not said",
}
DEPARTMENT_WORDS = {
    "1": "type 1 (major A&E)",
    "2": "type 2 (one specialty)",
    "3": "type 3 (minor injuries, urgent treatment)",
    "4": "type 4 (walk-in)",
    "5": "type 5 (same day emergency care)",
}

EXCLUSION_WORDS = {
    "already_client": "already have a case",
    "died": "have died",
    "moved": "have moved out of the area",
    "screened_out": "were screened out in the last 12 months",
    "end_of_life": "are known here to be on an end-of-life pathway",
    "acute_episode": "were in an acute mental health episode in the last 3 months",
}
ACUTE_EPISODE_MONTHS = 3

# Why a person with activity in the window is not on the list; the first that applies is counted.
LEFT_OUT_WORDS = {
    "too_few": "attended less often than the rule asks",
    "not_recent": "had too little recent activity",
    "too_few_admissions": "had too few admissions",
    "too_young": "are younger than the rule asks",
    "too_old": "are older than the rule asks",
    "out_of_area": "live, and have their GP, outside the area of the rule",
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


def counted_window(rule: RuleTerms, as_at: datetime.date) -> Window:
    """The days in which a rule counts, for the list of a day."""
    last = as_at if rule.includes_day else as_at - ONE_DAY
    if rule.window_kind == WindowKind.CALENDAR_YEAR:
        return Window(last.replace(month=1, day=1), last)
    if rule.window_kind == WindowKind.FINANCIAL_YEAR:
        year = last.year if last.month >= FINANCIAL_YEAR_MONTH else last.year - 1
        return Window(datetime.date(year, FINANCIAL_YEAR_MONTH, 1), last)
    return _rolling(rule, as_at, rule.window_months, rule.window_days)


def recent_window(rule: RuleTerms, as_at: datetime.date) -> Window | None:
    """The days that are recent, where the rule asks for recent ones."""
    return _rolling(rule, as_at, rule.recent_months, rule.recent_days) if rule.recent_months else None


def or_window(rule: RuleTerms, as_at: datetime.date) -> Window | None:
    """The shorter stretch in which fewer will do, where the rule has one."""
    return _rolling(rule, as_at, rule.or_months, None) if rule.or_months else None


def _rolling(rule: RuleTerms, as_at: datetime.date, months: int, days: int | None) -> Window:
    """Without the list's own day, the same day so many months earlier takes its place."""
    last = as_at if rule.includes_day else as_at - ONE_DAY
    if days:
        return Window(last - (days - 1) * ONE_DAY, last)
    start = months_before(as_at, months)
    return Window(start + ONE_DAY if rule.includes_day else start, last)


def whole_months(days: int) -> int:
    """The number of months nearest to so many days, for whatever compares windows roughly; at least 1."""
    return max(1, round(days * 12 / 365.25))


def tidied(terms: dict[str, Any]) -> dict[str, Any]:
    """Terms with the months that go with days, areas in capitals and exclusions in their usual order."""
    terms = dict(terms)
    for name in ("window", "recent"):
        if days := terms.get(f"{name}_days"):
            terms[f"{name}_months"] = whole_months(days)
    if "exclusions" in terms:
        terms["exclusions"] = [each for each in EXCLUSION_WORDS if each in terms["exclusions"]]
    if "postcode_areas" in terms:
        terms["postcode_areas"] = [area.upper().replace(" ", "") for area in terms["postcode_areas"]]
    return terms


def takes_under_18s(rule: RuleTerms) -> bool:
    """Whether somebody under 18 could be on a list of the rule: no youngest age, or one below 18."""
    return rule.min_age is None or rule.min_age < ADULT_AGE


def takes_stated_counts(rule: RuleTerms) -> bool:
    """Whether a count that a sender states for whole months can be of the same days as the rule's."""
    return rule.window_kind == WindowKind.ROLLING and rule.window_days is None and rule.includes_day


def postcode_pattern(area: str) -> str:
    """What matches the outward codes of an area ("L", "PE") or district ("PE13"): L is not LE, SW1 has SW1A."""
    return f"^{area}[0-9]" if area.isalpha() else f"^{area}[A-Z]?$"


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


def renumbered(moved: int, known: int) -> str:
    """Why a file is not stored whose numbers of attendances stand for other people than before; else "".

    Senders put a person right now and then. More than one in ten of the rows we know, and more than ten of them,
    are no corrections: the sender begins its numbers anew in each file.
    """
    if moved <= MOST_MOVED or moved <= known * SHARE_MOVED:
        return ""
    return (
        f"{moved:,} of the {known:,} attendance numbers in this file that were sent before belong to somebody else "
        "now. Storing it would take those attendances from the people they belong to, so nothing was stored. Ask the "
        "sender for numbers that are never used again, or leave the column out of the mapping."
    )


def counted(number: int, measure: str) -> str:
    """A number with its noun: "1 A&E attendance", "6 A&E attendances"."""
    return f"{number:,} {MEASURE_NOUNS[measure][number != 1]}"


def either(words: Sequence[str]) -> str:
    """Words in a row: "a, b or c"."""
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


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

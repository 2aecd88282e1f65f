"""What makes no sense together in a rule, in sentences. Pure: no queries, no clock."""

import re
from collections.abc import Iterator

from cohorts.lists.tiers import tier_problem
from cohorts.rules import (
    LONGEST_WINDOW_DAYS,
    LONGEST_WINDOW_MONTHS,
    RuleTerms,
    WindowKind,
)

_AREA = re.compile(r"[A-Z]{1,2}([0-9][0-9A-Z]?)?")


def rule_problems(rule: RuleTerms) -> dict[str, str]:
    """What makes no sense together in a rule: {field: sentence}; empty when all is well."""
    found: dict[str, str] = {}
    for part in (_window, _recent, _alternative, _people, _area):
        for name, sentence in part(rule):
            found.setdefault(name, sentence)
    return found


def _window(rule: RuleTerms) -> Iterator[tuple[str, str]]:
    if not 1 <= rule.window_months <= LONGEST_WINDOW_MONTHS:
        yield "window_months", f"Enter a number of months from 1 to {LONGEST_WINDOW_MONTHS}"
    if rule.window_days is not None:
        if not 1 <= rule.window_days <= LONGEST_WINDOW_DAYS:
            yield "window_days", f"Enter a number of days from 1 to {LONGEST_WINDOW_DAYS}"
        if rule.window_kind != WindowKind.ROLLING:
            yield "window_days", "A year has its own length: choose months or days up to the list, or no days"
    if rule.count == 0 and rule.operator == ">=":
        yield "count", "Enter 1 or more: everyone has at least 0"


def _recent(rule: RuleTerms) -> Iterator[tuple[str, str]]:
    if (rule.recent_count is None) != (rule.recent_months is None):
        missing = "recent_months" if rule.recent_months is None else "recent_count"
        yield missing, "Enter both how many and in how many months, or leave both empty"
    elif rule.recent_months is not None and not 1 <= rule.recent_months <= rule.window_months:
        yield "recent_months", f"Enter from 1 to {rule.window_months} months, within the months above"
    elif rule.recent_days and rule.window_days and rule.recent_days > rule.window_days:
        yield "recent_days", f"Enter from 1 to {rule.window_days} days, within the days above"
    elif rule.recent_count == 0:
        yield "recent_count", "Enter 1 or more, or leave both empty"


def _alternative(rule: RuleTerms) -> Iterator[tuple[str, str]]:
    if (rule.or_count is None) != (rule.or_months is None):
        missing = "or_months" if rule.or_months is None else "or_count"
        yield missing, "Enter both how many and in how many months, or leave both empty"
    elif rule.or_months is not None and not 1 <= rule.or_months <= rule.window_months:
        yield "or_months", f"Enter from 1 to {rule.window_months} months, within the months above"
    elif rule.or_count is not None and rule.or_count >= rule.count:
        yield "or_count", f"Enter fewer than {rule.count}: in a shorter time, fewer must be enough"
    elif rule.or_count == 0:
        yield "or_count", "Enter 1 or more, or leave both empty"


def _people(rule: RuleTerms) -> Iterator[tuple[str, str]]:
    if rule.min_age is not None and rule.max_age is not None and rule.max_age < rule.min_age:
        yield "max_age", f"The oldest age cannot be below the youngest, {rule.min_age}"
    if rule.top_n == 0:
        yield "top_n", "Enter 1 or more, or leave it empty to keep everyone"
    if rule.keep_ties and not rule.top_n:
        yield "top_n", "Enter how many, or untick keeping everyone who ties with the last"
    problem = tier_problem(rule.tiers)
    if problem:
        yield "tiers", problem


def _area(rule: RuleTerms) -> Iterator[tuple[str, str]]:
    for area in rule.postcode_areas:
        if not _AREA.fullmatch(area):
            yield "postcode_areas", f'"{area}" is not the beginning of a postcode, such as PE or PE13'

"""A rule as one English sentence. Pure: no queries, no clock."""

import datetime
from collections.abc import Iterator, Sequence

from cohorts.rules import (
    ADULT_AGE,
    CATEGORY_WORDS,
    EXCLUSION_WORDS,
    MEASURE_NOUNS,
    ONE_DAY,
    Repeats,
    RuleTerms,
    WindowKind,
    counted,
    either,
)

OPERATOR_WORDS = {">=": "at least", ">": "more than"}
ARRIVAL_WORDS = {
    "ambulance": "by ambulance",
    "own": "by their own or public transport",
    "police": "with the police",
    "other": "in another way",
}
_YEARS = {WindowKind.CALENDAR_YEAR: "calendar year", WindowKind.FINANCIAL_YEAR: "financial year"}
_REPEATS = {
    Repeats.SAME_MOMENT: "counting several at the same minute and site once",
    Repeats.SAME_DAY: "counting several on one day once",
}


def sentence(rule: RuleTerms, as_at: datetime.date | None = None) -> str:
    """The rule in plain English; with `as_at`, for the list of that day."""
    said = [f"{_who(rule)} with {OPERATOR_WORDS[rule.operator]} {counted(rule.count, rule.measure)}"]
    if rule.min_admissions is not None:
        admissions = counted(rule.min_admissions, "nel")
        said.append(f" and {OPERATOR_WORDS[rule.admissions_operator]} {admissions}")
    said.append(f" in the {span_words(rule, as_at)}")
    if rule.or_count is not None and rule.or_months is not None:
        within = _months(rule.or_months)
        said.append(f", or {OPERATOR_WORDS[rule.operator]} {rule.or_count} in the last {within}")
    if rule.recent_count is not None and rule.recent_months is not None:
        within = days_words(rule.recent_days) if rule.recent_days else _months(rule.recent_months)
        said.append(f", and at least {rule.recent_count} in the last {within}")
    return "".join(said) + "".join(f"; {clause}" for clause in _clauses(rule))


def span_words(rule: RuleTerms, as_at: datetime.date | None) -> str:
    """The days a rule counts in: "12 months to 30 June 2026", "84 days (12 weeks) before the list"."""
    last = as_at if as_at is None or rule.includes_day else as_at - ONE_DAY
    not_counted = "" if rule.includes_day else ", its own day not counted"
    if rule.window_kind != WindowKind.ROLLING:
        year = _YEARS[WindowKind(rule.window_kind)]
        return f"{year} up to {last:%-d %B %Y}" if last else f"{year} of the list, up to its day{not_counted}"
    length = days_words(rule.window_days) if rule.window_days else _months(rule.window_months)
    return f"{length} to {last:%-d %B %Y}" if last else f"{length} before the list{not_counted}"


def days_words(days: int) -> str:
    """A number of days, also in weeks where that says it: "84 days (12 weeks)"."""
    if days == 1:
        return "day"
    weeks, odd = divmod(days, 7)
    return f"{days} days" if odd or weeks == 1 else f"{days} days ({weeks} weeks)"


def _clauses(rule: RuleTerms) -> Iterator[str]:
    yield from _of_rows(rule)
    area = []
    if rule.postcode_areas:
        area.append(f"living in {either(rule.postcode_areas)}")
    if rule.gp_practices:
        area.append(f"registered with {either(rule.gp_practices)}")
    if area:
        yield " or ".join(area)
    if rule.top_n:
        ties = ", and everyone with as many as the last of them" if rule.keep_ties else ""
        yield f"the first {rule.top_n:,}{ties}"
    if rule.exclusions:
        yield f"leaving out people who {either([EXCLUSION_WORDS[e] for e in rule.exclusions])}"


def _of_rows(rule: RuleTerms) -> Iterator[str]:
    """Which rows count. How many counted without saying what they are, the list says."""
    if rule.attendance_categories:
        yield f"counting {both([CATEGORY_WORDS[c] for c in rule.attendance_categories])} only"
    if rule.arrival_modes:
        yield f"counting arrivals {either([ARRIVAL_WORDS[mode] for mode in rule.arrival_modes])} only"
    if rule.sites:
        yield f"counting {MEASURE_NOUNS[rule.measure][1]} at {either(rule.sites)} only"
    if rule.department_types:
        yield f"counting departments of type {either(rule.department_types)} only"
    if rule.repeats != Repeats.ALL:
        yield _REPEATS[Repeats(rule.repeats)]


def both(words: Sequence[str]) -> str:
    """Words in a row: "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


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

"""What the rule builder shows before anything is saved."""

import datetime
from dataclasses import dataclass
from typing import Any

from cohorts.lists import gaps, selection, under_18
from cohorts.lists.sentences import OPERATOR_WORDS, sentence
from cohorts.models import Measure
from cohorts.rules import RuleTerms
from governance.models import Service

# How far on either side of the number the neighbours reach, and the numbers that documents about
# high intensity use name.
NEIGHBOURS = 2
NAMED = ((">", 5), (">=", 5), (">=", 7), (">", 10), (">", 20))


@dataclass(frozen=True)
class Threshold:
    """One number the rule could ask, and how many people would be on the list."""

    words: str
    people: int
    is_this: bool


def preview(service: Service, rule: RuleTerms, today: datetime.date) -> dict[str, Any]:
    """A dry run as at the newest day reported: the sentence, the neighbours, and what cannot be judged."""
    as_at = selection.newest_day(service, rule.measure) or today
    bars = selection.histogram(service, rule, as_at, at_least=min(map(_least, _thresholds(rule))))
    thresholds = [
        Threshold(
            f"{OPERATOR_WORDS[operator]} {count}",
            sum(bar.people for bar in _reaching(bars, (operator, count))),
            (operator, count) == (rule.operator, rule.count),
        )
        for operator, count in _thresholds(rule)
    ]
    people = next(each.people for each in thresholds if each.is_this)
    return {
        "as_at": as_at,
        "sentence": sentence(rule, as_at),
        "people": people if rule.top_n is None or rule.keep_ties else min(people, rule.top_n),
        "met": people,
        "thresholds": thresholds,
        "not_judged": _not_judged(service, rule, as_at),
        "no_age": sum(bar.no_age for bar in _reaching(bars, (rule.operator, rule.count))),
        "lacks": under_18.lacks(service, rule, today),
    }


def _thresholds(rule: RuleTerms) -> list[tuple[str, int]]:
    """From few to many: the rule's own number, those around it, and those that documents name."""
    low = max(1 - (rule.operator == ">"), rule.count - NEIGHBOURS)
    around = {(rule.operator, count) for count in range(low, rule.count + NEIGHBOURS + 1)}
    return sorted(around | set(NAMED), key=lambda each: (_least(each), each[1]))


def _reaching(bars: list[selection.Bar], threshold: tuple[str, int]) -> list[selection.Bar]:
    return [bar for bar in bars if bar.count >= _least(threshold) or bar.by_shorter]


def _least(threshold: tuple[str, int]) -> int:
    operator, count = threshold
    return count + (operator == ">")


def _not_judged(service: Service, rule: RuleTerms, as_at: datetime.date) -> list[str]:
    """In sentences, what no source supplies for these days."""
    rows = gaps.of_rows(service, rule, as_at)
    said = gaps.sentences(rule, gaps.counts(rule, rows, gaps.silent_sources(service, rule, as_at)))
    if rule.min_admissions is not None and rule.measure != Measure.NEL:
        sends = service.activities.filter(measure=Measure.NEL).exists()
        if not sends and not rows.exclude(admitted=None).exists():
            said.append("No source supplies admissions: nobody is left out for having too few.")
    return said

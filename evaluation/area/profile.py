"""The frozen copy of an area profile: everything its page shows, after disclosure control."""

from __future__ import annotations

from typing import Any

from cohorts.areas import living
from cohorts.areas.editions import EDITIONS
from cohorts.lists.sentences import span_words
from cohorts.models import CohortList
from evaluation.area import figures
from evaluation.area.gather import gather
from evaluation.disclosure import DEFAULT_RULE
from governance.rules import RuleBroken

FORMAT = 1
FEWEST = DEFAULT_RULE.threshold + 1


def build(cohort_list: CohortList) -> dict[str, Any]:
    """The snapshot of a list.

    Raises:
        RuleBroken: fewer than 8 people are left to count, or some of the list are not kept any more.
    """
    if cohort_list.removed:
        raise RuleBroken(
            "Some people of this list are not kept any more, so a profile would be of the rest. Choose a newer list."
        )
    loaded = living.loaded()
    facts = gather(cohort_list, loaded)
    if facts.people < FEWEST:
        raise RuleBroken(
            f"A profile needs {FEWEST} people or more: with fewer it would tell of single people."
        )
    return {
        "format": FORMAT,
        "service": cohort_list.service.name,
        "list": cohort_list.rule.title,
        "as_at": cohort_list.as_at.isoformat(),
        "sentence": cohort_list.sentence,
        "totals": figures.totals(facts),
        "tables": figures.tables(facts),
        "missing": [said for each in EDITIONS if (said := loaded.why_not(each))],
        "how": _how(cohort_list),
        "cited": loaded.cited,
    }


def _how(cohort_list: CohortList) -> list[str]:
    return [
        f"The people are those of the list. Attendances are all of theirs at A&E in the {_span(cohort_list)}; night is "
        "20:00 to 07:59.",
        "Tenth 1 is the most deprived tenth of all small areas (LSOA) in England, found by postcode; by each edition "
        "about one area in ten is in each. IMD 2019 and IMD 2025 rank other areas in other ways: do not take the "
        "difference of the two columns for a change.",
        f"Numbers from 1 to {DEFAULT_RULE.threshold} are shown as *, others are rounded to the nearest "
        f"{DEFAULT_RULE.base}, and shares come from rounded numbers. A table from whose numbers a hidden one would "
        "follow is hidden whole. Not known is a row of its own, and is not none.",
        "People who opted out of uses beyond their own care, or objected, are left out.",
    ]


def _span(cohort_list: CohortList) -> str:
    return span_words(cohort_list.rule, cohort_list.as_at)

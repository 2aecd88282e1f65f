"""What the pages of the reports show besides the frozen figures."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from cohorts.models import CohortList, Measure
from evaluation import quarters, quoted
from evaluation.measures import ACTIVITY, CASEWORK
from evaluation.models import RunningCost, UnitCost
from evaluation.money import schedules
from evaluation.quarters import Quarter
from evaluation.scorecard import sets
from evaluation.sections.methods import PLAIN_WORDS
from governance.models import Service

OFFERED_BACK = 8
LISTS_LOOKED_AT, LISTS_OFFERED = 60, 12


def offered(service: Service, today: datetime.date) -> list[Quarter]:
    """Quarters of the last two years that have ended and have no report, newest first."""
    built = set(service.reports.standing().values_list("quarter", flat=True))
    ended = quarters.of(today).previous.back(OFFERED_BACK)
    return [quarter for quarter in reversed(ended) if str(quarter) not in built]


def lists_to_profile(service: Service) -> list[CohortList]:
    """The newest lists whose quarter has no area profile and whose people are all kept still."""
    done = set(service.area_profiles.values_list("quarter", flat=True))
    rows = service.cohort_lists.filter(removed=0, selected__gt=0).select_related("rule", "service")
    return [each for each in rows[:LISTS_LOOKED_AT] if str(quarters.of(each.as_at)) not in done][
        :LISTS_OFFERED
    ]


def cost_rows(costs: Iterable[UnitCost]) -> list[list[str]]:
    """Unit costs as the rows of a table."""
    return [
        [
            cost.get_measure_display(),
            f"£{cost.amount:,.2f}",
            cost.price_year,
            f"{cost.valid_from:%-d %B %Y}",
            f"{cost.clinician_minutes}" if cost.clinician_minutes else "Not entered",
            cost.source,
        ]
        for cost in costs
    ]


def running_cost_rows(costs: Iterable[RunningCost]) -> list[list[str]]:
    """Running costs as the rows of a table."""
    return [
        [cost.name, f"£{cost.amount:,.2f}", f"{cost.valid_from:%-d %B %Y}", cost.source] for cost in costs
    ]


def schedule_tables() -> list[dict[str, Any]]:
    """The schedules that come with the product, each with its costs as the rows of a table."""
    return [
        {
            "title": each.title,
            "source": each.source,
            "rows": [[Measure(c.measure).label, f"£{c.amount:,.2f}", c.what] for c in each.costs],
        }
        for each in map(schedules.shipped, schedules.names())
    ]


def plain_words() -> list[dict[str, str]]:
    """The methods as headings with their sentences."""
    pairs = (words.split(". ", 1) for words in PLAIN_WORDS)
    return [{"title": title, "text": text} for title, text in pairs]


def definitions() -> list[dict[str, Any]]:
    """Every declared measure, ready for a summary list."""
    return [
        {
            "name": each.name,
            "rows": [
                {"key": "Meaning", "value": each.definition},
                {"key": "Unit", "value": each.unit},
                {"key": "Comes from", "value": each.source},
                {"key": "Counted over", "value": each.window},
                {"key": "Small numbers", "value": each.small_numbers},
            ],
        }
        for each in (*ACTIVITY, *CASEWORK)
    ]


def quotations() -> list[dict[str, Any]]:
    """What services published, by source, each figure with what has to be read with it."""
    found: dict[tuple[str, str], list[list[str]]] = {}
    for each in quoted.figures().values():
        compared = "" if each.is_count else f"Compared with: {each.comparator}."
        remarks = ["Uncontrolled." if each.is_uncontrolled else compared, each.why_not, each.note]
        remarks.append(f"Period: {each.period}." if each.period else "")
        people = f"{each.people}" if each.people else "Not printed"
        # A line may break after a hyphen, and a number then loses its sign.
        words = each.words.replace("-", "\N{MINUS SIGN}") if each.words.startswith("-") else each.words
        row = [each.figure, words, people, " ".join(filter(None, remarks)) or "–"]
        found.setdefault((each.service, each.source), []).append(row)
    return [{"title": title, "source": source, "rows": rows} for (title, source), rows in found.items()]


def kpi_sets() -> list[dict[str, Any]]:
    """The sets of targets that come with the product, each as the rows of a table."""
    return [
        {
            "title": each.title,
            "source": each.source,
            "rows": [
                [
                    f"{kpi.number} {kpi.name}",
                    ", ".join(kpi.words(step) for step in kpi.phased)
                    + ", then " * bool(kpi.phased)
                    + kpi.words(kpi.target),
                    kpi.why_not or "Yes",
                ]
                for kpi in each.kpis
            ],
        }
        for each in map(sets.shipped, sets.names())
    ]


def kpi_now(service: Service) -> str:
    """By what the service is measured now, in a sentence."""
    choice = service.kpi_choices.first()
    if choice is None or not choice.kpi_set:
        return "The service is measured by no targets. Reports have no part about them."
    title = sets.shipped(choice.kpi_set).title
    return f"The service is measured by the {title}, from {quarters.parse(choice.first_quarter).label} on."

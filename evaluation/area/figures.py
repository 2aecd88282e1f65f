"""The tables of an area profile, after disclosure control. Pure: no queries, no clock.

Every table divides the same people, or the same attendances, and they stand beside each other on one page: so they
are controlled together (`giving_away`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cohorts.areas.editions import EDITIONS
from evaluation.disclosure import (
    DEFAULT_RULE,
    NOT_SUPPLIED,
    SUPPRESSED,
    Disclosed,
    count,
    percentage,
)
from evaluation.disclosure_table import giving_away

TITLES = {
    "age": "Age on the day of the list",
    "sex": "Sex",
    "night": "Time of arrival",
    "ambulance": "Arrival",
}


@dataclass(frozen=True)
class Facts:
    """How the same people, and the same attendances, divide; None where nothing can be known of it.

    Every division has a row for what is not known, so that each adds up to the same.
    """

    people: int
    of_people: dict[str, dict[str, int] | None]
    attending: int
    events: int | None
    of_events: dict[str, dict[str, int]]


def totals(facts: Facts) -> list[dict[str, str]]:
    """How many people and attendances there are in all."""
    return [
        {"label": "People", "value": count(facts.people).text},
        {"label": "Their A&E attendances", "value": _events(facts).text},
    ]


def tables(facts: Facts) -> list[dict[str, Any]]:
    """Deprivation by both editions side by side, then the rest."""
    supplied = {name: parts for name, parts in facts.of_people.items() if parts is not None}
    withheld = giving_away({name: [*parts.values()] for name, parts in supplied.items()}, facts.people)
    people = {name: _cells(parts, name in withheld) for name, parts in supplied.items()}
    found = [_deprivation(people)]
    found += [_shares(name, "People", people[name], count(facts.people)) for name in ("age", "sex")]
    if facts.events is None:
        return found
    parts = facts.of_events
    gone = giving_away({name: [*each.values()] for name, each in parts.items()}, facts.events)
    # So few people that the attendances are theirs: none of them leaves.
    few = DEFAULT_RULE.hides(facts.attending)
    for name, each in parts.items():
        found.append(_shares(name, "Attendances", _cells(each, few or name in gone), _events(facts)))
    return found


def _events(facts: Facts) -> Disclosed:
    return SUPPRESSED if DEFAULT_RULE.hides(facts.attending) else count(facts.events)


def _cells(parts: Mapping[str, int], is_withheld: bool) -> dict[str, Disclosed]:
    return {label: SUPPRESSED if is_withheld else count(number) for label, number in parts.items()}


def _deprivation(people: Mapping[str, Mapping[str, Disclosed]]) -> dict[str, Any]:
    labels = next((list(people[each.kind]) for each in EDITIONS if each.kind in people), [])
    return {
        "key": "deprivation",
        "title": "Deprivation of the area, in tenths",
        "columns": ["Tenth", *(f"{each.title} (areas of {each.areas_of})" for each in EDITIONS)],
        "rows": [
            [label, *(people.get(each.kind, {}).get(label, NOT_SUPPLIED).text for each in EDITIONS)]
            for label in labels
        ],
    }


def _shares(name: str, noun: str, cells: Mapping[str, Disclosed], whole: Disclosed) -> dict[str, Any]:
    return {
        "key": name,
        "title": TITLES[name],
        "columns": ["", noun, "Of all"],
        "rows": [
            [label[0].upper() + label[1:], cell.text, percentage(cell, whole).text]
            for label, cell in cells.items()
        ],
    }

"""What a release prints, as counts that hang together. Pure: no queries, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from evaluation import blocks
from evaluation.disclosure import Rule, State

# What a count is about: measure, group, figure, and the period where it is a fixed one.
About = tuple[str, str, str, str]
NO_LIMIT = 10**6
WITHHELD = "Withheld, because it could be taken off an earlier report, or off other figures of this one."
COUNTS = {"people", "events", "cases", "contacts", "answers"}
EVERYBODY = "Everybody"
ALL_ANSWERS, SUPPORTED = "All answers", "Supported in the quarter"
ALL_OF_A_COLUMN = {EVERYBODY, "All new cases", "All contacts", ALL_ANSWERS, SUPPORTED}
# Counted from the start of the service to the last day of the quarter: two releases count the same thing.
# A window may follow: "up to 2026-09-30, 12 months".
UP_TO = "up to "
# Answers, and everybody offered or listed, add up whichever table they stand in.
ADDS_UP = {
    "Listed or referred": ("Not offered support yet", "Offered support"),
    "Offered support": ("Accepted", "Declined", "Not reached", "No answer yet"),
    "Reached": ("Accepted", "Declined"),
}
# Whoever was once listed, offered support, reached or took it up stays counted; an answer of another kind can change.
ONLY_GROWS = {"Listed or referred", "Offered support", "Reached", "Accepted", "Support ended"}
# The columns of "Who was reached": each counts some of the people of the column before.
STEPS = {
    "people offered support": "Offered support",
    "people reached": "Reached",
    "people who accepted": "Accepted",
    "people who accepted and were followed": "",
    "people with fewer attendances after": "",
}
STEPS_THAT_GROW = {figure for figure, group in STEPS.items() if group in ONLY_GROWS}


@dataclass(frozen=True)
class Count:
    """The counts a reader must think possible; `starred`, where 1 to the threshold are all of them."""

    low: int
    high: int
    starred: bool = False


@dataclass(frozen=True)
class Sum:
    """A total and its parts; `divides`, where the same people are divided in several ways side by side."""

    total: About
    parts: tuple[About, ...]
    divides: bool = False


@dataclass(frozen=True)
class Release:
    """One report or area profile. `until` orders releases: an ISO date."""

    name: str
    until: str
    counts: Mapping[About, Count]
    sums: Sequence[Sum] = ()
    # (fewer, more): the first counts some of those of the second.
    within: Sequence[tuple[About, About]] = field(default_factory=tuple)
    # A draft that was withdrawn: what it counted too many or too few, nobody can tell by the releases around it.
    may_be_wrong: bool = False


def only_grows(about: About) -> bool:
    """Whether a count of the same thing is never smaller in a later release."""
    measure, group, figure, _ = about
    return (not measure and group in ONLY_GROWS) or figure in STEPS_THAT_GROW


def same_people_and_more(about: About) -> bool:
    """Whether the difference between two releases is itself a count: of who joined, or of what came in late.

    The net change of an answer that people also leave counts nobody.
    """
    return only_grows(about) or bool(about[3])


def read_report(snapshot: Mapping[str, Any], rule: Rule) -> Release:
    """The counts in the tables of a report."""
    withheld = {tuple(each) for each in snapshot.get("withheld", ())}
    found: dict[About, Count] = {}
    sums: list[Sum] = []
    for _, block in blocks.tables(snapshot):
        for index in range(len(block["columns"])):
            column = {
                about: cell
                for line in block["rows"]
                if (about := _about(blocks.about_cell(block, line, index))) is not None
                and (cell := line["cells"][index])["state"] in (State.SHOWN, State.SUPPRESSED)
            }
            totals = [about for about in column if about[1] in ALL_OF_A_COLUMN]
            if len(column) == len(block["rows"]) and totals:
                parts = tuple(about for about in column if about not in totals)
                sums.append(Sum(same_number(totals[0]), parts, divides=totals[0][1] == EVERYBODY))
            for about, cell in column.items():
                _note(found, same_number(about), _possible(cell, about, withheld, rule))
    sums += _sums_of_answers(found)
    return Release(snapshot["quarter"], snapshot["period"]["to"], found, sums, _steps(found))


def read_profile(snapshot: Mapping[str, Any], rule: Rule) -> Release:
    """The counts of people in an area profile: every table divides the people of one list."""
    found: dict[About, Count] = {}
    sums = []
    people = ("list", EVERYBODY, "people", "")
    for stat in snapshot["totals"]:
        if stat["label"] == "People" and stat["value"] != "*":
            found[people] = _of_text(stat["value"], rule)
    for table in snapshot["tables"]:
        for index, head in enumerate(table["columns"][1:], start=1):
            texts = {row[0]: row[index] for row in table["rows"]}
            if not (head == "People" or head.startswith("IMD")) or not set(texts.values()) - {"*", "0"}:
                continue  # attendances, shares, or a table that is withheld whole
            if any(text == "not supplied" for text in texts.values()):
                continue
            parts = {
                ("list", f"{table['key']} {head}: {label}", "people", ""): t for label, t in texts.items()
            }
            found |= {about: _of_text(text, rule) for about, text in parts.items()}
            sums += [Sum(people, tuple(parts), divides=True)] if people in found else []
    return Release(f"area profile of {snapshot['as_at']}", snapshot["as_at"], found, sums)


def _about(about: Mapping[str, str]) -> About | None:
    figure, period = about.get("figure", ""), about.get("period", "")
    if figure not in COUNTS and figure not in STEPS:
        return None
    if period.startswith(UP_TO):
        period = period.partition(", ")[2]
    return about.get("measure", ""), about.get("group", ""), figure, period


def same_number(about: About) -> About:
    """The same number stands in several tables: everybody offered support, whichever way they are divided."""
    _, group, figure, period = about
    if group == EVERYBODY and figure in STEPS:
        known = STEPS[figure]
        return ("", known, "people", period) if known else ("", EVERYBODY, figure, period)
    return about


def _possible(cell: Mapping[str, Any], about: About, withheld: set[tuple[str, ...]], rule: Rule) -> Count:
    if same_number(about) in withheld:
        return Count(0, NO_LIMIT)
    if cell["state"] == State.SHOWN:
        return Count(*rule.bounds_of_printed(int(cell["value"])))
    is_total = about[1] in ALL_OF_A_COLUMN or about[1] in ADDS_UP
    # A total is withheld where it would give a part away, so its star may stand for any number.
    return Count(1, NO_LIMIT) if is_total else Count(1, rule.threshold, starred=True)


def _of_text(text: str, rule: Rule) -> Count:
    if text == "*":
        return Count(1, rule.threshold, starred=True)
    return Count(*rule.bounds_of_printed(int(text.replace(",", ""))))


def _note(found: dict[About, Count], about: About, new: Count) -> None:
    """A number printed twice is what both prints allow."""
    old = found.get(about, new)
    low, high = max(old.low, new.low), min(old.high, new.high)
    found[about] = Count(low, high, old.starred or new.starred) if low <= high else new


def _sums_of_answers(found: Mapping[About, Count]) -> list[Sum]:
    sums = []
    for total, parts in ADDS_UP.items():
        names = [("", group, "people", "") for group in (total, *parts)]
        if all(each in found for each in names):
            sums.append(Sum(names[0], tuple(names[1:])))
    return sums


def _steps(found: Iterable[About]) -> list[tuple[About, About]]:
    """Reached among offered, accepted among reached, and so on, in each group."""
    order = [*STEPS]
    by_group: dict[tuple[str, str], dict[str, About]] = {}
    for about in found:
        if about[2] in STEPS:
            by_group.setdefault(about[:2], {})[about[2]] = about
    return [
        (after, before)
        for columns in by_group.values()
        for first, second in pairwise(order)
        if (before := columns.get(first)) and (after := columns.get(second))
    ]

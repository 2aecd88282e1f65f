"""What the service did in the quarter."""

from __future__ import annotations

from typing import Any

from casework.rules import STAGE_LABELS
from evaluation import blocks, disclosure
from evaluation.disclosure import Disclosed
from evaluation.disclosure_table import control_table, gives_away
from evaluation.evidence import Evidence
from evaluation.measures import BY_KEY
from evaluation.people import ACCEPTED_STAGES, NO_ANSWER

COUNT = "n"
APPROACHED = ("accepted", "declined", "not_reached", NO_ANSWER)


def build(evidence: Evidence) -> dict[str, Any]:
    """New cases, contacts, days to the first, and where cases stand."""
    return blocks.section(
        "casework",
        "What the service did",
        [_new_cases(evidence), _contacts(evidence), _days(evidence), _stages(evidence)],
    )


def _counts(
    evidence: Evidence,
    key: str,
    caption: str,
    numbers: dict[str, int],
    *,
    first: str,
    column: str,
    total: str = "",
) -> blocks.Block:
    """A column of counts, controlled together with its total where one is printed."""
    controlled = control_table(
        {label: {COUNT: n} for label, n in numbers.items()}, totals="columns" if total else "none"
    )
    lines = [(label, row[COUNT]) for label, row in controlled.rows.items()]
    if total:
        lines.append((total, controlled.column_totals[COUNT]))
    declared = BY_KEY[key]
    return blocks.table(
        key,
        caption,
        first=first,
        columns=[blocks.column(column, figure=declared.unit)],
        rows=[blocks.row(label, [number], group=label) for label, number in lines],
        how=f"{declared.definition} {declared.small_numbers}",
        about={"measure": declared.name, "period": str(evidence.quarter)},
    )


def _new_cases(evidence: Evidence) -> blocks.Block:
    figures = evidence.casework
    numbers = {"From a list": figures.cases_from_list, "Referred": figures.cases_referred}
    return _counts(
        evidence,
        "new_cases",
        f"New cases, {evidence.quarter.label}",
        numbers,
        first="Route",
        column="Cases",
        total="All new cases",
    )


def _contacts(evidence: Evidence) -> blocks.Block:
    return _counts(
        evidence,
        "contacts",
        f"Contacts, {evidence.quarter.label}",
        evidence.casework.contacts_by_kind,
        first="Kind",
        column="Contacts",
        total="All contacts",
    )


def _days(evidence: Evidence) -> blocks.Block:
    figures, declared = evidence.casework, BY_KEY["days_to_first_contact"]
    n = len(figures.days_to_first_contact)
    median = disclosure.mean(figures.median_days or 0, n=n)
    lines = [
        ("Median days", median, "days"),
        ("Cases it describes", disclosure.count(n), "cases"),
        ("Cases without a first contact yet", disclosure.count(figures.without_contact), "cases"),
    ]
    return blocks.table(
        declared.key,
        f"Days from opening a case to the first attempt to get in touch, {evidence.quarter.label}",
        first="Figure",
        columns=[blocks.column("Number")],
        rows=[blocks.row(label, [number], figure=f"{label} ({unit})") for label, number, unit in lines],
        how=f"{declared.definition} {declared.small_numbers}",
        about={"measure": declared.name, "period": str(evidence.quarter)},
    )


def _stages(evidence: Evidence) -> blocks.Block:
    declared = BY_KEY["stages"]
    return blocks.table(
        "stages",
        f"Where every case so far stood on {evidence.quarter.last_day:%-d %B %Y}",
        first="Stage",
        columns=[blocks.column("Cases", figure=declared.unit)],
        rows=[blocks.row(label, [n], group=label) for label, n in stages(evidence).items()],
        how=f"{declared.definition} {declared.small_numbers}",
        about={"measure": declared.name, "period": str(evidence.quarter)},
    )


def stages(evidence: Evidence) -> dict[str, Disclosed]:
    """Cases by stage, without a total: where everybody has one case, the people by answer are the total.

    Where that total would give a stage away, every stage that is not empty is withheld.
    """
    exact, people = evidence.casework.stages, evidence.groups
    taken_up = [exact[STAGE_LABELS[stage]] for stage in ACCEPTED_STAGES]
    approached = sum(people.get(group, 0) for group in APPROACHED)
    if gives_away(taken_up, people.get("accepted", 0)) or gives_away([*exact.values()], approached):
        return {label: disclosure.SUPPRESSED if n else disclosure.count(0) for label, n in exact.items()}
    return {label: disclosure.count(n) for label, n in exact.items()}

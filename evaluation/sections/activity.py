"""Activity of the people offered support, quarter by quarter."""

from __future__ import annotations

from typing import Any

import pandas as pd

from evaluation import blocks
from evaluation.disclosure_table import control_table
from evaluation.evidence import Evidence
from evaluation.measures import BY_KEY, COUNT_RULE
from evaluation.quarters import Quarter
from evaluation.sections.flow import ANSWERS

QUARTERS = 8
GROUPS = ("accepted", "declined")


def build(evidence: Evidence) -> dict[str, Any]:
    """One chart with its table for each measure supplied."""
    if not evidence.supplied:
        nothing = blocks.text("Not supplied: no source covers any measure, so nothing can be counted.")
        return blocks.section("activity", "Activity by quarter", [nothing])
    caution = blocks.text(
        "People are listed in a bad spell and are offered support at different times. A fall here is therefore not "
        "an effect of the service; the comparison further down is the fair one."
    )
    return blocks.section(
        "activity", "Activity by quarter", [caution, *(_measure(evidence, key) for key in evidence.supplied)]
    )


def counts(evidence: Evidence, measure: str) -> dict[str, dict[str, int | None]]:
    """Events of each group in each of the last quarters; None where the quarter is not covered throughout."""
    group_of = evidence.people.set_index("person")["group"]
    events = evidence.activity[evidence.activity["measure"] == measure]
    group = events["person"].map(group_of)
    # Most events are of people whom nobody approached.
    days, group = (each[group.isin(GROUPS)] for each in (events["on"], group))
    table: dict[str, dict[str, int | None]] = {}
    for quarter in evidence.quarter.back(QUARTERS):
        known = evidence.coverage[measure].includes(quarter.first_day, quarter.last_day)
        inside = days.between(pd.Timestamp(quarter.first_day), pd.Timestamp(quarter.last_day))
        table[str(quarter)] = {
            name: int((inside & (group == name)).sum()) if known else None for name in GROUPS
        }
    return table


def _measure(evidence: Evidence, measure: str) -> blocks.Block:
    declared = BY_KEY[measure]
    controlled = control_table(counts(evidence, measure), totals="none").rows
    quarters = evidence.quarter.back(QUARTERS)
    lines = {
        "chart": "lines",
        "title": f"{declared.name} by quarter",
        "desc": f"Lines over {QUARTERS} quarters for people who accepted and people who declined.",
        "categories": [quarter.short_label for quarter in quarters],
        "series": [
            {
                "name": f"People who {name}",
                "points": [blocks.point(controlled[str(quarter)][name]) for quarter in quarters],
            }
            for name in GROUPS
        ],
        "unit": declared.name,
    }
    return blocks.table(
        f"activity_{measure}",
        f"{declared.name} by quarter",
        first="Quarter",
        columns=[blocks.column(ANSWERS[name], group=ANSWERS[name], figure="events") for name in GROUPS],
        rows=[_row(quarter, controlled) for quarter in quarters],
        how=(
            f"{declared.definition} The groups are those of the last day of this report's quarter, throughout. "
            f"A quarter that the extracts do not cover from first to last day is not supplied. {COUNT_RULE}"
        ),
        about={"measure": declared.name},
        charts=[lines],
    )


def _row(quarter: Quarter, controlled: dict[str, Any]) -> dict[str, Any]:
    cells = [controlled[str(quarter)][name] for name in GROUPS]
    return blocks.row(quarter.label, cells, period=str(quarter))

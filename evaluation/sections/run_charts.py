"""Attendances while supported, month by month: a run chart for each measure supplied."""

from __future__ import annotations

from typing import Any

import pandas as pd

from evaluation import blocks, disclosure
from evaluation.disclosure import NOT_APPLICABLE, NOT_SUPPLIED, Disclosed
from evaluation.evidence import Evidence
from evaluation.measures import BY_KEY
from evaluation.run_charts.months import months_up_to, rates
from evaluation.run_charts.rules import BASELINE, FEWEST, RunChart, run_chart

UNIT = "for each 100 people supported"
NO_CAUSE = (
    "A run chart says whether something changed from month to month, and never why. People are taken on in a bad "
    "spell and leave when things are better, so these rates move with who is supported as well as with what the "
    "service does. Whether it helped is answered by the comparison, not here."
)
HOW = (
    "Events on days on which a person was supported (engaging, active, tapering or light touch), divided by the "
    f"people supported, counted by their days, times 100. Mean and limits are those of the first {BASELINE} months "
    "known: the mean, and 2.66 times the mean moving range either side of it, taken from the printed rates. "
    f"With fewer than {FEWEST} months there are none. Signals are the four of NHS England's Making Data Count. "
    "A month is withheld when 1 to 7 events or people stand behind it, and not supplied when the extracts do not cover it."
)


def build(evidence: Evidence) -> dict[str, Any]:
    """One chart with its table for each measure supplied, from the first month of which something is known."""
    title = "While people were supported, month by month"
    if not evidence.supplied:
        nothing = blocks.text("Not supplied: no source covers any measure, so nothing can be counted.")
        return blocks.section("run_charts", title, [nothing])
    parts = [block for key in evidence.supplied for block in _measure(evidence, key)]
    return blocks.section("run_charts", title, [blocks.inset(NO_CAUSE), *parts])


def _measure(evidence: Evidence, measure: str) -> list[blocks.Block]:
    declared = BY_KEY[measure]
    every_month = months_up_to(evidence.quarter)
    known = _points(evidence, measure, every_month)
    begun = next((at for at, point in enumerate(known) if point.value is not None or point.suppressed), None)
    if begun is None:
        return [
            blocks.text(f"{declared.name}. Nothing is known of any month in which people were supported.")
        ]
    months, points = every_month[begun:], known[begun:]
    chart = run_chart([point.value for point in points])
    limits = (chart.lower, chart.mean, chart.upper)
    drawn = {
        "chart": "run",
        "title": f"{declared.name} {UNIT}, by month",
        "desc": f"{_summary(chart, months)} The table below holds each month.",
        "categories": [f"{month:%b %Y}" for month in months],
        "points": [blocks.point(point) for point in points],
        "signals": [bool(each) for each in chart.signals],
        "limits": None if chart.mean is None else [round(each or 0, 1) for each in limits],
        "unit": f"{declared.name} {UNIT}",
    }
    table = blocks.table(
        f"run_{measure}",
        f"{declared.name} {UNIT}, by month",
        first="Month",
        columns=[
            blocks.column("Rate", figure=UNIT),
            blocks.words_column("Signal", figure="signal"),
        ],
        rows=[
            blocks.row(f"{month:%B %Y}", [point, _signal(signals)], period=str(month))
            for month, point, signals in zip(months, points, chart.signals, strict=True)
        ],
        how=HOW,
        about={"measure": declared.name, "group": "People supported"},
        charts=[drawn],
        folded="Each month in a table",
    )
    return [blocks.text(f"{declared.name}. {_summary(chart, months)}"), table]


def _points(evidence: Evidence, measure: str, months: list[pd.Period]) -> list[Disclosed]:
    covered = evidence.coverage[measure]
    people = evidence.people
    knowable = people["known_by"].map(lambda by: covered.known_by == {by}).astype(bool)
    counted = people.loc[knowable & ~people["refused"].astype(bool), "person"]
    spans = evidence.supported[evidence.supported["person"].isin(counted)]
    events = evidence.activity[evidence.activity["measure"] == measure]
    table = rates(spans, events, months)
    return [
        _point(row.people, row.events, row.rate)
        if covered.includes(month.start_time.date(), month.end_time.date())
        else NOT_SUPPLIED
        for month, row in zip(months, table.itertuples(), strict=True)
    ]


def _point(people: int, events: int, rate: float) -> Disclosed:
    return disclosure.mean(rate, n=people, total=events) if people else NOT_APPLICABLE


def _signal(signals: frozenset[str]) -> str:
    return "; ".join(sorted(signals)).capitalize() or "–"


def _summary(chart: RunChart, months: list[pd.Period]) -> str:
    """What the chart shows, in words."""
    if chart.mean is None or chart.lower is None or chart.upper is None:
        return f"Fewer than {FEWEST} months can be shown, too few for limits."
    trial = (
        f"provisional until there are {BASELINE} months"
        if chart.on_trial
        else f"set by the first {BASELINE} months"
    )
    marked = [f"{month:%B %Y}" for month, each in zip(months, chart.signals, strict=True) if each]
    found = f"Months with a signal: {', '.join(marked)}." if marked else "No month gives a signal."
    return f"Mean {chart.mean:.1f}, limits {chart.lower:.1f} to {chart.upper:.1f}, {trial}. {found}"

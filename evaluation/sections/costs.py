"""What the difference would be worth, where there is a comparator, and what it is not."""

from __future__ import annotations

from typing import Any

from evaluation import blocks, disclosure
from evaluation.disclosure import Disclosed
from evaluation.evidence import Evidence
from evaluation.measures import BY_KEY
from evaluation.sections.wording import CONTROLLED, best_window, disclosed_estimate, estimate, window_label

NOT_CASH = (
    "This is estimated value of hospital activity that did not happen. It is not cash released: capacity is used "
    "for other people."
)
# Events are rounded to the nearest 5: a value to the pound would claim what nobody knows.
POUNDS_STEP = 100
NO_SUM = (
    "Values of different measures are not added up here: they happen to the same people, and an interval for their "
    "sum cannot be read off these rows. The running cost of the service is not taken off."
)


def build(evidence: Evidence) -> dict[str, Any]:
    """Unit costs, then the value of the difference for each measure that has both."""
    valued = [
        measure
        for measure in evidence.supplied
        if measure in evidence.unit_costs and best_window(evidence, measure) is not None
    ]
    if not valued:
        return blocks.section("costs", "Value of the difference", [blocks.text(_why_none(evidence))])
    parts = [
        blocks.inset(NOT_CASH),
        _values(evidence, valued),
        blocks.text(NO_SUM),
        _unit_costs(evidence, valued),
    ]
    return blocks.section("costs", "Value of the difference", parts)


def _why_none(evidence: Evidence) -> str:
    if not evidence.unit_costs:
        return "No unit cost has been entered for this service, so no value in pounds is given."
    return (
        "No value in pounds is given: that needs a comparison with people who declined, which cannot be shown yet, "
        "for a measure with a unit cost. A fall without a comparator is not worth anything that can be named."
    )


def _unit_costs(evidence: Evidence, valued: list[str]) -> blocks.Block:
    used = {measure: evidence.unit_costs[measure] for measure in valued}
    return blocks.table(
        "unit_costs",
        "Unit costs used",
        first="Measure",
        columns=[
            blocks.words_column("Cost of one", figure="unit cost, pounds"),
            blocks.words_column("Price year", figure="price year"),
            blocks.words_column("Used from", figure="valid from"),
            blocks.words_column("Source", figure="source"),
        ],
        rows=[
            blocks.row(
                BY_KEY[measure].name,
                [f"£{cost.amount:,.2f}", cost.price_year, f"{cost.valid_from:%-d %B %Y}", cost.source],
                measure=BY_KEY[measure].name,
            )
            for measure, cost in used.items()
        ],
        how="Entered by the service with a source a reader can look up; the newest valid when the quarter ended.",
    )


def _values(evidence: Evidence, valued: list[str]) -> blocks.Block:
    return blocks.table(
        "value",
        "Estimated value of the difference from people who declined",
        first="Measure",
        columns=[
            blocks.words_column("Window", figure="window"),
            blocks.column("Events avoided", figure="events avoided"),
            blocks.column("95% from", figure="events avoided, lower limit"),
            blocks.column("95% to", figure="events avoided, upper limit"),
            blocks.column("Value", figure="value, pounds"),
            blocks.column("95% from", figure="value, lower limit"),
            blocks.column("95% to", figure="value, upper limit"),
        ],
        rows=[_value(evidence, measure) for measure in valued],
        how=(
            "Events avoided are those expected of the people who accepted, had they changed as people who declined "
            "did, less those observed, within the window only and never stretched to a year. Value is the printed "
            f"number of events times the unit cost below, to the nearest £{POUNDS_STEP}."
        ),
    )


def _value(evidence: Evidence, measure: str) -> dict[str, Any]:
    days = best_window(evidence, measure) or 0
    shown = disclosed_estimate(estimate(evidence, measure, days, CONTROLLED))
    events = [shown[key] for key in ("avoided", "avoided_lo", "avoided_hi")]
    cost = float(evidence.unit_costs[measure].amount)
    unclear = (events[1].value or 0) <= 0 <= (events[2].value or 0) and not events[1].suppressed
    return blocks.row(
        BY_KEY[measure].name,
        [window_label(days), *events, *(pounds(each, cost) for each in events)],
        note="Not yet clear: the interval includes no difference at all." if unclear else "",
        measure=BY_KEY[measure].name,
        period=window_label(days),
    )


def pounds(events: Disclosed, cost: float) -> Disclosed:
    """Printed events times a unit cost, to the nearest £100; withheld where the events are."""
    if events.value is None:
        return events
    value = round(events.value * cost / POUNDS_STEP) * POUNDS_STEP
    sign = "−" if value < 0 else ""
    return Disclosed(f"{sign}£{abs(value):,}", value, disclosure.State.SHOWN)

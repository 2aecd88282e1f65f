"""What the difference would be worth, where there is a comparator, and what it is not."""

from __future__ import annotations

from typing import Any

from evaluation import blocks, disclosure
from evaluation.disclosure import Disclosed
from evaluation.evidence import Evidence
from evaluation.impact.windows import WINDOW_DAYS
from evaluation.measures import BY_KEY
from evaluation.money.amount import Amount, total
from evaluation.money.groups import unequal_groups
from evaluation.money.returns import NOT_CASHABLE
from evaluation.sections import returns
from evaluation.sections.joint import joint
from evaluation.sections.returns import KNOWN, LIMITS, POUNDS_STEP, SUM, events_of, pounds
from evaluation.sections.wording import CONTROLLED, best_window, disclosed_estimate, estimate, window_label

# The cost of being taken to hospital holds that of the call that it began with.
HELD_IN = {"call_999": "conveyance"}
SUM_HOW = (
    "Limits of the sum are those of its parts added up, as if all were high or low together, because the events happen "
    "to the same people."
)


def build(evidence: Evidence) -> dict[str, Any]:
    """Value for each measure that has both a comparison and a unit cost, by head, beside the running cost."""
    windows = _windows(evidence)
    if not windows:
        return blocks.section("costs", "Value of the difference", [blocks.text(_why_none(evidence))])
    shown = {
        measure: disclosed_estimate(estimate(evidence, measure, days, CONTROLLED))
        for measure, days in windows.items()
    }
    values = {measure: _value(evidence, measure, shown[measure]) for measure in windows}
    summed = _sum(windows, values)
    warning = _warning(shown[next(iter(windows))])
    parts = [
        blocks.inset(NOT_CASHABLE),
        *([blocks.text(warning)] if warning else []),
        _values(evidence, windows, shown, values, summed),
        _by_head(windows, shown, values, summed),
        *returns.returns_of(evidence, next(iter(windows.values())), summed),
        *joint(evidence, [each for each in windows if HELD_IN.get(each) not in windows]),
        *returns.hours_of(evidence, shown),
        _unit_costs(evidence, list(windows)),
    ]
    return blocks.section("costs", "Value of the difference", parts)


def _windows(evidence: Evidence) -> dict[str, int]:
    """Measures with a comparison and a unit cost, and the window of each: the longest that all of them have, so
    that they can be added up, else the longest of each.
    """
    longest = {
        measure: days
        for measure in evidence.supplied
        if measure in evidence.unit_costs and (days := best_window(evidence, measure)) is not None
    }
    common = [
        days
        for days in WINDOW_DAYS
        if all(estimate(evidence, measure, days, CONTROLLED)["shown"] for measure in longest)
    ]
    return dict.fromkeys(longest, common[-1]) if common else longest


def _why_none(evidence: Evidence) -> str:
    if not evidence.unit_costs:
        return "No unit cost has been entered for this service, so no value in pounds is given."
    return (
        "No value in pounds is given: that needs a comparison with people who declined, which cannot be shown yet, "
        "for a measure with a unit cost. A fall without a comparator is not worth anything that can be named."
    )


def _value(evidence: Evidence, measure: str, shown: dict[str, Disclosed]) -> Amount | None:
    events = events_of(shown)
    return events.times(float(evidence.unit_costs[measure].amount)) if events else None


def _sum(windows: dict[str, int], values: dict[str, Amount | None]) -> Amount | None:
    """All values of one window added up; None where a value is withheld or there is nothing to add."""
    parts = [value for measure, value in values.items() if HELD_IN.get(measure) not in values]
    known = [value for value in parts if value is not None]
    if len(set(windows.values())) > 1 or len(known) < len(parts):
        return None
    return total(known)


def _warning(shown: dict[str, Disclosed]) -> str:
    accepted, declined = shown["n"].value, shown["n_comparator"].value
    if accepted is None or declined is None:
        return ""
    return unequal_groups(accepted, declined, names=("people who accepted", "people who declined"))


def _values(
    evidence: Evidence,
    windows: dict[str, int],
    shown: dict[str, dict[str, Disclosed]],
    values: dict[str, Amount | None],
    summed: Amount | None,
) -> blocks.Block:
    rows = [_value_row(measure, windows[measure], shown[measure], values[measure]) for measure in windows]
    if summed and len(windows) > 1:
        label = window_label(next(iter(windows.values())))
        empty = [disclosure.NOT_APPLICABLE] * 3
        note = _left_out(windows)
        rows.append(blocks.row(SUM, [label, *empty, *pounds(summed)], note=note, measure=SUM, period=label))
    return blocks.table(
        "value",
        "Estimated value of the difference from people who declined",
        first="Measure",
        columns=[
            blocks.words_column("Window", figure="window"),
            blocks.column("Events avoided", figure="events avoided"),
            *(blocks.column(label, figure=f"events avoided, {limit}") for label, limit in LIMITS),
            blocks.column("Value", figure="value, pounds"),
            *(blocks.column(label, figure=f"value, {limit}") for label, limit in LIMITS),
        ],
        rows=rows,
        how=(
            "Events avoided are those expected of the people who accepted, had they changed as people who declined "
            "did, less those observed, within the window only and never stretched to a year. Value is the printed "
            f"number of events times the unit cost below, to the nearest £{POUNDS_STEP}. {SUM_HOW} {KNOWN}"
        ),
    )


def _value_row(measure: str, days: int, shown: dict[str, Disclosed], value: Amount | None) -> dict[str, Any]:
    name, events = BY_KEY[measure].name, events_of(shown)
    unclear = events is not None and (events.lo or 0) <= 0 <= (events.hi or 0)
    return blocks.row(
        name,
        [
            window_label(days),
            *(shown[key] for key in ("avoided", "avoided_lo", "avoided_hi")),
            *pounds(value),
        ],
        note="Not yet clear: the interval includes no difference at all." if unclear else "",
        measure=name,
        period=window_label(days),
    )


def _left_out(windows: dict[str, int]) -> str:
    left = [BY_KEY[each].name for each, holder in HELD_IN.items() if each in windows and holder in windows]
    return f"{left[0]} are not added: the cost of a conveyance holds that of its call." if left else ""


def _by_head(
    windows: dict[str, int],
    shown: dict[str, dict[str, Disclosed]],
    values: dict[str, Amount | None],
    summed: Amount | None,
) -> blocks.Block:
    """Value for each person who accepted, from the printed people: they can differ from measure to measure."""
    rows = [_head_row(BY_KEY[each].name, shown[each]["n"], values[each]) for each in windows]
    numbers = {shown[each]["n"].text for each in windows}
    if len(windows) > 1 and len(numbers) == 1:
        rows.append(_head_row(SUM, shown[next(iter(windows))]["n"], summed))
    return blocks.table(
        "value_by_head",
        "The same for each person who accepted",
        first="Measure",
        columns=[
            blocks.column("People", figure="people who accepted"),
            blocks.column("Value for each", figure="value for each person, pounds"),
            *(blocks.column(label, figure=f"value for each person, {limit}") for label, limit in LIMITS),
        ],
        rows=rows,
        how="Value divided by the printed number of people. Measures can cover different people. " + KNOWN,
    )


def _head_row(name: str, people: Disclosed, value: Amount | None) -> dict[str, Any]:
    each = value.per(people.value) if value and people.value else None
    return blocks.row(name, [people, *pounds(each, step=10)], measure=name)


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

"""What the difference would be worth, where there is a comparator, and what it is not."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from evaluation import blocks, disclosure
from evaluation.disclosure import Disclosed
from evaluation.evidence import Evidence
from evaluation.impact.bootstrap import CannotDraw
from evaluation.impact.windows import WINDOW_DAYS
from evaluation.measures import BY_KEY
from evaluation.money.amount import Amount, total
from evaluation.money.drawn import NoInterval
from evaluation.money.groups import unequal_groups
from evaluation.money.returns import NOT_CASHABLE
from evaluation.sections import returns
from evaluation.sections.joint import Joint, joint, together
from evaluation.sections.returns import KNOWN, LIMITS, POUNDS_STEP, SUM, events_of, pounds
from evaluation.sections.wording import (
    BASIS,
    CONTROLLED,
    HEADLINE,
    OFFER,
    Comparison,
    disclosed_estimate,
    estimate,
    leading,
    listing,
    window_label,
)

# The cost of being taken to hospital holds that of the call that it began with.
HELD_IN = {"call_999": "conveyance"}
OTHERS = ((OFFER, "by the offer"), (CONTROLLED, "against people who declined"))
EXPECTED_OF = {
    HEADLINE: "Events avoided are those to be expected from people on the same lists who were not approached",
    CONTROLLED: (
        "Events avoided are those expected of the people who accepted, had they changed as people who declined did"
    ),
}
SUM_HOW = (
    "Limits of the sum are those of its parts added up, as if all were high or low together, because the events happen "
    "to the same people."
)


def build(evidence: Evidence) -> dict[str, Any]:
    """Value for each measure that has both a comparison and a unit cost, by head, beside the running cost."""
    bases = _bases(evidence)
    if not bases:
        return blocks.section("costs", "Value of the difference", [blocks.text(_why_none(evidence))])
    shown = {
        measure: disclosed_estimate(estimate(evidence, measure, found.days, found.key))
        for measure, found in bases.items()
    }
    values = {measure: _value(evidence, measure, shown[measure]) for measure in bases}
    summed = _sum(bases, values)
    others = _by_other_comparisons(evidence, bases)
    warning = _warning(bases, shown)
    parts = [
        blocks.inset(NOT_CASHABLE),
        *([blocks.text(warning)] if warning else []),
        _values(evidence, bases, shown, values, summed),
        *([blocks.text(others)] if others else []),
        _by_head(bases, shown, values, summed),
        *returns.returns_of(evidence, next(iter(bases.values())).days, summed),
        *_joint(evidence, bases),
        *returns.hours_of(evidence, shown),
        _unit_costs(evidence, list(bases)),
    ]
    return blocks.section("costs", "Value of the difference", parts)


def in_short(evidence: Evidence) -> str:
    """The value in a few sentences for page one; empty where there is none that can be added up.

    With the limits of all together where they are drawn, else with those of the measures added up.
    """
    bases = _bases(evidence)
    summed = _sum(bases, _values_by(evidence, bases, None))
    if summed is None:
        return ""
    found, added = next(iter(bases.values())), _added(bases)
    drawn = _together(evidence, bases)
    value, lo, hi = pounds(drawn.saving.amount if drawn else summed)
    names = listing([BY_KEY[each].name if each == "ae" else BY_KEY[each].name.lower() for each in added])
    basis = BASIS[found.key]
    remarks = [
        "The limits are those of the measures added up." if len(added) > 1 and not drawn else "",
        "It is not yet clear: the interval includes no value at all."
        if (lo.value or 0) <= 0 <= (hi.value or 0)
        else "",
        "It is not cash released.",
        returns.beside_the_cost(
            evidence, found.days, drawn.beside if drawn else partial(returns.returns_apart, summed)
        ),
    ]
    return (
        f"Estimated value of the difference in {names} over {window_label(found.days)}, {basis[0].lower()}{basis[1:]}, "
        f"at the unit costs of this report: {value} (95% interval {lo} to {hi}). {' '.join(filter(None, remarks))}"
    )


def _together(evidence: Evidence, bases: dict[str, Comparison]) -> Joint | None:
    """All together, where it can be drawn."""
    if (days := _days_together(bases)) is None:
        return None
    try:
        return together(evidence, _added(bases), days)
    except (CannotDraw, NoInterval):
        return None


def _bases(evidence: Evidence) -> dict[str, Comparison]:
    """Measures with a comparison and a unit cost, and what each rests on: in the longest window that all of them have,
    so that they can be added up, where they rest on the same, else each in its own.
    """
    found = {
        measure: leads
        for measure in evidence.supplied
        if measure in evidence.unit_costs and (leads := leading(evidence, measure)) is not None
    }
    keys = {each.key for each in found.values()}
    if len(keys) != 1:
        return found
    key = keys.pop()
    common = [
        days
        for days in WINDOW_DAYS
        if all(estimate(evidence, measure, days, key)["shown"] for measure in found)
    ]
    return dict.fromkeys(found, Comparison(key, common[-1])) if common else found


def _joint(evidence: Evidence, bases: dict[str, Comparison]) -> list[blocks.Block]:
    """All together, over the same measures and window as the sum."""
    days = _days_together(bases)
    return [] if days is None else joint(evidence, _added(bases), days)


def _days_together(bases: dict[str, Comparison]) -> int | None:
    """The one window of all, where all rest on observed against expected: only that is drawn."""
    rests_on = {*bases.values()}
    if len(rests_on) != 1 or (found := rests_on.pop()).key != HEADLINE:
        return None
    return found.days


def _added(measures: Iterable[str]) -> list[str]:
    """Those that can be added up: none whose cost another holds."""
    known = [*measures]
    return [each for each in known if HELD_IN.get(each) not in known]


def _why_none(evidence: Evidence) -> str:
    if not evidence.unit_costs:
        return "No unit cost has been entered for this service, so no value in pounds is given."
    return (
        "No value in pounds is given: that needs a comparison with people who were not approached, or who declined, which "
        "cannot be shown yet, for a measure with a unit cost. What a fall without a comparator is worth, nobody can say."
    )


def _value(evidence: Evidence, measure: str, shown: dict[str, Disclosed]) -> Amount | None:
    events = events_of(shown)
    return events.times(float(evidence.unit_costs[measure].amount)) if events else None


def _values_by(evidence: Evidence, bases: dict[str, Comparison], key: str | None) -> dict[str, Amount | None]:
    """The value of each measure by one comparison, or by the one it rests on."""
    raw = {
        measure: estimate(evidence, measure, found.days, key or found.key) for measure, found in bases.items()
    }
    return {
        measure: _value(evidence, measure, disclosed_estimate(each)) if each["shown"] else None
        for measure, each in raw.items()
    }


def _sum(bases: dict[str, Comparison], values: dict[str, Amount | None]) -> Amount | None:
    """All values of one comparison and window added up; None where a value is withheld or there is nothing to add."""
    parts = [values[measure] for measure in _added(values)]
    known = [value for value in parts if value is not None]
    if len(set(bases.values())) != 1 or len(known) < len(parts):
        return None
    return total(known)


def _by_other_comparisons(evidence: Evidence, bases: dict[str, Comparison]) -> str:
    """What the same costs would come to by the comparisons that stand beside the headline."""
    if {found.key for found in bases.values()} != {HEADLINE}:
        return ""
    said = [
        f"{words} {value} ({lo} to {hi})"
        for key, words in OTHERS
        if (summed := _sum(bases, _values_by(evidence, bases, key)))
        for value, lo, hi in [pounds(summed)]
    ]
    return (
        f"By the comparisons that stand beside it, the same would come to: {'; '.join(said)}." if said else ""
    )


def _warning(bases: dict[str, Comparison], shown: dict[str, dict[str, Disclosed]]) -> str:
    measure, found = next(iter(bases.items()))
    accepted, declined = shown[measure]["n"].value, shown[measure]["n_comparator"].value
    if found.key != CONTROLLED or accepted is None or declined is None:
        return ""
    return unequal_groups(accepted, declined, names=("people who accepted", "people who declined"))


def _values(
    evidence: Evidence,
    bases: dict[str, Comparison],
    shown: dict[str, dict[str, Disclosed]],
    values: dict[str, Amount | None],
    summed: Amount | None,
) -> blocks.Block:
    rows = [_value_row(measure, bases[measure], shown[measure], values[measure]) for measure in bases]
    if summed and len(bases) > 1:
        label = window_label(next(iter(bases.values())).days)
        empty = [disclosure.NOT_APPLICABLE] * 3
        rows.append(
            blocks.row(
                SUM, [label, *empty, *pounds(summed)], note=_left_out(bases), measure=SUM, period=label
            )
        )
    return blocks.table(
        "value",
        f"Estimated value. {_rest_on(bases)}",
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
            f"{'. '.join(EXPECTED_OF[key] for key in _keys(bases))}, less those observed, within the window only and "
            "never stretched to a year. Value is the printed "
            f"number of events times the unit cost below, to the nearest £{POUNDS_STEP}. {SUM_HOW} {KNOWN}"
        ),
    )


def _value_row(
    measure: str, found: Comparison, shown: dict[str, Disclosed], value: Amount | None
) -> dict[str, Any]:
    name, events = BY_KEY[measure].name, events_of(shown)
    unclear = events is not None and (events.lo or 0) <= 0 <= (events.hi or 0)
    return blocks.row(
        name,
        [
            window_label(found.days),
            *(shown[key] for key in ("avoided", "avoided_lo", "avoided_hi")),
            *pounds(value),
        ],
        note="Not yet clear: the interval includes no difference at all." if unclear else "",
        measure=name,
        group=BASIS[found.key],
        period=window_label(found.days),
    )


def _keys(bases: dict[str, Comparison]) -> list[str]:
    """The comparisons the values rest on, each once."""
    return [*dict.fromkeys(found.key for found in bases.values())]


def _rest_on(bases: dict[str, Comparison]) -> str:
    return ", or ".join(BASIS[key] for key in _keys(bases))


def _left_out(bases: dict[str, Comparison]) -> str:
    left = [BY_KEY[each].name for each, holder in HELD_IN.items() if each in bases and holder in bases]
    return f"{left[0]} are not added: the cost of a conveyance holds that of its call." if left else ""


def _by_head(
    bases: dict[str, Comparison],
    shown: dict[str, dict[str, Disclosed]],
    values: dict[str, Amount | None],
    summed: Amount | None,
) -> blocks.Block:
    """Value for each person who accepted, from the printed people: they can differ from measure to measure."""
    rows = [
        _head_row(BY_KEY[each].name, found, shown[each]["n"], values[each]) for each, found in bases.items()
    ]
    numbers = {shown[each]["n"].text for each in bases}
    if len(bases) > 1 and len(numbers) == len(set(bases.values())) == 1:
        first = next(iter(bases))
        rows.append(_head_row(SUM, bases[first], shown[first]["n"], summed))
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


def _head_row(name: str, found: Comparison, people: Disclosed, value: Amount | None) -> dict[str, Any]:
    each = value.per(people.value) if value and people.value else None
    about = {"measure": name, "group": BASIS[found.key], "period": window_label(found.days)}
    return blocks.row(name, [people, *pounds(each, step=10)], **about)


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

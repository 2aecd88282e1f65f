"""The value of the difference beside what the service cost, and the hours of clinicians it returns."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from evaluation import blocks, disclosure
from evaluation.disclosure import Disclosed
from evaluation.evidence import Evidence
from evaluation.measures import BY_KEY
from evaluation.models import RunningCost
from evaluation.money.amount import Amount
from evaluation.money.returns import (
    BCR,
    MONTHS_A_YEAR,
    NET,
    ROI,
    Returns,
    Stretched,
    a_year,
    for_months,
    hours,
    months_to_charge,
    returns,
)

# Events are rounded to the nearest 5: a value to the pound would claim what nobody knows.
POUNDS_STEP = 100
LIMITS = (("95% from", "lower limit"), ("95% to", "upper limit"))
SUM = "All of these"
KNOWN = "Unit costs, running costs and numbers of people are taken as known: the interval is that of the comparison."
WHOLE_COST = (
    "The whole cost of the service stands against the value from those people alone who accepted and could be followed, "
    "and within the window alone."
)


def returns_of(evidence: Evidence, days: int, summed: Amount | None) -> list[blocks.Block]:
    """For each running cost: net saving, return on investment and benefit-cost ratio, beside each other."""
    if not evidence.running_costs:
        return [blocks.text("No running cost has been entered, so there is no net saving and no return.")]
    if summed is None:
        return [
            blocks.text("No net saving and no return: the values above are withheld or of different windows.")
        ]
    months = _months(evidence, days)
    tables = [
        _return(number, cost, months, summed)
        for number, cost in enumerate(evidence.running_costs.values(), start=1)
    ]
    if months == MONTHS_A_YEAR:
        return tables
    year, words = a_year(_rounded(summed), months)
    limits = f"95% interval {pounds(year)[1]} to {pounds(year)[2]}"
    return [*tables, blocks.text(f"As value for a year of the service: {words} ({limits}).")]


def beside_the_cost(evidence: Evidence, days: int, beside: Callable[[float], Returns]) -> str:
    """Every running cost and what the value is beside it, in sentences; says where none was entered.

    `beside` gives what is left beside a cost in pounds.
    """
    if not evidence.running_costs:
        return "No running cost has been entered to set beside it."
    months = _months(evidence, days)
    return " ".join(_said(cost, months, beside) for cost in evidence.running_costs.values())


def _said(cost: RunningCost, months: int, beside: Callable[[float], Returns]) -> str:
    whole = for_months(float(cost.amount), months).value
    found = beside(whole)
    (bcr, *ratio), (roi, *gain) = numbers(found.bcr, 2), numbers(found.roi, 0, "%")
    unclear = (ratio[0].value or 0) <= 1 <= (ratio[1].value or 0)
    return (
        f"The whole running cost of {months} {'month' if months == 1 else 'months'} ({cost.name}) is "
        f"{pounds(Amount(whole))[0]}: benefit-cost ratio {bcr} ({ratio[0]} to {ratio[1]}), return on investment {roi} "
        f"({gain[0]} to {gain[1]}){'; whether the value is above the cost is not yet clear' if unclear else ''}."
    )


def returns_apart(summed: Amount, cost: float) -> Returns:
    """What is left of the printed value beside a cost in pounds, limits to limits."""
    return returns(_rounded(summed), cost)


def _return(number: int, cost: RunningCost, months: int, summed: Amount) -> blocks.Block:
    cost_of_months = for_months(float(cost.amount), months)
    found = returns(_rounded(summed), cost_of_months.value)
    return blocks.table(
        f"return_{number}",
        f"Beside the running cost: {cost.name}",
        first="Figure",
        columns=[
            blocks.column("Estimate", figure="estimate"),
            *(blocks.column(label, figure=limit) for label, limit in LIMITS),
        ],
        rows=[
            blocks.row("Saving", pounds(found.saving), group=cost.name),
            blocks.row(
                "Running cost",
                [pounds(Amount(cost_of_months.value))[0], *[disclosure.NOT_APPLICABLE] * 2],
                note=cost_of_months.words,
                group=cost.name,
            ),
            blocks.row(NET, pounds(found.net), group=cost.name),
            blocks.row(ROI, numbers(found.roi, 0, "%"), group=cost.name),
            blocks.row(BCR, numbers(found.bcr, 2), group=cost.name),
        ],
        how=(
            f"Source of the cost: {cost.source}, used from {cost.valid_from:%-d %B %Y}. It is charged for the months in "
            f"which these people were taken on, and for no less than the window. {WHOLE_COST} {KNOWN}"
        ),
        about={"measure": "return"},
    )


def charged(evidence: Evidence, days: int, cost: RunningCost) -> Stretched:
    """What a running cost is for the months in which the people followed so long were taken on."""
    return for_months(float(cost.amount), _months(evidence, days))


def _months(evidence: Evidence, days: int) -> int:
    """Months of running cost: from the first to the last index date of people who can have the whole window."""
    accepted = evidence.people[evidence.people["group"] == "accepted"]
    index = pd.to_datetime(accepted["index_date"]).dropna()
    full = index[index + pd.Timedelta(days=days) <= pd.Timestamp(evidence.quarter.following.first_day)]
    return months_to_charge(first_to_last_days=(full.max() - full.min()).days, window_days=days)


def hours_of(evidence: Evidence, shown: dict[str, dict[str, Disclosed]]) -> list[blocks.Block]:
    """Clinician hours returned, for measures with minutes entered."""
    timed = {
        measure: (minutes, evidence.unit_costs[measure].minutes_source)
        for measure in shown
        if (minutes := evidence.unit_costs[measure].clinician_minutes)
    }
    if not timed:
        return [
            blocks.text(
                "Clinician hours returned: not given, because nobody has entered how many minutes one event takes."
            )
        ]
    rows = []
    for measure, (minutes, source) in timed.items():
        events, name = events_of(shown[measure]), BY_KEY[measure].name
        cells = numbers(hours(events, minutes), 0) if events else [disclosure.SUPPRESSED] * 3
        rows.append(blocks.row(name, [f"{minutes}", *cells], note=f"Minutes: {source}", measure=name))
    return [
        blocks.table(
            "hours",
            "Clinician hours returned",
            first="Measure",
            columns=[
                blocks.words_column("Minutes for one", figure="minutes of a clinician for one"),
                blocks.column("Hours", figure="clinician hours"),
                *(blocks.column(label, figure=f"clinician hours, {limit}") for label, limit in LIMITS),
            ],
            rows=rows,
            how="Printed events avoided × minutes ÷ 60, within the window. The hours are spent on other people.",
        )
    ]


def _rounded(amount: Amount) -> Amount:
    """As printed: what follows from it can then be worked out again from the page."""
    value, lo, hi = (each.value for each in pounds(amount))
    return Amount(value or 0, lo, hi)


def pounds(amount: Amount | None, *, step: int = POUNDS_STEP) -> list[Disclosed]:
    """A figure and its limits to the nearest £100; withheld where the events are."""
    if amount is None:
        return [disclosure.SUPPRESSED] * 3
    return [_printed(each, step) for each in (amount.value, amount.lo, amount.hi)]


def _printed(value: float | None, step: int) -> Disclosed:
    if value is None:
        return disclosure.NOT_SUPPLIED
    printed = round(value / step) * step
    sign = "−" if printed < 0 else ""
    return Disclosed(f"{sign}£{abs(printed):,}", printed)


def numbers(amount: Amount, decimals: int, unit: str = "") -> list[Disclosed]:
    """A figure and its limits to so many decimals."""
    return [
        disclosure.NOT_SUPPLIED
        if each is None
        else Disclosed(f"{each:,.{decimals}f}{unit}".replace("-", "−"), round(each, decimals))
        for each in (amount.value, amount.lo, amount.hi)
    ]


def events_of(shown: dict[str, Disclosed]) -> Amount | None:
    """Events avoided as they are printed; None where they are withheld."""
    value, lo, hi = (shown[key].value for key in ("avoided", "avoided_lo", "avoided_hi"))
    return None if value is None else Amount(value, lo, hi)

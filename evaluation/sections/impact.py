"""Before and after in equal windows, beside people who declined."""

from __future__ import annotations

from typing import Any

from evaluation import blocks, disclosure
from evaluation.disclosure import Disclosed
from evaluation.evidence import Evidence
from evaluation.impact import WINDOW_DAYS
from evaluation.measures import BY_KEY, ESTIMATE_RULE
from evaluation.sections.flow import ANSWERS
from evaluation.sections.wording import (
    CONTROLLED,
    UNCONTROLLED,
    best_window,
    disclosed_estimate,
    estimate,
    natural_fall,
    window_label,
)

GROUPS = ("accepted", "declined")
DAYS_PER_YEAR = 365.25
ESTIMATE_COLUMNS = (
    ("n", "Accepted"),
    ("n_comparator", "Declined"),
    ("rate_ratio", "Rate ratio"),
    ("lo", "95% from"),
    ("hi", "95% to"),
    ("reduction_percent", "Fall"),
)
RATE_HOW = (
    "A rate is events divided by person-years, each added up over everybody followed for the whole window. Attendances "
    "on the index date itself count as before. Person-years are rounded in steps that tell no more than the rounded "
    "number of people."
)
CONTROLLED_HOW = (
    "The change in the rate of people who accepted, divided by the change in the rate of people who declined over the "
    "same kind of days (difference in differences of log rates, person-level standard errors, Welch t interval). "
    "Below 1, those who accepted fell further. Ratios come from exact numbers, as the national rule allows."
)
UNCONTROLLED_HOW = (
    "The rate after divided by the rate before, in the same people, with a person-level 95% interval. It describes a "
    "change, not what the service did: people are listed in a bad spell and most have a better one next."
)


def build(evidence: Evidence) -> dict[str, Any]:
    """For each measure: rates, the comparison, and the uncontrolled change with its warning."""
    parts: list[blocks.Block] = []
    for measure in evidence.supplied:
        parts += [blocks.heading(BY_KEY[measure].name), *_measure(evidence, measure)]
    if not parts:
        parts = [blocks.text("Not supplied: without activity before and after, nothing can be compared.")]
    return blocks.section("impact", "Before and after, beside people who declined", parts)


def _measure(evidence: Evidence, measure: str) -> list[blocks.Block]:
    before: list[blocks.Block] = []
    if best_window(evidence, measure) is None:
        reason = estimate(evidence, measure, WINDOW_DAYS[-1], CONTROLLED)["reason"]
        longest = natural_fall(evidence, measure, WINDOW_DAYS[-1])
        before = [blocks.warning("Uncontrolled", f"No comparison can be shown yet. {reason} {longest}")]
    return [
        *before,
        _rates(evidence, measure),
        _estimates(evidence, measure, CONTROLLED, "Compared with people who declined", CONTROLLED_HOW),
        _estimates(
            evidence, measure, UNCONTROLLED, "Uncontrolled: change in people who accepted", UNCONTROLLED_HOW
        ),
    ]


def _rates(evidence: Evidence, measure: str) -> blocks.Block:
    rows = []
    for days in reversed(WINDOW_DAYS):
        controlled = estimate(evidence, measure, days, CONTROLLED)["shown"]
        note = "" if controlled else natural_fall(evidence, measure, days)
        for group in GROUPS:
            rows.append(
                blocks.row(
                    f"{window_label(days)}, {ANSWERS[group].lower()}",
                    rates(evidence, measure, days, group),
                    note=note if group == "accepted" else "",
                    group=ANSWERS[group],
                    period=window_label(days),
                )
            )
    return blocks.table(
        f"rates_{measure}",
        f"{BY_KEY[measure].name}: rates before and after",
        first="Window and group",
        columns=[
            blocks.column("People", figure="people"),
            blocks.column("Events before", figure="events before"),
            blocks.column("Events after", figure="events after"),
            blocks.column("Person-years before", figure="person-years before"),
            blocks.column("Person-years after", figure="person-years after"),
            blocks.column("A year before", figure="events a person-year before"),
            blocks.column("A year after", figure="events a person-year after"),
        ],
        rows=rows,
        how=RATE_HOW,
        about={"measure": BY_KEY[measure].name},
        charts=[_rate_chart(evidence, measure)],
    )


def rates(evidence: Evidence, measure: str, days: int, group: str) -> list[Disclosed]:
    """People, events, person-years and rates of one group, before and after, fit to leave."""
    raw = evidence.impacts[measure, days]["groups"][group]
    n = raw["n"]
    events = [raw["events_pre"] or 0, raw["events_post"] or 0]
    years = [raw["person_years_pre"], raw["person_years_post"]]
    per_year = [raw["rate_pre"], raw["rate_post"]]
    return [
        disclosure.count(n),
        *(disclosure.count(each) if n else disclosure.NOT_APPLICABLE for each in _behind(n, events)),
        *(_years(each, n, days) for each in years),
        *(
            disclosure.mean(rate or 0, n=n, total=total)
            for rate, total in zip(per_year, _behind(n, events), strict=True)
        ),
    ]


def _behind(n: int, events: list[int]) -> list[int]:
    """The counts to judge by: where the people are withheld, their events are too."""
    return [1, 1] if disclosure.DEFAULT_RULE.hides(n) else events


def _years(years: float | None, n: int, days: int) -> Disclosed:
    if not n:
        return disclosure.NOT_APPLICABLE
    if disclosure.DEFAULT_RULE.hides(n):
        return disclosure.SUPPRESSED
    step = disclosure.DEFAULT_BASE * days / DAYS_PER_YEAR
    rounded = round(round((years or 0) / step) * step, 1)
    return Disclosed(f"{rounded:,.1f}", rounded)


def _rate_chart(evidence: Evidence, measure: str) -> dict[str, Any]:
    days = best_window(evidence, measure) or _longest_followed(evidence, measure)
    before, after = zip(*(rates(evidence, measure, days, group)[-2:] for group in GROUPS), strict=True)
    return {
        "chart": "bars",
        "title": f"{BY_KEY[measure].name} a person-year, {window_label(days)} before and after",
        "desc": "Bars before and after, for people who accepted and people who declined.",
        "categories": [f"People who {group}" for group in GROUPS],
        "series": [
            {"name": "Before", "points": [blocks.point(each) for each in before]},
            {"name": "After", "points": [blocks.point(each) for each in after]},
        ],
        "unit": "events a person-year",
    }


def _longest_followed(evidence: Evidence, measure: str) -> int:
    followed = [
        days
        for days in WINDOW_DAYS
        if evidence.impacts[measure, days]["groups"]["accepted"]["n"] > disclosure.DEFAULT_THRESHOLD
    ]
    return followed[-1] if followed else WINDOW_DAYS[0]


def _estimates(evidence: Evidence, measure: str, key: str, caption: str, how: str) -> blocks.Block:
    columns = [c for c in ESTIMATE_COLUMNS if key == CONTROLLED or c[0] != "n_comparator"]
    rows, intervals = [], []
    for days in reversed(WINDOW_DAYS):
        raw = estimate(evidence, measure, days, key)
        shown = disclosed_estimate(raw)
        note = _note(evidence, measure, days, raw)
        rows.append(
            blocks.row(
                window_label(days), [shown[name] for name, _ in columns], note=note, period=window_label(days)
            )
        )
        limits = {name: shown[name].value for name in ("rate_ratio", "lo", "hi")}
        intervals.append({"label": window_label(days), **limits, "note": "Too few people to show."})
    drawn = key == CONTROLLED and any(each["rate_ratio"] for each in intervals)
    chart = {
        "chart": "intervals",
        "title": f"{BY_KEY[measure].name}: rate ratio against people who declined",
        "desc": "Rate ratios with 95% intervals for each window; below 1 means that people who accepted fell further.",
        "rows": intervals,
        "unit": "rate ratio",
    }
    return blocks.table(
        f"{key}_{measure}",
        f"{BY_KEY[measure].name}. {caption}",
        first="Window",
        columns=[blocks.column(label, figure=name) for name, label in columns],
        rows=rows,
        how=f"{how} {ESTIMATE_RULE}",
        about={"measure": BY_KEY[measure].name, "group": caption},
        charts=[chart] if drawn else [],
    )


def _note(evidence: Evidence, measure: str, days: int, raw: dict[str, Any]) -> str:
    if not raw["shown"]:
        return (
            raw["reason"] if raw["controlled"] else f"{raw['reason']} {natural_fall(evidence, measure, days)}"
        )
    if not raw["controlled"]:
        return natural_fall(evidence, measure, days)
    words = []
    if raw["lo"] <= 1 <= raw["hi"]:
        words.append("Not yet clear: the interval includes no difference.")
    if raw["wide"]:
        words.append("Few people: the interval is wide.")
    return " ".join(words)

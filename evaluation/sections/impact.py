"""What happened against what was to be expected, then before and after in equal windows."""

from __future__ import annotations

from typing import Any

from evaluation import blocks, disclosure
from evaluation.disclosure import Disclosed
from evaluation.evidence import Evidence
from evaluation.impact.sample import ESTIMATE_FROM
from evaluation.impact.windows import WINDOW_DAYS
from evaluation.measures import BY_KEY, ESTIMATE_RULE
from evaluation.sections import comparators, doubts
from evaluation.sections.flow import ANSWERS
from evaluation.sections.wording import (
    BASIS,
    CONTROLLED,
    HEADLINE,
    OFFER,
    UNCONTROLLED,
    best_window,
    disclosed_estimate,
    estimate,
    leading,
    meaning,
    natural_fall,
    window_label,
    window_to_lead,
)

GROUPS = ("accepted", "declined")
DAYS_PER_YEAR = 365.25
ESTIMATE_COLUMNS = (
    ("n", "Accepted", "people who accepted"),
    ("n_comparator", "Declined", "people who declined"),
    ("rate_ratio", "Rate ratio", "rate ratio"),
    ("lo", "95% from", "rate ratio, lower 95% limit"),
    ("hi", "95% to", "rate ratio, upper 95% limit"),
    ("reduction_percent", "Fall", "fall, percent"),
)
RATE_HOW = (
    "A rate is events divided by person-years, each added up over everybody followed for the whole window. Attendances "
    "on the index date itself count as before. Person-years are rounded in steps that tell no more than the rounded "
    f"number of people. Rates are given from {ESTIMATE_FROM} people. Do not divide the rounded counts: the rate beside them is exact."
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
EXPECTED_HOW = (
    "Events of people who accepted, divided by the events to expect of them. What to expect is learnt from people on the "
    "lists who were not approached, and on the list of one year earlier where it can be had, with the same past "
    "attendances and, as far as they are known, age, sex and deprivation of the area, counted from a day drawn from the "
    "waits of those who were (Poisson regression, person-level standard errors). People whom the service decided not to approach for a "
    "reason are among them. By the offer: everybody approached is compared with them, and the difference is put down to "
    "those who accepted; it holds whoever accepts, if who was approached was as good as random. The ratio of everybody "
    "approached is nearer to 1, because those who did not accept are in it. Those who have not "
    "answered yet are in neither."
)
PEOPLE_COLUMNS = {"n": ("People", "people"), "n_comparator": ("Compared with", "people compared with")}
SIDE_BY_SIDE = (
    (HEADLINE, BASIS[HEADLINE]),
    (OFFER, "By the offer, those who accepted"),
    ("offer_itt", "By the offer, everybody approached"),
    ("matched", "Matched with up to 3 people alike"),
    (CONTROLLED, "Against people who declined"),
)

CAPTIONS = {
    CONTROLLED: (BASIS[CONTROLLED], CONTROLLED_HOW),
    UNCONTROLLED: ("Uncontrolled: change in people who accepted", UNCONTROLLED_HOW),
}


def build(evidence: Evidence) -> dict[str, Any]:
    """For each measure: the headline with the others beside it, rates, and the uncontrolled change with its warning."""
    parts: list[blocks.Block] = []
    for measure in evidence.supplied:
        parts += [blocks.heading(BY_KEY[measure].name), *_measure(evidence, measure)]
    if parts:
        parts = [*comparators.whom(evidence), *parts]
    else:
        parts = [blocks.text("Not supplied: without activity before and after, nothing can be compared.")]
    return blocks.section("impact", "What happened, against what was to be expected", parts)


def _measure(evidence: Evidence, measure: str) -> list[blocks.Block]:
    lead = window_to_lead(evidence, measure)
    others = [days for days in WINDOW_DAYS if days != lead and _followed(evidence, measure, days)]
    return [
        *_headline(evidence, measure, lead),
        *comparators.checks(evidence, measure, lead),
        *doubts.build(evidence, measure, lead),
        _before_the_rates(evidence, measure, lead),
        _rates(evidence, measure, [lead]),
        _estimates(evidence, measure, CONTROLLED),
        _estimates(evidence, measure, UNCONTROLLED),
        *([_rates(evidence, measure, others, folded="Rates in the other windows")] if others else []),
    ]


def _before_the_rates(evidence: Evidence, measure: str, days: int) -> blocks.Block:
    """What to know before reading rates beside people who declined: the caveat, or that there are none."""
    controlled = estimate(evidence, measure, days, CONTROLLED)
    if best_window(evidence, measure):
        return blocks.text(controlled["caveat"])
    if leading(evidence, measure):
        return blocks.text(f"Against people who declined: not shown. {controlled['reason']}")
    why = f"{controlled['reason']} {natural_fall(evidence, measure, days)}"
    return blocks.warning("Uncontrolled", f"No comparison can be shown yet. {why}")


def _followed(evidence: Evidence, measure: str, days: int) -> bool:
    """Whether anybody has this whole window."""
    return any(evidence.impacts[measure, days]["groups"][group]["n"] for group in GROUPS)


def _rates(evidence: Evidence, measure: str, windows: list[int], *, folded: str = "") -> blocks.Block:
    name = BY_KEY[measure].name
    rows = [_rate_row(evidence, measure, days, group) for days in reversed(windows) for group in GROUPS]
    return blocks.table(
        f"rates_more_{measure}" if folded else f"rates_{measure}",
        f"{name}: rates before and after{_alone(evidence, measure)}" + (", other windows" if folded else ""),
        first="Window and group",
        columns=[
            blocks.column("People", figure="people"),
            blocks.column("Events before", figure="events before"),
            blocks.column("Events after", figure="events after"),
            blocks.column("Person-years before", figure="person-years before"),
            blocks.column("Person-years after", figure="person-years after"),
            blocks.column("Rate before", figure="events a person-year before"),
            blocks.column("Rate after", figure="events a person-year after"),
        ],
        rows=rows,
        how=RATE_HOW,
        about={"measure": name},
        charts=[] if folded else _rate_charts(evidence, measure, windows[0]),
        folded=folded,
    )


def _rate_row(evidence: Evidence, measure: str, days: int, group: str) -> dict[str, Any]:
    alone = group == "accepted" and not estimate(evidence, measure, days, CONTROLLED)["shown"]
    return blocks.row(
        f"{window_label(days)}, {ANSWERS[group].lower()}",
        rates(evidence, measure, days, group),
        note=natural_fall(evidence, measure, days) if alone else "",
        group=ANSWERS[group],
        period=window_label(days),
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
        *(_events(each, n) for each in events),
        *(_years(each, n, days) for each in years),
        *(_rate(rate, n, total) for rate, total in zip(per_year, events, strict=True)),
    ]


def _events(events: int, n: int) -> Disclosed:
    """Events, withheld with the people they happened to."""
    if not n:
        return disclosure.NOT_APPLICABLE
    return disclosure.SUPPRESSED if disclosure.DEFAULT_RULE.hides(n) else disclosure.count(events)


def _rate(rate: float | None, n: int, total: int) -> Disclosed:
    if 0 < n < ESTIMATE_FROM:
        return disclosure.SUPPRESSED
    return disclosure.mean(rate or 0, n=n, total=total)


def _years(years: float | None, n: int, days: int) -> Disclosed:
    if not n:
        return disclosure.NOT_APPLICABLE
    if disclosure.DEFAULT_RULE.hides(n):
        return disclosure.SUPPRESSED
    step = disclosure.DEFAULT_BASE * days / DAYS_PER_YEAR
    rounded = round(round((years or 0) / step) * step, 1)
    return Disclosed(f"{rounded:,.1f}", rounded)


def _alone(evidence: Evidence, measure: str) -> str:
    """The word that stands on every figure without a comparator."""
    return "" if best_window(evidence, measure) else ", uncontrolled"


def _rate_charts(evidence: Evidence, measure: str, days: int) -> list[dict[str, Any]]:
    before, after = zip(*(rates(evidence, measure, days, group)[-2:] for group in GROUPS), strict=True)
    if all(each.value is None for each in before):
        return []
    title = f"{BY_KEY[measure].name} a person-year, {window_label(days)} before and after"
    chart = {
        "chart": "bars",
        "title": title + _alone(evidence, measure),
        "desc": "Bars before and after, for people who accepted and people who declined.",
        "categories": [f"People who {group}" for group in GROUPS],
        "series": [
            {"name": "Before", "points": [blocks.point(each) for each in before]},
            {"name": "After", "points": [blocks.point(each) for each in after]},
        ],
        "unit": "events a person-year",
    }
    return [chart]


def _estimates(evidence: Evidence, measure: str, key: str) -> blocks.Block:
    name, (caption, how) = BY_KEY[measure].name, CAPTIONS[key]
    columns = [c for c in ESTIMATE_COLUMNS if key == CONTROLLED or c[0] != "n_comparator"]
    raw = {days: estimate(evidence, measure, days, key) for days in reversed(WINDOW_DAYS)}
    shown = {days: disclosed_estimate(each) for days, each in raw.items()}
    compared = best_window(evidence, measure) is not None
    return blocks.table(
        f"{key}_{measure}",
        f"{name}. {caption}",
        first="Window",
        columns=[blocks.column(label, figure=figure) for _, label, figure in columns],
        rows=[
            blocks.row(
                window_label(days),
                [shown[days][column] for column, *_ in columns],
                note=_note(evidence, measure, days, raw[days]),
                period=window_label(days),
            )
            for days in raw
        ],
        how=f"{how} {ESTIMATE_RULE}",
        about={"measure": name, "group": caption},
        charts=_charts(name, shown) if compared and key == CONTROLLED else [],
        folded=_folded(key, any(each["shown"] for each in raw.values()), compared),
    )


def _charts(name: str, shown: dict[int, dict[str, Disclosed]]) -> list[dict[str, Any]]:
    by_window = {window_label(days): each for days, each in shown.items()}
    return [_interval_chart(f"{name}: rate ratio against people who declined", by_window)]


def _headline(evidence: Evidence, measure: str, days: int) -> list[blocks.Block]:
    """Observed against expected, with the other comparisons beside it, and what it means if they differ."""
    name = BY_KEY[measure].name
    raw = {key: estimate(evidence, measure, days, key) for key, _ in SIDE_BY_SIDE}
    if not any(raw[key]["shown"] for key, _ in SIDE_BY_SIDE if key != CONTROLLED):
        return [blocks.text(f"Against what was to be expected: not shown. {raw[HEADLINE]['reason']}")]
    shown = {words: disclosed_estimate(raw[key]) for key, words in SIDE_BY_SIDE}
    columns = [(key, *PEOPLE_COLUMNS.get(key, (label, figure))) for key, label, figure in ESTIMATE_COLUMNS]
    table = blocks.table(
        f"expected_{measure}",
        f"{name}. Observed against expected, and the other comparisons, {window_label(days)}",
        first="Comparison",
        columns=[blocks.column(label, figure=figure) for _, label, figure in columns],
        rows=[
            blocks.row(
                words,
                [shown[words][column] for column, *_ in columns],
                note=_note(evidence, measure, days, raw[key]),
                group=words,
            )
            for key, words in SIDE_BY_SIDE
        ],
        how=f"{EXPECTED_HOW} {ESTIMATE_RULE}",
        about={"measure": name, "period": window_label(days)},
        charts=[_interval_chart(f"{name}: rate ratio by each comparison, {window_label(days)}", shown)],
    )
    said = meaning(raw[HEADLINE], raw[OFFER], raw[CONTROLLED], by_chance=evidence.lots.always)
    together = f"The headline, the offer and people who declined. {said}" if said else ""
    return [table, blocks.text(" ".join(filter(None, [together, evidence.lots.words])))]


def _folded(key: str, any_shown: bool, compared: bool) -> str:
    if not any_shown:
        return f"{CAPTIONS[key][0]} (nothing can be shown yet)"
    return "Uncontrolled change, for completeness" if compared and key == UNCONTROLLED else ""


def _interval_chart(title: str, shown: dict[str, dict[str, Disclosed]]) -> dict[str, Any]:
    return {
        "chart": "intervals",
        "title": title,
        "desc": "Rate ratios with 95% intervals; below 1, people who accepted had fewer.",
        "rows": [
            {
                "label": label,
                **{key: each[key].value for key in ("rate_ratio", "lo", "hi")},
                "note": "Too few people to show.",
            }
            for label, each in shown.items()
        ],
        "unit": "rate ratio",
    }


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

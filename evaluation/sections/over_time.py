"""Intake by intake, and how long people keep attending."""

from __future__ import annotations

from typing import Any

from evaluation import blocks, disclosure
from evaluation.differencing.printed import WITHHELD
from evaluation.disclosure import Disclosed
from evaluation.evidence import Evidence
from evaluation.impact.curves.intakes import Intake, intakes
from evaluation.impact.curves.persistence import QUIET_DAYS, persistence
from evaluation.impact.curves.release import CURVE_RULE, Shares, shares, shown_intakes
from evaluation.impact.sample import ESTIMATE_FROM
from evaluation.impact.tables import APPROACHED
from evaluation.impact.windows import WINDOW_DAYS
from evaluation.measures import BY_KEY, ESTIMATE_RULE
from evaluation.people import for_curves, with_index_dates
from evaluation.quarters import seed_of
from evaluation.sections.wording import HEADLINE, best_window, window_label

STILL = "Still attending"
GROUPS = {"accepted": "Accepted", "declined": "Declined", "not_approached": "Not offered support yet"}
SINCE = "since the index date"
LIMITS = [
    blocks.column("95% from", figure="lower 95% limit of the last percentage shown"),
    blocks.column("95% to", figure="upper 95% limit of the last percentage shown"),
]
LIMITS_HOW = "The limits are those of the last percentage shown in the row."
INTAKES_HOW = (
    "Observed against expected, as in the headline, of the people who accepted and were first on the list of that day, and "
    "of everybody first listed up to then. The expected number is fitted once, to everybody who was not approached. An "
    f"intake of which fewer than {ESTIMATE_FROM} accepted and can be followed waits for the next, so that a row may hold "
    "several lists. Intakes differ in whom they hold and in what happened around them, so a difference between two of them "
    "is not a change of the service."
)
STILL_HOW = (
    f"The share of people who have not yet gone {QUIET_DAYS} days in a row without an attendance, by so many months after "
    "the index date, allowing for people who can be followed for less time (Kaplan-Meier; limits from Greenwood's variance "
    f"of the doubly logged share). {LIMITS_HOW} {CURVE_RULE}"
)
NO_EFFECT = (
    "Most people on a list go through a spell of many attendances that ends by itself. Read the lines of people who were "
    "not offered support beside those of people who were, and do not take the difference for an effect: the headline allows "
    "for what they differ in, and this does not."
)


def build(evidence: Evidence) -> dict[str, Any] | None:
    """Two tables about attendances; nothing where no source covers any."""
    if "ae" not in evidence.supplied:
        return None
    return blocks.section("over_time", "Over time", [*_intakes(evidence), *_still(evidence)])


def months() -> list[dict[str, Any]]:
    """A column for each number of months."""
    return [
        blocks.column(window_label(days), period=window_label(days), figure="percent") for days in WINDOW_DAYS
    ]


def given_up(evidence: Evidence, *about: str) -> bool:
    """Whether this number of people could be taken off an earlier report."""
    return about in evidence.withheld


def line(evidence: Evidence, label: str, found: Shares, *about: str) -> dict[str, Any]:
    """A row of shares; without its number of people where that could be taken off an earlier report."""
    gone = given_up(evidence, *about)
    cells = [disclosure.SUPPRESSED, *found.cells[1:]] if gone else found.cells
    return blocks.row(label, cells, note=WITHHELD if gone else "", group=label)


def chart(title: str, desc: str, found: dict[str, Shares]) -> list[dict[str, Any]]:
    """Lines from 3 to 12 months, where there is anything to draw."""
    drawn = {name: each for name, each in found.items() if any(p.value is not None for p in each.by)}
    if not drawn:
        return []
    return [
        {
            "chart": "lines",
            "title": title,
            "desc": desc,
            "categories": [window_label(days) for days in WINDOW_DAYS],
            "series": [
                {"name": name, "points": [blocks.point(point) for point in each.by]}
                for name, each in drawn.items()
            ],
            "unit": "percent",
        }
    ]


def _intakes(evidence: Evidence) -> list[blocks.Block]:
    days = best_window(evidence, "ae", HEADLINE)
    found = shown_intakes(intakes(evidence.studies["ae", days])) if days else []
    if days is None or len(found) < 2:
        few = "Intake by intake: there are not two intakes yet of which enough people accepted and can be followed."
        return [blocks.text(few)]
    keys = ("rate_ratio", "lo", "hi")
    rows = []
    for each, own, so_far in found:
        label = _label(each)
        gone = given_up(evidence, "Intakes", label, "people", window_label(days))
        people = disclosure.SUPPRESSED if gone else own["n"]
        cells: list[Disclosed | str] = [people, *(own[key] for key in keys), *(so_far[key] for key in keys)]
        rows.append(blocks.row(label, cells, note=WITHHELD if gone else "", group=label))
    return [
        blocks.table(
            "intakes",
            f"{BY_KEY['ae'].name}, intake by intake, {window_label(days)}",
            first="First listed",
            columns=[
                blocks.column("People", figure="people"),
                blocks.column("Rate ratio", figure="rate ratio"),
                blocks.column("95% from", figure="rate ratio, lower 95% limit"),
                blocks.column("95% to", figure="rate ratio, upper 95% limit"),
                blocks.column("All so far", figure="rate ratio of all so far"),
                blocks.column("All, 95% from", figure="rate ratio of all so far, lower 95% limit"),
                blocks.column("All, 95% to", figure="rate ratio of all so far, upper 95% limit"),
            ],
            rows=rows,
            how=f"{INTAKES_HOW} {ESTIMATE_RULE}",
            about={"measure": "Intakes", "period": window_label(days)},
        )
    ]


def _label(intake: Intake) -> str:
    if intake.first is None or intake.last is None:
        return "Referred, on no list"
    first, last = (f"{day.day} {day:%B %Y}" for day in (intake.first, intake.last))
    return first if first == last else f"{first} to {last}"


def _still(evidence: Evidence) -> list[blocks.Block]:
    people, events = for_curves(
        with_index_dates(evidence.people, seed_of(evidence.quarter)),
        evidence.activity[evidence.activity["measure"] == "ae"],
        evidence.coverage["ae"],
    )
    curves = persistence(people, events)
    # Where many who were not approached are not kept, those who are left are no example.
    groups = {
        key: label for key, label in GROUPS.items() if key in APPROACHED or not evidence.last_year.thinned
    }
    found = {label: shares(curves[key], at=len(WINDOW_DAYS), left=True) for key, label in groups.items()}
    table = blocks.table(
        "still_attending",
        f"{STILL}: no three months without an attendance yet",
        first="Group",
        columns=[blocks.column("People", figure="people", period=SINCE), *months(), *LIMITS],
        rows=[line(evidence, label, each, STILL, label, "people", SINCE) for label, each in found.items()],
        how=STILL_HOW,
        about={"measure": STILL},
        charts=chart(
            f"{STILL}, percent of people",
            "A line for each group from 3 to 12 months after the index date.",
            found,
        ),
    )
    return [blocks.text(NO_EFFECT), table]

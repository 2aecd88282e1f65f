"""Who was reached: from the offer to fewer attendances, by deprivation, age, sex and ethnicity."""

from __future__ import annotations

from itertools import product
from typing import Any

import pandas as pd

from cohorts.areas.editions import EDITIONS
from evaluation import blocks, disclosure
from evaluation.differencing.printed import EVERYBODY, STEPS, WITHHELD, same_number
from evaluation.disclosure import Disclosed
from evaluation.disclosure_table import control_table
from evaluation.evidence import Evidence
from evaluation.impact.tables import clean_activity, clean_people
from evaluation.impact.windows import DAYS_PER_YEAR, Status, person_windows
from evaluation.measures import COUNT_RULE
from evaluation.people import for_window
from evaluation.reach import OFFERED, ROWS
from evaluation.sections.wording import window_label, window_to_lead

NOT_KNOWN = "Not known"
TITLES: dict[str, str] = {
    **{str(each.kind): f"deprivation of the area in fifths ({each.title})" for each in EDITIONS},
    "age": "age when support was first offered",
    "sex": "sex",
    "ethnicity": "ethnic group",
}
FIRST: dict[str, str] = {
    **{str(each.kind): f"Fifth of {each.title}" for each in EDITIONS},
    "age": "Age",
    "sex": "Sex",
    "ethnicity": "Ethnic group",
}
HOWS: dict[str, str] = {
    **{
        str(
            each.kind
        ): f"By the postcode held now and its area (LSOA) of {each.areas_of}. Fifths of {each.title} are not "
        "those of another edition: do not take a difference between the two for a change."
        for each in EDITIONS
    },
    "age": "Age on the day somebody first tried to offer support.",
    "sex": "As the extracts or referrals say.",
    "ethnicity": "As the extracts say, in the five groups of the census of 2021; Chinese counts as Asian.",
}
OFFERED_STEP, REACHED_STEP, ACCEPTED_STEP, FOLLOWED_STEP, FEWER_STEP = STEPS
HEADS = dict(zip(STEPS, ("Offered", "Reached", "Accepted", "Followed", "Fewer after"), strict=True))
WITH_WINDOW = (FOLLOWED_STEP, FEWER_STEP)
EXPLAINED = (
    "Offered: somebody tried to get in touch. Reached: the person answered, with yes or with no. Accepted: took up the "
    "offer, even if they stopped later."
)
NO_EFFECT = (
    "Fewer after than before is a change and not an effect of the service: people are listed in a bad spell, and most "
    "have a better one next. Do not read a difference between groups as the service working better for one of them."
)


def build(evidence: Evidence) -> dict[str, Any]:
    """A table for each way to divide the people, with those of whom nobody knows it as a row of their own."""
    title = "Who was reached"
    people = evidence.reach
    if disclosure.DEFAULT_RULE.hides(len(people)) or people.empty:
        few = blocks.text(
            f"Withheld: fewer than {disclosure.DEFAULT_THRESHOLD + 1} people have been offered support so far."
        )
        return blocks.section("reach", title, [few])
    days = window_to_lead(evidence, "ae") if "ae" in evidence.supplied else None
    steps = _steps(evidence, days)
    known = [key for key in ROWS if (people[key] != "").any()]
    missing = [TITLES[key] for key in ROWS if key not in known]
    parts = [blocks.text(f"{EXPLAINED} {_followed(days)}"), blocks.inset(NO_EFFECT)]
    parts += [_table(evidence, key, steps, days, folded=key != known[0]) for key in known]
    if missing:
        parts.append(blocks.text(f"Not supplied of anybody, so not shown: {'; '.join(missing)}."))
    return blocks.section("reach", title, parts)


def _followed(days: int | None) -> str:
    if days is None:
        return "Whether they attended less after is not supplied: no source covers A&E attendances."
    return (
        f"Followed: the extracts cover {window_label(days)} before and after, and the person neither died, moved away nor "
        "withdrew in that time. Fewer after: of those, who had fewer A&E attendances after than before."
    )


def _steps(evidence: Evidence, days: int | None) -> dict[str, set[str]]:
    """The people of each column."""
    group = evidence.reach.set_index("person")["group"]
    steps = {
        OFFERED_STEP: set(group[group.isin(OFFERED)].index),
        REACHED_STEP: set(group[group.isin(("accepted", "declined"))].index),
        ACCEPTED_STEP: set(group[group == "accepted"].index),
    }
    if days is None:
        return steps
    windows = _windows(evidence, days)
    fewer = windows["events_post"] < windows["events_pre"]
    return steps | {
        FOLLOWED_STEP: set(windows["person"]),
        FEWER_STEP: set(windows.loc[fewer, "person"]),
    }


def _windows(evidence: Evidence, days: int) -> pd.DataFrame:
    """Those who accepted and were there for the whole window, with their attendances before and after."""
    accepted = clean_people(evidence.people[evidence.people["group"] == "accepted"])
    people = for_window(accepted, evidence.coverage["ae"], days)
    events = clean_activity(evidence.activity[evidence.activity["measure"] == "ae"], people)
    windows = person_windows(people, events, days)
    whole = windows["years_post"] > (days - 1) / DAYS_PER_YEAR
    return windows[(windows["status"] == Status.FOLLOWED) & whole]


def _table(
    evidence: Evidence, key: str, steps: dict[str, set[str]], days: int | None, *, folded: bool
) -> blocks.Block:
    title = TITLES[key]
    measure = f"Who was reached, by {title}"
    value = evidence.reach.set_index("person")[key]
    counts = {
        label: {step: int(value[list(people)].eq(label if label != NOT_KNOWN else "").sum())
                for step, people in steps.items()}
        for label in (*ROWS[key], NOT_KNOWN)
    }  # fmt: skip
    controlled = control_table(counts, totals="columns")
    lines: dict[str, dict[str, Disclosed]] = {**controlled.rows, EVERYBODY: controlled.column_totals}
    up_to = f"up to {evidence.quarter.last_day.isoformat()}"
    periods = {step: window_label(days) if days and step in WITH_WINDOW else "" for step in steps}
    gone = {
        (label, step)
        for label, step in product(lines, steps)
        if same_number((measure, label, step, periods[step])) in evidence.withheld
    }
    return blocks.table(
        f"reach_{key}",
        f"People by {title}",
        first=FIRST[key],
        columns=[
            blocks.column(HEADS[step], figure=step, period=f"{up_to}, {periods[step]}".removesuffix(", "))
            for step in steps
        ],
        rows=[
            blocks.row(
                label[0].upper() + label[1:],
                [disclosure.SUPPRESSED if (label, step) in gone else n for step, n in line.items()],
                note=WITHHELD if any(each == label for each, _ in gone) else "",
                group=label,
            )
            for label, line in lines.items()
        ],
        how=f"{HOWS[key]} {COUNT_RULE} Where a total would give a smaller number away, it is withheld too.",
        about={"measure": measure},
        folded=f"People by {title}" if folded else "",
    )

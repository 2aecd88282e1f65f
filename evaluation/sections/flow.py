"""From list to support: who was listed, offered, accepted, declined, and can be followed for long enough."""

from __future__ import annotations

from typing import Any

from evaluation import blocks, disclosure
from evaluation.differencing.printed import WITHHELD
from evaluation.disclosure import Disclosed
from evaluation.disclosure_table import ControlledTable, control_table
from evaluation.evidence import Evidence
from evaluation.impact.run import Figures
from evaluation.impact.tables import APPROACHED
from evaluation.impact.windows import WINDOW_DAYS
from evaluation.measures import BY_KEY
from evaluation.people import NO_ANSWER
from evaluation.sections.wording import window_label

ANSWERS = {
    "accepted": "Accepted",
    "declined": "Declined",
    "not_reached": "Not reached",
    NO_ANSWER: "No answer yet",
}
NOT_APPROACHED = "not_approached"
LABELS = {
    "listed": "Listed or referred",
    NOT_APPROACHED: "Not offered support yet",
    "approached": "Offered support",
    **ANSWERS,
}


def build(evidence: Evidence) -> dict[str, Any]:
    """Two tables: people by answer, and people with a full window."""
    parts = [blocks.text(_why_it_matters()), _people(evidence)]
    if evidence.supplied:
        parts.append(_followed(evidence, evidence.supplied[0]))
    return blocks.section("flow", "From list to support", parts)


def people_by_answer(evidence: Evidence) -> dict[str, Disclosed]:
    """Everybody listed, offered, and by answer, controlled as one table with its totals."""
    n = evidence.groups
    approached = {key: n.get(key, 0) for key in ANSWERS}
    table: ControlledTable = control_table(
        {
            "approached": {**approached, NOT_APPROACHED: 0},
            "others": {**dict.fromkeys(ANSWERS, 0), NOT_APPROACHED: n.get(NOT_APPROACHED, 0)},
        }
    )
    listed = table.total or disclosure.SUPPRESSED
    numbers = {"listed": listed, "approached": table.row_totals["approached"], **table.rows["approached"]} | {
        NOT_APPROACHED: table.rows["others"][NOT_APPROACHED]
    }
    return numbers | dict.fromkeys(_given_up(evidence), disclosure.SUPPRESSED)


def _given_up(evidence: Evidence) -> set[str]:
    """What could be taken off an earlier report."""
    return {key for key, label in LABELS.items() if ("", label, "people", "") in evidence.withheld}


def _why_it_matters() -> str:
    return (
        "Each person counts once, by their first case, as things stood on the last day of the quarter. "
        "Whoever took up the offer stays among those who accepted, also when they stopped later: leaving out "
        "people for whom it did not work would flatter the figures."
    )


def _people(evidence: Evidence) -> blocks.Block:
    numbers = people_by_answer(evidence)
    gone = _given_up(evidence)
    drawn = ("listed", "approached", "accepted", "declined", "not_reached")
    bars = {
        "chart": "bars",
        "title": "From list to support",
        "desc": "Bars for the people listed, offered support, and for each answer they gave.",
        "categories": ["Listed", "Offered", "Accepted", "Declined", "Not reached"],
        "series": [{"name": "People", "points": [blocks.point(numbers[key]) for key in drawn]}],
        "unit": "",
    }
    return blocks.table(
        "flow",
        "People, from list to answer",
        first="Group",
        columns=[blocks.column("People", figure="people")],
        rows=[
            blocks.row(label, [numbers[key]], note=WITHHELD if key in gone else "", group=label)
            for key, label in LABELS.items()
        ],
        how=f"{BY_KEY['flow'].definition} {BY_KEY['flow'].small_numbers}",
        about={"period": f"up to {evidence.quarter.last_day.isoformat()}"},
        charts=[bars],
    )


def _followed(evidence: Evidence, measure: str) -> blocks.Block:
    by_window = [evidence.impacts[measure, days] for days in WINDOW_DAYS]
    rows = [
        blocks.row(
            f"{ANSWERS[group]}, followed for the whole window",
            [disclosure.count(each["groups"][group]["n"]) for each in by_window],
            group=ANSWERS[group],
        )
        for group in ("accepted", "declined")
    ]
    ends = {"died": "Died within the window", "moved": "Moved away within the window"}
    rows += [
        blocks.row(label, [disclosure.count(_ended(each, key)) for each in by_window], group=label)
        for key, label in ends.items()
    ]
    return blocks.table(
        "followed",
        f"People who can be followed ({BY_KEY[measure].name})",
        first="People",
        columns=[
            blocks.column(window_label(days), period=window_label(days), figure="people")
            for days in WINDOW_DAYS
        ],
        rows=rows,
        how=(
            "A person counts when the extracts cover the whole window before and after their index date, the day "
            "somebody first tried to offer support. People who died or moved count for the days until then, and "
            "are never read as a success."
        ),
        about={"measure": BY_KEY[measure].name},
    )


def _ended(study: Figures, how: str) -> int:
    """People approached who died, or moved, within the window."""
    return sum(study["groups"][group][how] for group in APPROACHED)  # type: ignore[literal-required]

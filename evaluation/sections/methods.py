"""How the figures were made, in plain words, and what they cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evaluation import blocks
from evaluation.measures import ACTIVITY, CASEWORK, Declared

if TYPE_CHECKING:
    from evaluation.evidence import Evidence

PLAIN_WORDS = (
    "Why a comparator. People are put on a list because they had a bad year. Most have a better one next, with or "
    "without help. In a trial of 800 people in Camden, New Jersey, before and after alone suggested a fall of 38 "
    "points in readmissions; against the control group there was no difference (Finkelstein and others, New England "
    "Journal of Medicine 2020;382:152).",
    "Index date. The day somebody first tried to offer support, for people who accept and people who decline alike.",
    "Equal windows. The same number of days before and after. A person enters a window only when the extracts cover "
    "all of it.",
    "The comparator. People who declined were offered the same support after the same kind of spell. They may still "
    "differ: if those already recovering, or those still in crisis, are the ones who accept, the comparison is biased.",
    "Not supplied is not zero. Where no source covers a measure, a group or a quarter, the report says so.",
    "Small numbers. Counts of 1 to 7 are shown as *, larger ones are rounded to the nearest 5, totals are added up "
    "first and rounded after. This is the rule for figures below national level in England's hospital statistics.",
    "Frozen. The figures were fixed on the day shown below. The page, the PDF, the workbook and the CSV file are all "
    "drawn from the same frozen copy, so they agree and can be drawn again later.",
)


def build(evidence: Evidence) -> dict[str, Any]:
    """Plain words, then each measure as declared."""
    used = [each for each in ACTIVITY if each.key in evidence.supplied]
    parts = [blocks.bullets(PLAIN_WORDS), _definitions([*used, *CASEWORK])]
    return blocks.section("methods", "How the figures were made", parts)


def _definitions(measures: list[Declared]) -> blocks.Block:
    return blocks.table(
        "definitions",
        "What each measure means",
        first="Measure",
        columns=[
            blocks.words_column("Meaning", figure="definition"),
            blocks.words_column("Unit", figure="unit"),
            blocks.words_column("From", figure="source"),
        ],
        rows=[
            blocks.row(each.name, [each.definition, each.unit, each.source], measure=each.name)
            for each in measures
        ],
        how="Declared once in the software and used for every service alike.",
        folded="What each measure means",
    )

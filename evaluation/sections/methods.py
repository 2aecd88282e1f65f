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
    "Index date. The day somebody first tried to offer support, for people who accept and people who decline alike. "
    "Whoever was not approached gets a day drawn from the waits of those who were.",
    "Equal windows. The same number of days before and after. A person enters a window only when the extracts cover "
    "all of it.",
    "What was to be expected. People who were on the lists and were not approached show what comes without an offer: from "
    "their past attendances and what followed we learn how many to expect, and set against it what those who accepted "
    "had. A rate ratio of 1 is as expected, below 1 is fewer. It holds as far as people with the same past attendances are "
    "alike; what no extract holds, such as a home lost, is not in it.",
    "The list of one year earlier. Those whom the same rule would have listed a year before the service's first list are "
    "added to them, as long as the extracts reach back that far: nobody could be approached then. Somebody may stand in "
    "both years, with a day of their own in each; leaving out those who were listed again would leave those who got "
    "better. Whoever was approached later is followed up to that day only. Nobody of them counts as listed or referred, and "
    "people who opted out, objected or said no are not among them.",
    "Checks. The headline is worked out again where the service cannot have done anything: a year too early, and for "
    "injuries of limbs. It should come to about 1 there. If it does not, what sets those people apart is not the "
    "service. That it does come to 1 proves nothing: an interval may be too wide to tell.",
    "By the offer. Beside it stands the same for everybody approached, whether they accepted or not. It does not need "
    "those who accept to be like those who do not, only that who was approached did not hang on how they would have fared. "
    "Where the two differ by more than chance, the report says so.",
    "People who declined. They were offered the same support after the same kind of spell, and stand beside it as a second "
    "comparison. They may differ from those who accept: if mostly those who recover already, or those still in crisis, say "
    "yes, the comparison is biased.",
    "Not supplied is not zero. Where no source covers a measure, a group or a quarter, the report says so.",
    "Small numbers. Counts of 1 to 7 are shown as *, larger ones are rounded to the nearest 5, totals are added up "
    "first and rounded after. This is the rule for figures below national level in England's hospital statistics. Each "
    "report is also tried against all earlier ones, and what could be taken off them is withheld.",
    "Frozen. The figures were fixed on one day, which each report names at its end. The page, the PDF, the workbook and "
    "the CSV file are all drawn from the same frozen copy, so they agree and can be drawn again later.",
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

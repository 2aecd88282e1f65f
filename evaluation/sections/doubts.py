"""What could still be wrong with the headline: one person, something unseen, and people who are not alike."""

from __future__ import annotations

from typing import Any

from evaluation import blocks
from evaluation.disclosure import Disclosed
from evaluation.evidence import Evidence
from evaluation.impact.checks.balance import LARGEST_DIFFERENCE, Balance
from evaluation.impact.model.history import NAMES
from evaluation.measures import BY_KEY
from evaluation.sections.wording import HEADLINE, estimate, window_label

# A change of the ratio by so much is more than rounding.
MOVED = 0.05
HOW = (
    "The difference between the means of people who accepted and of those compared with, in standard deviations: before, of "
    f"everybody; after, of each matched person and up to 3 alike. {LARGEST_DIFFERENCE} or more is not alike. Events of the "
    "time before are compared by the logarithm of one more than their number."
)
NOT_ALIKE = "Not alike."
UNSEEN = (
    "Something that no table holds could explain the headline away only if people with it were {estimate:.1f} times as likely to "
    "accept, and attended {estimate:.1f} times less often. "
)
TO_LIMIT = (
    "To make it unclear, {limit:.1f} times would be enough (E-value, VanderWeele and Ding 2017). Nobody can rule that out; the "
    "larger the number, the less likely."
)
UNCLEAR = "The interval includes no difference as it is, so there is nothing to explain away."
ONE_MOVES = "Without the one person who attends most the ratio would change by {MOVED} or more: read the headline as the story of a few."
NOBODY_MOVES = "Without the one person who attends most the headline would hardly change."


def build(evidence: Evidence, measure: str, days: int) -> list[blocks.Block]:
    """Sentences about the headline, and how alike matched people are; nothing where there is no headline."""
    headline = estimate(evidence, measure, days, HEADLINE)
    if not headline["shown"]:
        return []
    found = evidence.checks(measure, days)
    parts = [
        blocks.bullets([_one_person(headline, found["largest_person"]), _unseen(headline, found["e_value"])])
    ]
    # They are the same people in every measure.
    first = measure == evidence.supplied[0]
    if first and found["balance"] and estimate(evidence, measure, days, "matched")["shown"]:
        parts.append(_balance(found["balance"], measure, days))
    return parts


def _one_person(headline: dict[str, Any], without: dict[str, Any]) -> str:
    """In words only: the two ratios side by side would be the number of one person."""
    if not without["shown"]:
        return "Without the one person who attends most there would be too few people for a headline."
    moved = abs(headline["rate_ratio"] - without["rate_ratio"]) >= MOVED
    return ONE_MOVES.format(MOVED=MOVED) if moved else NOBODY_MOVES


def _unseen(headline: dict[str, Any], values: Any) -> str:
    if headline["lo"] <= 1 <= headline["hi"]:
        return UNCLEAR
    less = UNSEEN if headline["rate_ratio"] < 1 else UNSEEN.replace("less often", "more often")
    return less.format(**values) + TO_LIMIT.format(**values)


def _balance(found: dict[str, Balance], measure: str, days: int) -> blocks.Block:
    name = BY_KEY[measure].name
    return blocks.table(
        f"balance_{measure}",
        f"{name}. How alike the people compared are, {window_label(days)}",
        first="Compared by",
        columns=[
            blocks.column("Before matching", figure="standardised difference before matching"),
            blocks.column("After matching", figure="standardised difference after matching"),
        ],
        rows=[
            blocks.row(
                _feature(key),
                [_difference(each["before"]), _difference(each["after"])],
                note=NOT_ALIKE if each["flagged"] else "",
                group=_feature(key),
            )
            for key, each in found.items()
        ],
        how=HOW,
        about={"measure": name, "period": window_label(days)},
        folded="How alike the people compared are",
    )


def _feature(key: str) -> str:
    return f"Events before, {key}" if key in NAMES else f"{key[0].upper()}{key[1:]}"


def _difference(value: float) -> Disclosed:
    shown = round(value, 2) + 0.0
    return Disclosed(f"{shown:.2f}".replace("-", "−"), shown)

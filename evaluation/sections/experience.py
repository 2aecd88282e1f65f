"""How people find the service: who answered, how good it was, and words that may be quoted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Any

from casework import experience
from casework.experience import GOOD_RATINGS, QUESTION, RATING_LABELS, Rating, Who
from evaluation import blocks, disclosure
from evaluation.differencing.printed import ALL_ANSWERS, SUPPORTED, WITHHELD
from evaluation.disclosure import DEFAULT_RULE, SUPPRESSED, Disclosed
from evaluation.disclosure_table import control_table
from evaluation.evidence import Evidence
from evaluation.impact.result import CONFIDENCE
from evaluation.impact.sample import ESTIMATE_FROM
from evaluation.measures import COUNT_RULE

AT_LEAST = (
    "At least {} of the answers were not good: the share allows for them, and the rounded numbers do not."
)
TITLE = "What people say of the service"
GOOD = "Good or very good"
POOR = "Poor or very poor"
GROUPS = {
    **dict.fromkeys(GOOD_RATINGS, GOOD),
    Rating.NEITHER: RATING_LABELS[Rating.NEITHER],
    Rating.POOR: POOR,
    Rating.VERY_POOR: POOR,
    Rating.DONT_KNOW: RATING_LABELS[Rating.DONT_KNOW],
}
ROWS = tuple(dict.fromkeys(GROUPS.values()))
WHO = {
    Who.PERSON: "People supported",
    Who.CARER: "Carers and family",
    Who.PARTNER: "Staff of partners",
    Who.STAKEHOLDER: "Others",
}
ANSWERED, NOT_ASKED = "Answered", "Not asked, or no answer"
QUOTES_SHOWN = 5
HOW = (
    f"“{QUESTION}”, with the answers of the NHS Friends and Family Test ({experience.SOURCE}). Answers given in the "
    "quarter and entered by the day of freezing. Of each person supported whose answer has their name the newest counts; "
    "answers kept without a name, and those of others, all count. People who opted out, objected, or said no to the use "
    "of their figures are left out wherever a name tells."
)
HOW_SHARE = (
    f"{HOW} Good or very good out of all answers, “don't know” among them, as the test counts. The interval is Wilson's "
    "(95%). Share and interval come from the printed numbers, so that they tell no more than these. Fewer than "
    f"{ESTIMATE_FROM} answers: no share."
)
HOW_ASKED = (
    "People with a case beyond the offer on any day of the quarter, without those who opted out, objected, or said no to the "
    "use of their figures. Answered: an answer of the quarter stands in their record. Whoever answered without a name "
    "cannot be told from somebody who was not asked."
)
UNCONTROLLED = (
    "Whoever is asked by the one who supports them, or is still in touch, may be kinder than the others would be: read a share "
    "with how many were not asked or gave no answer."
)
NOBODY = "Not supplied: no answer of this quarter was written down. Nobody is counted as content, and nobody as not."


@dataclass(frozen=True)
class Said:
    """What one kind of people answered, fit to leave."""

    rows: Mapping[str, Disclosed]
    total: Disclosed
    exact: int
    exact_good: int
    # Whether a number of these could be taken off an earlier report.
    given_up: bool = False

    @property
    def good(self) -> Disclosed:
        """Answers that were good or very good."""
        return self.rows[GOOD]

    @property
    def any_withheld(self) -> bool:
        return self.total.suppressed or any(each.suppressed for each in self.rows.values())

    @property
    def share(self) -> tuple[Disclosed, Disclosed, Disclosed]:
        """Good or very good in percent with its 95% limits; withheld where a number is, or answers are few.

        All of it by the printed numbers: whether there is a share would else tell 19 answers from 20.
        """
        if not self.exact:
            return (disclosure.NOT_APPLICABLE,) * 3
        good, total = self.good.value, self.total.value
        if self.given_up or good is None or total is None or total < ESTIMATE_FROM:
            return (SUPPRESSED,) * 3
        good = min(good, total - self.others)
        low, high = wilson(good, total)
        return _percent(good / total), _percent(low), _percent(high)

    @property
    def others(self) -> int:
        """How many answers at least were not good, by the printed numbers."""
        rows = (n for label, n in self.rows.items() if label != GOOD)
        return sum(1 if n.suppressed else DEFAULT_RULE.bounds_of_printed(int(n.value or 0))[0] for n in rows)

    @property
    def allows_for_others(self) -> bool:
        """Whether rounding would print a larger share than there can be."""
        return (self.good.value or 0) + self.others > (self.total.value or 0)


def build(evidence: Evidence) -> dict[str, Any]:
    """Who answered, what they said, shares with intervals, and words."""
    found = evidence.experience
    if not found.answers:
        return blocks.section("experience", TITLE, [blocks.text(NOBODY)])
    parts = [
        blocks.text(UNCONTROLLED),
        _asked(evidence),
        _answers(evidence),
        _shares(evidence),
        *_words(evidence),
    ]
    return blocks.section("experience", TITLE, parts)


def wilson(part: float, whole: float) -> tuple[float, float]:
    """The 95% limits of a share (0 to 1) of part in whole (Wilson 1927, score interval without correction)."""
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    share, spread = part / whole, z * z / whole
    middle = (share + spread / 2) / (1 + spread)
    half = sqrt(spread * share * (1 - share) + spread * spread / 4) / (1 + spread)
    return middle - half, middle + half


def asked(evidence: Evidence) -> dict[str, Disclosed]:
    """People supported in the quarter: who answered, who did not, and everybody."""
    found = evidence.experience
    exact = {ANSWERED: len(found.answered), NOT_ASKED: len(found.supported - found.answered)}
    shown = control_table({label: {"n": n} for label, n in exact.items()}, totals="columns")
    numbers = {**{label: row["n"] for label, row in shown.rows.items()}, SUPPORTED: shown.column_totals["n"]}
    return _given_up(evidence, "", "people", numbers)


def said(evidence: Evidence, who: Who) -> Said:
    """What one kind of people answered."""
    ratings = [GROUPS[Rating(each)] for each in evidence.experience.of(who)]
    shown = control_table({label: {"n": ratings.count(label)} for label in ROWS}, totals="columns")
    numbers = {
        **{label: row["n"] for label, row in shown.rows.items()},
        ALL_ANSWERS: shown.column_totals["n"],
    }
    numbers = _given_up(evidence, _measure(who), "answers", numbers)
    rows = {label: numbers[label] for label in ROWS}
    given_up = any(measure == _measure(who) for measure, *_ in evidence.withheld)
    return Said(rows, numbers[ALL_ANSWERS], len(ratings), ratings.count(GOOD), given_up)


def _given_up(
    evidence: Evidence, measure: str, figure: str, numbers: Mapping[str, Disclosed]
) -> dict[str, Disclosed]:
    """The numbers without what could be taken off an earlier report."""
    period = str(evidence.quarter)
    return {
        label: SUPPRESSED if (measure, label, figure, period) in evidence.withheld else n
        for label, n in numbers.items()
    }


def _measure(who: Who) -> str:
    return f"Experience: {WHO[who].lower()}"


def _asked(evidence: Evidence) -> blocks.Block:
    return blocks.table(
        "experience_asked",
        f"People supported, {evidence.quarter.label}",
        first="Was an answer heard?",
        columns=[blocks.column("People", figure="people")],
        rows=[blocks.row(label, [n], group=label) for label, n in asked(evidence).items()],
        how=f"{HOW_ASKED} {COUNT_RULE}",
        about={"period": str(evidence.quarter)},
    )


def _answers(evidence: Evidence) -> blocks.Block:
    found = {who: said(evidence, who) for who in WHO}
    lines = {label: [each.rows[label] for each in found.values()] for label in ROWS}
    lines[ALL_ANSWERS] = [each.total for each in found.values()]
    gone = {group for _, group, figure, _ in evidence.withheld if figure == "answers"}
    return blocks.table(
        "experience_answers",
        f"Answers by who gave them, {evidence.quarter.label}",
        first="How it was",
        columns=[blocks.column(WHO[who], measure=_measure(who), figure="answers") for who in WHO],
        rows=[
            blocks.row(label, cells, note=WITHHELD if label in gone else "", group=label)
            for label, cells in lines.items()
        ],
        how=f"{HOW} {COUNT_RULE} Where a total would give a smaller number away, it is withheld too.",
        about={"period": str(evidence.quarter)},
    )


def _shares(evidence: Evidence) -> blocks.Block:
    rows = []
    for who in WHO:
        found = said(evidence, who)
        note = remark(found) if found.exact else ""
        rows.append(blocks.row(WHO[who], list(found.share), note=note, measure=_measure(who)))
    return blocks.table(
        "experience_shares",
        f"{GOOD}, {evidence.quarter.label}",
        first="Who answered",
        columns=[
            blocks.column(GOOD, figure="share good or very good"),
            blocks.column("95% from", figure="share good or very good, lower limit"),
            blocks.column("95% to", figure="share good or very good, upper limit"),
        ],
        rows=rows,
        how=HOW_SHARE,
        about={"period": str(evidence.quarter)},
    )


def remark(found: Said) -> str:
    """What to read with a share of answers, or why there is none, in a sentence; often nothing."""
    if found.share[0].value is not None:
        return AT_LEAST.format(found.others) if found.allows_for_others else ""
    if found.total.value is not None and found.total.value < ESTIMATE_FROM:
        return f"Fewer than {ESTIMATE_FROM} answers: no share."
    return "Too few answers in one of the numbers."


def _words(evidence: Evidence) -> list[blocks.Block]:
    """Words of those who agreed, read by a second person. At most five: no count of 1 to 7 answers follows from them."""
    quotes = evidence.experience.quotable[:QUOTES_SHOWN]
    if not quotes:
        return []
    return [
        blocks.heading("In their words"),
        blocks.text(
            "Each agreed to be quoted without their name, and a second person has read the words so that nothing tells who it is. "
            "The newest are shown; they are no sample."
        ),
        blocks.bullets([f"“{_one_line(each.words)}” ({WHO_SAYS[Who(each.who)]})" for each in quotes]),
    ]


WHO_SAYS = {
    Who.PERSON: "a person supported",
    Who.CARER: "a carer",
    Who.PARTNER: "somebody who works for a partner",
    Who.STAKEHOLDER: "somebody else",
}


def _one_line(words: str) -> str:
    return " ".join(words.split())


def _percent(share: float) -> Disclosed:
    shown = round(100 * share)
    return Disclosed(f"{shown}%", shown)

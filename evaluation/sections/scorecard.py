"""The targets of the quarter: what was reached, out of how many, who is missing, and pass, fail or not known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from casework.experience import Who
from evaluation import blocks, disclosure
from evaluation.disclosure import NOT_APPLICABLE, NOT_SUPPLIED, SUPPRESSED, Disclosed
from evaluation.disclosure_table import control_table, gives_away
from evaluation.evidence import Evidence
from evaluation.impact.sample import ESTIMATE_FROM
from evaluation.quarters import parse
from evaluation.scorecard import sets
from evaluation.scorecard.sets import Kpi
from evaluation.sections import experience, outcomes
from evaluation.sections.wording import (
    BASIS,
    HEADLINE,
    UNCONTROLLED,
    disclosed_estimate,
    estimate,
    leading,
    natural_fall,
    window_label,
    window_to_lead,
)

MISSING_MAY_HAVE_ANSWERED = "The missing gave no answer with their name; some may have answered without it."
PASS, FAIL, NOT_KNOWN = "Pass", "Fail", "Not known"
HOW = (
    "A fall is that of people who accepted against what was to be expected, or against people who declined where that "
    "cannot be shown, in the longest window that can be. Its numerator is the events that happened, its denominator those to be "
    "expected. Before and after alone decides nothing here. A share is of people asked twice or more, and the missing were "
    "asked once or never. Pass and fail come from exact numbers where none is withheld, so "
    "they can differ from what the rounded ones suggest. Not known means that too few people, or no comparison, stand "
    "behind a figure."
)


@dataclass(frozen=True)
class Found:
    """What was reached of one target, fit to leave. `met` is None where it is not known."""

    reached: Disclosed = NOT_SUPPLIED
    part: Disclosed = NOT_SUPPLIED
    whole: Disclosed = NOT_SUPPLIED
    missing: Disclosed = NOT_SUPPLIED
    met: bool | None = None
    note: str = ""


def build(evidence: Evidence) -> dict[str, Any] | None:
    """The table of the set the service chose; no section where it chose none."""
    choice = evidence.kpi_choice
    if choice is None or not choice.kpi_set:
        return None
    chosen, first = sets.shipped(choice.kpi_set), parse(choice.first_quarter)
    number = evidence.quarter.since(first) + 1
    if number < 1:
        words = f"{chosen.title} count from {first} ({first.label}). They are not measured before."
        return blocks.section("scorecard", "Targets", [blocks.text(words)])
    table = blocks.table(
        "scorecard",
        f"{chosen.title}, {evidence.quarter.label}: quarter {number} of the set",
        first="Target",
        columns=[
            blocks.words_column("To reach", figure="target"),
            blocks.words_column("In the end", figure="target in the end"),
            blocks.words_column("Result", figure="pass, fail or not known"),
            blocks.column("Reached", figure="reached"),
            blocks.column("Numerator", figure="numerator"),
            blocks.column("Denominator", figure="denominator"),
            blocks.column("Missing", figure="people missing"),
        ],
        rows=[_row(evidence, kpi, kpi.target_in(number)) for kpi in chosen.kpis],
        how=f"{HOW} Source of the targets: {chosen.source}.",
        about={"period": str(evidence.quarter)},
    )
    return blocks.section("scorecard", "Targets", [table])


def _row(evidence: Evidence, kpi: Kpi, target: float) -> dict[str, Any]:
    found = _found(evidence, kpi, target)
    result = NOT_KNOWN if found.met is None else PASS if found.met else FAIL
    to_reach = [kpi.words(target), kpi.words(kpi.target)]
    return blocks.row(
        f"{kpi.number} {kpi.name}",
        [*to_reach, result, found.reached, found.part, found.whole, found.missing],
        note=found.note,
        measure=f"{kpi.number} {kpi.name}",
    )


def _found(evidence: Evidence, kpi: Kpi, target: float) -> Found:
    if kpi.why_not:
        return Found(note=kpi.why_not)
    if kpi.counts == "new_cases":
        return _new_cases(evidence, target)
    if kpi.counts == "experience:person":
        return _experience(evidence, target)
    kind, key = kpi.counts.split(":")
    return _fall(evidence, key, target) if kind == "fall" else _share(evidence, key, target)


def _new_cases(evidence: Evidence, target: float) -> Found:
    """As the table of new cases prints them, so that neither tells more than the other."""
    figures = evidence.casework
    routes = {"list": {"n": figures.cases_from_list}, "referred": {"n": figures.cases_referred}}
    shown = control_table(routes, totals="columns").column_totals["n"]
    exact = figures.cases_from_list + figures.cases_referred
    return Found(
        reached=shown,
        part=shown,
        whole=NOT_APPLICABLE,
        missing=NOT_APPLICABLE,
        met=None if shown.suppressed else exact >= target,
        note="New cases, from lists and referred.",
    )


def _share(evidence: Evidence, key: str, target: float) -> Found:
    """People who improved, of those who were asked twice."""
    found = evidence.outcomes[key]
    shown = outcomes.people(found)
    missing = _sum(found.only_one + found.never, shown["only_one"], shown["never"])
    counted = Found(part=shown["better"], whole=shown["both"], missing=missing)
    if found.both < ESTIMATE_FROM:
        who = "Nobody was" if not found.both else f"Fewer than {ESTIMATE_FROM} people were"
        reached = SUPPRESSED if found.both else NOT_SUPPLIED
        return replace(counted, reached=reached, note=f"{who} asked twice.")
    reached = disclosure.percentage(shown["better"], shown["both"])
    if reached.suppressed:
        return replace(counted, reached=reached, note="Too few people in one of the numbers.")
    withheld = any(each.suppressed for each in shown.values())
    # Judged exactly, pass or fail would tell more of a withheld number than the page does.
    met = (reached.value or 0) >= target if withheld else 100 * found.better >= target * found.both
    note = "Uncontrolled: nobody who was not supported was asked."
    return replace(counted, reached=reached, met=met, note=note)


def _experience(evidence: Evidence, target: float) -> Found:
    """People who found the service good or very good, as the section on it prints them."""
    found, missing = experience.said(evidence, Who.PERSON), experience.asked(evidence)[experience.NOT_ASKED]
    if not found.exact:
        return Found(note="Nobody's answer of the quarter was written down.")
    reached = found.share[0]
    counted = Found(reached, found.good, found.total, missing)
    if reached.value is None:
        return replace(counted, note=experience.remark(found))
    # As in `_share`: pass and fail say no more of a withheld number than the page does.
    exact = 100 * found.exact_good >= target * found.exact
    met = reached.value >= target if found.any_withheld else exact
    _, lo, hi = found.share
    words = [f"95% interval {lo} to {hi}.", experience.remark(found), MISSING_MAY_HAVE_ANSWERED]
    return replace(counted, met=met, note=" ".join(filter(None, words)))


def _sum(exact: int, *parts: Disclosed) -> Disclosed:
    return SUPPRESSED if any(part.suppressed for part in parts) else disclosure.count(exact)


def _fall(evidence: Evidence, measure: str, target: float) -> Found:
    """The fall by the comparison the report leads with; what before and after alone would say is a remark."""
    if measure not in evidence.supplied:
        return Found(note="No source covers this measure.")
    leads = leading(evidence, measure)
    if leads is None:
        lead = window_to_lead(evidence, measure)
        why = estimate(evidence, measure, lead, HEADLINE)["reason"]
        return Found(
            SUPPRESSED, SUPPRESSED, SUPPRESSED, SUPPRESSED, note=f"{why} {_alone(evidence, measure, lead)}"
        )
    days = leads.days
    raw = estimate(evidence, measure, days, leads.key)
    shown = disclosed_estimate(raw)
    followed, accepted = raw["n"], evidence.groups.get("accepted", 0)
    parts = [followed, accepted - followed]
    missing = SUPPRESSED if gives_away(parts, accepted) else disclosure.count(parts[1])
    numbers = (shown["reduction_percent"], shown["observed"], shown["expected"], missing)
    if numbers[0].suppressed:
        return Found(*numbers, note=f"Too few people or events. {_alone(evidence, measure, days)}")
    met = raw["reduction_percent"] >= target
    lo, hi = shown["reduction_lo"], shown["reduction_hi"]
    words = [f"{BASIS[leads.key]}, over {window_label(days)}: 95% interval {lo} to {hi}."]
    if met and raw["reduction_lo"] < target:
        words.append("The interval reaches below the target, so a smaller fall cannot be ruled out.")
    if not met and raw["reduction_hi"] >= target:
        words.append("The interval includes the target, so a fall of that size cannot be ruled out.")
    words.append(_alone(evidence, measure, days))
    return Found(*numbers, met, " ".join(words))


def _alone(evidence: Evidence, measure: str, days: int) -> str:
    """What before and after alone would say, which is how this target is often counted."""
    shown = disclosed_estimate(estimate(evidence, measure, days, UNCONTROLLED))["reduction_percent"]
    fall = natural_fall(evidence, measure, days)
    return (
        f"Before and after alone, over {window_label(days)}: {shown}. {fall}"
        if shown.value is not None
        else fall
    )

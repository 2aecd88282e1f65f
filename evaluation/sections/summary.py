"""The report in short: sentences made from the printed figures, never from exact ones."""

from __future__ import annotations

from typing import Any

from evaluation import blocks
from evaluation.disclosure import Disclosed
from evaluation.evidence import Evidence
from evaluation.measures import BY_KEY
from evaluation.sections import costs
from evaluation.sections.flow import people_by_answer
from evaluation.sections.wording import (
    CONTROLLED,
    HEADLINE,
    OFFER,
    Comparison,
    disclosed_estimate,
    estimate,
    leading,
    meaning,
    natural_fall,
    people,
    window_label,
    window_to_lead,
)

RESTS_ON_EXPECTED = (
    "Expected is what people on the same lists had who were not approached, given the same past attendances. The "
    "comparison holds as far as both are alike; it is evidence, not proof."
)
COMPARISON = (
    "People who declined may differ from people who accepted. Read the comparison as evidence, not as proof."
)
THAN = {
    HEADLINE: "than expected",
    CONTROLLED: "than if they had changed as people who declined did",
}
UNCLEAR = {
    HEADLINE: "no difference from what was to be expected is clear yet",
    CONTROLLED: "no difference between people who accepted and people who declined is clear yet",
}
BESIDE = ((OFFER, "by the offer"), (CONTROLLED, "against people who declined"))


def build(evidence: Evidence) -> dict[str, Any]:
    """Three figures, a verdict for each measure with what else was found beside it, and its value."""
    numbers = people_by_answer(evidence)
    at_a_glance = blocks.stats(
        ("listed or referred so far", numbers["listed"], ""),
        ("offered support so far", numbers["approached"], ""),
        ("accepted so far", numbers["accepted"], ""),
    )
    sentences = [_flow(evidence, numbers), *(_measure(evidence, key) for key in evidence.supplied)]
    keys = {found.key for each in evidence.supplied if (found := leading(evidence, each))}
    sentences += [
        words for key, words in ((HEADLINE, RESTS_ON_EXPECTED), (CONTROLLED, COMPARISON)) if key in keys
    ]
    value = costs.in_short(evidence)
    return blocks.section(
        "summary", "In short", [at_a_glance, blocks.bullets(sentences + ([value] if value else []))]
    )


def _flow(evidence: Evidence, numbers: dict[str, Disclosed]) -> str:
    return (
        f"By {evidence.quarter.last_day:%-d %B %Y}, {people(numbers['listed'])} had been listed or referred. "
        f"Of those, {people(numbers['approached'])} were offered support: {people(numbers['accepted'])} accepted "
        f"and {people(numbers['declined'])} declined."
    )


def _measure(evidence: Evidence, measure: str) -> str:
    name = BY_KEY[measure].name
    found = leading(evidence, measure)
    if found is None:
        fall = natural_fall(evidence, measure, window_to_lead(evidence, measure))
        return f"{name}: whether the service made a difference cannot be said yet. Any change so far is not evidence. {fall}"
    raw = estimate(evidence, measure, found.days, found.key)
    words = f"{name}, over {window_label(found.days)}: {verdict(raw, disclosed_estimate(raw), found.key)}."
    return f"{words} {_beside(evidence, measure, found)}"


def verdict(raw: dict[str, Any], shown: dict[str, Disclosed], key: str) -> str:
    """What may be said of an estimate: a direction only where the interval leaves out no difference."""
    if shown["rate_ratio"].suppressed:
        return "there were too few to say how people who accepted fared"
    ratio = f"rate ratio {shown['rate_ratio']}"
    if raw["lo"] <= 1 <= raw["hi"]:
        return f"{UNCLEAR[key]} ({ratio}, 95% interval {shown['lo']} to {shown['hi']})"
    size, least, most, direction = _fall(raw, shown)
    return (
        f"people who accepted had {size}% {direction} {THAN[key]} "
        f"(95% interval {least}% to {most}% {direction}; {ratio})"
    )


def _beside(evidence: Evidence, measure: str, found: Comparison) -> str:
    """What the other comparisons say over the same time, and what a gap means; or why it is not the headline that leads."""
    if found.key != HEADLINE:
        return f"What was to be expected cannot be shown. {estimate(evidence, measure, found.days, HEADLINE)['reason']}"
    others = {key: estimate(evidence, measure, found.days, key) for key, _ in BESIDE}
    said = "; ".join(f"{words} {_short(others[key])}" for key, words in BESIDE)
    headline = estimate(evidence, measure, found.days, HEADLINE)
    return f"Beside it, {said}. {meaning(headline, others[OFFER], others[CONTROLLED], by_chance=evidence.lots.always)}".strip()


def _short(raw: dict[str, Any]) -> str:
    """One estimate in a few words."""
    shown = disclosed_estimate(raw)
    if not raw["shown"] or shown["rate_ratio"].suppressed:
        return "too few to show"
    if raw["lo"] <= 1 <= raw["hi"]:
        return f"nothing clear (rate ratio {shown['rate_ratio']}, {shown['lo']} to {shown['hi']})"
    size, least, most, direction = _fall(raw, shown)
    return f"{size}% {direction} ({least}% to {most}%)"


def _fall(raw: dict[str, Any], shown: dict[str, Disclosed]) -> tuple[str, str, str, str]:
    """The size of a change and its limits in whole percent, and its direction."""
    size, *limits = (
        abs(shown[key].value or 0) for key in ("reduction_percent", "reduction_lo", "reduction_hi")
    )
    least, most = sorted(limits)
    return f"{size:.0f}", f"{least:.0f}", f"{most:.0f}", "fewer" if raw["rate_ratio"] < 1 else "more"

"""The report in short: sentences made from the printed figures, never from exact ones."""

from __future__ import annotations

from typing import Any

from evaluation import blocks
from evaluation.disclosure import Disclosed
from evaluation.evidence import Evidence
from evaluation.measures import BY_KEY
from evaluation.sections.flow import people_by_answer
from evaluation.sections.wording import (
    CONTROLLED,
    best_window,
    disclosed_estimate,
    estimate,
    natural_fall,
    people,
    window_label,
    window_to_lead,
)

COMPARISON = (
    "People who declined may differ from people who accepted. Read the comparison as evidence, not as proof."
)


def build(evidence: Evidence) -> dict[str, Any]:
    """Three figures and a sentence for each measure."""
    numbers = people_by_answer(evidence)
    at_a_glance = blocks.stats(
        ("listed or referred so far", numbers["listed"], ""),
        ("offered support so far", numbers["approached"], ""),
        ("accepted so far", numbers["accepted"], ""),
    )
    sentences = [_flow(evidence, numbers), *(_measure(evidence, key) for key in evidence.supplied)]
    if any(best_window(evidence, key) for key in evidence.supplied):
        sentences.append(COMPARISON)
    return blocks.section("summary", "In short", [at_a_glance, blocks.bullets(sentences)])


def _flow(evidence: Evidence, numbers: dict[str, Disclosed]) -> str:
    return (
        f"By {evidence.quarter.last_day:%-d %B %Y}, {people(numbers['listed'])} had been listed or referred. "
        f"Of those, {people(numbers['approached'])} were offered support: {people(numbers['accepted'])} accepted "
        f"and {people(numbers['declined'])} declined."
    )


def _measure(evidence: Evidence, measure: str) -> str:
    name = BY_KEY[measure].name
    days = best_window(evidence, measure)
    if days is None:
        fall = natural_fall(evidence, measure, window_to_lead(evidence, measure))
        return f"{name}: whether the service made a difference cannot be said yet. Any change so far is not evidence. {fall}"
    raw = estimate(evidence, measure, days, CONTROLLED)
    shown = disclosed_estimate(raw)
    return f"{name}, over {window_label(days)}: {verdict(raw, shown)}."


def verdict(raw: dict[str, Any], shown: dict[str, Disclosed]) -> str:
    """What may be said of an estimate: a direction only where the interval leaves out no difference."""
    if shown["rate_ratio"].suppressed:
        return "there were too few to say how people who accepted compare with people who declined"
    ratio = f"rate ratio {shown['rate_ratio']}, 95% interval {shown['lo']} to {shown['hi']}"
    if raw["lo"] <= 1 <= raw["hi"]:
        return f"no difference between people who accepted and people who declined is clear yet ({ratio})"
    size, *limits = (_size(shown[key]) for key in ("reduction_percent", "reduction_lo", "reduction_hi"))
    least, most = sorted(limits)
    direction = "fewer" if raw["rate_ratio"] < 1 else "more"
    return (
        f"people who accepted had {size:.0f}% {direction} than expected had they changed as people who "
        f"declined did (95% interval {least:.0f}% to {most:.0f}% {direction}; rate ratio {shown['rate_ratio']})"
    )


def _size(change: Disclosed) -> float:
    return abs(change.value or 0)

"""Whom people who accepted are compared with, and the checks by which the comparison can be doubted."""

from __future__ import annotations

import datetime
from typing import Any

from evaluation import blocks, disclosure
from evaluation.evidence import Evidence
from evaluation.impact.model.expected import POOL_TOO_SMALL, SMALLEST_POOL
from evaluation.impact.release import FEW_EVENTS
from evaluation.injuries import shipped
from evaluation.injuries.gather import MEASURE, NOT_SUPPLIED
from evaluation.measures import BY_KEY
from evaluation.sections.wording import HEADLINE, disclosed_estimate, estimate, window_label

THINNED = "Too many of the people to compare with are not kept"
COLUMNS = (("rate_ratio", "Rate ratio"), ("lo", "95% from"), ("hi", "95% to"))
FIGURES = {
    "rate_ratio": "rate ratio",
    "lo": "rate ratio, lower 95% limit",
    "hi": "rate ratio, upper 95% limit",
}
PLACEBO = "A year too early (placebo)"
CONTROL = "Injuries of limbs (negative control)"
HOW = (
    "The headline again, where it must come to 1. A year too early: as if everybody had been approached 365 days before "
    "they were, when nothing had been offered. "
)
OF_INJURIES = (
    "Injuries of limbs: of attendances for broken, dislocated or sprained limbs only, which support cannot bring about or "
    "spare, by the complaint that the source sends. "
)
NO_HISTORY = f"Not shown: for fewer than {SMALLEST_POOL} of the people compared with, the extracts reach back far enough."
FITS = "As it should be: the interval includes 1."
BELOW = (
    "Not as it should be: below 1 although the service cannot be why. Something else sets apart those who accepted, and "
    "part of the headline may be that."
)
ABOVE = (
    "Not as it should be: above 1 although the service cannot be why. Something else sets apart those who accepted, and "
    "may hide part of what the service did."
)


def whom(evidence: Evidence) -> list[blocks.Block]:
    """Which people the expected number is learnt from, or why it cannot be."""
    earlier = evidence.last_year
    if earlier.thinned:
        return [blocks.warning(THINNED, earlier.why_not)]
    if earlier.as_at is None or earlier.rule is None:
        words = (
            "What to expect is learnt from people on the lists who were not approached. The list of one year earlier "
            f"cannot be added to them. {earlier.why_not}"
        )
    else:
        words = (
            "What to expect is learnt from people on the lists who were not approached, and from the list of one year "
            f"earlier: those whom the rule “{earlier.rule.title}” would have listed on {_day(earlier.as_at)}, before the "
            "service had any list. Whoever was approached later is followed up to that day. They are in no other count "
            "of this report."
        )
    return [blocks.text(words)]


def checks(evidence: Evidence, measure: str, days: int) -> list[blocks.Block]:
    """What the headline comes to where it must be 1, in one table; nothing where there is no headline."""
    if not estimate(evidence, measure, days, HEADLINE)["shown"]:
        return []
    found = evidence.checks(measure, days)
    rows = [_row(PLACEBO, _in_other_words(found["placebo"]))]
    how = HOW
    if measure == MEASURE:
        raw, why_not = found["negative_control"], evidence.negative_control.why_not
        rows.append(_row(CONTROL, {**raw, "shown": False, "reason": why_not} if why_not else raw))
        how += f"{OF_INJURIES}What counts: {shipped().source} "
    name = BY_KEY[measure].name
    table = blocks.table(
        f"checks_{measure}",
        f"{name}. Checks of the headline, {window_label(days)}",
        first="Check",
        columns=[blocks.column(label, figure=FIGURES[key]) for key, label in COLUMNS],
        rows=rows,
        how=f"{how}Ratios come from exact numbers, as the national rule allows.",
        about={"measure": name, "period": window_label(days)},
    )
    return [table]


def _in_other_words(raw: dict[str, Any]) -> dict[str, Any]:
    """The headline stands, so there is somebody to learn from: only not a year earlier."""
    return {**raw, "reason": NO_HISTORY} if raw.get("reason") == POOL_TOO_SMALL else raw


def _row(label: str, raw: dict[str, Any]) -> dict[str, Any]:
    if raw["shown"] and disclosure.DEFAULT_RULE.hides(round(raw["observed"] or 0)):
        raw = {**raw, "shown": False, "reason": FEW_EVENTS}
    shown = disclosed_estimate(raw)
    unknown = str(raw.get("reason", "")).startswith(NOT_SUPPLIED)
    cells = [disclosure.NOT_SUPPLIED if unknown else shown[key] for key, _ in COLUMNS]
    return blocks.row(label, cells, note=_note(raw), group=label)


def _note(raw: dict[str, Any]) -> str:
    if not raw["shown"]:
        return str(raw["reason"])
    if raw["lo"] <= 1 <= raw["hi"]:
        return FITS
    return BELOW if raw["hi"] < 1 else ABOVE


def _day(day: datetime.date) -> str:
    return f"{day:%-d %B %Y}"

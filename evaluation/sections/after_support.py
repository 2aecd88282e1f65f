"""Who comes back after support has ended, and when."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd

from evaluation import blocks, disclosure
from evaluation.after_support import NO_TIER, followed
from evaluation.differencing.printed import EVERYBODY, WITHHELD
from evaluation.disclosure import Disclosed
from evaluation.disclosure_table import control_table
from evaluation.evidence import Evidence
from evaluation.impact.curves.relapse import OFTEN, Return, relapse
from evaluation.impact.curves.release import CURVE_RULE, Shares, shares
from evaluation.impact.curves.survival import Curve
from evaluation.impact.windows import WINDOW_DAYS
from evaluation.measures import COUNT_RULE
from evaluation.sections.over_time import LIMITS, LIMITS_HOW, chart, given_up, line, months
from evaluation.sections.wording import window_label

KEY, TITLE = "after_support", "After support"
ENDED = "Support ended"
BY_TIER = "Support ended, by tier"
NOT_LISTED = "In no tier"
WORDS = {
    Return.ATTENDED: "Attended A&E again",
    Return.OFTEN: f"Attended A&E {OFTEN} times within 12 months",
    Return.SUPPORTED: "Back with the service",
}
NO_FAILURE = (
    "Coming back is no failure: the door is meant to be open, and most people go to A&E now and then. What matters is how many "
    "are back at the pace that once brought them onto a list, and whether those who are come back to the service as well. "
    "Uncontrolled: nobody can say who would have come back without support."
)
TOO_FEW = "Support of some people has ended, but no share can be shown yet."
HOW = (
    "Of people whose case came to the open door for the first time: the share who came back in each way by so many months after "
    "that day, allowing for people who can be followed for less time (Kaplan-Meier; limits from Greenwood's variance of the "
    "doubly logged share). Back with the service: a new case was opened. Death, a move, a withdrawal and the end of the data end the time that a "
    f"person can be followed. {LIMITS_HOW} {CURVE_RULE}"
)
TIER_HOW = (
    f"{HOW} Tiers are those of the list a person was first on. {COUNT_RULE} Where the share of one tier is withheld, so is "
    "that of the smallest other, as both could be told from everybody's."
)


def build(evidence: Evidence) -> dict[str, Any]:
    """One table of everybody whose support has ended, one by tier."""
    ended = followed(evidence.ended, evidence.people, evidence.coverage["ae"], evidence.quarter.last_day)
    if ended.empty:
        nobody = "Nobody's support has ended yet, or nobody whose attendances afterwards could be known."
        return blocks.section(KEY, TITLE, [blocks.text(nobody)])
    ways = [*Return] if evidence.coverage["ae"].supplied else [Return.SUPPORTED]
    events = evidence.activity[evidence.activity["measure"] == "ae"]
    curves = relapse(ended, events)
    found = {WORDS[way]: shares(curves[way], at=len(WINDOW_DAYS)) for way in ways}
    if all(share.value is None for each in found.values() for share in each.by):
        return blocks.section(KEY, TITLE, [blocks.text(NO_FAILURE), blocks.text(f"{TOO_FEW} {CURVE_RULE}")])
    parts = [blocks.text(NO_FAILURE), _everybody(evidence, found)]
    if (ended["tier"] != NO_TIER).any():
        parts.append(_by_tier(evidence, ended, events, ways))
    return blocks.section(KEY, TITLE, parts)


def _everybody(evidence: Evidence, found: dict[str, Shares]) -> blocks.Block:
    return blocks.table(
        "after_support",
        "People who came back after support ended, uncontrolled",
        first="How they came back",
        columns=[
            blocks.column("People", figure="people", group=ENDED, period=_up_to(evidence)),
            *months(),
            *LIMITS,
        ],
        rows=[line(evidence, label, each, "", ENDED, "people", "") for label, each in found.items()],
        how=HOW,
        charts=chart(
            "Came back, percent of people",
            "A line for each way of coming back, from 3 to 12 months after support ended.",
            found,
        ),
    )


def _by_tier(
    evidence: Evidence, ended: pd.DataFrame, events: pd.DataFrame, ways: list[Return]
) -> blocks.Block:
    named = {NOT_LISTED if tier == NO_TIER else str(tier): rows for tier, rows in ended.groupby("tier")}
    order = _in_order(evidence, named)
    controlled = control_table({tier: {"people": len(named[tier])} for tier in order}, totals="columns")
    people = {tier: controlled.rows[tier]["people"] for tier in order}
    people[EVERYBODY] = controlled.column_totals["people"]
    of = {tier: relapse(named[tier], events) for tier in order}
    everybody = relapse(ended, events)
    by_way = [
        {**_shares_of_tiers({tier: of[tier][way] for tier in order}), EVERYBODY: _last(everybody[way])}
        for way in ways
    ]
    return blocks.table(
        "after_support_by_tier",
        f"People who came back by {window_label(WINDOW_DAYS[-1])}, by tier, uncontrolled",
        first="Tier",
        columns=[
            blocks.column("People", figure="people", period=_up_to(evidence)),
            *(blocks.column(WORDS[way], figure=f"percent, {WORDS[way].lower()}") for way in ways),
        ],
        rows=[
            _tier_row(evidence, tier, people[tier], [each[tier] for each in by_way])
            for tier in (*order, EVERYBODY)
        ],
        how=TIER_HOW,
        about={"measure": BY_TIER},
        folded="People who came back, by tier",
    )


def _tier_row(
    evidence: Evidence, tier: str, people: Disclosed, found: list[tuple[Disclosed, Disclosed, Disclosed]]
) -> dict[str, Any]:
    gone = given_up(evidence, BY_TIER, tier, "people", "")
    limits = [f"{lo} to {hi}" for share, lo, hi in found if not share.suppressed]
    note = [f"95% intervals, in the order of the columns: {', '.join(limits)}."] if limits else []
    note += [WITHHELD] if gone else []
    cells = [disclosure.SUPPRESSED if gone else people, *(share for share, *_ in found)]
    return blocks.row(tier, cells, note=" ".join(note), group=tier)


def _in_order(evidence: Evidence, tiers: Collection[str]) -> list[str]:
    """As the newest rule has them, the lowest first; then those of earlier rules, and who is in none."""
    known = sorted(evidence.rule.tiers, key=lambda tier: tier["from"]) if evidence.rule else []
    names = [tier["name"] for tier in known if tier["name"] in tiers]
    rest = sorted(tier for tier in tiers if tier not in names)
    return [*names, *(t for t in rest if t != NOT_LISTED), *(t for t in rest if t == NOT_LISTED)]


def _shares_of_tiers(curves: dict[str, Curve]) -> dict[str, tuple[Disclosed, Disclosed, Disclosed]]:
    """The last share of each tier with its limits; the smallest that is shown is withheld with a single other one."""
    shown = {tier: _last(each) for tier, each in curves.items()}
    withheld = [tier for tier, (share, *_) in shown.items() if share.suppressed]
    left = sorted(set(shown) - set(withheld), key=lambda tier: (curves[tier].n, tier))
    if len(withheld) == 1 and left:
        shown[left[0]] = (disclosure.SUPPRESSED,) * 3
    return shown


def _last(curve: Curve) -> tuple[Disclosed, Disclosed, Disclosed]:
    found = shares(curve, at=len(WINDOW_DAYS))
    return found.by[-1], found.lo, found.hi


def _up_to(evidence: Evidence) -> str:
    return f"up to {evidence.quarter.last_day.isoformat()}"

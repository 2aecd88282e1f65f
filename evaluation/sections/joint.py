"""The value beside the cost with a joint interval: the same people drawn again and again in every measure.

Limits of measures cannot be added up one by one without making the sum look less certain than it is, and a ratio has
limits of its own. Here the people are drawn, and everything is worked out from each draw.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from evaluation import blocks, disclosure
from evaluation.disclosure import Disclosed
from evaluation.evidence import Evidence
from evaluation.impact import bootstrap
from evaluation.impact.bootstrap import Avoided, CannotDraw
from evaluation.measures import BY_KEY
from evaluation.models import RunningCost
from evaluation.money.drawn import Drawn, NoInterval, known_cost, returns_drawn, value_of
from evaluation.money.returns import BCR, NET, ROI, Returns
from evaluation.quarters import seed_of
from evaluation.sections.returns import LIMITS, charged, numbers, pounds
from evaluation.sections.wording import HEADLINE, disclosed_estimate, estimate, window_label

CHANCE = "Draws in which something is left"
WITHHELD = "The number of events avoided is withheld."
LEAST_CERTAIN, MOST_CERTAIN = 0.01, 0.99


@dataclass(frozen=True)
class Joint:
    """The value of these measures, and of each draw of the people."""

    measures: list[str]
    days: int
    people: Avoided
    saving: Drawn

    def beside(self, cost: float) -> Returns:
        """What is left beside a cost in pounds, which is taken as known."""
        return returns_drawn(self.saving, known_cost(cost, len(self.saving.draws)))


def together(evidence: Evidence, measures: Iterable[str], days: int) -> Joint:
    """The value of these measures by observed against expected over so many days, all drawn from the same people.

    Raises CannotDraw or NoInterval with a sentence.
    """
    wanted = [*measures]
    # Page one and the section of costs ask for the same: drawn once for both, and kept as long as the evidence is.
    kept = vars(evidence).setdefault("_drawn", {})
    if (*wanted, days) not in kept:
        kept[*wanted, days] = _drawn(evidence, wanted, days)
    people = kept[*wanted, days]
    saving = _printed(value_of(_events(evidence, people, days), _costs(evidence, wanted)))
    return Joint(wanted, days, people, saving)


def joint(evidence: Evidence, measures: Iterable[str], days: int) -> list[blocks.Block]:
    """One table for the value of these measures beside every running cost, or a sentence why there is none."""
    try:
        found = together(evidence, measures, days)
    except (CannotDraw, NoInterval) as reason:
        return [blocks.text(f"All together, drawn from the same people: not shown. {reason}")]
    rows = [blocks.row("Value", pounds(found.saving.amount), group="Value")]
    for cost in evidence.running_costs.values():
        rows += _beside(cost, found.beside(charged(evidence, days, cost).value))
    return [_table(found, rows)]


def _drawn(evidence: Evidence, measures: list[str], days: int) -> Avoided:
    studies = {each: evidence.studies[each, days] for each in measures}
    return bootstrap.avoided(studies, seed=seed_of(evidence.quarter))


def _events(evidence: Evidence, drawn: Avoided, days: int) -> dict[str, Drawn]:
    """Events avoided as they are printed, and the draws moved by as much as that was rounded, so that figure and limits
    stay as far apart as they are. Raises CannotDraw where they are withheld.
    """
    found = {}
    for measure, draws in drawn.events.items():
        raw = estimate(evidence, measure, days, HEADLINE)
        events = disclosed_estimate(raw)["avoided"].value
        if events is None:
            raise CannotDraw(f"{BY_KEY[measure].name}: {raw.get('reason') or WITHHELD}")
        found[measure] = Drawn(events, draws + events - raw["avoided"], raw["n"])
    return found


def _printed(saving: Drawn) -> Drawn:
    """With the value as the tables above print it, so that what follows from it can be worked out from the page."""
    value = pounds(saving.amount)[0].value or 0.0
    return replace(saving, value=value, draws=saving.draws + value - saving.value)


def _costs(evidence: Evidence, measures: list[str]) -> dict[str, float]:
    return {each: float(evidence.unit_costs[each].amount) for each in measures}


def _beside(cost: RunningCost, found: Returns) -> list[dict[str, Any]]:
    return [
        blocks.row(f"{cost.name}. {NET}", pounds(found.net), group=cost.name),
        blocks.row(f"{cost.name}. {ROI}", numbers(found.roi, 0, "%"), group=cost.name),
        blocks.row(f"{cost.name}. {BCR}", numbers(found.bcr, 2), group=cost.name),
        blocks.row(
            f"{cost.name}. {CHANCE}",
            [_chance(found.chance or 0), *[disclosure.NOT_APPLICABLE] * 2],
            group=cost.name,
        ),
    ]


def _chance(share: float) -> Disclosed | str:
    """In whole percent. Draws never make anything certain, so none is called 0% or 100%."""
    if share > MOST_CERTAIN:
        return f"over {MOST_CERTAIN:.0%}"
    if share < LEAST_CERTAIN:
        return f"under {LEAST_CERTAIN:.0%}"
    return Disclosed(f"{share:.0%}", round(100 * share))


def _table(found: Joint, rows: list[dict[str, Any]]) -> blocks.Block:
    names, days, drawn = ", ".join(BY_KEY[each].name for each in found.measures), found.days, found.people
    return blocks.table(
        "joint",
        f"All together, drawn from the same people, {window_label(days)}",
        first="Figure",
        columns=[
            blocks.column("Estimate", figure="estimate"),
            *(blocks.column(label, figure=limit) for label, limit in LIMITS),
        ],
        rows=rows,
        how=(
            f"{names}, observed against expected. {drawn.draws:,} times, as many people as there are were drawn with "
            "replacement, from those who accepted and from those who were not approached, the expected number was fitted "
            "again, and value, cost and what is left were worked out from that draw. The limits are percentiles of the draws, a "
            f"little further out than 2.5% and 97.5% where people are few. They are moved by as much as the printed value was rounded; the draws can be repeated with seed {drawn.seed}. Unit costs and "
            "running costs are taken as known. Page one takes its limits from here."
        ),
        about={"measure": "joint", "period": window_label(days)},
    )

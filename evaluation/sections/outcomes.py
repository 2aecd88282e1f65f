"""How people say they are, first against latest, with how many could not be compared."""

from __future__ import annotations

from typing import Any

from evaluation import blocks, disclosure
from evaluation.disclosure import Disclosed
from evaluation.disclosure_table import gives_away
from evaluation.evidence import Evidence
from evaluation.impact.sample import COUNTS_FROM, ESTIMATE_FROM, FULL_FROM
from evaluation.scorecard.change import Outcome
from evaluation.scorecard.scales import SCALES, Scale

HOW = (
    "Of everybody who accepted and did not refuse the use of their figures: the first time they were asked against the latest, in the same person and the same "
    "version of the questions. Better is less of loneliness, anxiety and the Chaos Score, and more of the others. Those "
    "asked once or never are counted apart and are in no mean. The mean change has a 95% interval (t, paired)."
)
UNCONTROLLED = (
    "Uncontrolled: nobody who was not supported was asked. People who come in a bad spell often feel better later with "
    "or without support, and those who can still be asked may be those who do well."
)


def build(evidence: Evidence) -> dict[str, Any]:
    """One table of people by how it went, one of mean changes."""
    title = "How people say they are"
    asked = [
        scale
        for scale in SCALES
        if evidence.outcomes[scale.key].both or evidence.outcomes[scale.key].only_one
    ]
    if not asked:
        words = "Not supplied: nobody has been asked about loneliness, well-being or goals yet."
        return blocks.section("outcomes", title, [blocks.text(words)])
    twice = [scale for scale in asked if evidence.outcomes[scale.key].both]
    means = (
        _means(evidence, twice)
        if twice
        else blocks.text("Nobody has been asked twice yet: there is no change.")
    )
    parts = [blocks.text(UNCONTROLLED), _people(evidence, asked), means]
    return blocks.section("outcomes", title, parts)


def people(found: Outcome) -> dict[str, Disclosed]:
    """People by how it went, fit to leave: all of them withheld where one could be worked out from the rest."""
    exact = {
        "both": found.both,
        "better": found.better,
        "same": found.same,
        "worse": found.worse,
        "only_one": found.only_one,
        "never": found.never,
    }
    went, everybody = [found.better, found.same, found.worse], sum(found.parts)
    told = (
        gives_away(found.parts, everybody)
        or gives_away(went, found.both)
        or gives_away([found.both, found.only_one, found.never], everybody)
    )
    return {key: disclosure.SUPPRESSED if told and n else disclosure.count(n) for key, n in exact.items()}


def _people(evidence: Evidence, asked: list[Scale]) -> blocks.Block:
    columns = (
        ("both", "Asked twice or more"),
        ("better", "Better"),
        ("same", "The same"),
        ("worse", "Worse"),
        ("only_one", "Asked once"),
        ("never", "Never asked"),
    )
    rows = []
    for scale in asked:
        shown = people(evidence.outcomes[scale.key])
        rows.append(blocks.row(scale.name, [shown[key] for key, _ in columns], measure=scale.name))
    return blocks.table(
        "outcomes_people",
        "Better, the same or worse, uncontrolled",
        first="Asked about",
        columns=[blocks.column(label, figure=f"people, {label.lower()}") for _, label in columns],
        rows=rows,
        how=HOW,
    )


def _means(evidence: Evidence, asked: list[Scale]) -> blocks.Block:
    return blocks.table(
        "outcomes_means",
        "Mean change from first to latest, uncontrolled",
        first="Asked about",
        columns=[
            blocks.column("Change", figure="mean change"),
            blocks.column("95% from", figure="mean change, lower limit"),
            blocks.column("95% to", figure="mean change, upper limit"),
        ],
        rows=[_mean(scale, evidence.outcomes[scale.key]) for scale in asked],
        how=f"{HOW} Fewer than {ESTIMATE_FROM} people asked twice: no mean.",
    )


def _mean(scale: Scale, found: Outcome) -> dict[str, Any]:
    if found.both < ESTIMATE_FROM or people(found)["both"].suppressed:
        few = f"Fewer than {COUNTS_FROM if found.both < COUNTS_FROM else ESTIMATE_FROM} people were asked twice."
        why = few if found.both < ESTIMATE_FROM else "Withheld with the people it describes."
        return blocks.row(scale.name, [disclosure.SUPPRESSED] * 3, note=why, measure=scale.name)
    cells = [_signed(each, found.both) for each in found.mean]
    _, lo, hi = found.mean
    words = []
    if lo <= 0 <= hi:
        words.append("Not yet clear: the interval includes no change.")
    if found.both < FULL_FROM:
        words.append("Few people: the interval is wide.")
    return blocks.row(scale.name, cells, note=" ".join(words), measure=scale.name)


def _signed(value: float, n: int) -> Disclosed:
    """A change with its sign, so that a fall is not read as a level."""
    shown = disclosure.mean(value, n=n)
    return Disclosed(f"+{shown.text}", shown.value, shown.state) if (shown.value or 0) > 0 else shown

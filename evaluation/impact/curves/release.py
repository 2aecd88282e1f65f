"""Curves and intakes, fit to leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evaluation import disclosure
from evaluation.disclosure import DEFAULT_RULE, NOT_APPLICABLE, SUPPRESSED, Disclosed, Rule
from evaluation.impact.curves.intakes import Intake, intakes
from evaluation.impact.curves.persistence import persistence
from evaluation.impact.curves.relapse import relapse
from evaluation.impact.curves.survival import Curve
from evaluation.impact.sample import COUNTS_FROM, ESTIMATE_FROM
from evaluation.impact.study import Study
from evaluation.impact.tables import SUPPORT_DATES
from evaluation.impact.windows import STOPS, WINDOW_DAYS

CURVE_RULE = (
    f"Shares are given from {ESTIMATE_FROM} people, as far as {COUNTS_FROM} of them or more could be followed, and only "
    f"where it happened to nobody more or to {COUNTS_FROM} more since the figure before."
)


@dataclass(frozen=True)
class Shares:
    """Of so many people: the share by each day asked for, in percent, and the limits of the last that is shown."""

    n: Disclosed
    by: tuple[Disclosed, ...]
    lo: Disclosed
    hi: Disclosed

    @property
    def cells(self) -> list[Disclosed]:
        """In the order of a row."""
        return [self.n, *self.by, self.lo, self.hi]


def shares(curve: Curve, *, at: int, left: bool = False, rule: Rule = DEFAULT_RULE) -> Shares:
    """`at`: how many days were asked for. `left`: the share to whom it has not happened yet."""
    n = disclosure.count(curve.n, rule)
    if not curve.n:
        return Shares(n, (NOT_APPLICABLE,) * at, NOT_APPLICABLE, NOT_APPLICABLE)
    by, before, lo, hi = [], 0, SUPPRESSED, SUPPRESSED
    for point in curve.points:
        followed = point.still_followed >= COUNTS_FROM or point.happened == curve.n
        if curve.n < ESTIMATE_FROM or not followed or rule.hides(point.happened - before):
            by.append(SUPPRESSED)
            continue
        before = point.happened
        values = (point.share, point.lo, point.hi)
        value, lo, hi = map(_percent, (1 - point.share, 1 - point.hi, 1 - point.lo) if left else values)
        by.append(value)
    return Shares(n, tuple(by), lo, hi)


def over_time(
    study: Study,
    *,
    people: pd.DataFrame | None = None,
    events: pd.DataFrame | None = None,
    ended: pd.DataFrame | None = None,
    rule: Rule = DEFAULT_RULE,
) -> dict[str, Any]:
    """Intakes and curves of one measure as plain values for JSON.

    `people` and their `events`, where those of the study are followed for full windows only; `ended`, as `relapse` takes it,
    where it is not to be read from the people.
    """
    people = study.people if people is None else people
    events = study.events if events is None else events
    ended = _ended(people) if ended is None else ended
    return {
        "intakes": released_intakes(intakes(study), rule),
        "still_attending": released(persistence(people, events), left=True, rule=rule),
        "after_support": None if ended is None else released(relapse(ended, events), rule=rule),
    }


def _ended(people: pd.DataFrame) -> pd.DataFrame | None:
    if SUPPORT_DATES[0] not in people:
        return None
    ended_on, again_on = SUPPORT_DATES
    known = people[people[ended_on].notna() & people["covered_to"].notna()]
    again = known[again_on] if again_on in known else pd.Series(pd.NaT, index=known.index)
    stop = known[list(STOPS)].min(axis=1)
    return known[["person"]].assign(ended_on=known[ended_on], supported_on=again, followed_to=stop)


def released(
    curves: Mapping[Any, Curve],
    *,
    left: bool = False,
    rule: Rule = DEFAULT_RULE,
    days: Sequence[int] = WINDOW_DAYS,
) -> dict[str, dict[str, Any]]:
    """Curves as plain values for JSON: people, percent by day, and the limits of the last that is shown."""
    shown = {str(name): shares(each, at=len(days), left=left, rule=rule) for name, each in curves.items()}
    return {
        name: {
            "n": _value(each.n),
            "percent_by_day": dict(zip(map(str, days), map(_value, each.by), strict=True)),
            "lo": _value(each.lo),
            "hi": _value(each.hi),
        }
        for name, each in shown.items()
    }


def shown_intakes(
    found: Sequence[Intake], rule: Rule = DEFAULT_RULE
) -> list[tuple[Intake, dict[str, Disclosed], dict[str, Disclosed]]]:
    """Each intake of enough people with its own estimate and that of everybody so far. Of a smaller one not even the
    number of people, which could be taken off the others.
    """
    return [
        (each, _ratio(each.own.as_dict(), rule), _ratio(each.so_far.as_dict(), rule))
        for each in found
        if each.own.n >= ESTIMATE_FROM
    ]


def released_intakes(found: Sequence[Intake], rule: Rule = DEFAULT_RULE) -> list[dict[str, Any]]:
    """The same as plain values for JSON."""
    return [
        {
            "first_listed_from": each.first.date().isoformat() if each.first else None,
            "first_listed_to": each.last.date().isoformat() if each.last else None,
            "own": {key: _value(number) for key, number in own.items()},
            "so_far": {key: _value(number) for key, number in so_far.items()},
        }
        for each, own, so_far in shown_intakes(found, rule)
    ]


def _ratio(raw: dict[str, Any], rule: Rule) -> dict[str, Disclosed]:
    keys = ("n", "rate_ratio", "lo", "hi", "reduction_percent")
    if not raw["shown"]:
        return {"n": disclosure.count(raw["n"], rule)} | dict.fromkeys(keys[1:], SUPPRESSED)
    shown = disclosure.estimate(raw, rule)
    return {key: shown[key] for key in keys}


def _percent(share: float) -> Disclosed:
    value = round(100 * share)
    return Disclosed(f"{value}%", value)


def _value(number: Disclosed) -> float | str | None:
    return number.text if number.suppressed else number.value

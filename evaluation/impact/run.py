"""From two tables to every estimate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from evaluation.impact.estimators import all_estimators
from evaluation.impact.flow import Flow, Group, flow, groups
from evaluation.impact.plan import Plan
from evaluation.impact.study import Study
from evaluation.impact.tables import check_measure, clean_activity, clean_people
from evaluation.impact.windows import check_window, person_windows

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


class Impact(TypedDict):
    """Aggregates only: no identifier of a person is in it. Counts are exact; export goes through
    `disclosure`.
    """

    flow: Flow
    groups: dict[str, Group]
    estimates: dict[str, dict[str, Any]]
    plan: dict[str, Any]


def impact(
    people: pd.DataFrame,
    activity: pd.DataFrame,
    *,
    measure: str = "ae",
    window_days: int = 365,
    seed: int = 0,
    rule: str | None = None,
    costs: Mapping[str, float] | None = None,
) -> Impact:
    """Flow, rates and estimates of one measure in equal windows of `window_days` around the index date.

    `covered_from` (first day) and `covered_to` (first day no longer covered) of people are those of
    `measure`; empty means not supplied. `rule` and `costs` only enter the plan. Raises InputProblem, a
    sentence, when the tables or choices cannot be used.
    """
    check_measure(measure)
    check_window(window_days)
    clean = clean_people(people)
    events = clean_activity(activity, clean)
    windows = person_windows(clean, events[events["measure"] == measure], window_days)
    study = Study(
        people=clean, activity=events, windows=windows, measure=measure, window_days=window_days, seed=seed
    )
    estimators = all_estimators()
    plan = Plan(
        measure=measure,
        window_days=window_days,
        model=tuple(each.KEY for each in estimators),
        seed=seed,
        rule=rule,
        costs=dict(costs or {}),
    )
    return {
        "flow": flow(windows),
        "groups": groups(windows),
        "estimates": {each.KEY: each.estimate(study).as_dict() for each in estimators},
        "plan": plan.as_dict(),
    }

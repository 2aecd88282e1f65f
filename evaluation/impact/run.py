"""From two tables to every estimate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

import pandas as pd

from evaluation.impact.checks.balance import Balance, balance
from evaluation.impact.checks.e_value import EValue, e_values
from evaluation.impact.checks.largest_person import without_largest
from evaluation.impact.checks.negative_control import negative_control
from evaluation.impact.checks.placebo import placebo
from evaluation.impact.estimators import all_estimators, matched, observed_expected
from evaluation.impact.flow import Flow, Group, flow, groups
from evaluation.impact.plan import Plan
from evaluation.impact.pseudo_index import with_pseudo_index
from evaluation.impact.study import Study
from evaluation.impact.tables import check_measure, clean_activity, clean_people
from evaluation.impact.windows import check_window, person_windows

if TYPE_CHECKING:
    from collections.abc import Mapping


class Figures(TypedDict):
    """Aggregates only: no identifier of a person is in it. Counts are exact; export goes through
    `disclosure`.
    """

    flow: Flow
    groups: dict[str, Group]
    estimates: dict[str, dict[str, Any]]
    plan: dict[str, Any]


class Checks(TypedDict):
    """By which the headline, `observed_expected`, can be doubted."""

    balance: dict[str, Balance]
    largest_person: dict[str, Any]
    placebo: dict[str, Any]
    negative_control: dict[str, Any]
    e_value: EValue


class Impact(Figures, Checks):
    """Both."""


def impact(
    people: pd.DataFrame,
    activity: pd.DataFrame,
    *,
    measure: str = "ae",
    window_days: int = 365,
    seed: int = 0,
    rule: str | None = None,
    last_year: str | None = None,
    costs: Mapping[str, float] | None = None,
) -> Impact:
    """Flow, rates and estimates of one measure in equal windows of `window_days` around the index date.

    `covered_from` (first day) and `covered_to` (first day no longer covered) of people are those of
    `measure`; empty means not supplied. Whoever was not approached and has no index date gets one drawn with
    `seed` (see `pseudo_index`). `rule`, `last_year` (which list those of the group are from) and `costs` only enter the plan. Raises InputProblem, a
    sentence, when the tables or choices cannot be used.
    """
    study = study_of(people, activity, measure=measure, window_days=window_days, seed=seed)
    return {**figures_of(study, rule=rule, last_year=last_year, costs=costs), **checks_of(study)}


def figures_of(
    study: Study,
    *,
    rule: str | None = None,
    last_year: str | None = None,
    costs: Mapping[str, float] | None = None,
) -> Figures:
    """Flow, rates and estimates of a study that is made already."""
    estimators = all_estimators()
    plan = Plan(
        measure=study.measure,
        window_days=study.window_days,
        model=tuple(each.KEY for each in estimators),
        seed=study.seed,
        rule=rule,
        last_year=last_year,
        costs=dict(costs or {}),
    )
    estimates = {each.KEY: each.estimate(study) for each in estimators}
    return {
        "flow": flow(study.windows),
        "groups": groups(study.windows),
        "estimates": {key: each.as_dict() for key, each in estimates.items()},
        "plan": plan.as_dict(),
    }


def checks_of(study: Study) -> Checks:
    """The checks of the same study."""
    return {
        # Differences between means are withheld with the estimate they belong to.
        "balance": balance(study.expected, study.matches) if matched.estimate(study).shown else {},
        "largest_person": without_largest(study).as_dict(),
        "placebo": placebo(study).as_dict(),
        "negative_control": negative_control(study).as_dict(),
        "e_value": e_values(observed_expected.estimate(study)),
    }


def study_of(
    people: pd.DataFrame,
    activity: pd.DataFrame,
    *,
    measure: str,
    window_days: int,
    seed: int,
    pool_problem: str = "",
) -> Study:
    """What the estimators are given, from the two tables as they came; with a `pool_problem`, a sentence why nothing may be
    learnt from people who were not approached. Raises InputProblem.
    """
    check_measure(measure)
    check_window(window_days)
    clean = with_pseudo_index(clean_people(people), seed)
    clean, events = _numbered(clean, clean_activity(activity, clean))
    windows = person_windows(clean, events[events["measure"] == measure], window_days)
    return Study(
        people=clean,
        activity=events,
        windows=windows,
        measure=measure,
        window_days=window_days,
        seed=seed,
        pool_problem=pool_problem,
    )


def _numbered(people: pd.DataFrame, activity: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables with a number in place of each identifier: nothing after this needs to know who it is, and
    numbers are joined several times faster.
    """
    known = pd.Index(people["person"].unique())
    return (
        people.assign(person=known.get_indexer(people["person"])),
        activity.assign(person=known.get_indexer(activity["person"])),
    )

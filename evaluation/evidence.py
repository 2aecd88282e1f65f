"""Everything a report is made from, read once. Exact numbers: nothing here may leave without disclosure control."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd
from django.db.models import Q
from django.utils import timezone

from cohorts.areas import living
from cohorts.models import CohortList, CohortRule
from evaluation import after_support, casework_figures, coverage, experience, inputs, people, reach
from evaluation.casework_figures import CaseworkFigures
from evaluation.coverage import Covered, Feed
from evaluation.experience import Experience
from evaluation.impact.natural_fall import ListKind
from evaluation.impact.run import Checks, Figures, checks_of, figures_of
from evaluation.impact.study import Study
from evaluation.injuries.gather import Control
from evaluation.known.moment import known_at
from evaluation.last_year import LastYear
from evaluation.lots import Lots, lots_of
from evaluation.measures import ACTIVITY
from evaluation.models import KpiChoice, RunningCost, UnitCost
from evaluation.quarters import Quarter, seed_of
from evaluation.run_charts.months import supported_spans
from evaluation.scorecard import gather as scorecard
from evaluation.scorecard.change import Outcome
from governance.models import Service

TOP_N: ListKind = "top250"
SHORT_WINDOW_MONTHS = 3
LAG_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known of a service at the end of a quarter."""

    service: Service
    quarter: Quarter
    frozen_at: datetime.datetime
    feeds: list[Feed]
    coverage: dict[str, Covered]
    people: pd.DataFrame
    activity: pd.DataFrame
    # What the estimators were given, by measure and window in days, and what they said.
    studies: Mapping[tuple[str, int], Study]
    impacts: Mapping[tuple[str, int], Figures]
    unit_costs: dict[str, UnitCost]
    running_costs: dict[str, RunningCost]
    casework: CaseworkFigures
    outcomes: dict[str, Outcome]
    kpi_choice: KpiChoice | None
    newest_list: CohortList | None
    lots: Lots
    # Days on which people were supported, see `evaluation.run_charts.months`.
    supported: pd.DataFrame
    # Whose support has ended, see `evaluation.after_support`.
    ended: pd.DataFrame
    # Of one year earlier, see `evaluation.last_year`; in no count of people of the service.
    last_year: LastYear
    negative_control: Control
    # What people said of the service, see `evaluation.experience`.
    experience: Experience = field(default_factory=Experience)
    # People in none of the figures, because they opted out of uses beyond their own care or objected.
    left_out: int = 0
    # Who was offered support, see `evaluation.reach`.
    reach: pd.DataFrame = field(default_factory=pd.DataFrame)
    # SHA-256 of the published files of areas, by kind.
    areas: Mapping[str, str] = field(default_factory=dict)
    # What could be taken off an earlier report, see `evaluation.differencing`.
    withheld: frozenset[tuple[str, str, str, str]] = frozenset()

    @property
    def rule(self) -> CohortRule | None:
        """The rule of the newest list."""
        return self.newest_list.rule if self.newest_list else None

    @property
    def supplied(self) -> list[str]:
        """Measures with at least one day covered, in the declared order."""
        return [each.key for each in ACTIVITY if self.coverage[each.key].supplied]

    @property
    def data_to(self) -> datetime.date | None:
        """The newest day any measure is covered for."""
        ends = [each.end for each in self.coverage.values() if each.end]
        return max(ends) - coverage.ONE_DAY if ends else None

    @cached_property
    def groups(self) -> dict[str, int]:
        """People in each group, those who have not answered yet included."""
        return {str(name): int(n) for name, n in self.people["group"].value_counts().items()}

    def checks(self, measure: str, days: int) -> Checks:
        """The checks of a headline; only those that are shown are worked out, and once."""
        kept: dict[tuple[str, int], Checks] = vars(self).setdefault("_checks", {})
        if (measure, days) not in kept:
            kept[measure, days] = checks_of(self.studies[measure, days])
        return kept[measure, days]

    @property
    def list_kind(self) -> ListKind:
        """Which of the simulated lists the service's rule is nearest to."""
        if self.newest_list is None:
            return "r12"
        if self.newest_list.rule.window_months <= SHORT_WINDOW_MONTHS:
            return "w12"
        # A limit that nobody fell behind made no difference: the rule did, and its list falls further.
        return TOP_N if self.newest_list.excluded.get("beyond_first") else "r12"

    @property
    def lag_months(self) -> int:
        """Months from list to index date, as the simulation counted them: 0 or 2, by the median."""
        lags = pd.to_datetime(self.people["index_date"]) - pd.to_datetime(self.people["list_date"])
        median = lags[lags >= pd.Timedelta(0)].median()
        return 2 if pd.notna(median) and median.days > LAG_DAYS else 0

    @property
    def extract_ids(self) -> list[int]:
        """The extracts the rates come from."""
        counted = {source for each in self.coverage.values() for source in each.sources}
        return sorted(e["pk"] for feed in self.feeds if feed.source in counted for e in feed.extracts)


def gather(
    service: Service,
    quarter: Quarter,
    *,
    frozen_at: datetime.datetime,
    prices: Mapping[str, Any] | None = None,
    sources: Sequence[Mapping[str, Any]] | None = None,
) -> Evidence:
    """Read what a report on the quarter needs: as things stood when it ended, from what was stored by `frozen_at`.

    With `prices` (the settings of a manifest) the costs it names are taken, and not those that are valid today; with
    `sources` those, as they were set then.
    """
    cut = quarter.last_day
    known = known_at(frozen_at)
    after = midnight(quarter.following.first_day)
    found = inputs.gather(service, cut=cut, after=after, known=known, sources=sources)
    listed, out = found.listed, found.left_out
    costs = _unit_costs(service, cut, prices)
    studies = inputs.studies(found, seed=seed_of(quarter))
    spans = supported_spans(service, after=after, known=known)
    newest = service.cohort_lists.filter(as_at__lte=cut, built_at__lt=known).select_related("rule").first()
    return Evidence(
        service=service,
        quarter=quarter,
        frozen_at=frozen_at,
        feeds=found.feeds,
        coverage=found.covered,
        people=listed,
        activity=found.activity,
        studies=studies,
        impacts=_impacts(
            studies,
            rule=str(newest.rule) if newest else None,
            last_year=found.last_year.words,
            costs={measure: float(cost.amount) for measure, cost in costs.items()},
        ),
        last_year=found.last_year,
        negative_control=found.negative_control,
        unit_costs=costs,
        running_costs=_running_costs(service, cut, prices),
        casework=casework_figures.gather(
            service, start=midnight(quarter.first_day), after=after, known=known, left_out=out
        ),
        outcomes=scorecard.outcomes(service, people.supported(listed), cut=cut, known=known),
        kpi_choice=service.kpi_choices.filter(chosen_at__lt=known).first(),
        newest_list=newest,
        lots=lots_of(service, after=after, known=known),
        supported=spans,
        ended=after_support.gather(service, listed, cut=cut, after=after, known=known),
        experience=experience.gather(service, listed, spans, quarter, known=known),
        left_out=people.number_left_out(service, cut=cut, after=after, known=known, left_out=out),
        reach=reach.gather(service, listed, known=known),
        areas={kind: each.sha256 for kind, each in living.loaded().files.items()},
    )


def midnight(day: datetime.date) -> datetime.datetime:
    """When a day begins in London."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def _impacts(studies: Mapping[tuple[str, int], Study], **options: Any) -> dict[tuple[str, int], Figures]:
    return {key: figures_of(study, **options) for key, study in studies.items()}


def _unit_costs(
    service: Service, cut: datetime.date, prices: Mapping[str, Any] | None
) -> dict[str, UnitCost]:
    """The newest cost of each measure that was valid when the quarter ended, or those that are named."""
    valid = service.unit_costs.filter(_chosen(cut, prices, "unit_costs")).order_by("measure", "valid_from")
    return {cost.measure: cost for cost in valid}


def _running_costs(
    service: Service, cut: datetime.date, prices: Mapping[str, Any] | None
) -> dict[str, RunningCost]:
    """The newest cost of each name that was valid when the quarter ended, or those that are named."""
    valid = service.running_costs.filter(_chosen(cut, prices, "running_costs")).order_by("name", "valid_from")
    return {cost.name: cost for cost in valid}


def _chosen(cut: datetime.date, prices: Mapping[str, Any] | None, kind: str) -> Q:
    return Q(pk__in=[each["id"] for each in prices[kind]]) if prices else Q(valid_from__lte=cut)

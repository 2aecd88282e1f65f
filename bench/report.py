"""The estimators at the size of a whole area, and a quarter's report of one service from its database.

Estimates: 5,000 clients with ten comparators each, in all four windows, with 2,000 resamples of every person. The
floor resamples as many people as often and adds one number up: what no program of this kind can do without.

Report: 250 people approached and a pool of 3,000 in three measures, on one core: gathered, resampled 2,000 times, frozen,
and drawn in every format. The floor reads the very rows that the report is made of.
"""

import os
import time
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection, transaction
from django.utils import timezone

from bench import common, load
from casework.models import Case, StageChange
from cohorts.models import Activity, Candidate
from evaluation.actions import report as reports
from evaluation.evidence import gather, midnight
from evaluation.impact import bootstrap
from evaluation.impact.run import impact, study_of
from evaluation.impact.windows import WINDOW_DAYS
from evaluation.quarters import parse
from evaluation.render import csv, html, pdf, xlsx
from governance import scope
from governance.models import Person, Service
from tests.evaluation import simulated
from tests.factories.cohorts import CohortListFactory, CohortRuleFactory, ExtractFactory, SourceFactory
from tests.factories.evaluation import RunningCostFactory, UnitCostFactory
from tests.factories.governance import AgreementFactory, UserFactory

CLIENTS, COMPARATORS = 5_000, 10
APPROACHED, POOL = 250, 3_000
# One event in so many is also counted in the measure.
MEASURES = {"ae": 1, "conveyance": 2, "nel": 3}
QUARTER = parse("2026-Q2")
GOAL_ESTIMATES, GOAL_REPORT = 60, 10


def run(times: int) -> None:
    """Print one JSON line for the estimators and one for the report."""
    common.say(f"{CLIENTS:,} clients, {COMPARATORS} comparators each, {bootstrap.DRAWS:,} resamples ...")
    common.show(
        {
            "bench": "report",
            "what": "estimates",
            "clients": CLIENTS,
            "comparators_each": COMPARATORS,
            "windows": len(WINDOW_DAYS),
            "resamples": bootstrap.DRAWS,
            **load.in_a_process_of_its_own("--one-study", Path("estimates")),
            "goal_seconds": GOAL_ESTIMATES,
        }
    )
    common.say(f"A report on {APPROACHED} people with a pool of {POOL:,}, {times} times ...")
    service = _service()
    done = [load.in_a_process_of_its_own("--one-study", Path(service.slug)) for _ in range(times)]
    middle = sorted(done, key=lambda each: each["seconds"])[times // 2]
    common.show(
        {
            "bench": "report",
            "what": "report",
            "approached": APPROACHED,
            "pool": POOL,
            **middle,
            "goal_seconds": GOAL_REPORT,
        }
    )


def one_study(what: str) -> dict[str, Any]:
    """One measurement, in this process."""
    return _estimates() if what == "estimates" else _report(what)


def _estimates() -> dict[str, Any]:
    listed, events = _world(round(CLIENTS / 0.55), CLIENTS * COMPARATORS, seed=3)
    clock = _Clock()
    for days in WINDOW_DAYS:
        with_estimates = impact(listed, events, window_days=days)
        clock.lap("estimates")
        study = study_of(listed, events, measure="ae", window_days=days, seed=0)
        drawn = bootstrap.avoided({"ae": study}, seed=0)
        clock.lap("resamples")
    n = with_estimates["estimates"]["observed_expected"]["n"]
    floor = common.seconds(lambda: [_bare_resamples(n * (1 + COMPARATORS), drawn.draws) for _ in WINDOW_DAYS])
    return {
        **clock.told(),
        "floor_seconds": round(floor, 2),
        "ratio": round(clock.seconds / floor, 1),
        "memory_mb": round(common.peak_memory_mb()),
        "rows": len(events),
    }


def _bare_resamples(people: int, draws: int) -> float:
    rng, numbers = np.random.default_rng(1), np.ones(people)
    return sum(float(numbers[rng.integers(0, people, people)].sum()) for _ in range(draws))


def _report(slug: str) -> dict[str, Any]:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    service = Service.objects.get(slug=slug)
    with scope.of(service):
        # A worker has loaded pandas, SciPy and WeasyPrint already.
        gather(service, QUARTER, frozen_at=timezone.now())
        without_pdf = pdf.why_not()
        floor = common.seconds(lambda: _rows(service))
        clock = _Clock()
        with transaction.atomic():
            report = reports.freeze(service=service, quarter=QUARTER, by=None)
            clock.lap("frozen")
            html.document(report)
            xlsx.draw(report)
            csv.draw(report)
            clock.lap("drawn")
            if not without_pdf:
                pdf.draw(report)
            clock.lap("pdf")
            transaction.set_rollback(True)
    return {
        **clock.told(),
        "floor_seconds": round(floor, 3),
        "ratio": round(clock.seconds / floor, 1),
        "memory_mb": round(common.peak_memory_mb()),
    }


def _rows(service: Service) -> int:
    """Reads what the estimators are made of, and does nothing with it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person_id, measure, started_on FROM cohorts_activity WHERE service_id = %s", [service.pk]
        )
        return len(cursor.fetchall())


class _Clock:
    """Seconds of each stretch, of the clock on the wall and of the processor."""

    def __init__(self) -> None:
        self._laps: dict[str, float] = {}
        self._start = self._last = (time.perf_counter(), time.process_time())

    def lap(self, name: str) -> None:
        now = (time.perf_counter(), time.process_time())
        self._laps[name] = self._laps.get(name, 0.0) + now[0] - self._last[0]
        self._last = now

    @property
    def seconds(self) -> float:
        return self._last[0] - self._start[0]

    def told(self) -> dict[str, Any]:
        return {
            "seconds": round(self.seconds, 1),
            "processor_seconds": round(self._last[1] - self._start[1], 1),
            **{f"{name}_seconds": round(value, 2) for name, value in self._laps.items()},
        }


def _world(approached: int, pool: int, *, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """People and activity of a service that approaches so many, with age, sex and deprivation."""
    on_lists = approached + pool
    made, events = simulated.study(
        np.random.default_rng(seed),
        simulated.some_people(on_lists, seed=seed),
        simulated.Service(approached=approached, list_size=on_lists // 2),
        effect=0.2,
    )
    rng, n = np.random.default_rng(seed + 1), len(made)
    covariates = {
        "age": rng.integers(18, 95, n),
        "sex": rng.choice(["f", "m"], n),
        "imd_decile": rng.integers(1, 11, n),
    }
    return made.assign(**covariates), events


def _service() -> Service:
    """The same, in the database: two lists a year apart, cases, and activity of three feeds."""
    service = common.fresh_feed().service
    with scope.of(service):
        made, events = _world(APPROACHED, POOL, seed=5)
        whom = _people(service, made)
        _cases(service, made, whom)
        for measure, every in MEASURES.items():
            _activity(service, measure, events.iloc[::every], whom)
            UnitCostFactory(service=service, measure=measure)
        RunningCostFactory(service=service)
    with common.owner() as session:
        session.execute("VACUUM (ANALYZE)")
    return service


def _people(service: Service, made: pd.DataFrame) -> dict[str, Person]:
    rows = Person.objects.bulk_create(
        Person(
            service=service, first_name=f"First{i}", last_name=f"Last{i}", nhs_number=f"{4_000_000_000 + i}"
        )
        for i in range(len(made))
    )
    rule = CohortRuleFactory(service=service)
    for day, listed in made.groupby("list_date"):
        built = CohortListFactory(service=service, rule=rule, as_at=day.date())
        Candidate.objects.bulk_create(
            Candidate(service=service, cohort_list=built, person=rows[i], rank=rank, count=6)
            for rank, i in enumerate(listed.index, start=1)
        )
    return dict(zip(made["person"], rows, strict=True))


def _cases(service: Service, made: pd.DataFrame, whom: dict[str, Person]) -> None:
    user = UserFactory()
    approached = made[made["group"].isin(["accepted", "declined"])]
    for row in approached.itertuples():
        day = row.index_date.date()
        last = "active" if row.group == "accepted" else "declined"
        case = Case.objects.create(
            service=service, person=whom[row.person], opened_at=midnight(day), index_date=day, stage=last
        )
        StageChange.objects.bulk_create(
            StageChange(service=service, case=case, stage=stage, by=user, at=midnight(day))
            for stage in ("offered", last)
        )


def _activity(service: Service, measure: str, events: pd.DataFrame, whom: dict[str, Person]) -> None:
    source = SourceFactory(service=service, agreement=AgreementFactory(service=service), measure=measure)
    extract = ExtractFactory(
        source=source,
        committed=True,
        period_from=events["on"].min().date(),
        period_to=QUARTER.last_day,
        rows_kept=len(events),
        committed_at=timezone.now(),
    )
    Activity.objects.bulk_create(
        (
            Activity(
                id=uuid.uuid4(),
                service=service,
                source=source,
                extract=extract,
                person=whom[person],
                measure=measure,
                started_on=day.date(),
            )
            for person, day in zip(events["person"], events["on"], strict=True)
        ),
        batch_size=10_000,
    )

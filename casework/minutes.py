"""What was logged for each case in a period, week by week, with what the case weighed by at the time."""

import datetime
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Aggregate, Count, F, FloatField, Q, Sum
from django.db.models.functions import TruncDate, TruncWeek

from casework.allocation.calibration import Span
from casework.allocation.weights import band_of, rhythm_of
from casework.rules import OPEN_STAGES, Stage
from casework.scoring import CHAOS_SCORE
from governance.models import Service


@dataclass(frozen=True)
class Logged:
    """The spans of a period, and how many contacts had no minutes."""

    spans: list[Span]
    without_minutes: int


class _Median(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def last_quarter(today: datetime.date) -> tuple[datetime.date, datetime.date]:
    """First and last day of the calendar quarter that ended last."""
    last = datetime.date(today.year, (today.month - 1) // 3 * 3 + 1, 1) - datetime.timedelta(days=1)
    return datetime.date(last.year, last.month - 2, 1), last


def logged(service: Service, starts_on: datetime.date, ends_on: datetime.date) -> Logged:
    """Minutes of contacts, inbound calls and travel for each case between two days.

    Whole weeks from Monday that lie in the period. A contact without minutes counts with the median of its kind
    in the period, since unknown is not nothing; without a median it counts with its travel alone.
    """
    weeks = _weeks(starts_on, ends_on)
    if not weeks:
        return Logged([], 0)
    until = weeks[-1] + datetime.timedelta(days=7)
    contacts = service.contacts.annotate(day=TruncDate("happened_at")).filter(
        day__gte=weeks[0], day__lt=until
    )
    medians = dict(contacts.order_by().values("kind").annotate(m=_Median("minutes")).values_list("kind", "m"))
    minutes: dict[tuple[int, datetime.date], float] = defaultdict(float)
    without = 0
    groups = (
        contacts.order_by()
        .values("case", "kind", week=TruncWeek("day"))
        .annotate(
            said=Sum("minutes"), travel=Sum("travel_minutes"), silent=Count("pk", filter=Q(minutes=None))
        )
    )
    for group in groups:
        standing_in = group["silent"] * (medians.get(group["kind"]) or 0)
        minutes[group["case"], group["week"]] += (group["said"] or 0) + (group["travel"] or 0) + standing_in
        without += group["silent"]
    return Logged(_spans(service, weeks, minutes), without)


def _weeks(starts_on: datetime.date, ends_on: datetime.date) -> list[datetime.date]:
    first = starts_on + datetime.timedelta(days=-starts_on.weekday() % 7)
    number = (ends_on - first).days + 1
    return [first + datetime.timedelta(days=7 * i) for i in range(max(0, number // 7))]


def _spans(
    service: Service, weeks: Sequence[datetime.date], minutes: Mapping[tuple[int, datetime.date], float]
) -> list[Span]:
    """Weeks of each open case, those in a row that are alike put together."""
    history = _History(service, weeks[0], weeks[-1])
    spans: list[Span] = []
    for case in history.cases:
        last: Span | None = None
        for week in weeks:
            stage = history.at(history.stages, case, week)
            if stage not in OPEN_STAGES:
                continue
            way = history.at(history.travel, case, week) or ""
            rhythm = rhythm_of(history.at(history.rhythm, case, week))
            now = Span(
                case,
                history.worker(case, week),
                band_of(history.at(history.scores, case, week)),
                Stage(stage).value,
                way,
                rhythm,
                1,
                minutes.get((case, week), 0.0),
            )
            if last is not None and replace(last, weeks=1, minutes=now.minutes) == now:
                spans.pop()
                now = replace(now, weeks=last.weeks + 1, minutes=last.minutes + now.minutes)
            spans.append(now)
            last = now
    return spans


class _History:
    """What was known of each case on a day: stage, worker, Chaos Score, way and rhythm."""

    def __init__(self, service: Service, first: datetime.date, last: datetime.date) -> None:
        ended = service.stage_changes.exclude(stage__in=OPEN_STAGES).filter(at__date__lt=first)
        cases = service.cases.exclude(pk__in=ended.values("case")).filter(opened_at__date__lte=last)
        found = cases.exclude(worker=None).order_by("pk")
        self._worker_now: dict[int, int] = dict(found.values_list("pk", "worker"))
        within = {"case__in": found.values("pk")}
        stages = service.stage_changes.filter(**within).order_by("at", "pk")
        self.stages = _by_case(stages.values_list("case", TruncDate("at"), "stage"))
        given = service.allocations.filter(**within).order_by("at", "pk")
        self.workers = _by_case(given.values_list("case", TruncDate("at"), "worker"))
        complete = service.assessments.filter(**within, instrument__slug=CHAOS_SCORE).exclude(total=None)
        scores = complete.order_by("scored_on", "pk")
        self.scores = _by_case(scores.values_list("case", F("scored_on"), "total"))
        needs = service.case_needs.filter(**within).order_by("at", "pk")
        self.travel = _by_case(needs.values_list("case", TruncDate("at"), "travel"))
        agreed = service.boundaries.filter(**within).order_by("at", "pk")
        self.rhythm = _by_case(agreed.values_list("case", TruncDate("at"), "rhythm_days"))

    @property
    def cases(self) -> list[int]:
        """The cases, oldest first."""
        return list(self._worker_now)

    def worker(self, case: int, day: datetime.date) -> int:
        """Who carried the case on a day; before anybody was given it, the first one who was."""
        given = self.workers.get(case)
        if not given:
            return self._worker_now[case]
        worker: int = self.at(self.workers, case, day) or given[0][1]
        return worker

    @staticmethod
    def at(rows: Mapping[int, list[tuple[datetime.date, Any]]], case: int, day: datetime.date) -> Any:
        """The last value that was there on the day; None before the first."""
        told = rows.get(case, [])
        position = bisect_right(told, day, key=lambda row: row[0])
        return told[position - 1][1] if position else None


def _by_case(rows: Iterable[tuple[int, datetime.date, Any]]) -> dict[int, list[tuple[datetime.date, Any]]]:
    found: dict[int, list[tuple[datetime.date, Any]]] = defaultdict(list)
    for case, day, value in rows:
        found[case].append((day, value))
    return found

"""For which days each measure is known. Where no source covers a day, nothing is known of it: not even zero."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cohorts.lists.selection import BY_NHS_NUMBER
from cohorts.models import Coverage as SourceCoverage
from cohorts.models import ExtractStatus, IdentifierKind, Shape
from governance.models import Service

# An extract's period runs from its first row to its last, so one that follows may begin a few days later.
LONGEST_GAP_DAYS = 7
ONE_DAY = datetime.timedelta(days=1)
Period = tuple[datetime.date, datetime.date]


@dataclass(frozen=True)
class Covered:
    """A measure, the sources that cover it, and the days they all cover: `start` to the day before `end`."""

    measure: str
    sources: tuple[int, ...] = ()
    start: datetime.date | None = None
    end: datetime.date | None = None
    why_not: str = "No source sends this measure."
    known_by: frozenset[int] = frozenset({BY_NHS_NUMBER})

    @property
    def supplied(self) -> bool:
        """Whether rates can be counted at all."""
        return self.start is not None

    def includes(self, first: datetime.date, last: datetime.date) -> bool:
        """Whether every day from first to last is covered."""
        return self.start is not None and self.end is not None and self.start <= first and last < self.end


@dataclass(frozen=True)
class Feed:
    """A source and what was stored of it."""

    source: int
    name: str
    organisation: str
    measure: str
    shape: str
    coverage: str
    known_by: int
    extracts: tuple[Mapping[str, Any], ...]

    @property
    def counts_for_rates(self) -> bool:
        """A list of people over a threshold says nothing about those who fell off it; counts carry no dates."""
        return self.shape == Shape.ATTENDANCES and self.coverage == SourceCoverage.EVERYONE

    def period(self, cut: datetime.date) -> Period | None:
        """The newest unbroken run of days up to the cut."""
        runs = unbroken(
            (each["period_from"], min(each["period_to"], cut))
            for each in self.extracts
            if each["period_from"] and each["period_to"] and each["period_from"] <= cut
        )
        return runs[-1] if runs else None


EXTRACT_FIELDS = (
    "pk",
    "source_id",
    "period_from",
    "period_to",
    "committed_at",
    "rows_kept",
    "rows_rejected",
    "sha256",
    "source__name",
)


def feeds(service: Service, *, known: datetime.datetime) -> list[Feed]:
    """Every source of the service with the extracts stored before the moment `known`."""
    extracts: dict[int, list[Mapping[str, Any]]] = {}
    # The answer to a data request is about the people it names: of everybody else it says nothing.
    stored = service.extracts.filter(status=ExtractStatus.COMMITTED, committed_at__lt=known, answers=None)
    for each in stored.order_by("period_from", "pk").values(*EXTRACT_FIELDS):
        extracts.setdefault(each["source_id"], []).append(each)
    return [
        Feed(
            source=source.pk,
            name=source.name,
            organisation=source.organisation.name,
            measure=source.measure,
            shape=source.shape,
            coverage=source.coverage,
            known_by=source.organisation_id
            if source.identifier == IdentifierKind.PSEUDONYM
            else BY_NHS_NUMBER,
            extracts=tuple(extracts.get(source.pk, ())),
        )
        for source in service.sources.select_related("organisation")
    ]


def covered(measure: str, all_feeds: Iterable[Feed], *, cut: datetime.date) -> Covered:
    """The days on which every source of the measure was covered, up to and including the cut.

    All of them: when a second hospital joins, its figures must not look like a rise.
    """
    own = [feed for feed in all_feeds if feed.measure == measure]
    usable = [(feed, feed.period(cut)) for feed in own if feed.counts_for_rates]
    periods = [(feed, period) for feed, period in usable if period]
    if not periods:
        return Covered(measure, why_not=_why_not(own))
    start = max(first for _, (first, _) in periods)
    end = min(last for _, (_, last) in periods) + ONE_DAY
    if start >= end:
        return Covered(measure, why_not="Its sources cover no day in common.")
    known_by = frozenset(feed.known_by for feed, _ in periods)
    return Covered(measure, tuple(feed.source for feed, _ in periods), start, end, "", known_by)


def counted(covers: Mapping[str, Covered]) -> set[int]:
    """The sources that rates come from."""
    return {source for each in covers.values() for source in each.sources}


def unbroken(periods: Iterable[Period]) -> list[Period]:
    """Periods joined where the next begins within a week of the end of the one before, oldest first."""
    runs: list[Period] = []
    for first, last in sorted(periods):
        if runs and (first - runs[-1][1]).days <= LONGEST_GAP_DAYS:
            runs[-1] = (runs[-1][0], max(runs[-1][1], last))
        else:
            runs.append((first, last))
    return runs


def _why_not(own: list[Feed]) -> str:
    if not own:
        return "No source sends this measure."
    if not any(feed.extracts for feed in own):
        return "No extract of it has been stored up to this quarter."
    if all(feed.shape == Shape.PEOPLE for feed in own):
        return "Its source sends counts without dates, which are neither before nor after a day."
    if not any(feed.counts_for_rates for feed in own):
        return "Its source sends only people on a list, and says nothing about those who fell off it."
    return "Its extracts cover no day up to this quarter."

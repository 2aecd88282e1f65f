"""What the pages of scores need to know: which instruments there are, and how a case went on each."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils.safestring import SafeString, mark_safe

from casework import pictures, scoring
from casework.actions.assessment import Goal
from casework.models import Assessment, AssessmentAnswer, Case, Instrument, InstrumentItem
from casework.pictures import Point
from casework.scoring import CHAOS_SCORE, Scoring
from casework.wording import count
from governance.models import Service

EARLIER_SHOWN = 6
TREND_SHOWN = 12


@dataclass(frozen=True)
class Trend:
    """How one figure of an instrument went: a picture, and the same as a table."""

    title: str
    picture: SafeString
    head: list[dict[str, Any]]
    rows: list[list[str]]


@dataclass(frozen=True)
class Scored:
    """One scoring: its row, the version of the questions it was made with, and the answers by code."""

    row: Assessment
    instrument: Instrument
    answers: dict[str, int]
    goals: dict[str, Goal]

    @property
    def words(self) -> str:
        """The figure with its band, or why there is none, and what stands beside it."""
        return "; ".join([self.figure, *self.beside])

    @property
    def beside(self) -> list[str]:
        """Answers that are not part of the total, each with its question."""
        found = [
            item for item in self.instrument.items.all() if not item.weight and item.code in self.answers
        ]
        return [f"{item.label} {_value(item, self.answers[item.code])}" for item in found]

    @property
    def figure(self) -> str:
        """The figure with its band, or why there is none."""
        rules, total = rules_of(self.instrument), self.row.total
        if total is not None:
            span, band = (
                scoring.span(self.instrument.scoring, rules),
                scoring.band(self.instrument.bands, total),
            )
            figure = scoring.words(total) + (f" of {span[1]}" if span else "")
            return f"{figure}, {band[:1].lower()}{band[1:]}" if band else figure
        if self.instrument.scoring == Scoring.GOALS:
            return f"{count(len(self.goals), 'goal')} written down, not looked back at yet"
        counted = [item for item in rules if item.weight]
        given = len(counted) - len(scoring.missing(counted, self.answers))
        start = "" if self.instrument.scoring == Scoring.EACH else "no total, "
        return f"{start}{given} of {len(counted)} answered"


@dataclass
class Sheet:
    """One instrument and what a case was scored with it, newest first."""

    instrument: Instrument
    scorings: list[Scored] = field(default_factory=list)

    @property
    def newest(self) -> str:
        """The last scoring in a sentence."""
        last = self.scorings[0]
        return f"{last.row.scored_on:%-d %B %Y}: {last.words} ({last.row.by.name})"

    @property
    def trends(self) -> list[Trend]:
        """A trend for the total, once there is one, and for each question that is not part of it."""
        rows = self.scorings[:TREND_SHOWN][::-1]
        items = list(self.instrument.items.all())
        if self.instrument.scoring == Scoring.EACH:
            return [self._of_question(item, rows) for item in items]
        alone = [item for item in items if not item.weight]
        total = [self._of_total(rows)] if any(each.row.total is not None for each in rows) else []
        return [*total, *(self._of_question(item, rows) for item in alone)]

    @property
    def ends(self) -> tuple[float, float] | None:
        """The ends of the scale of the total, where it has any."""
        made_by_owner = self.instrument.lowest, self.instrument.highest
        if made_by_owner[0] is not None and made_by_owner[1] is not None:
            return float(made_by_owner[0]), float(made_by_owner[1])
        return scoring.span(self.instrument.scoring, rules_of(self.instrument))

    def _of_total(self, rows: list[Scored]) -> Trend:
        points = [
            Point(each.row.scored_on, None if each.row.total is None else float(each.row.total))
            for each in rows
        ]
        words = [[f"{each.row.scored_on:%-d %B %Y}", each.figure] for each in rows]
        return _trend(f"{self.instrument.slug}-total", self.instrument.title, points, self.ends, words)

    def _of_question(self, item: InstrumentItem, rows: list[Scored]) -> Trend:
        points, words = [], []
        for each in rows:
            value = each.answers.get(item.code)
            points.append(Point(each.row.scored_on, None if value is None else float(value)))
            band = scoring.band(each.instrument.bands, value, of=item.code)
            words.append([f"{each.row.scored_on:%-d %B %Y}", _value(item, value, band)])
        ends = (float(min(item.values)), float(max(item.values)))
        return _trend(f"{self.instrument.slug}-{item.code}", item.label, points, ends, words)


def _value(item: InstrumentItem, value: int | None, band: str = "") -> str:
    if value is None:
        return "Not answered"
    told = band or item.anchor(value)
    return f"{value} ({told.lower()})" if told else str(value)


def _trend(
    chart_id: str, title: str, points: list[Point], ends: tuple[float, float] | None, rows: list[list[str]]
) -> Trend:
    drawn = pictures.trend(f"trend-{chart_id}", title, points, ends=ends)
    picture = mark_safe(drawn)  # noqa: S308  # nosec  # drawn by us, each word of it escaped
    return Trend(title, picture, [{"label": "Day"}, {"label": "Figure"}], rows[::-1])


def rules_of(instrument: Instrument) -> list[scoring.Item]:
    """The questions of an instrument as scoring sees them."""
    return [item.rule for item in instrument.items.all()]


def every_version(service: Service) -> list[Instrument]:
    """All versions of the instruments the service can use, with their questions; the newest of each last."""
    rows = Instrument.objects.filter(Q(service=service) | Q(service=None)).prefetch_related("items")
    return sorted(rows, key=lambda row: (row.service_id is not None, row.version))


def newest(versions: Iterable[Instrument]) -> dict[str, Instrument]:
    """Of each the version in use by its name: the service's own wording before everybody's; Chaos Score first."""
    found = {row.slug: row for row in versions}
    return dict(
        sorted(found.items(), key=lambda pair: (pair[0] != CHAOS_SCORE, pair[1].is_slot, pair[1].title))
    )


def scorings(case: Case, versions: Iterable[Instrument], slug: str = "") -> list[Scored]:
    """Scorings of a case, newest first, with one instrument or with all. One query."""
    by_id = {row.pk: row for row in versions}
    answers = AssessmentAnswer.objects.filter(assessment=OuterRef("pk")).order_by("item__number")
    rows = case.assessments.select_related("by").annotate(
        told=ArraySubquery(
            answers.values(found=JSONObject(code="item__code", value="value", words="words", weight="weight"))
        )
    )
    found = rows.filter(instrument__slug=slug) if slug else rows
    return [_scored(row, by_id[row.instrument_id]) for row in found]


def _scored(row: Any, instrument: Instrument) -> Scored:
    return Scored(
        row=row,
        instrument=instrument,
        answers={each["code"]: each["value"] for each in row.told if each["value"] is not None},
        goals={each["code"]: Goal(each["words"], each["weight"]) for each in row.told if each["words"]},
    )


@dataclass(frozen=True)
class Sheets:
    """The instruments a case was scored with, and the others."""

    used: list[Sheet]
    unused: list[Sheet]


def sheets(service: Service, case: Case) -> Sheets:
    """Each instrument with what the case was scored with it. Three queries."""
    versions = every_version(service)
    found = {slug: Sheet(instrument) for slug, instrument in newest(versions).items()}
    for each in scorings(case, versions):
        found[each.instrument.slug].scorings.append(each)
    every = found.values()
    return Sheets([each for each in every if each.scorings], [each for each in every if not each.scorings])

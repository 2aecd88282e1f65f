"""What the figures rest on: which measures a source covers, for which days, and how old the data are."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone

from evaluation import blocks, disclosure
from evaluation.coverage import ONE_DAY, Covered, Feed
from evaluation.evidence import Evidence
from evaluation.measures import ACTIVITY, BY_KEY
from evaluation.quarters import Quarter
from evaluation.sections.wording import listing, window_label, window_to_lead

WITHOUT_ANSWER = "apart from people who have not answered yet"
LEFT_THE_RATES = (
    "Not supplied means that no source covers them for the time before, or that they said no to the use of their "
    "figures. None of these counts as 0: all are left out of the rates, above and below the line."
)


def build(evidence: Evidence) -> dict[str, Any]:
    """The first section, in words short enough for page one."""
    missing = [
        BY_KEY[key].name for key in BY_KEY if key in evidence.coverage and key not in evidence.supplied
    ]
    parts = [blocks.text(_age(evidence))]
    if missing:
        parts.append(
            blocks.inset(
                f"Not supplied: {listing(missing)}. Nothing is known of them, so nothing is counted as 0."
            )
        )
    if evidence.supplied:
        names: dict[str, list[str]] = {}
        for key in evidence.supplied:
            names.setdefault(_not_counted(evidence, key), []).append(BY_KEY[key].name)
        said = [f"{listing(of)}{words}" for words, of in names.items()]
        parts.append(blocks.bullets(said))
        parts += [blocks.text(LEFT_THE_RATES)] if any("not supplied" in each for each in said) else []
    parts.append(blocks.text(_left_out(evidence)))
    return blocks.section("completeness", "What these figures rest on", parts)


def received(evidence: Evidence) -> dict[str, Any]:
    """The same in detail: days and sources of each measure, and every feed."""
    return blocks.section(
        "received", "What was covered and received", [_measures(evidence), _sources(evidence)]
    )


def _age(evidence: Evidence) -> str:
    data_to = evidence.data_to
    if data_to is None:
        return "No extract covers the people of this service yet, so no rate of activity can be given."
    frozen_on = timezone.localdate(evidence.frozen_at)
    days = (frozen_on - data_to).days
    sentence = (
        f"Activity is known up to {_day(data_to)}, {days} days before this report was frozen "
        f"on {_day(frozen_on)}."
    )
    missing_days = (evidence.quarter.last_day - data_to).days
    if missing_days > 0:
        sentence += f" The last {missing_days} days of the quarter are not covered."
    return sentence


def _not_counted(evidence: Evidence, measure: str) -> str:
    """Whom the extracts do not cover: not supplied, and out of the denominator. To stand behind the name of the measure."""
    days = window_to_lead(evidence, measure)
    flow = evidence.impacts[measure, days]["flow"]
    before, after = (disclosure.count(flow[key]) for key in ("not_supplied", "not_enough_follow_up"))
    span = f", {window_label(days)} before and after"
    if before.value == after.value == 0:
        return f"{span}: everybody listed or referred, {WITHOUT_ANSWER}, is covered."
    return (
        f"{span}. Of everybody listed or referred, {WITHOUT_ANSWER}, activity of {before} people is not supplied, "
        f"and {after} are not covered for the whole time after yet."
    )


def _left_out(evidence: Evidence) -> str:
    """Who is in no figure of the report, under the same rule as any other count."""
    if not evidence.left_out:
        return "People left out because they opted out of uses beyond their own care, or objected: none."
    number = disclosure.count(evidence.left_out)
    return (
        f"{number} people left out: opted out of uses of their data beyond their own care (national data opt-out), "
        "or objected to evaluation. They are in no figure of this report, neither above nor below the line."
    )


def _measures(evidence: Evidence) -> blocks.Block:
    return blocks.table(
        "coverage",
        "Which measures are covered",
        first="Measure",
        columns=[
            blocks.words_column("Days covered", figure="days covered"),
            blocks.words_column("By, or why not", figure="sources, or why not supplied"),
        ],
        rows=[
            blocks.row(each.name, _covered(evidence, evidence.coverage[each.key]), measure=each.name)
            for each in ACTIVITY
        ],
        how=(
            "From the periods of the extracts that were stored. Where several sources send a measure, only the days "
            "that all of them cover count. A source that sends only people on a list covers nobody who fell off it."
        ),
    )


def _covered(evidence: Evidence, known: Covered) -> list[disclosure.Disclosed | str]:
    if known.start is None or known.end is None:
        return [disclosure.NOT_SUPPLIED, known.why_not]
    names = [feed.name for feed in evidence.feeds if feed.source in known.sources]
    return [f"{_day(known.start)} to {_day(known.end - ONE_DAY)}", listing(names)]


def _sources(evidence: Evidence) -> blocks.Block:
    return blocks.table(
        "extracts",
        "What was received",
        first="Source",
        columns=[
            blocks.words_column("Sent by", figure="organisation"),
            blocks.words_column("Extracts", figure="extracts stored"),
            blocks.words_column("Period", figure="period"),
            blocks.column("Rows stored", figure="rows stored"),
            blocks.column("Rows refused", figure="rows refused"),
        ],
        rows=[_source(feed, evidence.quarter) for feed in evidence.feeds],
        how="From the record kept of each extract: every row is either stored or refused with a reason.",
    )


def _source(feed: Feed, quarter: Quarter) -> dict[str, Any]:
    starts = [each["period_from"] for each in feed.extracts if each["period_from"]]
    ends = [each["period_to"] for each in feed.extracts if each["period_to"]]
    period = f"{_day(min(starts))} to {_day(max(ends))}" if starts and ends else "–"
    kept = sum(each["rows_kept"] for each in feed.extracts)
    refused = sum(each["rows_rejected"] for each in feed.extracts)
    newest = feed.period(quarter.last_day)
    broken = newest and starts and newest[0] > min(starts) and feed.counts_for_rates
    note = f"There is a gap: only the days from {_day(newest[0])} are used." if newest and broken else ""
    return blocks.row(
        feed.name,
        [
            feed.organisation,
            f"{len(feed.extracts)}",
            period,
            disclosure.count(kept) if feed.extracts else disclosure.NOT_SUPPLIED,
            disclosure.count(refused) if feed.extracts else disclosure.NOT_SUPPLIED,
        ],
        note=note,
        group=feed.name,
        measure=BY_KEY[feed.measure].name,
    )


def _day(day: datetime.date) -> str:
    return f"{day:%-d %B %Y}"

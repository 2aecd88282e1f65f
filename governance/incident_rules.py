"""Pure rules of incidents: the clock of a breach, and what may be said of an incident when. No queries, no clock."""

import datetime
from enum import StrEnum

from governance.rules import RuleBroken

# UK GDPR Article 33(1): to the ICO within 72 hours of becoming aware, where feasible. Hours, not working hours.
BREACH_HOURS = 72
# With less than this left the clock is red.
URGENT_HOURS = 24
CLOCK_SLACK = datetime.timedelta(minutes=15)
EARLIEST_DAY = datetime.date(1900, 1, 1)


class Breach(StrEnum):
    """What was decided about personal data."""

    NO = "no"
    NOTIFY = "notify"
    UNLIKELY = "unlikely"


class Step(StrEnum):
    """Something done about an incident."""

    ACTION = "action"
    ICO = "ico"
    DSPT = "dspt"
    PERSON_TOLD = "person_told"
    FINISHED = "finished"
    REOPENED = "reopened"


# A report through the NHS toolkit reaches the ICO as well.
REPORTS = frozenset({Step.ICO, Step.DSPT})


def deadline(aware_at: datetime.datetime) -> datetime.datetime:
    """When the 72 hours end, in UTC; the hours that a clock change adds or takes are not counted."""
    return aware_at.astimezone(datetime.UTC) + datetime.timedelta(hours=BREACH_HOURS)


def clock_runs(breach: str | None, *, reported: bool) -> bool:
    """Whether the 72 hours count: until somebody decides, and for a breach until it is reported."""
    return breach not in (Breach.NO, Breach.UNLIKELY) and not reported


def hours_left(aware_at: datetime.datetime, now: datetime.datetime) -> int:
    """Whole hours until the deadline; below zero once it has passed."""
    return int((deadline(aware_at) - now).total_seconds() // 3600)


def clock_words(aware_at: datetime.datetime, now: datetime.datetime) -> str:
    """How long is left, or by how much the deadline has passed."""
    left = hours_left(aware_at, now)
    number = abs(left)
    unit = "hour" if number == 1 else "hours"
    if left < 0:
        return f"{number} {unit} late"
    return f"{number} {unit} left" if left else "less than an hour left"


def is_urgent(aware_at: datetime.datetime, now: datetime.datetime) -> bool:
    """Whether the clock is red."""
    return hours_left(aware_at, now) < URGENT_HOURS


def check_times(
    happened_on: datetime.date | None,
    aware_at: datetime.datetime,
    *,
    now: datetime.datetime,
    today: datetime.date,
    aware_on: datetime.date,
) -> None:
    """Raise RuleBroken unless it can have happened and been noticed then. `aware_on` is the day of `aware_at`."""
    if aware_at > now + CLOCK_SLACK:
        raise RuleBroken("The time it was noticed has not come yet. Enter when somebody first noticed it.")
    if happened_on is None:
        return
    if happened_on > today:
        raise RuleBroken(f"{happened_on:%-d %B %Y} has not come yet. Enter the day it happened.")
    if happened_on < EARLIEST_DAY:
        raise RuleBroken(f"The year {happened_on.year} is too long ago. Write the year with four digits.")
    if aware_on < happened_on:
        raise RuleBroken("It cannot be noticed before it happened. Check both days.")


def check_done(done_at: datetime.datetime, *, now: datetime.datetime) -> None:
    """Raise RuleBroken when a step is said to be done later than now."""
    if done_at > now + CLOCK_SLACK:
        raise RuleBroken("The time it was done has not come yet. Enter when it was done.")


def after_words(aware_at: datetime.datetime, done_at: datetime.datetime) -> str:
    """How long after somebody became aware a report was made, and whether that was in time."""
    hours = max(0, int((done_at - aware_at).total_seconds() // 3600))
    unit = "hour" if hours == 1 else "hours"
    verdict = "in time" if done_at <= deadline(aware_at) else f"later than {BREACH_HOURS} hours"
    return f"{hours} {unit} after somebody became aware: {verdict}"


def check_step(
    kind: str, *, words: str, reference: str, breach: str | None, reported: bool, finished: bool
) -> None:
    """Raise RuleBroken, with what to do first, unless this step can be written down now."""
    if finished and kind != Step.REOPENED:
        raise RuleBroken('This incident is finished. Choose "Opened again" first.')
    if kind == Step.REOPENED and not finished:
        raise RuleBroken("This incident is open already.")
    if kind in REPORTS and not reference.strip():
        raise RuleBroken("Enter the reference that the report was given.")
    if kind not in REPORTS and not words.strip():
        raise RuleBroken("Say in a sentence what was done." if kind != Step.FINISHED else LEARNING)
    if kind == Step.FINISHED and breach is None:
        raise RuleBroken("Decide first whether this is a personal data breach.")
    if kind == Step.FINISHED and breach == Breach.NOTIFY and not reported:
        raise RuleBroken("This breach must be reported first. Write down the report with its reference.")


LEARNING = "Say what was learned, so that it does not happen again."

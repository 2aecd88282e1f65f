"""Pure rules of referrals: where one stands, what may be done, and the clock. No queries, no "now"."""

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from governance.rules import RuleBroken

# From receipt to the first try to get in touch: the indicator of the Next Steps service at Chelsea and
# Westminster (Strategy Unit evaluation, appendix C). Pauses do not count.
TIME_LIMIT = datetime.timedelta(hours=24)
# A phone's clock may run ahead of ours by this much.
CLOCK_SLACK = datetime.timedelta(minutes=15)
# How far back a referral taken by phone may be written down.
LATEST_ENTRY = datetime.timedelta(days=31)
_MINUTE = datetime.timedelta(minutes=1)


class Step(StrEnum):
    """One thing that happened to a referral; each is a row that is never edited."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    PAUSED = "paused"
    RESUMED = "resumed"
    ATTEMPT = "attempt"
    UNTRIED = "untried"
    ENDED = "ended"


class Status(StrEnum):
    """Where a referral stands, as the referrer is told as well."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    CONTACTED = "contacted"
    DECLINED = "declined"
    ENDED = "ended"


@dataclass(frozen=True)
class Happened:
    """A step as the rules need it; `reason` is a code. Times are aware."""

    kind: str
    at: datetime.datetime
    reason: str = ""


@dataclass(frozen=True)
class Clock:
    """How long a person has waited for a first contact, pauses left out.

    `due_at` is when the time is over if nothing more is paused; None while it is paused or has stopped.
    """

    elapsed: datetime.timedelta
    is_running: bool
    pause: Happened | None = None
    due_at: datetime.datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether more than the time allowed has gone by; exactly 24 hours is in time."""
        return self.elapsed > TIME_LIMIT

    @property
    def left(self) -> datetime.timedelta:
        """What remains; less than nothing where it is over."""
        return TIME_LIMIT - self.elapsed


def standing(steps: Sequence[Happened]) -> list[Happened]:
    """The steps without first contacts that were taken back; what takes one back bears its very moment."""
    taken_back = Counter(step.at for step in steps if step.kind == Step.UNTRIED)
    found = []
    for step in steps:
        if step.kind == Step.ATTEMPT and taken_back[step.at]:
            taken_back[step.at] -= 1
        elif step.kind != Step.UNTRIED:
            found.append(step)
    return found


def clock(received_at: datetime.datetime, steps: Iterable[Happened], now: datetime.datetime) -> Clock:
    """The clock of a referral at a moment, from its steps in any order.

    It starts at receipt and stops at the first attempt, or where the referral is declined or ends. Hours
    are hours that pass: on the night the clocks change, a day of the calendar has 23 or 25 of them.
    """
    start, end = _utc(received_at), _utc(now)
    ordered = sorted(steps, key=lambda step: _utc(step.at))
    stops = [step for step in ordered if step.kind in (Step.ATTEMPT, Step.DECLINED, Step.ENDED)]
    if stops:
        end = min(end, _utc(stops[0].at))
    paused, pause = datetime.timedelta(0), None
    for step in ordered:
        at = min(max(_utc(step.at), start), end)
        if step.kind == Step.PAUSED and pause is None:
            pause, since = step, at
        elif step.kind == Step.RESUMED and pause is not None:
            paused, pause = paused + (at - since), None
    if pause is not None:
        paused += end - since
    elapsed = max(end - start - paused, datetime.timedelta(0))
    if stops:
        return Clock(elapsed, is_running=False)
    due_at = None if pause else end + TIME_LIMIT - elapsed
    return Clock(elapsed, is_running=pause is None, pause=pause, due_at=due_at)


def _utc(moment: datetime.datetime) -> datetime.datetime:
    """Two London times are subtracted by what the wall shows, so an hour would be lost in spring."""
    return moment.astimezone(datetime.UTC)


def status(kinds: Iterable[str]) -> Status:
    """Where a referral stands that has steps of these kinds."""
    done = set(kinds)
    if Step.DECLINED in done:
        return Status.DECLINED
    if Step.ENDED in done:
        return Status.ENDED
    if Step.ATTEMPT in done:
        return Status.CONTACTED
    return Status.ACCEPTED if Step.ACCEPTED in done else Status.RECEIVED


def is_paused(steps: Iterable[Happened]) -> bool:
    """Whether the newest of the pauses has not ended."""
    turns = [step for step in steps if step.kind in (Step.PAUSED, Step.RESUMED)]
    return bool(turns) and max(turns, key=lambda step: _utc(step.at)).kind == Step.PAUSED


def possible(steps: Sequence[Happened]) -> frozenset[Step]:
    """What may be done next with a referral."""
    kinds = {step.kind for step in steps}
    if kinds & {Step.DECLINED, Step.ENDED}:
        return frozenset()
    found = set() if Step.ACCEPTED in kinds else {Step.ACCEPTED, Step.DECLINED}
    if Step.ATTEMPT not in kinds:
        found |= {Step.ATTEMPT, Step.RESUMED if is_paused(steps) else Step.PAUSED}
    if Step.ACCEPTED in kinds:
        found.add(Step.ENDED)
    return frozenset(found)


_WHY_NOT: dict[Step, str] = {
    Step.ACCEPTED: "This referral was decided on before. Nothing was changed.",
    Step.DECLINED: "This referral was decided on before. Nothing was changed.",
    Step.PAUSED: "The clock of this referral is not running, so it cannot be paused.",
    Step.RESUMED: "The clock of this referral is not paused.",
    Step.ATTEMPT: "The first contact was noted before. Log what came after it as a contact on the case.",
    Step.UNTRIED: "Take back the contact that was logged on the case instead.",
    Step.ENDED: "This referral was not accepted, or support has ended before.",
}


def check_possible(step: Step, steps: Sequence[Happened]) -> None:
    """Raise RuleBroken, saying why, unless the step may follow on these."""
    if step not in possible(steps):
        raise RuleBroken(_WHY_NOT[step])


def check_received(received_at: datetime.datetime, *, now: datetime.datetime) -> None:
    """Raise RuleBroken unless a referral can have come then. Both times are aware."""
    if received_at > now + CLOCK_SLACK:
        raise RuleBroken("The referral cannot have come in the future. Enter when you were told.")
    if received_at < now - LATEST_ENTRY:
        days = LATEST_ENTRY.days
        raise RuleBroken(f"That is more than {days} days ago. Ask the referrer whether it is still wanted.")


def check_attempt(at: datetime.datetime, *, received_at: datetime.datetime, now: datetime.datetime) -> None:
    """Raise RuleBroken unless a first contact can have been tried then. All times are aware."""
    if at > now + CLOCK_SLACK:
        raise RuleBroken("The first contact cannot be in the future. Enter when you tried.")
    if _utc(at) < _utc(received_at) - _MINUTE:
        raise RuleBroken("The first contact cannot be before the referral came. Check the day and the time.")


def in_words(clock: Clock) -> str:
    """The clock as people say it: 5 hours left; 3 hours over; first contact after 40 minutes."""
    if not clock.is_running and clock.pause is None:
        return f"stopped after {hours(clock.elapsed)}"
    if clock.is_over:
        return f"{hours(-clock.left)} over"
    return f"{hours(clock.left)} left"


def hours(span: datetime.timedelta) -> str:
    """A stretch of time in hours, or in minutes where it is less than one; days from two on."""
    minutes = int(span / _MINUTE)
    if minutes < 60:
        return "less than a minute" if not minutes else _count(minutes, "minute")
    if minutes < 48 * 60:
        return _count(minutes // 60, "hour")
    return _count(minutes // (24 * 60), "day")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


@dataclass(frozen=True)
class Identity:
    """Who somebody is said to be. Empty where it was not said."""

    first_name: str
    last_name: str
    birth_date: datetime.date | None
    nhs_number: str | None


def same_person(told: Identity, known: Identity) -> bool:
    """Whether a referral may be put to the record of somebody known.

    By the NHS number, where the date of birth or the last name agrees as well: one wrong digit can make the
    number of somebody else. Without a number on either side by full name and date of birth, all the same.
    """
    same_last = _same_name(told.last_name, known.last_name)
    same_birth = told.birth_date is not None and told.birth_date == known.birth_date
    if told.nhs_number and known.nhs_number:
        return told.nhs_number == known.nhs_number and (same_birth or same_last)
    return same_birth and same_last and _same_name(told.first_name, known.first_name)


def differences(told: Identity, known: Identity) -> list[str]:
    """What a referral says otherwise than the record, by name of the detail; what one leaves out is no difference."""
    found = []
    if told.first_name and known.first_name and not _same_name(told.first_name, known.first_name):
        found.append("first name")
    if told.last_name and known.last_name and not _same_name(told.last_name, known.last_name):
        found.append("last name")
    if told.birth_date and known.birth_date and told.birth_date != known.birth_date:
        found.append("date of birth")
    if told.nhs_number and told.nhs_number != known.nhs_number:
        found.append("NHS number")
    return found


def _same_name(one: str, other: str) -> bool:
    return bool(_plain(one)) and _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("-", " ").replace("’", "'").split())

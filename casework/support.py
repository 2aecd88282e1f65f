"""How a service supports people: which tries a first contact takes, and how long support goes on. Pure."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from governance.rules import RuleBroken

WEEK = datetime.timedelta(weeks=1)
MOST_TRIES = 12
LONGEST_WAIT = 60
LONGEST_TERM = 104
# What a try can be, and how to go about it.
TRIES: dict[str, str] = {
    "call": "Ring, at another time of day than before.",
    "text": "Send a text message: your first name, that you would like to help, and when you will ring.",
    "letter": "Put a card or a letter through the door. Nothing on the envelope says what kind of service it is from.",
    "home": "Knock, in a pair. Say your name and that you will come again if it is a bad time.",
    "ward": "Ask the hospital to let you know when they are there, and say hello.",
}
FIRST_CALL = "Ring, and offer support."


@dataclass(frozen=True)
class Try:
    """A rung of the ladder: what kind of contact, so many days after the one before."""

    kind: str
    after_days: int


# Ours to propose, from what services tell: calls that nobody expects, a card through the door, visits in pairs,
# and several tries before a yes (Strategy Unit evaluation; British Red Cross).
LADDER = (
    Try("call", 0),
    Try("call", 2),
    Try("text", 2),
    Try("letter", 5),
    Try("home", 7),
    Try("call", 14),
)


@dataclass(frozen=True)
class Way:
    """A service's way of working. `weeks` is None where support has no fixed end."""

    ladder: Sequence[Try] = field(default=LADDER)
    # When a "not now" without a day comes up again.
    ask_again_days: int = 28
    weeks: int | None = None
    review_weeks: int | None = 12

    @property
    def words(self) -> str:
        """How long support goes on, in a sentence."""
        review = f"a review after {self.review_weeks} weeks" if self.review_weeks else "no fixed review"
        if self.weeks is None:
            return f"Support has no fixed end; {review}{' and then each time' if self.review_weeks else ''}."
        return f"Support goes on for {self.weeks} weeks, with {review}."


def from_told(told: Mapping[str, Any] | None) -> Way:
    """The way of working from a stored row or a preset; the default where nothing is stored."""
    if not told:
        return Way()
    ladder = tuple(Try(each["kind"], int(each["after_days"])) for each in told.get("ladder") or ()) or LADDER
    return Way(ladder, int(told.get("ask_again_days") or 28), told.get("weeks"), told.get("review_weeks"))


def check_way(way: Way) -> None:
    """Raise RuleBroken, saying what to change, unless a service can work this way."""
    if not 1 <= len(way.ladder) <= MOST_TRIES:
        raise RuleBroken(f"Name at least one try and at most {MOST_TRIES}.")
    for number, each in enumerate(way.ladder, 1):
        if each.kind not in TRIES:
            raise RuleBroken(f"Try {number}: choose what is done.")
        if not 0 <= each.after_days <= LONGEST_WAIT:
            raise RuleBroken(f"Try {number}: wait between 0 and {LONGEST_WAIT} days.")
    if not 1 <= way.ask_again_days <= 366:
        raise RuleBroken("Ask again after 1 to 366 days.")
    for weeks in (way.weeks, way.review_weeks):
        if weeks is not None and not 1 <= weeks <= LONGEST_TERM:
            raise RuleBroken(f"Give a number of weeks between 1 and {LONGEST_TERM}, or leave it empty.")
    if way.weeks and way.review_weeks and way.review_weeks >= way.weeks:
        raise RuleBroken("The review comes before the end. Give it fewer weeks than support goes on for.")


@dataclass(frozen=True)
class NextTry:
    """What to try next with somebody not reached yet; `is_enough` once every rung was tried."""

    number: int
    of: int
    kind: str
    on: datetime.date | None
    is_enough: bool = False

    @property
    def words(self) -> str:
        """What to do, in a sentence or two."""
        if self.is_enough:
            return (
                f"All {self.of} tries were made. That is enough: move the case to not reached. "
                "They can come back at any time."
            )
        how = FIRST_CALL if (self.kind, self.number) == ("call", 1) else TRIES[self.kind]
        return f"Try {self.number} of {self.of}. {how}"


def next_try(way: Way, *, tries: int, last_on: datetime.date | None, today: datetime.date) -> NextTry:
    """The next rung after so many tries that reached nobody, whatever kind they were."""
    of = len(way.ladder)
    if tries >= of:
        return NextTry(of, of, "", None, is_enough=True)
    rung = way.ladder[tries]
    on = today if last_on is None else last_on + datetime.timedelta(days=rung.after_days)
    return NextTry(tries + 1, of, rung.kind, on)


@dataclass(frozen=True)
class Term:
    """When support is looked at, and when it ends; None where it has no such day."""

    review_on: datetime.date | None
    ends_on: datetime.date | None

    def due(self, today: datetime.date) -> str:
        """What is due today or overdue, in a sentence; empty where nothing is."""
        if self.ends_on and self.ends_on <= today:
            return f"The agreed weeks ended on {self.ends_on:%-d %B %Y}. Step down, or say until when it goes on."
        if self.review_on and self.review_on <= today:
            return f"A review was due on {self.review_on:%-d %B %Y}. Look at the plan together."
        return ""


def term(way: Way, *, began_on: datetime.date | None, reviewed: Mapping[str, Any] | None = None) -> Term:
    """The days of one case. `began_on` is the day they said yes; `reviewed` its newest review, if any.

    `reviewed` has the day it took place (`on`), when the next one is (`next_on`) and the end agreed (`until`). With a
    fixed length one review lies in between; without one they come again after as many weeks each time, also where
    nobody chose a day.
    """
    if began_on is None:
        return Term(None, None)
    ends_on = began_on + way.weeks * WEEK if way.weeks else None
    review_on = began_on + way.review_weeks * WEEK if way.review_weeks else None
    if reviewed:
        said = {name: _day(reviewed.get(name)) for name in ("on", "next_on", "until")}
        ends_on = said["until"] or ends_on
        goes_on = said["on"] + way.review_weeks * WEEK if said["on"] and way.review_weeks else None
        review_on = said["next_on"] or (goes_on if way.weeks is None else None)
    return Term(review_on, ends_on)


def _day(told: Any) -> datetime.date | None:
    return datetime.date.fromisoformat(told) if isinstance(told, str) else told

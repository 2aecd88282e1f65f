"""The questions of an assessment and the lines of the set-up plan, as they ship in governance/checklists.

Data, not code: a new edition of a checklist is a change to its file. No Django here.
"""

import datetime
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).with_name("checklists")


@dataclass(frozen=True)
class Question:
    """One question: its key in the database, what it asks, and what can be chosen, if anything."""

    key: str
    ask: str
    help: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """A page of questions."""

    key: str
    title: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Checklist:
    """One edition of the questions of one kind of assessment."""

    kind: str
    edition: int
    title: str
    source: str
    steps: tuple[Step, ...]

    def step(self, key: str) -> Step | None:
        """A page by its key."""
        return next((step for step in self.steps if step.key == key), None)

    @property
    def questions(self) -> list[Question]:
        return [question for step in self.steps for question in step.questions]


@dataclass(frozen=True)
class Milestone:
    """A line of the set-up plan, planned from the first to the last of two months, each from 1 on."""

    key: str
    title: str
    first_month: int
    last_month: int

    def due_on(self, start: datetime.date) -> datetime.date:
        """The last day of its last month, in a plan that starts on `start`."""
        index = start.year * 12 + start.month - 1 + self.last_month
        year, month = divmod(index, 12)
        after = datetime.date(year, month + 1, min(start.day, _days_in(year, month + 1)))
        return after - datetime.timedelta(days=1)


@dataclass(frozen=True)
class Plan:
    """The set-up plan."""

    source: str
    months: int
    milestones: tuple[Milestone, ...]


@cache
def load(kind: str) -> Checklist:
    """The checklist of a kind of assessment."""
    data = _read(kind)
    steps = tuple(
        Step(step["key"], step["title"], tuple(_question(each) for each in step["questions"]))
        for step in data["steps"]
    )
    return Checklist(kind, data["edition"], data["title"], data["source"], steps)


@cache
def set_up_plan() -> Plan:
    """The lines of the set-up plan."""
    data = _read("set_up")
    lines = tuple(Milestone(each["key"], each["title"], *each["months"]) for each in data["milestones"])
    return Plan(data["source"], data["months"], lines)


def _read(name: str) -> dict[str, Any]:
    with (_FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def _question(data: dict[str, Any]) -> Question:
    return Question(data["key"], data["ask"], data.get("help", ""), tuple(data.get("choices", ())))


def _days_in(year: int, month: int) -> int:
    following = datetime.date(year + month // 12, month % 12 + 1, 1)
    return (following - datetime.timedelta(days=1)).day

"""Schedules of unit costs as data: one TOML file for a price year, read and checked."""

from __future__ import annotations

import datetime
import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from governance.rules import RuleBroken

FOLDER = Path(__file__).resolve().parent
PRICE_YEAR = re.compile(r"\d{4}/\d{2}", re.ASCII)
HEAD = {"title": str, "price_year": str, "valid_from": datetime.date, "source": str, "costs": list}
LONGEST_SOURCE = 300


class ScheduleProblem(RuleBroken):
    """Raised with a sentence: what is wrong with a schedule, where, and what to do."""


@dataclass(frozen=True)
class Cost:
    """What one event of a measure costs, in pounds, and what the figure is made of."""

    measure: str
    amount: Decimal
    what: str


@dataclass(frozen=True)
class Schedule:
    """The unit costs of one price year. `source` and each cost's `what` together are what a report prints."""

    name: str
    title: str
    price_year: str
    valid_from: datetime.date
    source: str
    costs: tuple[Cost, ...]

    def source_of(self, cost: Cost) -> str:
        """What a reader can look up for one cost."""
        return f"{cost.what}. {self.source}"


def names() -> list[str]:
    """The schedules that come with the product."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def shipped(name: str) -> Schedule:
    """One that comes with the product. Raises ScheduleProblem where there is none of this name."""
    if name not in names():
        raise ScheduleProblem(f"There is no schedule '{name}'. There are: {', '.join(names())}.")
    return read(FOLDER / f"{name}.toml")


def read(path: Path) -> Schedule:
    """A schedule from its file. Raises ScheduleProblem."""
    try:
        return parse(path.read_text(encoding="utf-8"), name=path.stem)
    except OSError as problem:
        raise ScheduleProblem(f"{path} cannot be read: {problem.strerror}. Check the name.") from None
    except UnicodeDecodeError:
        raise ScheduleProblem(f"{path} is not a text file in UTF-8. Save it as one.") from None


def parse(text: str, *, name: str) -> Schedule:
    """A schedule from the text of its file. Raises ScheduleProblem."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise ScheduleProblem(f"'{name}' is not TOML: {problem}. Mend that line.") from None
    for key, kind in HEAD.items():
        # A moment is a date to Python, and not to whoever reads "from 1 April".
        if not isinstance(told.get(key), kind) or isinstance(told[key], datetime.datetime) or not told[key]:
            raise ScheduleProblem(
                f"'{name}' needs {key}. Take a schedule that comes with the product as a pattern."
            )
    if not PRICE_YEAR.fullmatch(told["price_year"]):
        raise ScheduleProblem(f"'{name}': write price_year as in 2023/24, not '{told['price_year']}'.")
    made = Schedule(
        name=name,
        title=told["title"],
        price_year=told["price_year"],
        valid_from=told["valid_from"],
        source=told["source"],
        costs=tuple(_cost(name, number, each) for number, each in enumerate(told["costs"], 1)),
    )
    _check(made)
    return made


def _cost(name: str, number: int, told: Any) -> Cost:
    where = f"'{name}', cost {number}"
    if not isinstance(told, dict) or not all(told.get(key) for key in ("measure", "amount", "what")):
        raise ScheduleProblem(f"{where}: give measure, amount and what.")
    try:
        # Written in quotes, so that no binary fraction comes between the source and the report.
        amount = Decimal(str(told["amount"]))
    except InvalidOperation:
        raise ScheduleProblem(
            f'{where}: "{told["amount"]}" is no number of pounds such as "182.50".'
        ) from None
    if not amount.is_finite() or amount <= 0 or amount != round(amount, 2):
        raise ScheduleProblem(f"{where}: write more than £0, in pounds and whole pence.")
    return Cost(str(told["measure"]), amount, str(told["what"]))


def _check(schedule: Schedule) -> None:
    measures = [cost.measure for cost in schedule.costs]
    for each in sorted(set(measures)):
        if measures.count(each) > 1:
            raise ScheduleProblem(f"'{schedule.name}' has two costs of '{each}'. Keep one.")
    for cost in schedule.costs:
        if len(schedule.source_of(cost)) > LONGEST_SOURCE:
            raise ScheduleProblem(
                f"'{schedule.name}', '{cost.measure}': source and what are longer than {LONGEST_SOURCE} characters "
                "together. Shorten them."
            )

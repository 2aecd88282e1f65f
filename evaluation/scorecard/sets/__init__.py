"""Sets of targets as data: one TOML file each, read and checked. Pure: no queries, no clock."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from evaluation.scorecard.scales import SHARES
from governance.rules import RuleBroken

FOLDER = Path(__file__).resolve().parent
COUNTED = {
    "fall:ae",
    "fall:nel",
    "fall:conveyance",
    "fall:call_999",
    "fall:outpatient",
    "new_cases",
    "experience:person",
} | {f"improved:{key}" for key in SHARES}


class KpiProblem(RuleBroken):
    """Raised with a sentence: what is wrong with a set of targets, where, and what to do."""


@dataclass(frozen=True)
class Kpi:
    """One target. `counts` says what it is measured by; where nothing here can, `why_not` says so."""

    number: str
    name: str
    target: float
    unit: str
    counts: str = ""
    why_not: str = ""
    phased: tuple[float, ...] = ()

    def target_in(self, quarter: int) -> float:
        """The target of the set's first, second ... quarter (1, 2 ...); the phases end in the target itself."""
        return self.phased[quarter - 1] if quarter <= len(self.phased) else self.target

    def words(self, amount: float) -> str:
        """An amount in the unit of the target."""
        return f"{amount:g}{self.unit}"


@dataclass(frozen=True)
class KpiSet:
    """Targets that belong together, with their source."""

    name: str
    title: str
    source: str
    kpis: tuple[Kpi, ...]


def names() -> list[str]:
    """The sets that come with the product."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def shipped(name: str) -> KpiSet:
    """One that comes with the product. Raises KpiProblem where there is none of this name."""
    if name not in names():
        raise KpiProblem(f"There is no set of targets '{name}'. There are: {', '.join(names())}.")
    return parse((FOLDER / f"{name}.toml").read_text(encoding="utf-8"), name=name)


def parse(text: str, *, name: str) -> KpiSet:
    """A set from the text of its file. Raises KpiProblem."""
    try:
        told = tomllib.loads(text)
        kpis = tuple(_kpi(name, each) for each in told["kpis"])
        return KpiSet(name, told["title"], told["source"], kpis)
    except tomllib.TOMLDecodeError as problem:
        raise KpiProblem(f"'{name}' is not TOML: {problem}. Mend that line.") from None
    except KeyError as problem:
        raise KpiProblem(f"'{name}' needs {problem.args[0]}.") from None


def _kpi(name: str, told: dict[str, Any]) -> Kpi:
    where = f"'{name}', target {told['number']}"
    try:
        made = Kpi(**{**told, "phased": tuple(told.get("phased", ()))})
    except TypeError:
        raise KpiProblem(
            f"{where}: give number, name, target, unit, and counts or why_not, no more."
        ) from None
    if bool(made.counts) == bool(made.why_not):
        raise KpiProblem(f"{where}: give either counts, or why_not where nothing can count it.")
    if made.counts and made.counts not in COUNTED:
        raise KpiProblem(f"{where}: '{made.counts}' is not counted. It can be {', '.join(sorted(COUNTED))}.")
    return made

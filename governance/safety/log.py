"""The hazard log: read from hazards.toml, and checked. No Django here."""

import ast
import datetime
import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from governance.safety.matrix import ACCEPTABLE, UNACCEPTABLE, Likelihood, Severity, in_words, rating

FILE = Path(__file__).resolve().parent / "hazards.toml"
ROOT = FILE.parent.parent.parent


class BadLog(Exception):
    """Raised with a sentence when the file cannot be read as a hazard log."""


class Status(StrEnum):
    """How far the work on a hazard is."""

    OPEN = "open"
    CONTROLLED = "controlled"
    ACCEPTED = "accepted"
    TRANSFERRED = "transferred"


STATUS_WORDS = {
    Status.OPEN: "Open: more is to be done",
    Status.CONTROLLED: "Controlled",
    Status.ACCEPTED: "Accepted, with a reason",
    Status.TRANSFERRED: "Handed on to the service that uses the product",
}


@dataclass(frozen=True)
class Risk:
    """One square of the matrix."""

    severity: Severity
    likelihood: Likelihood

    @property
    def rating(self) -> int:
        return rating(self.severity, self.likelihood)

    @property
    def in_words(self) -> str:
        """ "Major, very low: 2"."""
        return f"{in_words(self.severity)}, {in_words(self.likelihood).lower()}: {self.rating}"


@dataclass(frozen=True)
class Control:
    """What holds a hazard down, and what shows that it does: tests as `file::name`, or documents."""

    text: str
    tests: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()

    @property
    def evidence(self) -> tuple[str, ...]:
        return self.tests + self.documents


@dataclass(frozen=True)
class Hazard:
    """One way in which the product could take part in harm."""

    id: str
    name: str
    effect: str
    causes: tuple[str, ...]
    controls: tuple[Control, ...]
    before: Risk
    after: Risk
    owner: str
    status: Status
    acceptance: str = ""

    @property
    def status_words(self) -> str:
        return STATUS_WORDS[self.status]


@dataclass(frozen=True)
class Log:
    """The log with what stands around it in the printed case. `sha256` is of the file it came from."""

    title: str
    version: int
    date: str
    officer: str
    intended_use: str
    not_for: tuple[str, ...]
    method: tuple[str, ...]
    duties: tuple[str, ...]
    gaps: tuple[str, ...]
    hazards: tuple[Hazard, ...]
    sha256: str = field(compare=False, default="")

    @property
    def issued_on(self) -> datetime.date:
        """The day of this version."""
        return datetime.date.fromisoformat(self.date)

    @property
    def highest(self) -> int:
        """The highest rating that is left."""
        return max((hazard.after.rating for hazard in self.hazards), default=0)

    @property
    def tests(self) -> frozenset[str]:
        """Every test that some control names."""
        return frozenset(name for h in self.hazards for control in h.controls for name in control.tests)

    def with_rating(self, number: int) -> int:
        """How many hazards are left with this rating."""
        return sum(hazard.after.rating == number for hazard in self.hazards)


def read(path: Path = FILE) -> Log:
    """The log of a file.

    Raises:
        BadLog: the file is missing, is no TOML, or lacks something.
    """
    try:
        content = path.read_bytes()
        told = tomllib.loads(content.decode())
        hazards = tuple(_hazard(each) for each in told.pop("hazards"))
        lists: dict[str, Any] = {
            name: tuple(told.pop(name)) for name in ("not_for", "method", "duties", "gaps")
        }
        log = Log(**told, **lists, hazards=hazards, sha256=hashlib.sha256(content).hexdigest())
        datetime.date.fromisoformat(log.date)
        return log
    except OSError as problem:
        raise BadLog(f"The hazard log {path.name} cannot be read: {problem.strerror}.") from problem
    except (ValueError, KeyError, TypeError) as problem:
        raise BadLog(f"The hazard log {path.name} is not in order: {problem}.") from problem


@cache
def shipped() -> Log:
    """The log that comes with this version of the product."""
    return read()


def problems(log: Log) -> list[str]:
    """What is wrong with the log itself, in sentences."""
    twice = [name for name, count in Counter(hazard.id for hazard in log.hazards).items() if count > 1]
    return [f"{name} is the number of two hazards." for name in twice] + [
        f"{hazard.id}: {sentence}" for hazard in log.hazards for sentence in _problems_of(hazard)
    ]


def missing_evidence(log: Log, root: Path = ROOT) -> list[str]:
    """Tests and documents that controls name and that are not below `root`, in sentences."""
    return [
        f"{hazard.id} names {name}, which does not exist."
        for hazard in log.hazards
        for control in hazard.controls
        for name in control.evidence
        if not _exists(name, root)
    ]


def has_tests(root: Path = ROOT) -> bool:
    """Whether the tests are here at all; a container holds the product without them."""
    return (root / "tests").is_dir()


def _problems_of(hazard: Hazard) -> Iterator[str]:
    if not hazard.causes:
        yield "it has no cause. Say what could lead to it."
    if not hazard.controls:
        yield "it has no control. Say what holds it down."
    if any(not control.evidence for control in hazard.controls):
        yield "a control names neither a test nor a document. Name what shows that it works."
    if hazard.after.rating > hazard.before.rating:
        yield "the risk that is left is higher than the one before the controls."
    if hazard.after.rating >= UNACCEPTABLE:
        yield f"the risk that is left is rated {hazard.after.rating}, which nobody can accept."
    elif hazard.after.rating > ACCEPTABLE and not hazard.acceptance.strip():
        yield f"the risk that is left is rated {hazard.after.rating}. Say why it is accepted, and by whom."


def _hazard(told: dict[str, Any]) -> Hazard:
    controls = tuple(
        Control(each["text"], tuple(each.get("tests", ())), tuple(each.get("documents", ())))
        for each in told.get("controls", ())
    )
    return Hazard(
        **{
            **told,
            "causes": tuple(told.get("causes", ())),
            "controls": controls,
            "before": _risk(told["before"]),
            "after": _risk(told["after"]),
            "status": Status(told["status"]),
        }
    )


def _risk(told: list[str]) -> Risk:
    severity, likelihood = told
    return Risk(Severity(severity), Likelihood(likelihood))


def _exists(name: str, root: Path) -> bool:
    file, _, test = name.partition("::")
    path = root / file
    return path.is_file() and (not test or test in _tests_in(path))


@cache
def _tests_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))

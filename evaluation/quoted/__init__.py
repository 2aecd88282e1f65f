"""What services and reports published about themselves, word for word, with the source.

Quoted figures are read and shown as quotations. No section of a report takes one: a figure of ours is worked out from
rows, and the two are never added up or set in one table.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent / "figures.toml"


@dataclass(frozen=True, kw_only=True)
class Quoted:
    """One published figure. `words` is how it was printed; `number` is the same for who checks it.

    `why_not` says why nobody can work it out from what was published; empty where it can be.
    """

    key: str
    service: str
    figure: str
    words: str
    number: float
    people: int | None = None
    comparator: str = "none"
    # Of people, events or costs as they were: nothing that a comparison would have to stand behind.
    is_count: bool = False
    period: str = ""
    why_not: str = ""
    note: str = ""
    source: str

    @property
    def is_uncontrolled(self) -> bool:
        """Whether nothing but the people's own past stands behind it."""
        return not self.is_count and self.comparator == "none"


@cache
def figures() -> dict[str, Quoted]:
    """Every quoted figure by its key, in the order of the file."""
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))
    found: dict[str, Quoted] = {}
    for source, group in told.items():
        for key, each in group["figures"].items():
            found[f"{source}.{key}"] = Quoted(
                key=f"{source}.{key}", service=group["service"], source=group["source"], **each
            )
    return found


def number(key: str) -> float:
    """The number of one figure, to check a computation against. Raises KeyError for a key that is not there."""
    return figures()[key].number

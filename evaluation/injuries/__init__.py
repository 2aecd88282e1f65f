"""Attendances for injuries that no support can move: which complaint is one. Pure: no queries.

Declared in set.toml, with its source.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("set.toml")


@dataclass(frozen=True)
class Injuries:
    """What counts, by code or in words."""

    title: str
    source: str
    codes: frozenset[str]
    alone: re.Pattern[str]
    limbs: re.Pattern[str]
    harms: re.Pattern[str]
    without: re.Pattern[str]

    def counts(self, complaint: str) -> bool:
        """Whether a complaint, as a source sends it, is such an injury."""
        text = complaint.strip().casefold()
        if text in self.codes:
            return True
        if self.without.search(text):
            return False
        return bool(self.alone.search(text) or (self.limbs.search(text) and self.harms.search(text)))


@cache
def shipped() -> Injuries:
    """The set that comes with the product."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    words = {name: _any_of(each) for name, each in data["words"].items()}
    return Injuries(title=data["title"], source=data["source"], codes=frozenset(data["codes"]), **words)


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(re.escape(word) for word in words)})\b")

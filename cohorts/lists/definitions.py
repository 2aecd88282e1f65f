"""Public definitions as rules to start from. Pure: read from definitions.toml, no queries."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cohorts.lists.sentences import sentence
from cohorts.rules import TERM_NAMES, Terms, tidied

_FILE = Path(__file__).with_name("definitions.toml")


@dataclass(frozen=True)
class Definition:
    """Who published it, what it says, and what of it a rule cannot say."""

    slug: str
    title: str
    source: str
    note: str
    terms: Terms

    @property
    def sentence(self) -> str:
        """The rule in plain English."""
        return sentence(self.terms)


@cache
def every() -> dict[str, Definition]:
    """All of them, by their short names."""
    told = tomllib.loads(_FILE.read_text())["definitions"]
    return {each["slug"]: _definition(each) for each in told}


def _definition(told: dict[str, Any]) -> Definition:
    terms = Terms(**tidied({name: value for name, value in told.items() if name in TERM_NAMES}))
    return Definition(told["slug"], told["title"], told["source"], told["note"], terms)

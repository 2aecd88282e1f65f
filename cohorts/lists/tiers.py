"""Tiers: bands of the count that puts somebody on a list. They describe a list, never the worth of a person."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from governance.rules import RuleBroken

# A tier is {"name": str, "from": int, "to": int}; without "to" it has no upper end.
Tier = Mapping[str, Any]

_LINE = re.compile(
    r"\s*(?:(?P<name>[^:]{1,40}):)?\s*(?P<from>\d{1,4})\s*(?:(?:to|-|–)\s*(?P<to>\d{1,4})|(?P<more>or more|\+))?\s*"
)


def span(tier: Tier) -> str:
    """Its bounds in words: "5 to 9", "16 or more"."""
    if "to" not in tier:
        return f"{tier['from']} or more"
    return f"{tier['from']}" if tier["from"] == tier["to"] else f"{tier['from']} to {tier['to']}"


def tier_of(tiers: Iterable[Tier], count: int) -> str:
    """The name of the tier a count falls into; empty where it falls into none."""
    return next((t["name"] for t in tiers if t["from"] <= count <= t.get("to", count)), "")


def parse(text: str) -> list[dict[str, Any]]:
    """Tiers from lines such as "Lower: 6 to 15", "16 to 30" and "31 or more".

    Raises:
        RuleBroken: a line is none of these.
    """
    tiers = []
    for line in filter(str.strip, text.splitlines()):
        found = _LINE.fullmatch(line)
        if found is None:
            raise RuleBroken(
                f'"{line.strip()}" is not a tier. Write a line for each, such as "Lower: 6 to 15" or "16 or more".'
            )
        low, high = int(found["from"]), found["to"]
        tier: dict[str, Any] = {"from": low}
        if not found["more"]:
            tier["to"] = int(high) if high else low
        tiers.append({"name": (found["name"] or span(tier)).strip(), **tier})
    return tiers


def as_text(tiers: Iterable[Tier]) -> str:
    """The lines that `parse` reads."""
    return "\n".join(span(t) if t["name"] == span(t) else f"{t['name']}: {span(t)}" for t in tiers)


def tier_problem(tiers: Sequence[Tier]) -> str:
    """What is wrong with a set of tiers, in a sentence; empty when nothing is."""
    ordered = sorted(tiers, key=lambda tier: tier["from"])
    for tier in ordered:
        if tier.get("to", tier["from"]) < tier["from"]:
            return f"The tier {tier['name']} ends before it begins"
    for low, high in pairwise(ordered):
        if low.get("to", high["from"]) >= high["from"]:
            return f"The tiers {low['name']} and {high['name']} overlap: nobody can be in two"
    names = [tier["name"] for tier in tiers]
    return "" if len(names) == len(set(names)) else "Two tiers have the same name"

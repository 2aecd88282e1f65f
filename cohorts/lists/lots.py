"""Who comes first among people with as many attendances, left to chance. Pure; anybody can draw again and compare.

A report may put a difference down to the offer only where chance, and nobody's judgement, decided who was offered
support (evaluation.md, estimator 3).
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class InDraw:
    """A candidate, their place on the list, and what they tie by."""

    candidate: int
    rank: int
    count: int


def draw(everyone: Iterable[InDraw], seed: int) -> dict[int, int]:
    """The new place of whoever ties with somebody, by candidate. Those who tie share out the places they have."""
    ties: dict[int, list[InDraw]] = defaultdict(list)
    for each in everyone:
        ties[each.count].append(each)
    places: dict[int, int] = {}
    for equals in ties.values():
        if len(equals) > 1:
            ranks = sorted(each.rank for each in equals)
            drawn = sorted(equals, key=lambda each: (_lot(seed, each.candidate), each.candidate))
            places |= {each.candidate: rank for each, rank in zip(drawn, ranks, strict=True)}
    return places


def _lot(seed: int, candidate: int) -> str:
    return hashlib.sha256(f"{seed}:{candidate}".encode()).hexdigest()

"""How a list could share the free places among its tiers, and who then stands above the line. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# People in no tier, and all people where a rule has no tiers.
NO_TIER = ""
# Whom the lead has not looked at comes after whom support is likely to help, and before "better later".
NOT_SAID = 2.5


@dataclass(frozen=True)
class Waiting:
    """One candidate who can still be taken on."""

    candidate: int
    rank: int
    tier: str
    benefit: int | None


def propose(waiting: Mapping[str, int], places: int) -> dict[str, int]:
    """A mix for so many places: each tier by its share of the list, at least one of each where places allow.

    Whoever is in the smaller tiers would otherwise never be reached. A lead changes the numbers: how much
    support a tier needs is not known from its name.
    """
    places = min(places, sum(waiting.values()))
    mix = dict.fromkeys(waiting, 0)
    for tier in sorted((t for t in waiting if waiting[t]), key=lambda t: waiting[t], reverse=True)[:places]:
        mix[tier] = 1
    for _ in range(places - sum(mix.values())):
        # The tier that lies furthest behind its share is next; the first of them, so that the answer is one.
        total = sum(waiting.values())
        open_to = [tier for tier in waiting if mix[tier] < waiting[tier]]
        mix[max(open_to, key=lambda t: waiting[t] * places / total - mix[t])] += 1
    return mix


def above_the_line(waiting: Sequence[Waiting], mix: Mapping[str, int]) -> list[Waiting]:
    """Of each tier so many: those whom support is likely to help first, then by place on the list."""
    taken: Counter[str] = Counter()
    above = []
    for each in sorted(waiting, key=order):
        if taken[each.tier] < mix.get(each.tier, 0):
            taken[each.tier] += 1
            above.append(each)
    return above


def order(each: Waiting) -> tuple[float, int]:
    """What stands first on the board when it is sorted by likely benefit."""
    return (NOT_SAID if each.benefit is None else each.benefit, each.rank)

"""Who stands above a line and who falls below it, in groups. Pure: no queries, no clock."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cohorts.areas.editions import EDITIONS, Edition, in_words
from cohorts.rules import age_band

NOT_SUPPLIED = "Not supplied"
SEX_WORDS = {"F": "Women", "M": "Men", "O": "Other"}


@dataclass(frozen=True)
class Member:
    """What is known of one candidate."""

    age: int | None
    sex: str
    ethnicity: str
    # Of where they live, by edition of the IMD; an edition that is not known of them is absent.
    deciles: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """One line: how many of a group are above and how many below."""

    words: str
    above: int
    below: int

    @property
    def percent(self) -> int:
        """How many in a hundred of the group are above the line."""
        return round(100 * self.above / (self.above + self.below))


@dataclass(frozen=True)
class Comparison:
    """One way to look at the people of a list; without groups, nothing of it is supplied."""

    title: str
    groups: list[Group]


def compare(above: Sequence[Member], below: Sequence[Member]) -> list[Comparison]:
    """By age, sex, ethnicity and deprivation. What no source supplies is named, not left away."""
    return [
        _by("Age", above, below, lambda m: age_band(m.age)),
        _by("Sex", above, below, lambda m: SEX_WORDS.get(m.sex, "")),
        _by("Ethnicity", above, below, lambda m: m.ethnicity),
        *(_by(f"Deprivation ({each.title})", above, below, _decile_in(each)) for each in EDITIONS),
    ]


def _decile_in(edition: Edition) -> Callable[[Member], str]:
    return lambda m: in_words(m.deciles[edition.kind]) if edition.kind in m.deciles else ""


def _by(
    title: str, above: Iterable[Member], below: Iterable[Member], name: Callable[[Member], str]
) -> Comparison:
    up, down = Counter(map(name, above)), Counter(map(name, below))
    names = sorted(set(up) | set(down), key=_in_order)
    if names in ([], [""]):
        return Comparison(title, [])
    return Comparison(title, [Group(each or NOT_SUPPLIED, up[each], down[each]) for each in names])


def _in_order(name: str) -> tuple[bool, bool, int, str]:
    """The youngest and the most deprived first, and what is not supplied last."""
    first = name.partition(" ")[0]
    return (not name, not name.startswith("under"), int(first) if first.isdigit() else 0, name)

"""Cases that wait and workers who could take them, as the objective sees them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from casework.allocation.load import OVER_ABOVE


@dataclass(frozen=True)
class Needs:
    """What a client asked for or needs in a worker; empty means that nobody said so."""

    language: str = ""
    gender: str = ""
    skills: frozenset[str] = frozenset()
    area: str = ""
    two: bool = False


@dataclass(frozen=True)
class Waiting:
    """A case to be placed: its points, the band it counts in, and what it needs.

    `before` are the workers who carried a case of this person before; `barred` who cannot take it,
    such as somebody who is leaving. `along` is who goes along already, where two are needed.
    """

    case: int
    points: float
    tier: str
    needs: Needs = field(default_factory=Needs)
    before: frozenset[int] = frozenset()
    barred: frozenset[int] = frozenset()
    along: str = ""


@dataclass(frozen=True)
class Carrier:
    """A worker with what they carry already. Capacity is in points, and more than 0."""

    worker: int
    name: str
    capacity: float
    points: float = 0
    tiers: Mapping[str, int] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    gender: str = ""
    skills: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()

    @property
    def most(self) -> float:
        """Points up to which a proposal goes; somebody beyond already is given nothing more."""
        return self.capacity * OVER_ABOVE / 100


@dataclass(frozen=True)
class Place:
    """Who takes a case, and who goes along where two are needed. None: nobody can."""

    case: int
    worker: int | None
    second: int | None = None


@dataclass(frozen=True)
class Problem:
    """Everything a proposal is made from."""

    waiting: Sequence[Waiting]
    team: Sequence[Carrier]
    # What a second worker carries of the points of a case.
    second_share: float = 0.25

    @property
    def even(self) -> float:
        """Share of capacity everybody would have in use if the work were spread evenly, per cent."""
        capacity = sum(c.capacity for c in self.team)
        points = sum(c.points for c in self.team)
        for case in self.waiting:
            points += case.points * (1 + (self.second_share if case.needs.two else 0))
        return points * 100 / capacity if capacity else 0.0

    def fair(self, carrier: Carrier, tier: str) -> float:
        """How many cases of a tier a worker would have if tiers were spread by capacity."""
        capacity = sum(c.capacity for c in self.team)
        number = sum(c.tiers.get(tier, 0) for c in self.team) + sum(w.tier == tier for w in self.waiting)
        return number * carrier.capacity / capacity if capacity else 0.0

"""Decisions as pages show them: what stands, what ran out, what was a no."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from governance import standing
from governance.models import UNNAMED_PARTNERS, Consent, ConsentDecision


@dataclass(frozen=True)
class Shown:
    """The newest decision on one matter."""

    row: Consent
    stands: bool

    @property
    def is_yes(self) -> bool:
        """A yes, running or not: it can be taken back."""
        return self.row.decision == ConsentDecision.GIVEN

    @property
    def ran_out(self) -> bool:
        return self.is_yes and not self.stands

    @property
    def tag(self) -> str:
        return "Ran out" if self.ran_out else self.row.answer

    @property
    def colour(self) -> str:
        if self.ran_out:
            return "orange"
        return "green" if self.stands else "red"

    @property
    def names_nobody(self) -> bool:
        """A yes from before partners were named, under which nothing is shared."""
        return self.is_yes and self.row.scope in UNNAMED_PARTNERS


def shown(rows: Iterable[Consent], *, today: datetime.date) -> list[Shown]:
    """The newest decisions, those first that ask for something."""
    found = [Shown(row, standing.stands(row, on=today)) for row in rows]
    return sorted(found, key=lambda one: (not one.ran_out, not one.stands, -one.row.decided_at.timestamp()))

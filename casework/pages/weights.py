"""The table of weights as the service reads it."""

from dataclasses import dataclass
from typing import Any

from casework import team
from casework.allocation.load import number
from casework.allocation.weights import PART_TITLES, REFERENCE, Facts, Part, Weights
from casework.models import WeightTable
from governance.models import Service

VERSIONS_SHOWN = 10


@dataclass(frozen=True)
class Page:
    """The table, what it says, and how it came about."""

    weights: Weights
    first_visits_in_pairs: bool
    history: list[WeightTable]

    @property
    def tables(self) -> list[dict[str, Any]]:
        """One for each part, for templates/components/table.html."""
        return [self._table(part) for part in Part]

    def _table(self, part: Part) -> dict[str, Any]:
        unit = "Points" if part == Part.CHAOS else "Times"
        rows = [[label, number(value)] for _, label, value in self.weights.rows(part)]
        head = [{"label": PART_TITLES[part]}, {"label": unit, "numeric": True}]
        return {"caption": PART_TITLES[part], "head": head, "rows": rows}

    @property
    def example(self) -> str:
        """One case worked out."""
        return self.weights.sentence(Facts(30, "tapering", "far", "fortnightly"))

    @property
    def unit(self) -> str:
        """What the others are told against."""
        points = self.weights.value(Part.CHAOS, REFERENCE[Part.CHAOS])
        return f"An active case of that kind, seen once a week and close by, weighs {number(points)} points."


def build(service: Service) -> Page:
    """Two queries."""
    found = team.of(service)
    history = list(service.weight_tables.select_related("by")[:VERSIONS_SHOWN])
    return Page(found.weights, found.first_visits_in_pairs, history)

"""Totals of two groups beside each other: what they say once the groups differ in size."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """People, and the total of an amount over all of them, such as pounds saved."""

    name: str
    people: int
    total: float

    @property
    def per_head(self) -> float:
        """The amount for each person."""
        return self.total / self.people


@dataclass(frozen=True)
class Compared:
    """Two groups by head and by total. `fair` is the gap by head times the people helped."""

    helped: Group
    others: Group

    @property
    def gap_per_head(self) -> float:
        """How much more for each person helped."""
        return self.helped.per_head - self.others.per_head

    @property
    def gap_of_totals(self) -> float:
        """One total less the other: only of use where both groups have the same size."""
        return self.helped.total - self.others.total

    @property
    def fair(self) -> float:
        """The gap for each head, for as many as were helped."""
        return self.gap_per_head * self.helped.people

    @property
    def left_percent(self) -> float:
        """How much of the total of those helped is left after the comparison, in percent."""
        return 100 * self.fair / self.helped.total


def compare(helped: Group, others: Group) -> Compared:
    """Set two groups beside each other. Raises ValueError where one has nobody."""
    for each in (helped, others):
        if each.people < 1:
            raise ValueError(f"'{each.name}' has nobody in it, so there is nothing for each head.")
    return Compared(helped, others)


def unequal_groups(helped: float, others: float, *, names: tuple[str, str]) -> str:
    """The warning that belongs beside totals of two groups that differ in size; empty where they do not.

    Takes the numbers of people as they are printed, so that the warning tells no more than the table.
    """
    if helped == others:
        return ""
    return (
        f"Do not compare totals: about {helped:,.0f} {names[0]} and about {others:,.0f} {names[1]}. A larger group has a "
        "larger total whether anything helped or not. Compare the figures for each head."
    )

"""Which decisions of a person stand on a day. No queries, no clock."""

import datetime
from collections.abc import Iterable
from typing import NamedTuple, Protocol, TypeVar

GIVEN = "given"


class Matter(NamedTuple):
    """What a decision is about: a scope, and for sharing the partner and the purpose as well."""

    scope: str
    partner: int | None = None
    purpose: str = ""


class Decided(Protocol):
    """A decision as the rules need it; a Consent is one."""

    @property
    def pk(self) -> int: ...
    @property
    def matter(self) -> Matter: ...
    @property
    def decision(self) -> str: ...
    @property
    def decided_at(self) -> datetime.datetime: ...
    @property
    def decided_on(self) -> datetime.date: ...
    @property
    def stands_until(self) -> datetime.date | None: ...


D = TypeVar("D", bound=Decided)


def newest(rows: Iterable[D], *, on: datetime.date) -> dict[Matter, D]:
    """The last decision on each matter up to and with the day."""
    found: dict[Matter, D] = {}
    for row in sorted(rows, key=lambda row: (row.decided_at, row.pk)):
        if row.decided_on <= on:
            found[row.matter] = row
    return found


def standing(rows: Iterable[D], *, on: datetime.date) -> dict[Matter, D]:
    """What the person says yes to on that day: the last word on each matter, if it is a yes that still runs."""
    return {matter: row for matter, row in newest(rows, on=on).items() if stands(row, on=on)}


def stands(row: Decided, *, on: datetime.date) -> bool:
    """Whether a decision, the last one on its matter, is a yes that still runs on the day."""
    return row.decision == GIVEN and (row.stands_until is None or on <= row.stands_until)


def why_not(row: Decided | None, *, on: datetime.date) -> str:
    """Why the last decision on a matter allows nothing on that day, in a sentence; empty where it does."""
    if row is None:
        return "They have not been asked yet."
    if row.decision == "refused":
        return f"They said no on {row.decided_on:%-d %B %Y}."
    if row.decision == "withdrawn":
        return f"They took it back on {row.decided_on:%-d %B %Y}."
    if not stands(row, on=on):
        return f"Their yes ran out on {row.stands_until:%-d %B %Y}. Ask again."
    return ""

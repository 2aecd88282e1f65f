"""The retention schedule as data: what is kept, how long, from when, who says so, and what happens then.

Each app adds the classes of its own records (`register`, from its `retention.py`). Times are the defaults of
the schedule; a service may choose others within the limits (KeepingTime).
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value

from governance import holdings
from governance.holdings import Model
from governance.leftovers import Identity
from governance.models import Correction, LegalHold, Objection, OptOut, Person, Service, SubjectRequest
from governance.rules import RuleBroken, days_before, years_before

# Decisions of a person that the next extract must meet again, so they outlive what the service did.
LASTING: tuple[Model, ...] = (Objection, OptOut, Correction)


class Unit(StrEnum):
    """What the number of a class counts."""

    DAYS = "days"
    YEARS = "years"
    KEPT = ""


@dataclass(frozen=True)
class Purged:
    """How many rows of a class went, and who the people were that went with them (kept in memory only)."""

    rows: int
    people: list[Identity] = field(default_factory=list)


@dataclass(frozen=True)
class RecordClass:
    """One line of the schedule.

    `due` gives the rows past their time on a day, each with `held`: whether a hold keeps it. `purge` takes
    ids of such rows that nothing holds, looks again, and removes what may still go.
    """

    key: str
    title: str
    what: str
    since: str
    source: str
    action: str
    unit: Unit = Unit.KEPT
    default: int = 0
    shortest: int = 0
    longest: int = 0
    due: Callable[[Service, datetime.date, int], QuerySet] | None = None
    purge: Callable[[Service, Sequence[int], datetime.date, int], Purged] | None = None

    @property
    def is_kept(self) -> bool:
        """Whether nothing of the class is ever removed by the schedule."""
        return self.unit is Unit.KEPT

    def check(self, number: int) -> None:
        """Raises RuleBroken when the class may not be kept that long."""
        if self.is_kept:
            raise RuleBroken(f"{self.title}: these are kept; there is no time to change.")
        if not self.shortest <= number <= self.longest:
            raise RuleBroken(f"Enter from {self.shortest} to {self.longest} {self.unit}. {self.source}")

    def for_long(self, number: int) -> str:
        """ "8 years", "90 days", "Kept"."""
        if self.is_kept:
            return "Kept"
        return f"{number} {self.unit[:-1] if number == 1 else self.unit}"


_CLASSES: dict[str, RecordClass] = {}


def register(*classes: RecordClass) -> None:
    """Add classes to the schedule; called once for each app when Django starts."""
    _CLASSES.update({each.key: each for each in classes})


def classes() -> list[RecordClass]:
    """The whole schedule: first what goes, then what stays."""
    return sorted(_CLASSES.values(), key=lambda each: each.is_kept)


def get(key: str) -> RecordClass:
    """A class by its key.

    Raises:
        RuleBroken: when the schedule has none of that name.
    """
    if key not in _CLASSES:
        raise RuleBroken("The retention schedule has no such class of records.")
    return _CLASSES[key]


def numbers(service: Service) -> dict[str, int]:
    """How long the service keeps each class that does not stay for good."""
    chosen = service.keeping_times.order_by("record_class", "-at", "-pk").distinct("record_class")
    by_key = {row.record_class: row.number for row in chosen}
    return {each.key: by_key.get(each.key, each.default) for each in classes() if not each.is_kept}


def counted(
    service: Service, today: datetime.date, times: Mapping[str, int]
) -> dict[str, tuple[int, int, int]]:
    """Of each class: how many rows are past their time, 0 (removed), and how many a hold keeps. One query."""
    queries = [
        each.due(service, today, times[each.key])
        .order_by()
        .annotate(of=Value(each.key))
        .values_list("of", "held")
        .annotate(Count("pk"))
        for each in classes()
        if each.due and each.key in times
    ]
    found: dict[str, tuple[int, int, int]] = {}
    for key, is_held, number in queries[0].union(*queries[1:], all=True):
        due, _, held = found.get(key, (0, 0, 0))
        found[key] = (due + number, 0, held + number * is_held)
    return found


def cutoff(unit: Unit, today: datetime.date, number: int) -> datetime.date:
    """The newest day that is long enough ago."""
    return days_before(today, number) if unit is Unit.DAYS else years_before(today, number)


def held(key: str, today: datetime.date, person: str = "person") -> Q:
    """Whether a hold keeps a row of the class whose person is found by `person`.

    Who asked for a copy of everything held on them keeps it until they have it.
    """
    holds = standing(today).filter(Q(record_class=key) | Q(person=OuterRef(person)), _same_service())
    asked = SubjectRequest.objects.filter(person=OuterRef(person), released_at=None)
    return Q(Exists(holds)) | Q(Exists(asked))


def class_held(key: str, today: datetime.date) -> Exists:
    """Whether a hold keeps a row of a class that is about nobody in particular."""
    return Exists(standing(today).filter(_same_service(), record_class=key))


def standing(today: datetime.date) -> QuerySet[LegalHold]:
    """Holds that have begun and were not lifted."""
    return LegalHold.objects.filter(lifted_at=None, held_from__lte=today)


def known_by_more_than(known: Sequence[Model]) -> Q:
    """People of whom anything is kept besides rows of the `known` models and of what hangs on those.

    Rows point at a person directly, or at a row that does; so the direct ones are enough. A new model counts
    by itself. A hold that was lifted keeps nobody.
    """
    found = Q()
    for model, ways in holdings.paths(Person).items():
        if model not in (Person, LegalHold, *known):
            for way in (way for way in ways if "__" not in way):
                found |= Q(Exists(model._base_manager.filter(**{way: OuterRef("pk")})))
    return found


def _same_service() -> Q:
    return Q(service=OuterRef("service"))


register(
    RecordClass(
        key="audit",
        title="Access log",
        what="Who did what and when, by number and never by name.",
        since="",
        source="Kept for as long as the installation runs: it must outlive what it describes.",
        action="Kept",
    )
)

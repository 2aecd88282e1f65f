"""What taking back a decision about rows without an NHS number would do, and what stands in its way. Reads only.

cohorts/actions/given.py does it. Since rows came to their person by a decision, more may have come of it: later
rows of the same somebody, rows of other files of the same sender, lists, a case.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from cohorts.models import (
    Activity,
    ActivityCount,
    Candidate,
    CohortList,
    Extract,
    LocalNumber,
    ReplacedRow,
    SameAnswer,
    SameDecision,
    Shape,
    UnmatchedRow,
)
from cohorts.signals import people_with_open_case
from governance.models import MovedRow, Person, SearchKey, Service
from governance.retention import known_by_more_than

GIVING = (SameAnswer.SAME, SameAnswer.NEW)
# What comes to somebody with rows that are given to them, and goes with those.
_WITHOUT_ROWS = (SameDecision, LocalNumber, SearchKey, ReplacedRow)
# Each of these is looked at by itself: some of them go, and others stay.
_LOOKED_AT = (*_WITHOUT_ROWS, UnmatchedRow, Activity, ActivityCount, Candidate)
MERGED = (
    "The record was merged with another since, and these rows came with it. Separate the two records first; then "
    "this decision can be taken back."
)


@dataclass(frozen=True)
class Consequences:
    """What taking a decision back would do: rows that wait again, what was stored as them, and what stays."""

    rows: int
    # Of those, rows of other files of the sender, which were given by the local number that the decision taught.
    by_local_number: int
    stored: int
    # Events that a later file told of as well: they stay as that file says.
    told_again: int
    local_number: str
    lists: list[CohortList]
    has_case: bool
    person_goes: bool


def decisions(service: Service) -> QuerySet[SameDecision]:
    """Decisions by which rows are a person's now, newest first."""
    rows = UnmatchedRow.objects.filter(handle=OuterRef("handle"), person=OuterRef("person"))
    given = service.same_decisions.filter(Exists(rows), answer__in=GIVING).exclude(handle="")
    return given.select_related("person", "by", "service")


def rows_of(decision: SameDecision) -> QuerySet[UnmatchedRow]:
    """The rows that wait again when it is taken back."""
    rows = decision.service.unmatched_rows.filter(person=decision.person)
    return rows.filter(Q(handle=decision.handle) | _by_taught_number(decision))


def taught(decision: SameDecision) -> QuerySet[LocalNumber]:
    """The local number that nothing but this decision says is the person's; none where a file says so too."""
    own = (
        UnmatchedRow.objects.filter(handle=decision.handle).exclude(local_number="").select_related("source")
    )
    numbers = decision.service.local_numbers.filter(person=decision.person, extract=None)
    row = own.first()
    if row is None:
        return numbers.none()
    issuer, number = row.source.organisation_id, row.local_number
    same = UnmatchedRow.objects.filter(
        person=decision.person, local_number=number, source__organisation=issuer, handle__in=_others(decision)
    )
    return numbers.none() if same.exists() else numbers.filter(issuer=issuer, number=number)


def stored_as(rows: QuerySet[UnmatchedRow]) -> tuple[QuerySet[Activity], QuerySet[ActivityCount]]:
    """What was stored as these rows and is still as they say."""
    events: dict[int, list[Any]] = defaultdict(list)
    counts = Q(pk=None)
    for event, extract, shape, person in rows.values_list("event", "extract", "source__shape", "person"):
        if event is not None:
            events[extract].append(event)
        # A row of counts is given only where its person had no other counts in its list.
        elif shape == Shape.PEOPLE:
            counts |= Q(extract=extract, person=person)
    of_extract = [Q(extract=extract, pk__in=own) for extract, own in events.items()]
    return Activity.objects.filter(reduce(or_, of_extract, Q(pk=None))), ActivityCount.objects.filter(counts)


def obstacle(decision: SameDecision) -> str:
    """Why it cannot be taken back, in a sentence; empty when it can."""
    moved = MovedRow.objects.filter(
        merge__separation=None, table=SameDecision._meta.db_table, row=str(decision.pk)
    )
    return MERGED if moved.exists() else ""


def consequences(decision: SameDecision) -> Consequences:
    """What taking it back would do now."""
    rows, person = rows_of(decision), decision.person
    events, counts = stored_as(rows)
    told = rows.exclude(event=None).count()
    number = taught(decision).values_list("number", flat=True).first() or ""
    lists = decision.service.cohort_lists.filter(
        built_at__gte=decision.at, candidates__person=person
    ).select_related("rule")
    with_case = people_with_open_case.send(sender=Service, service=decision.service)
    return Consequences(
        rows=rows.count(),
        by_local_number=rows.exclude(handle=decision.handle).count(),
        stored=events.count() + counts.count(),
        told_again=told - events.count(),
        local_number=number,
        lists=list(lists),
        has_case=any(person.pk in (ids or ()) for _, ids in with_case),
        person_goes=goes_with(decision),
    )


def goes_with(decision: SameDecision) -> bool:
    """Whether the person was made of these rows, and nothing would be known of them without."""
    return bool(left_without(decision.service, rows_of(decision).filter(person=decision.person)))


def left_without(
    service: Service,
    rows: QuerySet[UnmatchedRow],
    *,
    extract: Extract | None = None,
    lists: Collection[CohortList] = (),
) -> list[int]:
    """People made of rows of whom nothing else would be known once these rows wait again.

    Args:
        extract: goes too, with all it brought; what it replaced comes back.
        lists: go too.
    """
    people = set(rows.exclude(person=None).values_list("person", flat=True))
    events, counts = stored_as(rows)
    others: list[QuerySet[Any]] = [
        Activity.objects.exclude(Q(extract=extract) | Q(pk__in=events.values("pk"))),
        ActivityCount.objects.exclude(Q(extract=extract) | Q(pk__in=counts.values("pk"))),
        UnmatchedRow.objects.exclude(pk__in=rows.values("pk")),
        Candidate.objects.exclude(cohort_list__in=[each.pk for each in lists]),
    ]
    for each in others:
        people -= set(each.filter(person__in=people).values_list("person", flat=True))
    if extract is not None:
        comes_back = ReplacedRow.objects.filter(extract=extract, before__has_key="person_id")
        people -= set(comes_back.values_list("before__person_id", flat=True))
    return list(_made_of_rows(service, people).values_list("pk", flat=True))


def left_empty(service: Service, people: set[int]) -> list[int]:
    """Of these people, those made of rows that wait again, of whom nothing else is known."""
    found = _made_of_rows(service, people).exclude(known_by_more_than(_WITHOUT_ROWS))
    return list(found.values_list("pk", flat=True))


def _made_of_rows(service: Service, people: set[int]) -> QuerySet[Person]:
    """Those whom a decision made, and nobody knows by more than rows: no number, no merge, no case."""
    new = SameDecision.objects.filter(person=OuterRef("pk"), answer=SameAnswer.NEW)
    found = service.people.filter(
        Exists(new), pk__in=people, nhs_number=None, pseudonym=None, merged_into=None
    )
    return found.exclude(known_by_more_than(_LOOKED_AT))


def _by_taught_number(decision: SameDecision) -> Q:
    found = Q(pk=None)
    for issuer, number in taught(decision).values_list("issuer", "number"):
        found |= Q(local_number=number, source__organisation=issuer, matched_by=None, matched_through=None)
    return found & ~Q(handle__in=_others(decision))


def _others(decision: SameDecision) -> list[str]:
    """Handles of other rows that were given to the same person by decisions of their own."""
    others = decision.service.same_decisions.filter(person=decision.person, answer__in=GIVING)
    return list(others.exclude(handle__in=["", decision.handle]).values_list("handle", flat=True))

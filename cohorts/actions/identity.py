"""Whose a row without an NHS number is, and whether two records are of one person: found, or decided."""

from collections import defaultdict
from functools import partial
from pathlib import Path

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from cohorts import intake, proposing
from cohorts.models import Extract, LocalNumber, SameAnswer, SameDecision, Shape, UnmatchedRow
from cohorts.pipeline import unmatched
from cohorts.pipeline.unmatched import Matched
from cohorts.proposing import HAS_COUNTS
from cohorts.signals import rows_came_to_people
from governance import audit, locks
from governance.actions import merge as merging
from governance.actions import search_keys
from governance.identity.compare import Likeness
from governance.models import Person, PersonMerge, PersonSeparation, Service, User
from governance.rules import RuleBroken

# What rows say of whom they are about, and a person of them is made of.
_DETAILS = ("first_name", "last_name", "birth_date", "sex", "postcode")


def take_in(extract: Extract) -> None:
    """Keep the rows of an extract that only lack an NHS number, and store those of which it is known whose they are.

    Call inside the transaction that stores the extract, before its event and its signal.
    """
    feed, issuer = intake.feed_of(extract), extract.source.organisation_id
    path = intake.unmatched_path(extract)
    with connection.cursor() as cursor:
        unmatched.take_in(cursor, path, feed, extract.source.shape)
        gained = _store(UnmatchedRow.objects.filter(pk__in=unmatched.match(cursor, feed, issuer)))
    gained.pop(extract, None)
    _tell(gained, extract.committed_by)
    transaction.on_commit(partial(Path.unlink, path, missing_ok=True))


def make_findable(*, extract: Extract) -> int:
    """Make whom an extract brought or renamed findable by what it says; returns how many people those are.

    Once the extract is stored: inside its transaction this would keep everybody else waiting.
    """
    service = extract.service
    number = 0
    if extract.people_above is not None:
        number += search_keys.refresh(service=service, above=extract.people_above, up_to=extract.people_up_to)
    renamed = extract.replaced_rows.filter(table=Person._meta.db_table).values_list("row", flat=True)
    ids = sorted(map(int, renamed))
    for start in range(0, len(ids), search_keys.AT_ONCE):
        number += search_keys.refresh(service=service, people=ids[start : start + search_keys.AT_ONCE])
    return number


@transaction.atomic
def rows_are_of(
    *, service: Service, handle: str, person: Person, likeness: Likeness, by: User
) -> list[UnmatchedRow]:
    """Give all waiting rows of one handle to a person: what they tell is stored as if it had come with the number.

    Their local number stands for the person from now on. Counts wait on where the person has some in that list.

    Raises:
        RuleBroken: a file is being stored, no row of it waits any more, it was decided that this is somebody
            else, or all rows are of lists in which the person has counts.
    """
    locks.hold_off_loads_now(service.pk)
    person = _standing(service, person)
    rows = _waiting(service, handle)
    _check_not_different(service.same_decisions.filter(handle=handle, person=person))
    matched = _give(rows, person, by)
    if not matched:
        raise RuleBroken(HAS_COUNTS)
    done = _decide(service, person, SameAnswer.SAME, likeness, by, handle=handle)
    changes = {"decision": done.pk, "rows": len(matched)}
    audit.record("rows_matched", service=service, by=by, on=person, changes=changes)
    return matched


@transaction.atomic
def rows_are_of_nobody_here(*, service: Service, handle: str, by: User) -> Person:
    """Make a person of what waiting rows say, without an NHS number, and give them the rows.

    A record with a number that is like them is asked about later, and can be merged.

    Raises:
        RuleBroken: a file is being stored, no row waits any more, or somebody here is like them and nobody
            has said yet that it is not them.
    """
    locks.hold_off_loads_now(service.pk)
    rows = _waiting(service, handle)
    if (like := proposing.like_rows(service, handle)) is not None:
        if like.pk in proposing.sealed_from(service, by):
            raise RuleBroken("You cannot decide about these rows. Ask your HIU lead or your IG lead.")
        raise RuleBroken(f"These rows may be of {like.full_name}. Answer that first.")
    newest = max(rows, key=lambda row: (row.extract_id, row.row))
    person = service.people.create(**{name: getattr(newest, name) for name in _DETAILS})
    matched = _give(rows, person, by)
    done = _decide(service, person, SameAnswer.NEW, Likeness(), by, handle=handle)
    search_keys.refresh(service=service, people=[person.pk])
    changes = {"decision": done.pk, "rows": len(matched)}
    audit.record("person_made_of_rows", service=service, by=by, on=person, changes=changes)
    return person


@transaction.atomic
def records_are_one(
    *, service: Service, person: Person, other: Person, likeness: Likeness, reason: str = "", by: User
) -> PersonMerge:
    """Merge two records of one person.

    Raises:
        RuleBroken: why they cannot be merged.
    """
    _check_not_different(_between(service, person, other))
    done = merging.merge(service=service, person=person, merged=other, reason=reason, by=by)
    _decide(service, person, SameAnswer.SAME, likeness, by, other=other)
    audit.record("same_person_decided", service=service, by=by, on=person, changes={"merge": done.pk})
    return done


@transaction.atomic
def records_are_two(*, merge: PersonMerge, reason: str, by: User) -> PersonSeparation:
    """Separate a merge; the two are never proposed again.

    Raises:
        RuleBroken: why it cannot be taken back.
    """
    done = merging.separate(merge=merge, reason=reason, by=by)
    row = _decide(merge.service, merge.person, SameAnswer.DIFFERENT, Likeness(), by, other=merge.merged)
    audit.record(
        "same_person_decided", service=merge.service, by=by, on=merge.person, changes={"decision": row.pk}
    )
    return done


@transaction.atomic
def answer(
    *,
    service: Service,
    person: Person,
    answer: SameAnswer,
    likeness: Likeness,
    by: User,
    other: Person | None = None,
    handle: str = "",
) -> SameDecision:
    """Write down that two are different, for good, or that somebody will decide later.

    Raises:
        RuleBroken: it was decided before that they are different.
    """
    before = (
        _between(service, person, other)
        if other
        else service.same_decisions.filter(handle=handle, person=person)
    )
    _check_not_different(before)
    row = _decide(service, person, answer, likeness, by, other=other, handle=handle)
    changes = {"decision": row.pk, "answer": answer.value}
    audit.record("same_person_decided", service=service, by=by, on=person, changes=changes)
    return row


def _waiting(service: Service, handle: str) -> list[UnmatchedRow]:
    rows = service.unmatched_rows.waiting().filter(handle=handle).select_related("source")
    if not (found := list(rows.select_for_update(of=["self"]))):
        raise RuleBroken("These rows have been matched meanwhile. Go back to the list.")
    return found


def _give(rows: list[UnmatchedRow], person: Person, by: User) -> list[UnmatchedRow]:
    """Store waiting rows as the person's; returns those that could be. Their local number is the person's now."""
    given = UnmatchedRow.objects.filter(pk__in=[row.pk for row in rows])
    given.update(person=person, matched_at=timezone.now(), matched_by=by)
    _tell(_store(given), by)
    matched = list(given.exclude(person=None).select_related("source"))
    for issuer, number in {(row.source.organisation_id, row.local_number) for row in matched}:
        if number:
            LocalNumber.objects.get_or_create(
                service=person.service,
                issuer_id=issuer,
                number=number,
                person=person,
                defaults={"extract": None},
            )
    return matched


def _store(rows: QuerySet[UnmatchedRow]) -> dict[Extract, set[int]]:
    """Store matched rows as what their own extracts brought.

    Rows of counts wait again where their person has counts in the same list: the two cannot be told from one
    that was sent twice. Returns the people who gained something, by extract.
    """
    gained: dict[Extract, set[int]] = {}
    by_extract: dict[Extract, list[UnmatchedRow]] = defaultdict(list)
    for row in rows.select_related("extract__source__service", "person"):
        by_extract[row.extract].append(row)
    with connection.cursor() as cursor:
        for extract, own in by_extract.items():
            known = [
                Matched(row.person.pk, row.person.nhs_number or "", row.content) for row in own if row.person
            ]
            feed, windows = intake.feed_of(extract), intake.windows_of(extract)
            added = unmatched.store(cursor, intake.stage_of(extract), feed, windows, known)
            if extract.source.shape == Shape.PEOPLE:
                left = [row.pk for place, row in enumerate(own) if place not in added]
                UnmatchedRow.objects.filter(pk__in=left).update(
                    person=None, matched_at=None, matched_by=None, matched_through=None
                )
            for place, row in enumerate(own):
                row.event = added.get(place)
            UnmatchedRow.objects.bulk_update([row for row in own if row.event], ["event"], batch_size=1_000)
            if people := {known[place].person for place in added}:
                gained[extract] = people
    return gained


def _tell(gained: dict[Extract, set[int]], by: User | None) -> None:
    for extract, people in gained.items():
        rows_came_to_people.send(sender=Extract, extract=extract, people=people, by=by)


def _decide(
    service: Service,
    person: Person,
    said: SameAnswer,
    likeness: Likeness,
    by: User,
    **of: Person | str | None,
) -> SameDecision:
    reasons = [[reason.words, reason.points] for reason in likeness.reasons]
    return service.same_decisions.create(person=person, answer=said, reasons=reasons, by=by, **of)


def _between(service: Service, person: Person, other: Person) -> QuerySet[SameDecision]:
    pair = [person, other]
    return service.same_decisions.filter(person__in=pair, other__in=pair)


def _check_not_different(decisions: QuerySet[SameDecision]) -> None:
    if decisions.filter(answer=SameAnswer.DIFFERENT).exists():
        raise RuleBroken("It was decided before that these are different people. That is not asked again.")


def _standing(service: Service, person: Person) -> Person:
    """The person as they are now, or the one they were merged into."""
    found = service.people.select_related("merged_into").get(pk=person.pk)
    return found.merged_into or found

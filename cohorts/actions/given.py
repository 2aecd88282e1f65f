"""Taking back a decision that gave rows without an NHS number to somebody."""

from collections import defaultdict

from django.db import transaction

from cohorts import giving
from cohorts.models import (
    Activity,
    ActivityCount,
    Extract,
    ReplacedRow,
    SameAnswer,
    SameDecision,
    UnmatchedRow,
)
from cohorts.signals import rows_went_from_people
from governance import audit, locks
from governance.erasure import erase
from governance.models import Person, User
from governance.rules import RuleBroken


@transaction.atomic
def take_back(*, decision: SameDecision, why: str, by: User) -> SameDecision:
    """Let the rows wait again, without what was stored as them; the two are never proposed again.

    What a later file told of the same events stays. A person made of the rows goes, if nothing else is known of
    them. Returns the decision that stands now.

    Raises:
        RuleBroken: a file is being stored, it was taken back before, or the record was merged since.
    """
    service, person = decision.service, decision.person
    locks.hold_off_loads_now(service.pk)
    if decision.answer == SameAnswer.NEW:
        locks.purging(service)
    locks.hold_records([person.pk])
    if not giving.decisions(service).filter(pk=decision.pk).exists():
        raise RuleBroken("This was taken back meanwhile, or the rows are somebody else's now.")
    if obstacle := giving.obstacle(decision):
        raise RuleBroken(obstacle)
    rows = list(giving.rows_of(decision).select_for_update(of=["self"]))
    removed = _remove(rows)
    giving.taught(decision).delete()
    UnmatchedRow.objects.filter(pk__in=[row.pk for row in rows]).update(
        person=None, matched_at=None, matched_by=None, matched_through=None, event=None
    )
    done = service.same_decisions.create(
        person=person, handle=decision.handle, answer=SameAnswer.DIFFERENT, why=why, by=by
    )
    _tell(rows, person, by)
    changes = {"decision": done.pk, "took_back": decision.pk, "rows": len(rows), "removed": removed}
    if decision.answer == SameAnswer.NEW and (empty := giving.left_empty(service, {person.pk})):
        erase(Person, empty)
        changes["people_removed"] = len(empty)
    audit.record("rows_taken_back", service=service, by=by, on=person, changes=changes)
    return done


def _remove(rows: list[UnmatchedRow]) -> int:
    """Delete what was stored as the rows; returns how much that was.

    Where a later file said something else of an event, what it replaced is forgotten: undoing that file is not to
    bring back whose the event was not.
    """
    of_rows = UnmatchedRow.objects.filter(pk__in=[row.pk for row in rows])
    events, counts = giving.stored_as(of_rows)
    for extract, own in _by_extract(rows).items():
        before = ReplacedRow.objects.filter(before__extract_id=extract)
        told = [str(row.event) for row in own if row.event is not None]
        before.filter(table=Activity._meta.db_table, row__in=told).delete()
        people = {row.person_id for row in own}
        before.filter(table=ActivityCount._meta.db_table, person__in=people).delete()
    return sum(found.delete()[0] for found in (events, counts))


def _tell(rows: list[UnmatchedRow], person: Person, by: User) -> None:
    for extract in Extract.objects.filter(pk__in=_by_extract(rows)).select_related("service", "source"):
        rows_went_from_people.send(sender=Extract, extract=extract, people={person.pk}, by=by)


def _by_extract(rows: list[UnmatchedRow]) -> dict[int, list[UnmatchedRow]]:
    found: dict[int, list[UnmatchedRow]] = defaultdict(list)
    for row in rows:
        found[row.extract_id].append(row)
    return found

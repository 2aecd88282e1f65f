"""What an undo would take away, and what stands in its way. Reads only; cohorts/actions/undo.py does it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from cohorts import giving
from cohorts.lists.sentences import both
from cohorts.models import (
    Activity,
    ActivityCount,
    Candidate,
    CohortList,
    Extract,
    ExtractStatus,
    LocalNumber,
    ReplacedRow,
    UnmatchedRow,
)
from governance import holdings
from governance.models import Correction, Person, SearchKey
from governance.models.insert_only import InsertOnlyModel
from governance.retention import known_by_more_than

ROWS = (Activity, ActivityCount)
# What an undo takes away with somebody it takes away.
BROUGHT: tuple[holdings.Model, ...] = (*ROWS, Candidate, ReplacedRow, LocalNumber, UnmatchedRow, SearchKey)
_ON_ITS_WAY = (ExtractStatus.COMMITTING, ExtractStatus.UNDOING)
PERSON_TABLE = Person._meta.db_table


@dataclass(frozen=True)
class Consequences:
    """What goes and what comes back, in numbers, and the lists that go with it.

    Of people, those it brought, and those whom somebody made of its rows without an NHS number.
    """

    rows: int
    people: int
    rows_restored: int
    people_restored: int
    lists: list[CohortList]


def consequences(extract: Extract) -> Consequences:
    """What an undo of a stored extract would do now."""
    replaced = ReplacedRow.objects.filter(extract=extract)
    rows_restored = replaced.filter(table__in=[model._meta.db_table for model in ROWS]).count()
    brought = sum(model._base_manager.filter(extract=extract).count() for model in ROWS)
    lists = list(lists_since(extract).select_related("rule"))
    waiting_again = extract.service.unmatched_rows.filter(Q(extract=extract) | Q(matched_through=extract))
    made_of_rows = giving.left_without(extract.service, waiting_again, extract=extract, lists=lists)
    return Consequences(
        rows=brought - rows_restored,
        people=added_people(extract).count() + len(made_of_rows),
        rows_restored=rows_restored,
        people_restored=replaced.filter(table=PERSON_TABLE).count(),
        lists=lists,
    )


def obstacles(extract: Extract) -> list[str]:
    """Why the extract cannot be undone now, in sentences; none when it can."""
    if (why := _not_at_all(extract)) is not None:
        return [why]
    return [*_later_of_the_source(extract), *_decided(extract), *_known_by_more(extract), *_later_about(extract),
            *_put_right(extract)]  # fmt: skip


def added_people(extract: Extract) -> QuerySet[Person]:
    """People who came with this extract."""
    in_range = extract.service.people.filter(pk__gt=extract.people_above, pk__lte=extract.people_up_to)
    return in_range.filter(_in_it(extract, "pk"))


def lists_since(extract: Extract) -> QuerySet[CohortList]:
    """Lists built after it on which somebody stands whom the extract is about."""
    candidates = Candidate.objects.filter(_in_it(extract, "person"), cohort_list=OuterRef("pk"))
    return extract.service.cohort_lists.filter(Exists(candidates), built_at__gte=extract.committed_at)


def _in_it(extract: Extract, person: str) -> Q:
    events, counts = (model._base_manager.filter(extract=extract, person=OuterRef(person)) for model in ROWS)
    return Q(Exists(events)) | Q(Exists(counts))


def _not_at_all(extract: Extract) -> str | None:
    if extract.status not in (ExtractStatus.COMMITTED, ExtractStatus.UNDOING):
        return "Only an extract that is stored can be undone."
    if extract.file_deleted_at is not None:
        return (
            f"What it replaced is not kept any more: it was deleted with the file on "
            f"{extract.file_deleted_at:%-d %B %Y}, as the retention schedule says."
        )
    if extract.people_above is None:
        return "It was stored by a version of this software that could not undo a load."
    return None


def _later_of_the_source(extract: Extract) -> Iterable[str]:
    others = extract.source.extracts.exclude(pk=extract.pk)
    stored = others.filter(
        Q(status=ExtractStatus.COMMITTED, committed_at__gt=extract.committed_at) | Q(status__in=_ON_ITS_WAY)
    )
    if newest := stored.order_by("-committed_at", "-pk").first():
        yield f"A later file of the same source is stored ({_name(newest)}). Undo that one first."


def history_of_lists() -> list[holdings.Model]:
    """What people did with a list, which is never taken away with it: decisions, and counts kept of it."""
    return [each for each in holdings.children_first(CohortList) if issubclass(each, InsertOnlyModel)]


def _decided(extract: Extract) -> Iterable[str]:
    for each in lists_since(extract).select_related("rule"):
        kept = [
            str(model._meta.verbose_name_plural)
            for model in history_of_lists()
            if holdings.rows(model, [each.pk], CohortList).exists()
        ]
        if kept:
            yield f"The list “{each}”, built after it, has {both(kept)}, which are never taken away."


def _known_by_more(extract: Extract) -> Iterable[str]:
    people = added_people(extract)
    number = people.filter(known_by_more_than(BROUGHT)).count()
    if number:
        kinds = [
            str(model._meta.verbose_name_plural)
            for model, ways in holdings.paths(Person).items()
            if model not in (Person, *BROUGHT)
            and any(
                model._base_manager.filter(**{f"{way}__in": people}).exists()
                for way in ways
                if "__" not in way
            )
        ]
        yield f"{_people(number)} whom it added {_are(number)} known here by more: {', '.join(sorted(kinds))}."


def _later_about(extract: Extract) -> Iterable[str]:
    """Extracts of other sources about people whom this one added or described anew."""
    changed = ReplacedRow.objects.filter(extract=extract, table=PERSON_TABLE).values("person")
    added = added_people(extract).values("pk")
    others: set[int] = set()
    # Rows that were matched by what this one taught wait again once it is undone.
    matched = UnmatchedRow.objects.filter(matched_through=extract, extract=OuterRef("extract"))
    waits_again = {
        Activity: Exists(matched.filter(event=OuterRef("pk"))),
        ActivityCount: Exists(matched.filter(person=OuterRef("person"))),
    }
    for model in ROWS:
        rows = model._base_manager.filter(person__in=added).exclude(extract=extract)
        rows = rows.exclude(waits_again[model])
        others |= set(rows.values_list("extract", flat=True).distinct())
    later = ReplacedRow.objects.filter(
        table=PERSON_TABLE,
        extract__committed_at__gt=extract.committed_at,
        # What is kept longer is kept for reports, and not for an undo.
        extract__file_deleted_at=None,
    )
    others |= set(later.filter(person__in=changed).values_list("extract", flat=True).distinct())
    for other in extract.service.extracts.filter(pk__in=others).select_related("source").order_by("-pk"):
        yield f"{_name(other)} is about some of the same people, and builds on it. Undo that one first."


def _put_right(extract: Extract) -> Iterable[str]:
    since = Correction.objects.filter(service=extract.service, at__gt=extract.committed_at)
    corrected = set(since.values_list("person", "field"))
    replaced = ReplacedRow.objects.filter(
        extract=extract, table=PERSON_TABLE, person__in={person for person, _ in corrected}
    )
    again = [row for row in replaced if any((row.person_id, field) in corrected for field in row.before)]
    if again:
        yield f"Details that it changed were put right by hand since, of {_people(len(again))}."


def _name(extract: Extract) -> str:
    return f"extract {extract.pk}, {extract.source}, received {extract.received_at:%-d %B %Y}"


def _people(number: int) -> str:
    return f"{number:,} {'person' if number == 1 else 'people'}"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"

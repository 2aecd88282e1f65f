"""What the pages about "same person?" show."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.urls import reverse

from cohorts import proposing
from cohorts.proposing import Question
from governance import audit, merging
from governance.identity.compare import Described
from governance.merging import Kind
from governance.models import Membership, Person, PersonMerge, Service, Sex
from governance.rules import format_nhs_number

A_PAGE = 25


@dataclass(frozen=True)
class Line:
    """One detail of both, side by side."""

    label: str
    one: str
    other: str

    @property
    def is_same(self) -> bool:
        """Whether both say the same; nothing said on either side is not the same."""
        return bool(self.one) and self.one.casefold() == self.other.casefold()


def address(question: Question) -> str:
    """The page of a question."""
    query = f"rows={question.rows.handle}" if question.rows else f"record={question.other.pk}"  # type: ignore[union-attr]
    return f"{reverse('cohorts:same_person', args=[question.person.pk])}?{query}"


def row(question: Question) -> dict[str, Any]:
    """A question as a line of the list."""
    described = question.rows.described if question.rows else proposing.of_person(question.other)  # type: ignore[arg-type]
    name = f"{described.first_name} {described.last_name}".strip() or "Name not supplied"
    return {
        "url": address(question),
        "name": name,
        "person": question.person.full_name,
        "rows": question.rows.number if question.rows else 0,
        "words": question.likeness.words,
        "reasons": question.likeness.for_it,
        "against": question.likeness.against_it,
        "is_put_off": question.is_put_off,
    }


def look(membership: Membership, page: Page) -> None:
    """Note that somebody went through the questions."""
    changes = {"page": "cohorts:same_people", "number": page.number, "found": page.paginator.count}
    audit.look("same_people_listed", service=membership.service, by=membership.user, changes=changes)


def side_by_side(question: Question) -> list[Line]:
    """What both say, detail by detail; the record that stays is on the right."""
    described = question.rows.described if question.rows else proposing.of_person(question.other)  # type: ignore[arg-type]
    own = details(described, question.rows.local_number if question.rows else "")
    here = dict(details(proposing.of_person(question.person)))
    lines = [Line(label, said, here.get(label, "")) for label, said in own]
    if question.other:
        lines.append(Line("Telephone", described.phone, question.person.phone))
    return lines


def details(described: Described, local_number: str = "") -> list[tuple[str, str]]:
    """Who is described, detail by detail, with what the sender calls them if it is told."""
    lines = [
        ("First name", described.first_name),
        ("Last name", described.last_name),
        ("Date of birth", _day(described)),
        ("Sex", Sex(described.sex).label if described.sex in Sex.values else ""),
        ("Postcode", described.postcode),
        ("NHS number", _number(described)),
    ]
    return [*lines, ("Sender's own number", local_number)] if local_number else lines


def attendances(service: Service, person: Person) -> dict[str, Any]:
    """How many events are known of a person, and the day of the newest."""
    return service.activities.filter(person=person).aggregate(number=Count("pk"), newest=Max("started_on"))


def merges(service: Service) -> QuerySet[PersonMerge]:
    """Merges of the service, newest first."""
    return service.person_merges.select_related("person", "merged", "by", "separation__by")


def goes_back(merge: PersonMerge) -> tuple[list[Kind], list[str]]:
    """What separating puts back: rows by kind, and details that were filled in."""
    words = {(column.table, column.column): column.words for column in merging.moving()}
    rows = merge.rows.order_by().values_list("table", "column").annotate(n=Count("pk"))
    kinds = [Kind(words.get((table, column), table), number, 0) for table, column, number in rows]
    labels = {f.name: str(f.verbose_name) for f in Person._meta.concrete_fields}
    filled = merge.filled.values_list("field", flat=True)
    return sorted(kinds, key=lambda kind: kind.words), [labels[name] for name in filled]


def candidate_standing_for(service: Service, pk: int) -> int | None:
    """Where a merged record and the one that stands for it are on one list: the place of the latter."""
    same_list = service.candidates.filter(
        cohort_list=OuterRef("cohort_list"), person=OuterRef("person__merged_into")
    )
    stayed = service.candidates.filter(pk=pk, person__merged_into__isnull=False)
    return stayed.values_list(Subquery(same_list.values("pk")), flat=True).first()


def fills(person: Person, merged: Person) -> list[str]:
    """The details that a merge would fill in, in words."""
    labels = {f.name: str(f.verbose_name) for f in Person._meta.concrete_fields}
    return [labels[name] for name in merging.fills(person, merged)]


def _day(described: Described) -> str:
    return f"{described.birth_date:%-d %B %Y}" if described.birth_date else ""


def _number(described: Described) -> str:
    if described.nhs_number:
        return format_nhs_number(described.nhs_number)
    return f"{format_nhs_number(described.sent_number)} (cannot exist)" if described.sent_number else ""

"""What the pages about people's rights show."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.paginator import Page
from django.db.models import Count, Q, QuerySet

from governance import rights, search, texts
from governance.copy import gather
from governance.models import CORRECTABLE, FreeText, Person, Service, SubjectRequest
from governance.pages.paging import KnownPaginator
from governance.rules import format_nhs_number

MOST_FOUND = 20
TEXTS_A_PAGE = 50
NHS_NUMBER_DIGITS = 10


@dataclass(frozen=True)
class Detail:
    """A detail of a person that can be put right."""

    name: str
    label: str
    value: str


def requests(service: Service) -> QuerySet[SubjectRequest]:
    """Requests, those not answered first, each with how many texts it has and how many wait."""
    waiting = Q(texts__decision__in=["", "ask"])
    rows = service.subject_requests.select_related("person")
    return rows.annotate(listed=Count("texts"), waiting=Count("texts", filter=waiting)).order_by(
        "released_at", "due_on", "pk"
    )


def found(service: Service, sought: str) -> list[Person]:
    """People with this NHS number, number of ours, telephone number, or a name like this.

    Those merged are found as who stands for them.
    """
    digits = sought.replace(" ", "")
    # More digits than an NHS number has are a telephone number, which the search knows.
    if digits.isascii() and digits.isdigit() and len(digits) <= NHS_NUMBER_DIGITS:
        by_number = {"nhs_number": digits} if len(digits) == NHS_NUMBER_DIGITS else {"pk": int(digits)}
        return [person.merged_into or person for person in service.people.filter(**by_number)]
    standing = service.people.filter(merged_into=None)
    spelt_so = standing
    for word in sought.split():
        spelt_so = spelt_so.filter(Q(first_name__istartswith=word) | Q(last_name__istartswith=word))
    # Somebody who came this minute has no words to be found by yet.
    ids = list(spelt_so.values_list("pk", flat=True)[:MOST_FOUND])
    ids += [each.person for each in search.find(service, sought, standing) if each.person not in ids]
    people = standing.in_bulk(ids[:MOST_FOUND])
    return [people[pk] for pk in ids[:MOST_FOUND]]


def of_person(person: Person) -> dict[str, Any]:
    """Everything the page of a person's rights shows."""
    return {
        "person": person,
        "nhs_number": format_nhs_number(person.nhs_number) if person.nhs_number else "",
        "details": details(person),
        "stops": rights.stop_sentences(person),
        "requests": list(person.subject_requests.all()),
        "corrections": list(person.corrections.select_related("by")),
        "objections": list(person.objections.select_related("by")),
        "opt_outs": list(person.opt_outs.select_related("by")),
        "holds": list(person.legal_holds.select_related("placed_by", "lifted_by")),
    }


def details(person: Person) -> list[Detail]:
    """What can be put right, as it is held."""
    labels = {column.name: str(column.verbose_name) for column in Person._meta.concrete_fields}
    return [
        Detail(name, labels[name][:1].upper() + labels[name][1:], _shown(person, name))
        for name in CORRECTABLE
    ]


def _shown(person: Person, name: str) -> str:
    value = person.get_sex_display() if name == "sex" else getattr(person, name)
    return f"{value:%-d %B %Y}" if isinstance(value, datetime.date) else value or "Not supplied"


def queue(request: SubjectRequest, number: str | None) -> Page:
    """The texts of a request, those that wait first. Needs `requests`."""
    rows = request.texts.order_by("decided_at", "pk").select_related("decided_by")
    return KnownPaginator(rows, TEXTS_A_PAGE, request.listed).get_page(number)  # type: ignore[attr-defined]


def of_text(text: FreeText) -> dict[str, Any]:
    """A text, its words as they are now, and the rest of its row to judge it by."""
    model = apps.get_model(text.row_model)
    row = model._base_manager.filter(pk=text.row_id).first()
    about = gather.around(row) if row is not None else []
    return {"text": text, "words": texts.current(text), "about": about}

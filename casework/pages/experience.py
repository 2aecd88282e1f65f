"""What people say of the service: of one client, and of everybody."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case as CaseWhen
from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from casework.experience import RULING_LABELS, Ruling, why_not_quoted
from casework.models import Case, ExperienceAnswer
from casework.models.case import CaseQuerySet
from casework.rules import Stage
from governance import audit
from governance.models import Membership, Service, User

A_PAGE = 25
WAITS = "Waits to be read"
# At the end of support somebody asks; before, there is little to say yet.
ASKED_FROM = frozenset({Stage.ACTIVE, Stage.TAPERING, Stage.LIGHT_TOUCH})


@dataclass(frozen=True)
class Shown:
    """One answer, in a line. `ruling` is what was decided last."""

    row: ExperienceAnswer
    ruling: str
    # Why whoever looks cannot clear the words; empty where they can.
    why_not: str

    @property
    def state(self) -> str:
        """What to say of it beside the answer; empty where there is nothing to say."""
        if self.ruling:
            return RULING_LABELS[Ruling(self.ruling)]
        return WAITS if self.waits else ""

    @property
    def waits(self) -> bool:
        """Whether somebody has to read the words before they may be quoted."""
        return not self.ruling and self.row.may_quote

    @property
    def is_mistake(self) -> bool:
        return self.ruling == Ruling.MISTAKE

    @property
    def hidden_text(self) -> str:
        """Which answer a button is about, for who does not see the page."""
        return f"the answer of {self.row.answered_on:%-d %B %Y}, {self.row.get_rating_display().lower()}"

    @property
    def can_clear(self) -> bool:
        """Whether whoever looks may let the words be quoted."""
        return not self.why_not and self.ruling != Ruling.MAY_BE_QUOTED and not self.is_mistake

    @property
    def can_keep_back(self) -> bool:
        """Whether there is something to keep from being quoted."""
        return self.waits or self.ruling == Ruling.MAY_BE_QUOTED


def of_person(service: Service, case: Case, user: User) -> list[Shown]:
    """What a client and their carers said in every episode, newest first; one query."""
    rows = service.experience_answers.filter(case__person=case.person_id)
    return [_shown(row, user) for row in _with_ruling(service, rows)]


def visible(service: Service, user: User) -> QuerySet[ExperienceAnswer]:
    """Answers without those of people whose record is sealed from the user."""
    cases = service.cases.not_sealed_from(user)
    return service.experience_answers.filter(Q(case=None) | Q(case__in=cases))


def page(membership: Membership, number: str | None) -> Page[Any]:
    """Every answer of the service: those that wait to be read first, then the newest. Names nobody."""
    user = membership.user
    rows = _with_ruling(membership.service, visible(membership.service, user))
    first = CaseWhen(
        When(ruling=None, may_quote=True, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    found: Page[Any] = Paginator(rows.order_by(first, "-answered_on", "-pk"), A_PAGE).get_page(number)
    found.object_list = [_shown(row, user) for row in found.object_list]
    return found


def look(membership: Membership, page: Page[Any]) -> None:
    """Note that somebody read what people said."""
    changes = {"page": "casework:experiences", "number": page.number, "found": page.paginator.count}
    audit.look("experience_listed", service=membership.service, by=membership.user, changes=changes)


def to_ask(service: Service, today: datetime.date) -> CaseQuerySet:
    """Cases with `was_asked`: whether the client ever said how they find the service."""
    answers = service.experience_answers.filter(case__person=OuterRef("person_id"))
    return service.cases.annotate(was_asked=Exists(answers))


def nobody_asked(case: Case) -> bool:
    """Of a case from `to_ask`: whether it is time to ask, and nobody has."""
    return case.stage in ASKED_FROM and not getattr(case, "was_asked", True)


def _with_ruling(service: Service, rows: QuerySet[ExperienceAnswer]) -> QuerySet[ExperienceAnswer]:
    """With `ruling`, what was decided about each last; nothing where nobody has."""
    newest = service.experience_rulings.filter(answer=OuterRef("pk")).order_by("-at", "-pk")
    return rows.annotate(ruling=Subquery(newest.values("ruling")[:1])).select_related("by")


def _shown(row: ExperienceAnswer, user: User) -> Shown:
    ruling = getattr(row, "ruling", None) or ""
    why = why_not_quoted(words=row.words, may_quote=row.may_quote, is_own=row.by_id == user.pk)
    return Shown(row, ruling, why)

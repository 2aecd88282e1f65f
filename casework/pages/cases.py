"""The list of cases: which one may open, which need a reason, and whose name stays hidden."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.functional import cached_property

from casework import permissions
from casework.models import Case
from casework.models.case import CaseQuerySet
from governance import audit
from governance.models import Membership
from governance.need_to_know import NeedToKnow
from governance.permissions import role_allows
from governance.roles import Permission

A_SEALED_RECORD = "A sealed record"


@dataclass(frozen=True)
class Row:
    """One case in a list, with the name that this reader may see."""

    case: Case
    name: str
    is_hidden: bool
    needs_reason: bool


def is_narrow(membership: Membership) -> bool:
    """Whether the member opens some cases of the service only with a reason."""
    everything = role_allows(membership.role, Permission.OPEN_EVERY_CASE)
    return not everything and membership.service.need_to_know != NeedToKnow.SERVICE


def in_reach(membership: Membership, cases: CaseQuerySet) -> CaseQuerySet:
    """Of these cases, those that a list offers the member unasked."""
    if not is_narrow(membership):
        return cases
    if membership.service.need_to_know == NeedToKnow.CASELOAD:
        return cases.carried_by(membership.user, timezone.localdate())
    return cases.within_reach(membership.user, timezone.localdate())


def shown_to(membership: Membership, cases: CaseQuerySet) -> CaseQuerySet:
    """With what decides on each; sealed ones are left out, unless the member could open them."""
    if role_allows(membership.role, Permission.OPEN_SEALED):
        cases = cases.sealed_last(membership.user)
    else:
        cases = cases.not_sealed_from(membership.user)
    return cases.with_access(membership.user, timezone.now())


def found(membership: Membership, *, stage: str = "", worker: str = "") -> CaseQuerySet:
    """Cases for the list, from what the filters say."""
    cases = membership.service.cases.listed(membership.user, stage=stage, who=worker)
    if not worker:
        cases = in_reach(membership, cases)
    return shown_to(membership, cases)


def rows(membership: Membership, cases: Iterable[Case]) -> list[Row]:
    """Each case, fetched through `shown_to`, as a row."""
    return [_row(membership, case) for case in cases]


class OwnFirst(Paginator):
    """Pages of cases of which a worker's own come first: a page of them sorts nobody else's by name."""

    def __init__(self, membership: Membership, cases: CaseQuerySet, per_page: int) -> None:
        super().__init__(cases, per_page)
        self.cases, self.worker = cases, membership.user
        # Where names are hidden from the reader, these come last, own ones among them.
        self.own_first = not role_allows(membership.role, Permission.OPEN_SEALED)

    @cached_property
    def _counted(self) -> dict[str, int]:
        own = Count("pk", filter=Q(worker=self.worker))
        return self.cases.order_by().aggregate(number=Count("pk"), own=own)

    @cached_property
    def count(self) -> int:
        """How many cases there are."""
        return self._counted["number"]

    def page(self, number: int | str) -> Page:
        """One page. Raises InvalidPage for a number that is none."""
        number = self.validate_number(number)
        bottom, top = (number - 1) * self.per_page, number * self.per_page
        only_own = self.own_first and top <= self._counted["own"]
        cases = self.cases.filter(worker=self.worker) if only_own else self.cases
        return Page(cases[bottom:top], number, self)


def look(membership: Membership, page: Page, *, stage: str = "", worker: str = "") -> None:
    """Note that somebody went through the list, and with which filters."""
    changes = {
        "page": "casework:cases",
        "stage": stage,
        "worker": worker,
        "number": page.number,
        "found": page.paginator.count,
    }
    audit.look("cases_listed", service=membership.service, by=membership.user, changes=changes)


def _row(membership: Membership, case: Case) -> Row:
    # A list hides a sealed name also from somebody who gave a reason: it may be read over a shoulder.
    hidden = case.access.sealed and not case.access.named
    name = A_SEALED_RECORD if hidden else case.person.short_name
    return Row(case, name, is_hidden=hidden, needs_reason=not permissions.can_open(membership, case))

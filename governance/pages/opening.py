"""Openings of records outside one's caseload: which wait for whom, and what a reviewer reads."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils import timezone

from governance.models import BreakGlass, Membership
from governance.models.break_glass import BreakGlassQuerySet
from governance.need_to_know import REVIEW_WITHIN, review_overdue_before
from governance.permissions import role_allows
from governance.roles import Permission

NAMELESS = "Person"


@dataclass(frozen=True)
class Row:
    """One opening; `name` is what this reviewer may read of the person."""

    opening: BreakGlass
    name: str
    is_own: bool


def waiting(membership: Membership) -> BreakGlassQuerySet:
    """What waits for this reviewer: all of it for a lead, for an IG lead what is overdue or a lead's own."""
    openings = membership.service.break_glasses.select_related("by", "person")
    if role_allows(membership.role, Permission.OPEN_EVERY_CASE):
        return _with_seal(membership, openings.unreviewed())
    return _with_seal(membership, openings.for_ig_lead(review_overdue_before(timezone.localdate())))


def with_the_lead(membership: Membership) -> str:
    """For who is not the lead: how many the lead still has time for, in a sentence; empty where none."""
    if role_allows(membership.role, Permission.OPEN_EVERY_CASE):
        return ""
    openings = membership.service.break_glasses
    shown = openings.for_ig_lead(review_overdue_before(timezone.localdate()))
    number = openings.unreviewed().exclude(pk__in=shown.order_by().values("pk")).count()
    if not number:
        return ""
    wait = f"{number} {'waits' if number == 1 else 'wait'} for the lead"
    return f"{wait}; you see those not reviewed within {REVIEW_WITHIN} working days."


def of_service(membership: Membership) -> BreakGlassQuerySet:
    """Every opening of the service, for the page of one."""
    openings = membership.service.break_glasses.select_related("service", "by", "person", "review__by")
    return _with_seal(membership, openings)


def row(membership: Membership, opening: BreakGlass) -> Row:
    """An opening as this reviewer sees it."""
    return Row(opening, shown_name(membership, opening), is_own=opening.by_id == membership.user_id)


def shown_name(membership: Membership, opening: BreakGlass) -> str:
    """First name and initial for who opens every case; a number for others, and of a sealed record."""
    sees = role_allows(membership.role, Permission.OPEN_EVERY_CASE)
    if sees and not opening.is_hidden:  # type: ignore[attr-defined]
        return opening.person.short_name
    return f"{NAMELESS} {opening.person_id}"


def _with_seal(membership: Membership, openings: BreakGlassQuerySet) -> BreakGlassQuerySet:
    hiding = membership.service.seals.hiding_from(membership.user)
    return openings.annotate(is_hidden=Exists(hiding.filter(person=OuterRef("person"))))

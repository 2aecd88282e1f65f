"""The day until which a case is not silent, kept on the case, so that a board of any length asks an index."""

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from casework import rules
from casework.models import Boundaries, Case, Contact, ContactOutcome


def note(case: Case) -> None:
    """Set `silent_after` of a case that is about to be saved, from its stage, its dates and what was agreed."""
    told = _told(Case.objects.filter(pk=case.pk)).get()
    _set(case, told)


def note_all(cases: QuerySet[Case]) -> None:
    """The same for cases that were written in one go, and store it."""
    found = list(_told(cases))
    for case in found:
        _set(case, case)
    Case.objects.bulk_update(found, ["silent_after"], batch_size=1000)


def _told(cases: QuerySet[Case]) -> QuerySet[Case]:
    seen = Contact.objects.filter(
        case=OuterRef("pk"), kind__in=rules.SEEN_IN_PERSON, outcome=ContactOutcome.REACHED
    )
    agreed = Boundaries.objects.filter(case=OuterRef("pk"))
    return cases.annotate(
        seen_at=Subquery(seen.order_by("-happened_at").values("happened_at")[:1]),
        rhythm_days=Subquery(agreed.order_by("-at", "-pk").values("rhythm_days")[:1]),
    )


def _set(case: Case, told: Case) -> None:
    seen_at, rhythm_days = told.seen_at, told.rhythm_days  # type: ignore[attr-defined]
    case.silent_after = (
        rules.silent_after(
            case.stage,
            last_contact_on=timezone.localdate(case.last_contact_at) if case.last_contact_at else None,
            last_seen_on=timezone.localdate(seen_at) if seen_at else None,
            opened_on=timezone.localdate(case.opened_at),
            rhythm_days=rhythm_days,
        )
        if case.is_open
        else None
    )

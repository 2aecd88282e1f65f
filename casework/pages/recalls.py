"""Partners who have to be told that a yes was taken back."""

from typing import cast

from django.db.models import QuerySet

from casework.models import RecallNotice
from governance.models import Service, User


def open_ones(service: Service, user: User) -> QuerySet[RecallNotice]:
    """Notices that wait to be sent or for an answer: those to be sent first, the oldest first.

    Without those about a record that is sealed from the user; whoever opens it is told there.
    """
    visible = service.cases.not_sealed_from(user)
    waiting = service.recall_notices.filter(answered_at=None, disclosure__case__in=visible)
    return cast("QuerySet[RecallNotice]", _with_names(waiting).order_by("-sent_at", "made_at", "pk"))


def one(service: Service) -> QuerySet[RecallNotice]:
    """Notices with all that the letter says."""
    return _with_names(service.recall_notices.all())


def _with_names(notices: QuerySet[RecallNotice]) -> QuerySet[RecallNotice]:
    return notices.select_related(
        "service__host",
        "sent_by",
        "answered_by",
        "consent",
        "disclosure__made_by",
        "disclosure__partner__organisation",
        "disclosure__case__person",
        "disclosure__case__worker",
        "disclosure__case__service",
    )

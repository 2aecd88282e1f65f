"""What waits for whoever answers for the data: each app offers its kinds, and the Governance page counts them.

Governance does not know what the apps below it keep; see also governance/retention.py.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from governance.models import Service
from governance.need_to_know import review_overdue_before
from governance.roles import Permission

# Days in which what was shared counts as lately shared.
LATELY_DAYS = 30
# A request this near its day should be worked on now: looking through the texts takes days.
NEAR_DAYS = 14


@dataclass(frozen=True)
class Kind:
    """One number: under which name of the menu it stands, who may see it, and how it is said."""

    key: str
    section: str
    view: str
    permission: Permission
    # Of none, of one, and of more with the number in it.
    words: tuple[str, str, str]
    rows: Callable[[Service, datetime.date], QuerySet]

    def in_words(self, number: int) -> str:
        """ "3 requests for a copy wait"."""
        none, one, more = self.words
        return none if number == 0 else one if number == 1 else more.format(f"{number:,}")


_KINDS: dict[str, Kind] = {}


def offer(*kinds: Kind) -> None:
    """Let the page count these too; the same key again replaces its kind."""
    _KINDS.update({kind.key: kind for kind in kinds})


def kinds() -> list[Kind]:
    """Every kind, in the order they were offered."""
    return list(_KINDS.values())


def _near(service: Service, today: datetime.date) -> QuerySet:
    by = today + datetime.timedelta(days=NEAR_DAYS)
    due = Q(extended_to=None, due_on__lte=by) | Q(extended_to__lte=by)
    return service.subject_requests.filter(due, released_at=None)


offer(
    Kind(
        key="openings",
        section="Openings to review",
        view="governance:openings",
        permission=Permission.REVIEW_OPENINGS,
        words=(
            "No opening of a record waits for your review",
            "1 opening of a record waits for your review",
            "{} openings of records wait for your review",
        ),
        rows=lambda service, today: service.break_glasses.for_ig_lead(review_overdue_before(today)),
    ),
    Kind(
        key="requests",
        section="Rights",
        view="governance:rights",
        permission=Permission.MANAGE_RIGHTS,
        words=("No request for a copy waits", "1 request for a copy waits", "{} requests for a copy wait"),
        rows=lambda service, today: service.subject_requests.filter(released_at=None),
    ),
    Kind(
        key="requests_near",
        section="Rights",
        view="governance:rights",
        permission=Permission.MANAGE_RIGHTS,
        words=(
            "none is due",
            f"1 is due within {NEAR_DAYS} days or late",
            f"{{}} are due within {NEAR_DAYS} days or late",
        ),
        rows=_near,
    ),
)

"""What the pages about rows without an NHS number show: those given to somebody, and those like nobody here."""

import datetime
from typing import Any

from django.core.paginator import Page
from django.db.models import Exists, OuterRef, Q, QuerySet

from cohorts import giving
from cohorts.models import SameDecision, UnmatchedRow
from cohorts.pages.identity import Line, details
from cohorts.proposing import Rows
from governance import audit
from governance.models import Membership, Service

A_PAGE = 25
EVENTS_SHOWN = 10


def listed(membership: Membership) -> QuerySet[SameDecision]:
    """Decisions by which rows are a person's, and those taken back, newest first; nobody who is sealed."""
    service = membership.service
    stands = Exists(giving.decisions(service).filter(pk=OuterRef("pk")))
    found = service.same_decisions.annotate(stands=stands).filter(Q(stands=True) | ~Q(why=""))
    hidden = service.seals.hiding_from(membership.user).values("person")
    return found.exclude(person__in=hidden).select_related("person", "by")


def look(membership: Membership, event: str, page: Page) -> None:
    """Note that somebody went through a list."""
    changes = {"number": page.number, "found": page.paginator.count}
    audit.look(event, service=membership.service, by=membership.user, changes=changes)


def events(rows: QuerySet[UnmatchedRow]) -> list[Any]:
    """What the first rows say happened, oldest first: the day, the site, and the source where there are several."""
    shown = list(rows.select_related("source").order_by("extract", "row")[:EVENTS_SHOWN])
    several = len({row.source_id for row in shown}) > 1
    return [
        {
            "source": str(row.source) if several else "",
            "row": row.row,
            "day": datetime.date.fromisoformat(row.content["started_on"])
            if "started_on" in row.content
            else None,
            "site": row.content.get("site", ""),
        }
        for row in shown
    ]


def unknown(service: Service, rows: Rows) -> dict[str, Any]:
    """Waiting rows of somebody as the page on which they become a new person shows them."""
    own = service.unmatched_rows.waiting().filter(handle=rows.handle)
    lines = [Line(label, said, "") for label, said in details(rows.described, rows.local_number)]
    return {"rows": rows, "lines": [line for line in lines if line.one], "events": events(own)}

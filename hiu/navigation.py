"""What stands around every page: names, the menu of the role, and the demo banner."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from governance.permissions import role_allows
from governance.roles import Permission as P


@dataclass(frozen=True)
class Entry:
    """A line of the menu: shown to roles that have the permission, and to no others."""

    label: str
    view: str
    permission: P


MENU = (
    Entry("Today", "casework:today", P.WORK_CASES),
    Entry("Log a contact", "casework:choose_client", P.WORK_CASES),
    Entry("Board", "casework:board", P.ALLOCATE_CASES),
    Entry("Cases", "casework:cases", P.VIEW_CASES),
    Entry("Caseload", "casework:caseload", P.VIEW_CASELOADS),
    Entry("Extracts", "cohorts:extracts", P.LOAD_EXTRACTS),
    Entry("Lists", "cohorts:lists", P.SCREEN_CANDIDATES),
    Entry("Reports", "evaluation:reports", P.VIEW_REPORTS),
    Entry("Incidents", "governance:incidents", P.REPORT_INCIDENTS),
    Entry("Safety", "governance:safety", P.VIEW_SAFETY),
    Entry("Governance", "governance:overview", P.VIEW_GOVERNANCE),
    Entry("Members", "governance:members", P.MANAGE_MEMBERS),
    Entry("Presets", "casework:presets", P.MANAGE_PRESETS),
)


def menu(role: str, path: str) -> list[dict[str, Any]]:
    """The entries the role may use, with the one the page belongs to marked."""
    entries = [(entry.label, reverse(entry.view)) for entry in MENU if role_allows(role, entry.permission)]
    current = max((url for _, url in entries if path.startswith(url)), key=len, default=None)
    return [{"label": label, "url": url, "current": url == current} for label, url in entries]


def page_frame(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html."""
    membership = getattr(request, "membership", None)
    return {
        "product_name": settings.PRODUCT_NAME,
        "demo_banner": settings.DEMO,
        "service": getattr(request, "service", None),
        "membership": membership,
        "memberships": getattr(request, "memberships", []),
        "navigation": menu(membership.role, request.path) if membership else [],
        "can": [p.value for p in P if membership and role_allows(membership.role, p)],
    }

"""What stands around every page: names, the menu of the role, and the demo banner."""

import functools
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from casework.outbox import phone
from governance.models import Membership, User
from governance.opened import print_token
from governance.permissions import ServiceRequest, role_allows
from governance.roles import Permission as P
from governance.rules import AccessEnds
from governance.sign_in import marks


@dataclass(frozen=True)
class Entry:
    """A line of the menu: shown to roles that have the permission, and to no others."""

    label: str
    view: str
    permission: P


MENU = (
    Entry("Today", "casework:today", P.WORK_CASES),
    Entry("Log a contact", "casework:choose_client", P.WORK_CASES),
    Entry("Find a person", "casework:find", P.VIEW_CASES),
    Entry("Board", "casework:board", P.ALLOCATE_CASES),
    Entry("Cases", "casework:cases", P.VIEW_CASES),
    Entry("Caseload", "casework:caseload", P.VIEW_CASELOADS),
    Entry("Extracts", "cohorts:extracts", P.LOAD_EXTRACTS),
    Entry("Lists", "cohorts:lists", P.SCREEN_CANDIDATES),
    Entry("Referrals", "cohorts:referrals", P.TAKE_REFERRALS),
    Entry("What people say", "casework:experiences", P.READ_EXPERIENCE),
    Entry("Reports", "evaluation:reports", P.VIEW_REPORTS),
    Entry("Incidents", "governance:incidents", P.REPORT_INCIDENTS),
    Entry("Safety", "governance:safety", P.VIEW_SAFETY),
    Entry("Governance", "governance:overview", P.VIEW_GOVERNANCE),
    Entry("Shared", "casework:disclosures", P.VIEW_DISCLOSURES),
    Entry("Partners", "governance:partners", P.MANAGE_PARTNERS),
    Entry("Privacy notice", "governance:notices", P.MANAGE_NOTICES),
    Entry("Rights", "governance:rights", P.MANAGE_RIGHTS),
    Entry("Retention", "governance:retention", P.MANAGE_RIGHTS),
    Entry("Members", "governance:members", P.MANAGE_MEMBERS),
    Entry("Referral links", "cohorts:referral_links", P.MANAGE_REFERRAL_LINKS),
    Entry("Way of working", "casework:way_of_working", P.ALLOCATE_CASES),
    Entry("Instruments", "casework:instruments", P.ALLOCATE_CASES),
    Entry("Presets", "casework:presets", P.MANAGE_PRESETS),
)


# Addresses do not change while a process runs, and every page asks for all of them.
_address = functools.cache(reverse)


def menu(role: str, path: str) -> list[dict[str, Any]]:
    """The entries the role may use, with the one the page belongs to marked."""
    entries = [(entry.label, _address(entry.view)) for entry in MENU if role_allows(role, entry.permission)]
    current = max((url for _, url in entries if path.startswith(url)), key=len, default=None)
    return [{"label": label, "url": url, "current": url == current} for label, url in entries]


def session_limits(request: HttpRequest) -> dict[str, Any] | None:
    """What static/js/session.js needs: seconds until the session ends, and the key of what was typed.

    The key is the person's own, so what one has typed stays shut to the next one at the same computer.
    """
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not marks.passed(request):
        return None
    idle, ends = settings.SESSION_IDLE, marks.time_left(request.session).ends
    key = salted_hmac("hiu.typed", str(user.pk), algorithm="sha256").hexdigest()
    # Said only when it comes before the end without use, so that the same page reads the same all day.
    ends_first = ends if ends < idle else None
    return {"idle": idle, "ends": ends_first, "warning": settings.SESSION_WARNING, "key": key}


def access_ends(membership: Membership | None) -> AccessEnds | None:
    """What a member should hear of in time: the day after which their access is gone."""
    ends = membership.access_ends if membership else None
    return ends if ends and ends.soon(timezone.localdate()) else None


def _outbox(membership: Membership | None) -> dict[str, str] | None:
    """What static/js/outbox.js needs of somebody who logs contacts; None for everybody else."""
    logs = membership is not None and role_allows(membership.role, P.WORK_CASES)
    return phone.known(membership) if membership and logs else None


def page_frame(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html."""
    membership = getattr(request, "membership", None)
    return {
        "product_name": settings.PRODUCT_NAME,
        "demo_banner": settings.DEMO,
        "service": getattr(request, "service", None),
        "membership": membership,
        "session_limits": session_limits(request),
        "outbox": _outbox(membership),
        "access_ends": access_ends(membership),
        "memberships": getattr(request, "memberships", []),
        "navigation": menu(membership.role, request.path) if membership else [],
        "print_token": print_token(cast(ServiceRequest, request)) if membership else "",
        "can": [p.value for p in P if membership and role_allows(membership.role, p)],
    }

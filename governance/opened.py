"""What a request showed of a person, written down before the page leaves.

A fetcher marks the request (`request.opened = Opened(...)`); `requires` writes one row for each page
or file that goes out. So no view has to think of it, and none writes on a GET by itself.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core import signing

from governance import audit
from governance.models import Person
from governance.need_to_know import Why, same_last_name

if TYPE_CHECKING:
    from governance.permissions import ServiceRequest

PRINT_SALT = "governance.printed"
# A page may be printed for as long as a session lasts.
PRINT_WITHIN_SECONDS = 10 * 60 * 60


@dataclass(frozen=True)
class Opened:
    """Whose record a page shows, and why its reader may see it; `case` is an id."""

    person: Person
    why: Why | None
    case: int | None = None
    event: str = "record_opened"
    more: dict[str, Any] = field(default_factory=dict)

    def changes(self, request: "ServiceRequest") -> dict[str, Any]:
        """Codes and ids only. A shared last name is noted here, since who reads the log reaches no name."""
        told: dict[str, Any] = {"page": page_of(request), "role": request.membership.role}
        if self.why:
            told["why"] = self.why.value
        if self.case:
            told["case"] = self.case
        if same_last_name(request.user.name, self.person.last_name):
            told["same_last_name"] = True
        return {**told, **self.more}


def page_of(request: "ServiceRequest") -> str:
    """The name of the address, which holds no id."""
    return request.resolver_match.view_name if request.resolver_match else ""


def note(request: "ServiceRequest", opened: Opened) -> None:
    """One row for one page about a person."""
    audit.look(
        opened.event,
        service=request.service,
        by=request.user,
        on=opened.person,
        changes=opened.changes(request),
    )


def print_token(request: "ServiceRequest") -> str:
    """What the page sends back when it is printed: who, which page, whose record; nobody can make one up."""
    opened: Opened | None = getattr(request, "opened", None)
    told: dict[str, Any] = {"user": request.user.pk, "service": request.service.pk, "page": page_of(request)}
    if opened is not None:
        told["person"] = opened.person.pk
    return signing.dumps(told, salt=PRINT_SALT)


def read_print_token(request: "ServiceRequest", token: str) -> dict[str, Any] | None:
    """What `print_token` said, if it was for this user in this service and not long ago."""
    try:
        told = signing.loads(token, salt=PRINT_SALT, max_age=PRINT_WITHIN_SECONDS)
    except signing.BadSignature:
        return None
    mine = told["user"] == request.user.pk and told["service"] == request.service.pk
    return told if mine else None

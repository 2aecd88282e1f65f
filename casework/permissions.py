"""Who may open a case: `check_can_open` raises the sentence that the page shows."""

from django.core.exceptions import PermissionDenied
from django.urls import reverse

from casework.models import Case
from governance.models import Membership
from governance.need_to_know import SEALED, Facts, NeedToKnow, Refusal, Why, decide
from governance.permissions import AskReason, role_allows
from governance.roles import Permission

NEEDS_REASON = (
    "This is not one of your cases and not one of your team's. "
    "You can open it if you say why; somebody else reviews each reason."
)
SEALED_ASK = (
    "This is a sealed record and you are not named on it. "
    "You can open it if you must; your IG lead reads the reason."
)


def facts(membership: Membership, case: Case) -> Facts:
    """What is known of a member and a case fetched `with_access` for that member."""
    access = case.access
    return Facts(
        mode=NeedToKnow(membership.service.need_to_know),
        is_own=access.own,
        same_team=access.team,
        has_teams=access.has_teams,
        opens_every_case=role_allows(membership.role, Permission.OPEN_EVERY_CASE),
        is_sealed=access.sealed,
        is_named=access.named,
        gave_reason=access.until is not None,
        gave_reason_for_sealed=access.reason_for_sealed,
    )


def check_can_open(membership: Membership, case: Case) -> Why:
    """Why the member may open the case.

    Raises:
        AskReason: the case opens to whoever says why; its address asks for the reason.
        PermissionDenied: the record is sealed, and this member cannot even ask.
    """
    answer = decide(facts(membership, case))
    if isinstance(answer, Why):
        return answer
    raise AskReason(_sentence(membership, answer), reverse("casework:give_reason", args=[case.pk]))


def reason_wanted(membership: Membership, case: Case) -> str | None:
    """What to tell a member who may open the case if they say why; None if it opens anyway.

    Raises:
        PermissionDenied: the record is sealed, and this member cannot even ask.
    """
    answer = decide(facts(membership, case))
    return None if isinstance(answer, Why) else _sentence(membership, answer)


def can_open(membership: Membership, case: Case) -> bool:
    """Whether the case opens to the member without being asked."""
    return isinstance(decide(facts(membership, case)), Why)


def _sentence(membership: Membership, refusal: Refusal) -> str:
    if refusal == Refusal.NEEDS_REASON:
        return NEEDS_REASON
    if role_allows(membership.role, Permission.OPEN_SEALED):
        return SEALED_ASK
    raise PermissionDenied(SEALED)

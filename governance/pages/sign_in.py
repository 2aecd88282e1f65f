"""What the pages around signing in show: ways to prove who one is, sessions, and who is asked for more."""

import base64
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from governance import scope
from governance.actions import second_factor
from governance.models import Service, User
from governance.roles import Role

# Roles that can change what others may see: asked for the factor that cannot be phished.
ASKED_FOR_PASSKEY = {Role.IG_LEAD, Role.ADMINISTRATOR}
ADD_A_PASSKEY = (
    "Your role answers for other people's data. Please add a passkey, if this device can: "
    "Sign-in security, at the foot of the page."
)
SEED, SHOW_CODES = "app_seed", "show_recovery_codes"


@dataclass(frozen=True)
class Factor:
    """A line of the list of second factors."""

    pk: int
    name: str
    added: Any
    used: Any


def with_next(name: str, wanted: str) -> str:
    """The address of a page that leads on to another."""
    return reverse(name) + (f"?{urlencode({'next': wanted})}" if wanted else "")


def passkey_question(user: User) -> dict[str, Any] | None:
    """What the browser is to have signed by a passkey; None where there is no passkey."""
    if not second_factor.passkeys(user).exists():
        return None
    return webauthn.begin_authentication(user)


def new_passkey_question(user: User) -> dict[str, Any]:
    """What the browser needs to make a passkey."""
    return webauthn.begin_registration(user, passwordless=False)


def has_app(user: User) -> bool:
    """Whether an authenticator app is set up."""
    return second_factor.factors(user).filter(type=Authenticator.Type.TOTP).exists()


def factors(user: User) -> list[Factor]:
    """The second factors of somebody."""
    return [Factor(f.pk, name_of(f), f.created_at, f.last_used_at) for f in second_factor.factors(user)]


def name_of(factor: Authenticator) -> str:
    """What people call it."""
    if factor.type == Authenticator.Type.WEBAUTHN:
        return f"Passkey: {factor.wrap().name}"
    return "Authenticator app"


def is_asked_for_passkey(user: User) -> bool:
    """Whether one of the roles of somebody is better guarded by a passkey."""
    return services_with_role(user, ASKED_FOR_PASSKEY)


def should_add_passkey(user: User, shown: str) -> bool:
    """Whether to remind somebody who signed in with less than their role is asked for."""
    if shown in ("", "demo", "webauthn") or not is_asked_for_passkey(user):
        return False
    return not second_factor.passkeys(user).exists()


def services_with_role(user: User, roles: set[Role]) -> bool:
    """Whether somebody has one of the roles today."""
    return user.memberships.in_force(timezone.localdate()).filter(role__in=roles).exists()


def services_of(user: User) -> list[Service]:
    """The services that somebody works in today."""
    in_force = user.memberships.in_force(timezone.localdate()).select_related("service")
    return [membership.service for membership in in_force]


def inside(service: Service, user: User) -> AbstractContextManager[None]:
    """The scope of a service for somebody who has not got as far as choosing one."""
    return scope.of(service, by=user, people=False)


def seed(request: HttpRequest) -> str:
    """The seed of the app that is being set up; sealed in the session until then."""
    sealed = request.session.get(SEED)
    if sealed is None:
        sealed = request.session[SEED] = get_adapter().encrypt(second_factor.new_secret())
    return get_adapter().decrypt(sealed)


def app_set_up(user: User, secret: str) -> dict[str, str]:
    """A QR code for the app, and the same in letters for those who type it."""
    adapter = get_adapter()
    drawn = adapter.build_totp_svg(adapter.build_totp_url(user, secret))
    return {
        "qr_code": "data:image/svg+xml;base64," + base64.b64encode(drawn.encode()).decode(),
        "letters": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
    }

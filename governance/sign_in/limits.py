"""How many tries an account has, or a link to refer by, counted in PostgreSQL for all processes together (settings.SIGN_IN_LIMITS)."""

from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest

TOO_MANY = "That was too many tries. Wait five minutes, then try again."


def may_try(request: HttpRequest, kind: str, account: str) -> bool:
    """Count one try of the account, known or not; False when it has none left."""
    return bool(
        ratelimit.consume(request, app="hiu", action=kind, config=settings.SIGN_IN_LIMITS, key=account)
    )


def forget(request: HttpRequest, kind: str, account: str) -> None:
    """Start counting from nothing, after a try that was right."""
    ratelimit.clear(request, app="hiu", action=kind, config=settings.SIGN_IN_LIMITS, key=account)

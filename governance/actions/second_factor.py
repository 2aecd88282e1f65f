"""Second factors: checked, added, taken away. allauth knows how; the rules of when are here."""

from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt, encrypt
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from governance.actions import sign_in
from governance.models import User
from governance.rules import RuleBroken

Kind = Authenticator.Type
NOT_RECOGNISED = "The device did not answer as expected. Try again, or use another way."


def has_factor(user: User) -> bool:
    """Whether there is a factor to ask for; recovery codes alone are none."""
    return factors(user).exists()


def factors(user: User) -> QuerySet[Authenticator]:
    """The app and the passkeys of somebody, oldest first."""
    own = Authenticator.objects.filter(user=user).order_by("created_at", "pk")
    return own.exclude(type=Kind.RECOVERY_CODES)


def passkeys(user: User) -> QuerySet[Authenticator]:
    """The passkeys alone."""
    return factors(user).filter(type=Kind.WEBAUTHN)


@transaction.atomic
def accept_code(*, code: str, by: User) -> str | None:
    """Which kind of factor the code belongs to; it is used up by this. None for a wrong or used code.

    The rows are locked, so of two processes with the same code one is refused.
    """
    own = Authenticator.objects.select_for_update(of=["self"]).filter(user=by)
    for factor in own.exclude(type=Kind.WEBAUTHN).order_by("-type"):
        app = factor.type == Kind.TOTP
        if _accept_time_step(factor, code) if app else factor.wrap().validate_code(code):
            factor.record_usage()
            if not app:
                sign_in.record("recovery_code_used", by=by)
            return str(factor.type)
    return None


def accept_passkey(*, answer: dict[str, Any], by: User) -> str:
    """Check what a passkey signed, for the question in the session. Raises RuleBroken if it is not right."""
    try:
        webauthn.parse_authentication_response(answer)
        factor = webauthn.complete_authentication(by, answer)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError) as problem:
        raise RuleBroken(NOT_RECOGNISED) from problem
    factor.record_usage()
    return str(factor.type)


@transaction.atomic
def add_app(*, secret: str, code: str, proven: bool, by: User) -> bool:
    """Add an authenticator app that has shown a right code; True when recovery codes came with it.

    `proven`: the session has shown a factor, without which only the very first may be added.

    Raises:
        RuleBroken: the code is wrong, or there is an app already.
    """
    _lock(by, proven)
    if factors(by).filter(type=Kind.TOTP).exists():
        raise RuleBroken("You have an authenticator app already. Remove it before you add another.")
    factor = Authenticator(user=by, type=Kind.TOTP, data={"secret": encrypt(secret)})
    if not _accept_time_step(factor, code):
        raise RuleBroken("That code is not right. Wait for the next one in the app and type it here.")
    factor.save()
    return _added(by, "authenticator app")


@transaction.atomic
def add_passkey(*, name: str, answer: dict[str, Any], proven: bool, by: User) -> bool:
    """Add a passkey that has answered the question in the session; otherwise like add_app."""
    _lock(by, proven)
    try:
        webauthn.parse_registration_response(answer)
        webauthn.complete_registration(answer)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError) as problem:
        raise RuleBroken(NOT_RECOGNISED) from problem
    webauthn.WebAuthn.add(by, name, answer)
    return _added(by, "passkey")


@transaction.atomic
def remove(*, factor: Authenticator, by: User) -> None:
    """Take one factor away. Raises RuleBroken when it is the last."""
    _lock(by, proven=True)
    if factors(by).count() < 2:
        raise RuleBroken("This is your only second factor. Add another one before you remove it.")
    Authenticator.objects.filter(pk=factor.pk, user=by).delete()
    sign_in.record("second_factor_removed", by=by, changes={"kind": factor.type})


@transaction.atomic
def make_recovery_codes(*, by: User) -> None:
    """New recovery codes; those of before no longer work."""
    _lock(by, proven=True)
    Authenticator.objects.filter(user=by, type=Kind.RECOVERY_CODES).delete()
    RecoveryCodes.activate(by)
    sign_in.record("recovery_codes_made", by=by)


def recovery_codes(user: User) -> list[str]:
    """The recovery codes that still work."""
    factor = Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).first()
    return factor.wrap().get_unused_codes() if factor else []


def take_all_away(*, user: User) -> None:
    """Remove every factor; part of an action that two people agreed on."""
    Authenticator.objects.filter(user=user).delete()


def _lock(user: User, proven: bool) -> None:
    """Two sessions at once must not both add a first factor."""
    User.objects.select_for_update().get(pk=user.pk)
    if not proven and has_factor(user):
        raise RuleBroken("There is a second factor already. Sign in with it first.")


def _added(user: User, kind: str) -> bool:
    sign_in.record("second_factor_added", by=user, changes={"kind": kind})
    if Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).exists():
        return False
    RecoveryCodes.activate(user)
    return True


def _accept_time_step(factor: Authenticator, code: str) -> bool:
    """Whether the code is that of a half-minute later than any accepted before (RFC 6238, section 5.2).

    allauth remembers used codes in the cache and for 30 seconds, which is less than a code may live.
    """
    secret = decrypt(factor.data["secret"])
    last = factor.data.get("last_step", -1)
    for step in totp.yield_hotp_counters_from_time():
        expected = totp.format_hotp_value(totp.hotp_value(secret, step))
        if step > last and compare_user_code(actual=code, expected=expected):
            # Sealed anew each time, so that a new key takes over by use.
            factor.data.update(secret=encrypt(secret), last_step=step)
            if factor.pk:
                factor.save(update_fields=["data"])
            return True
    return False


def new_secret() -> str:
    """A seed for an authenticator app, 160 bits in base 32."""
    return totp.generate_totp_secret()

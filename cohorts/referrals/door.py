"""The door for those who refer without an account: what an address opens, and in which service.

An address is signed, so it tells the service before anything is asked of the database; each page then works
inside that service alone, and without people where it needs none. Nothing here says who is known to us.
"""

import datetime
import hashlib
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core import signing
from django.utils import timezone

from cohorts.models import Feedback, Referral, ReferralLink
from cohorts.referrals.rules import Status, Step, status
from governance import scope
from governance.models import Service

_LINK, _STATUS = "cohorts.refer", "cohorts.refer.status"
# Named in the notes of what was changed in place of the address, which is a secret.
PLACE = "/cohorts/refer/"
STATUS_DAYS = 365


class NoSuchAddress(Exception):
    """Raised for an address that was never made, was ended, or is too old: all the same to whoever tries it."""


@dataclass(frozen=True)
class Standing:
    """All that a referrer is told: nobody's name, and nothing about how anybody is."""

    service: str
    sent_by: str
    received_at: datetime.datetime
    status: Status
    feedback: str


def new_token(service: Service) -> tuple[str, str]:
    """A token for the address of a new link, and the hash that is kept of it."""
    secret = secrets.token_urlsafe(24)
    return signing.dumps([service.pk, secret], salt=_LINK), _hash(secret)


@contextmanager
def through(token: str, *, people: bool) -> Iterator[ReferralLink]:
    """Work inside the service of a link that is in force.

    Raises:
        NoSuchAddress: there is none.
    """
    service, secret = _read(token, _LINK, None)
    with scope.of(service, people=people, request=PLACE):
        links = service.referral_links.in_force(timezone.localdate())
        link = links.select_related("service", "organisation").filter(token_hash=_hash(secret)).first()
        if link is None:
            raise NoSuchAddress
        yield link


def status_token(referral: Referral) -> str:
    """A token for the page that says where a referral stands; good for a year."""
    return signing.dumps([referral.service_id, str(referral.key)], salt=_STATUS)


def standing(token: str) -> Standing:
    """Where a referral stands. Raises NoSuchAddress where the token is none of ours, or too old."""
    service, key = _read(token, _STATUS, datetime.timedelta(days=STATUS_DAYS))
    with scope.of(service, request=PLACE):
        rows = service.referrals.select_related("link__organisation", "organisation").with_steps()
        referral = rows.filter(key=uuid.UUID(key)).first()
        if referral is None:
            raise NoSuchAddress
        declined = referral.steps.filter(kind=Step.DECLINED).first()
    return Standing(
        service=service.name,
        sent_by=referral.sent_by,
        received_at=referral.received_at,
        status=status(step.kind for step in referral.happened),
        feedback=str(Feedback(declined.feedback).label) if declined else "",
    )


def _read(token: str, salt: str, max_age: datetime.timedelta | None) -> tuple[Service, str]:
    try:
        service_id, told = signing.loads(token, salt=salt, max_age=max_age)
    except (signing.BadSignature, ValueError):
        raise NoSuchAddress from None
    service = Service.objects.filter(pk=service_id).first()
    if service is None:
        raise NoSuchAddress
    return service, told


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

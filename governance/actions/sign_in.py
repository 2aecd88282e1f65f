"""Sign-ins: begun, listed and ended; and the password one signs in with."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from governance import audit, scope
from governance.models import Membership, Service, SignIn, User
from governance.rules import device_in_words
from governance.sign_in import marks


@dataclass(frozen=True)
class OpenSignIn:
    """A session that is still good: on which device, since when, and whether it is the one that asks."""

    device: str
    started_at: datetime.datetime
    is_this_one: bool


@transaction.atomic
def begin(*, session_key: str, user_agent: str, factor: str, by: User) -> None:
    """Remember a session that has just begun."""
    _forget_those_that_are_over(by)
    by.sign_ins.create(session_key=session_key, device=device_in_words(user_agent))
    record("signed_in", by=by, changes={"factor": factor or "none yet"})


@transaction.atomic
def move(*, old_key: str | None, new_key: str | None, by: User) -> None:
    """The session has another id from now on."""
    by.sign_ins.filter(session_key=old_key or "").update(session_key=new_key)


@transaction.atomic
def end(*, session_key: str | None, by: User) -> None:
    """The person signs out of one session."""
    by.sign_ins.filter(session_key=session_key or "").delete()
    record("signed_out", by=by)


@transaction.atomic
def end_others(*, session_key: str | None, by: User) -> int:
    """Sign out everywhere but here; the number of sessions that ended."""
    others = by.sign_ins.exclude(session_key=session_key or "")
    keys = list(others.values_list("session_key", flat=True))
    ended = len(_live_sessions(by, keys))
    Session.objects.filter(session_key__in=keys).delete()
    others.delete()
    record("other_sessions_ended", by=by, changes={"sessions": ended})
    return ended


def end_everywhere(*, user: User) -> None:
    """Sign somebody out of every session, at its next request; part of an action that says why."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])


@transaction.atomic
def set_password(*, password: str, by: User) -> None:
    """One's own new password; every other session ends with the old one."""
    by.set_password(password)
    by.has_first_password = False
    by.save(update_fields=["password", "has_first_password"])
    record("password_changed", by=by)


def open_ones(user: User, session_key: str | None) -> list[OpenSignIn]:
    """Where somebody is signed in now, newest first."""
    rows = list(user.sign_ins.all())
    live = _live_sessions(user, [row.session_key for row in rows])
    return [
        OpenSignIn(row.device, row.started_at, row.session_key == session_key)
        for row in rows
        if row.session_key in live
    ]


def record(event: str, *, by: User, changes: dict | None = None) -> None:
    """An event of somebody's account, in the chain of their service where they have just one."""
    service = _only_service(by)
    if service is None:
        audit.record(event, service=None, by=by, on=by, changes=changes)
        return
    with scope.of(service, by=by, people=False):
        audit.record(event, service=service, by=by, on=by, changes=changes)


def _only_service(user: User) -> Service | None:
    in_force = Membership.objects.in_force(timezone.localdate()).filter(user=user).select_related("service")
    memberships = list(in_force[:2])
    return memberships[0].service if len(memberships) == 1 else None


def _live_sessions(user: User, keys: Iterable[str]) -> set[str]:
    """Those of the sessions that the next request would find good."""
    now = timezone.now()
    stands_on = user.get_session_auth_hash()
    found = Session.objects.filter(session_key__in=list(keys), expire_date__gt=now)
    return {s.session_key for s in found if _is_live(s.get_decoded(), stands_on)}


def _is_live(content: dict[str, Any], stands_on: str) -> bool:
    return content.get(HASH_SESSION_KEY) == stands_on and marks.why_over(content) is None


def _forget_those_that_are_over(user: User) -> None:
    keys = set(user.sign_ins.values_list("session_key", flat=True))
    over = keys - _live_sessions(user, keys)
    SignIn.objects.filter(session_key__in=over).delete()

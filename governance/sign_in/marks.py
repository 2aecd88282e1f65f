"""What a session remembers about signing in: how far it got, with which factor, and when it was used."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from governance.models import User

FACTOR, PENDING, STARTED, SEEN, ENDED = "second_factor", "password_given", "started_at", "seen_at", "ended"
# Seconds from the password to the second factor, and from a factor to changes of factors.
PATIENCE = 10 * 60
FRESH = 15 * 60
# How exactly the last use is known, in seconds: a session is not written on every request.
SEEN_EVERY = 30
DEMO = "demo"
# Reserved, so that no real account ends in it (RFC 2606).
DEMO_ENDING = ".example"


Content = SessionBase | Mapping[str, Any]


@dataclass(frozen=True)
class TimeLeft:
    """Seconds until a session ends without use, and until it ends in any case."""

    idle: int
    ends: int


def user_of(request: HttpRequest) -> User:
    """Who is signed in, in a view that nobody else reaches."""
    assert isinstance(request.user, User)
    return request.user


def skips_second_factor(user: User) -> bool:
    """Only the invented people of a demonstration get by with a password."""
    return bool(settings.DEMO) and user.email.endswith(DEMO_ENDING)


def enter(request: HttpRequest, user: User, *, factor: str = "") -> None:
    """Sign in under a new session id; without `factor` the session reaches the set-up pages alone."""
    request.session.pop(PENDING, None)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    start(request.session, factor=factor)


def start(session: SessionBase, *, factor: str = "") -> None:
    """Mark a session that has just begun."""
    now = int(time.time())
    session[STARTED] = session[SEEN] = now
    if factor:
        session[FACTOR] = {"kind": factor, "at": now}


def confirm(request: HttpRequest, factor: str) -> None:
    """The signed-in person has just shown a factor: more is open to the session, so its id changes."""
    request.session[FACTOR] = {"kind": factor, "at": int(time.time())}
    request.session.cycle_key()


def passed(request: HttpRequest) -> bool:
    """Whether the session has shown a second factor, or is one of the demonstration."""
    mark = request.session.get(FACTOR)
    if not mark or not isinstance(request.user, User):
        return False
    return mark["kind"] != DEMO or skips_second_factor(request.user)


def is_fresh(request: HttpRequest) -> bool:
    """Whether a factor was shown so lately that factors may be changed."""
    mark = request.session.get(FACTOR)
    if not mark:
        return False
    return mark["kind"] == DEMO or time.time() - mark["at"] < FRESH


def wait_for_factor(request: HttpRequest, user: User) -> None:
    """The password was right; the session is nobody's until the second factor is too."""
    request.session.cycle_key()
    request.session[PENDING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "at": int(time.time()),
    }


def waiting_user(request: HttpRequest) -> User | None:
    """Whose password this session has shown, for a few minutes and while it is still the password."""
    pending = request.session.get(PENDING)
    if not pending or time.time() - pending["at"] > PATIENCE:
        return None
    user = User.objects.filter(pk=pending["user"], is_active=True).first()
    if user is None or not constant_time_compare(pending["hash"], user.get_session_auth_hash()):
        return None
    return user


def time_left(session: Content) -> TimeLeft:
    """How long the session may still live."""
    now = int(time.time())
    return TimeLeft(
        settings.SESSION_IDLE - (now - session.get(SEEN, now)),
        settings.SESSION_COOKIE_AGE - (now - session.get(STARTED, now)),
    )


def why_over(session: Content) -> str | None:
    """Why the session has to end now, as a sentence for the sign-in page; None while it may go on."""
    left = time_left(session)
    if left.ends <= 0:
        return "You were signed out because a session lasts one working day. Sign in to go on."
    if left.idle <= -SEEN_EVERY:
        return left_alone()
    return None


def left_alone() -> str:
    """The sentence about a session that ended without use."""
    return f"You were signed out after {settings.SESSION_IDLE // 60} minutes without use. Sign in to go on."


def saw(session: SessionBase) -> None:
    """Note that the session is in use."""
    now = int(time.time())
    session.setdefault(STARTED, now)
    if now - session.get(SEEN, 0) >= SEEN_EVERY:
        session[SEEN] = now

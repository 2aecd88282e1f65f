"""What a database session may see: one service, every service (named jobs only), or none.

Row-level security in PostgreSQL holds the session to it (governance/database), so a forgotten filter
brings back nothing of another service. Outside any scope no row of any service exists.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from governance.models import Service, User

EVERY = "every"


@dataclass(frozen=True)
class Scope:
    """The settings of a session: which service, whether people are in reach, who acts, and where from."""

    service: str = ""
    people: bool = False
    actor: str = ""
    request: str = ""

    def tell(self, session: psycopg.Connection[Any]) -> None:
        """Set them; no query of a page, but like the time zone a state of the session."""
        with session.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('hiu.service', %s, false), set_config('hiu.people', %s, false),"
                " set_config('hiu.actor', %s, false), set_config('hiu.request', %s, false)",
                [self.service, "on" if self.people else "off", self.actor, self.request],
            )


NOTHING = Scope()
_current: ContextVar[Scope] = ContextVar("scope", default=NOTHING)


def current() -> Scope:
    """The scope this code runs in."""
    return _current.get()


@contextmanager
def of(service: Service, *, by: User | None = None, people: bool = True, request: str = "") -> Iterator[None]:
    """Work inside one service. Without `people`, tables that name people are empty as well."""
    with _entered(Scope(str(service.pk), people, str(by.pk) if by else "", request)):
        yield


@contextmanager
def every_service() -> Iterator[None]:
    """Work across services, for the few jobs of an installation that must; a test lists them."""
    with _entered(Scope(EVERY, people=True)):
        yield


@contextmanager
def nothing(*, by: User | None = None) -> Iterator[None]:
    """Work in no service: signing in, choosing one."""
    with _entered(Scope(actor=str(by.pk) if by else "")):
        yield


def on_connect(sender: type, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """A new session of the application starts in the scope of the code that opened it."""
    if connection.alias == "default" and connection.connection is not None:
        current().tell(connection.connection)


@contextmanager
def _entered(scope: Scope) -> Iterator[None]:
    before = _current.set(scope)
    _tell(scope)
    try:
        yield
    finally:
        _current.reset(before)
        _tell(current())


def _tell(scope: Scope) -> None:
    connection.close_if_health_check_failed()  # as Django does before the first query of a request
    session = connection.connection
    if session is None or session.closed:
        return  # on_connect will
    if session.info.transaction_status == psycopg.pq.TransactionStatus.INERROR:
        return  # the roll-back that must follow takes the setting back as well
    scope.tell(session)

"""Who is working on an extract: a lock that PostgreSQL takes back when the worker's session ends.

A killed worker holds nothing, so nobody has to guess from a clock whether it is still alive. A worker
that was only paused still has its session and its lock, and no second one starts beside it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_CLASS = 7_301_001  # our locks on extracts; any number nobody else uses


@contextmanager
def lease(extract_id: int) -> Iterator[bool]:
    """Whether this session now has the extract to itself; it is given back when the block ends."""
    held = _ask("SELECT pg_try_advisory_lock(%s, %s)", extract_id)
    try:
        yield held
    finally:
        if held and connection.connection is not None and not connection.connection.closed:
            _ask("SELECT pg_advisory_unlock(%s, %s)", extract_id)


def is_free(extract_id: int) -> bool:
    """Whether nobody works on the extract at this moment."""
    with lease(extract_id) as held:
        return held


def _ask(question: str, extract_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, [_CLASS, extract_id])
        answer: bool = cursor.fetchone()[0]
        return answer


@contextmanager
def only_one(job: str, number: int) -> Iterator[bool]:
    """Whether this session is the only one at a job; given back when the block ends or the session does."""
    held = _ask_job("SELECT pg_try_advisory_lock(hashtext(%s), %s)", job, number)
    try:
        yield held
    finally:
        if held and connection.connection is not None and not connection.connection.closed:
            _ask_job("SELECT pg_advisory_unlock(hashtext(%s), %s)", job, number)


def _ask_job(question: str, job: str, number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, [job, number])
        answer: bool = cursor.fetchone()[0]
        return answer

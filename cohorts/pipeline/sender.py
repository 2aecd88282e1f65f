"""Rows on their way to PostgreSQL while the next ones are being checked.

Checking keeps one processor busy and COPY another; one thread beside the caller's lets both work. The
session belongs to that thread from the first `send` until `wait` returns.
"""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

_WAITING = 2  # blocks of rows held in memory at most


class Sender:
    """Runs COPY statements one after another in a thread."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._jobs: queue.Queue[tuple[str, bytes] | None] = queue.Queue(_WAITING)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def send(self, statement: str, rows: bytes) -> None:
        """Copy rows once those before them are through; waits only while two blocks are on their way."""
        self._raise()
        if rows:
            self._jobs.put((statement, rows))

    def wait(self) -> None:
        """Until everything sent is in the database; the caller may then use the session itself."""
        self._jobs.join()
        self._raise()

    def stop(self) -> None:
        """End the thread, after the rows it has, or at once after an error."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                if self._error is None:
                    self._copy(*job)
            except BaseException as error:
                self._error = error
            finally:
                self._jobs.task_done()
        self._jobs.task_done()

    def _copy(self, statement: str, rows: bytes) -> None:
        with self._session.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(rows)

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error


@contextmanager
def sending() -> Iterator[Sender]:
    """A sender on the session of this thread; when the block ends, so has the sender."""
    connection.ensure_connection()
    sender = Sender(connection.connection)
    try:
        yield sender
        sender.wait()
    finally:
        sender.stop()

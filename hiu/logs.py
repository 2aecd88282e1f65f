"""How lines are logged: where and what kind of failure, never the value that caused it.

The words of an exception repeat what somebody typed ("... (nhs_number)=(999 ...) already exists"), and
celery repeats them once more. So of an exception its class, its place and PostgreSQL's name of the rule it
broke are logged, and its words only for failures of connections, which are about servers.
"""

import logging
import re
import time
import traceback
from collections.abc import Iterator
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError

SAFE_WORDS = (
    OperationalError,
    InterfaceError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    ConnectionError,
)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
NAME_OF_A_CLASS = re.compile(r"[\w.]+")


class Formatter(logging.Formatter):
    """One line for each message, in UTC; below it, for an exception, the places it came through."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """A line break that somebody typed would look like an entry of its own, so it is written out."""
        with_its_own_text = logging.makeLogRecord(record.__dict__)
        with_its_own_text.msg, with_its_own_text.args = one_line(record.getMessage()), None
        with_its_own_text.exc_text = None  # made by another formatter, with the words in it
        return super().format(with_its_own_text)

    def formatException(self, ei: Any) -> str:
        """The chain of exceptions, oldest first."""
        return "\n".join(_chain(ei[1]))


class WithoutValues(logging.Filter):
    """Takes out of celery's messages what a task was given, gave back, or failed with."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("celery") and isinstance(record.args, dict):
            kind = NAME_OF_A_CLASS.match(str(record.args.get("exc", "")))
            withheld = {
                name: "" for name in ("args", "kwargs", "traceback", "return_value") if name in record.args
            }
            record.args = {**record.args, **withheld, "exc": kind[0] if kind else ""}
        return True


def one_line(text: str) -> str:
    """Control characters as they are written in Python."""
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _chain(exception: BaseException | None) -> Iterator[str]:
    if exception is None:
        return
    before = exception.__cause__ or (None if exception.__suppress_context__ else exception.__context__)
    yield from _chain(before)
    for frame in traceback.extract_tb(exception.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
    yield f"{type(exception).__module__}.{type(exception).__qualname__}{_facts(exception)}"


def _facts(exception: BaseException) -> str:
    """What can be said of a failure without a value: PostgreSQL's code, table and rule."""
    if isinstance(exception, psycopg.Error) and exception.diag.sqlstate:
        diagnosis = exception.diag
        said = (diagnosis.sqlstate, diagnosis.table_name, diagnosis.column_name, diagnosis.constraint_name)
        return f" ({', '.join(part for part in said if part)})"
    if isinstance(exception, SAFE_WORDS):
        return f": {one_line(str(exception))[:300]}"
    return ""

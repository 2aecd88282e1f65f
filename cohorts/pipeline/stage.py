"""The checked rows of one extract in a temporary table of the worker's own session.

The application's role may make temporary tables and nothing else, so loading needs no other right.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.db.backends.utils import CursorWrapper

from cohorts.pipeline.check import OUTPUT
from cohorts.pipeline.fields import COUNTS, F, Shape
from cohorts.pipeline.files import open_checked
from cohorts.pipeline.sender import Sender, sending

_TYPES: dict[str, str] = {
    "row": "integer",
    "started_on": "date",
    "started_at_time": "time",
    F.BIRTH_DATE: "date",
    F.AGE: "smallint",
    F.ADMITTED: "boolean",
    F.DURATION_MINUTES: "integer",
    F.COST: "numeric(10, 2)",
    F.COST_TOTAL: "numeric(10, 2)",
    **dict.fromkeys(COUNTS, "integer"),
}
_SLICE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Stage:
    """The temporary table of an extract; `latest` is a query for its rows without repeated ones."""

    extract_id: int
    source_id: int
    shape: str

    @property
    def table(self) -> str:
        return f"staged_{self.extract_id}"

    @property
    def people(self) -> str:
        """The temporary table in which every person of the extract stands once."""
        return f"staged_people_{self.extract_id}"

    @property
    def news(self) -> str:
        """The temporary table of the rows that are not stored as they are."""
        return f"staged_news_{self.extract_id}"

    @property
    def people_held(self) -> str:
        """The temporary table of the people we know whom the extract describes otherwise."""
        return f"staged_people_held_{self.extract_id}"

    @property
    def people_news(self) -> str:
        """The temporary table of what the extract says otherwise of people we know."""
        return f"staged_people_news_{self.extract_id}"

    @property
    def identity(self) -> str:
        """What makes two rows of a file the same one."""
        return "id" if self.shape == Shape.ATTENDANCES else "identifier"

    @property
    def latest(self) -> str:
        """The last of the rows that are the same one, as SQL."""
        return f"SELECT DISTINCT ON ({self.identity}) * FROM {self.table} ORDER BY {self.identity}, row DESC"  # noqa: S608

    def create(self, cursor: CursorWrapper) -> None:
        """An empty table, in place of one that an interrupted run may have left in this session."""
        self.drop(cursor)
        columns = [f"{name} {_TYPES.get(name, 'text')}" for name in OUTPUT[self.shape]]
        if self.shape == Shape.ATTENDANCES:
            key = f"md5('{self.source_id}|' || key)::uuid"
            columns.append(f"id uuid GENERATED ALWAYS AS ({key}) STORED")
        cursor.execute(f"CREATE TEMPORARY TABLE {self.table} ({', '.join(columns)})")

    def drop(self, cursor: CursorWrapper) -> None:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{self.table}")


class Filling:
    """Sends rows into a stage."""

    def __init__(self, stage: Stage, sender: Sender) -> None:
        self._stage = stage
        self._sender = sender
        # Call before using the session for anything else.
        self.pause = sender.wait

    def __call__(self, columns: list[str], rows: bytes) -> None:
        """Send rows of text for COPY."""
        names = ", ".join(columns)
        self._sender.send(f"COPY {self._stage.table} ({names}) FROM STDIN (NULL '')", rows)

    def all_of(self, path: Path, progress: Callable[[float], None]) -> None:
        """Send a checked file, slice by slice."""
        columns, file = open_checked(path)
        size = path.stat().st_size
        with file:
            while rows := file.read(_SLICE_BYTES):
                self(columns, rows + file.readline())
                progress(file.tell() / size)


@contextmanager
def filling(stage: Stage) -> Iterator[Filling]:
    """Make the table and hand out what fills it; after an error the table is gone."""
    with connection.cursor() as cursor:
        stage.create(cursor)
        try:
            with sending() as sender:
                yield Filling(stage, sender)
        except BaseException:
            with suppress(Exception):
                stage.drop(cursor)
            raise
        # What the planner needs to know; looking at every column would take four times as long.
        cursor.execute(f"ANALYZE {stage.table} (row, identifier)")

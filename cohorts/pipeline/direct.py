"""The very first load of an installation: years of rows, and nothing yet to compare them with.

Rows go straight into tables without indexes while the file is still being checked, and the indexes are
built once at the end: about half the work of the general way (stage, match, store), which does the same
for every later file. A test holds the two to the same result.
"""

import numpy as np
import polars as pl
import polars_hash
from django.db.backends.utils import CursorWrapper

from cohorts.pipeline.fields import ACTIVITY_FIELDS, F
from cohorts.pipeline.files import copy_text
from cohorts.pipeline.match import NEXT_PERSON, Feed
from cohorts.pipeline.roster import DETAILS, Roster
from cohorts.pipeline.sender import Sender
from cohorts.pipeline.store import Outcome

# Columns that are null, not "", where nothing was supplied.
_NULLABLE = frozenset(
    {
        *("started_at_time", F.AGE, F.ADMITTED, F.DURATION_MINUTES, F.COST),
        *("birth_date", "stated_age", "stated_age_on"),
    }
)
_EVENT = ("started_on", "started_at_time", F.AGE, *ACTIVITY_FIELDS)

_NULL = "\x01"  # the check leaves no control character in any cell
_COPY = f"COPY {{table}} ({{columns}}) FROM STDIN (NULL '{_NULL}')"
_REPEATED = """
DELETE FROM cohorts_activity WHERE ctid IN (
       SELECT ctid FROM (SELECT ctid, row_number() OVER (PARTITION BY id ORDER BY ctid DESC) AS place
                           FROM cohorts_activity) row
        WHERE place > 1)
"""
_CHANGED_TABLE = f"""
CREATE TEMPORARY TABLE first_load_people ON COMMIT DROP AS
SELECT id, {", ".join(DETAILS)} FROM governance_person LIMIT 0
"""  # noqa: S608 - names of our own columns
_CHANGED_PEOPLE = f"""
UPDATE governance_person person
   SET {", ".join(f"{name} = said.{name}" for name in DETAILS)}
  FROM first_load_people said
 WHERE person.id = said.id
"""  # noqa: S608 - names of our own columns


def begin(cursor: CursorWrapper) -> bool:
    """Make ready for a first load, if this is one: no activity and nobody in the whole installation.

    From here to the end of the transaction nobody else can read either table, of which both are empty.
    """
    cursor.execute("SELECT cohorts_first_load_begin()")
    return bool(cursor.fetchone()[0])


class FirstLoad:
    """Sends the blocks of a file on as they pass the check."""

    def __init__(self, cursor: CursorWrapper, feed: Feed, sender: Sender) -> None:
        self._cursor = cursor
        self._feed = feed
        self._sender = sender
        self._roster = Roster()
        cursor.execute(f"SELECT {NEXT_PERSON}")
        # Nobody else can add people now, and the last step lets the sequence go on after these.
        self._first_id: int = cursor.fetchone()[0]
        self._keys: list[np.ndarray] = []

    def __call__(self, frame: pl.DataFrame) -> None:
        """Send a block: first the people met for the first time, then the events."""
        if frame.is_empty():
            return
        numbers, new = self._roster.meet(frame)
        self._send_people(new)
        self._send_events(frame, self._first_id + numbers)

    def finish(self) -> Outcome:
        """Leave out repeated rows, build the indexes and bring people's details to their newest."""
        self._sender.wait()
        keys = np.concatenate(self._keys) if self._keys else np.empty(0, np.uint64)
        keys.sort()
        repeated = 0
        if (keys[1:] == keys[:-1]).any():
            self._cursor.execute(_REPEATED)
            repeated = self._cursor.rowcount
        self._cursor.execute("SELECT cohorts_first_load_end()")
        self._refresh(self._roster.changes())
        return Outcome(len(keys) - repeated, 0, repeated, len(self._roster), 0)

    def _send_people(self, new: pl.DataFrame) -> None:
        feed = self._feed
        identifier = "nhs_number" if feed.issuer_id is None else "pseudonym"
        issuer = {} if feed.issuer_id is None else {"pseudonym_issuer_id": feed.issuer_id}
        people = new.select(
            self._ids_of(new),
            pl.col("identifier").alias(identifier),
            *map(_cells, DETAILS),
            service_id=feed.service_id,
            communication_needs=pl.lit(""),
            **issuer,
        )
        self._send("governance_person", people)

    def _send_events(self, frame: pl.DataFrame, people: pl.Series) -> None:
        feed = self._feed
        ids = frame.select(event_ids(feed.source_id)).to_series()
        self._keys.append(ids.hash().to_numpy())
        events = frame.with_columns(pl.lit("").alias(name) for name in _EVENT if name not in frame.columns)
        events = events.select(
            ids,
            people.alias("person_id"),
            *map(_cells, _EVENT),
            service_id=feed.service_id,
            source_id=feed.source_id,
            extract_id=feed.extract_id,
            measure=pl.lit(feed.measure),
        )
        self._send("cohorts_activity", events)

    def _send(self, table: str, rows: pl.DataFrame) -> None:
        self._sender.send(_COPY.format(table=table, columns=", ".join(rows.columns)), copy_text(rows, _NULL))

    def _refresh(self, changes: pl.DataFrame) -> None:
        if changes.is_empty():
            return
        self._cursor.execute(_CHANGED_TABLE)
        self._send("first_load_people", changes.select(self._ids_of(changes), *map(_cells, DETAILS)))
        self._sender.wait()
        self._cursor.execute(_CHANGED_PEOPLE)

    def _ids_of(self, people: pl.DataFrame) -> pl.Series:
        return (self._first_id + people["number"]).alias("id")


def _cells(name: str) -> pl.Expr:
    column = pl.col(name)
    return pl.when(column != "").then(column) if name in _NULLABLE else column


def event_ids(source_id: int) -> pl.Expr:
    """The id of each event: md5 of the source and the sender's own name of the event, as stage.py has it in SQL."""
    name = polars_hash.concat_str([pl.lit(f"{source_id}|"), pl.col("key")])
    return name.nchash.md5().alias("id")

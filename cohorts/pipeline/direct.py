"""The very first load of an installation: years of rows, and nothing yet to compare them with.

Rows go straight into tables without indexes while the file is still being checked, and the indexes are
built once at the end: about half the work of the general way (stage, match, store), which does the same
for every later file. A test holds the two to the same result.
"""

from collections.abc import Iterable
from hashlib import md5

import numpy as np
import pandas as pd
from django.db.backends.utils import CursorWrapper

from cohorts.pipeline.fields import ACTIVITY_FIELDS, F
from cohorts.pipeline.files import join_lines
from cohorts.pipeline.match import NEXT_PERSON, Feed
from cohorts.pipeline.roster import DETAILS, Roster
from cohorts.pipeline.sender import Sender
from cohorts.pipeline.store import Outcome

_NULL = "\x01"  # the check leaves no control character in any cell
_NULLABLE = frozenset(
    {"started_at_time", F.AGE, F.ADMITTED, F.DURATION_MINUTES, F.COST, F.BIRTH_DATE, "started_on"}
)
_EVENT = ("started_on", "started_at_time", F.AGE, *ACTIVITY_FIELDS)
_TEXTS = tuple(name for name in DETAILS if name not in (F.BIRTH_DATE, F.AGE))
_IDS_AT_FIRST = 50_000

_COPY_ACTIVITY = (
    "COPY cohorts_activity (id, service_id, source_id, extract_id, measure, person_id, "
    f"{', '.join(_EVENT)}) FROM STDIN (NULL '{_NULL}')"
)
_COPY_PEOPLE = (
    "COPY governance_person (id, service_id, pseudonym_issuer_id, communication_needs, {identifier}, "
    f"birth_date, stated_age, stated_age_on, {', '.join(_TEXTS)}) FROM STDIN (NULL '{_NULL}')"
)
_REPEATED = """
DELETE FROM cohorts_activity WHERE ctid IN (
       SELECT ctid FROM (SELECT ctid, row_number() OVER (PARTITION BY id ORDER BY ctid DESC) AS place
                           FROM cohorts_activity) row
        WHERE place > 1)
"""
_CHANGED_TABLE = f"""
CREATE TEMPORARY TABLE first_load_people ON COMMIT DROP AS
SELECT id, birth_date, stated_age, stated_age_on, {", ".join(_TEXTS)} FROM governance_person LIMIT 0
"""  # noqa: S608 - names of our own columns
_CHANGED_PEOPLE = f"""
UPDATE governance_person person
   SET birth_date = said.birth_date, stated_age = said.stated_age, stated_age_on = said.stated_age_on,
       {", ".join(f"{name} = said.{name}" for name in _TEXTS)}
  FROM first_load_people said
 WHERE person.id = said.id
"""  # noqa: S608 - names of our own columns


def begin(cursor: CursorWrapper) -> bool:
    """Make ready for a first load, if this is one: no activity and nobody in the whole installation.

    From here to the end of the transaction nobody else can read either table, of which both are empty.
    """
    # Foreign keys of people are checked with each block, while the next is read, and not all at the end.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("SELECT cohorts_first_load_begin()")
    return bool(cursor.fetchone()[0])


class FirstLoad:
    """Sends the blocks of a file on as they pass the check."""

    def __init__(self, cursor: CursorWrapper, feed: Feed, sender: Sender) -> None:
        self._cursor = cursor
        self._feed = feed
        self._sender = sender
        self._roster = Roster()
        self._ids = np.empty(0, np.int64)
        self._keys: list[np.ndarray] = []

    def __call__(self, frame: pd.DataFrame) -> None:
        """Send a block: first the people met for the first time, then the events."""
        if frame.empty:
            return
        numbers, new = self._roster.meet(frame)
        self._reserve_ids(len(self._roster))
        self._sender.send(self._copy_people, self._people(new))
        self._sender.send(_COPY_ACTIVITY, self._events(frame, self._ids[numbers]))

    def finish(self) -> Outcome:
        """Leave out repeated rows, build the indexes and bring people's details to their newest."""
        self._sender.wait()
        keys = np.concatenate(self._keys) if self._keys else np.empty(0, np.uint64)
        repeated = 0
        if len(np.unique(keys)) < len(keys):
            self._cursor.execute(_REPEATED)
            repeated = self._cursor.rowcount
        self._cursor.execute("SELECT cohorts_first_load_end()")
        self._refresh(self._roster.changed())
        return Outcome(len(keys) - repeated, 0, repeated, len(self._roster), 0)

    @property
    def _copy_people(self) -> str:
        column = "nhs_number" if self._feed.issuer_id is None else "pseudonym"
        return _COPY_PEOPLE.format(identifier=column)

    def _reserve_ids(self, wanted: int) -> None:
        """Enough ids of people, in doubling steps, since each step waits for the rows on their way."""
        if wanted <= len(self._ids):
            return
        self._sender.wait()
        more = max(_IDS_AT_FIRST, len(self._ids), wanted - len(self._ids))
        self._cursor.execute(
            f"SELECT {NEXT_PERSON} FROM generate_series(1, %s)",  # noqa: S608
            [more],
        )
        reserved = np.fromiter((row[0] for row in self._cursor.fetchall()), np.int64)
        self._ids = np.concatenate([self._ids, reserved])

    def _people(self, numbers: range | np.ndarray) -> bytes:
        feed = self._feed
        issuer = _NULL if feed.issuer_id is None else str(feed.issuer_id)
        found = self._roster.details(numbers)
        ids = self._ids[np.asarray(numbers, dtype=np.int64)].tolist()
        constant = f"{feed.service_id}\t{issuer}\t"
        columns: list[Iterable[str]] = [
            map(str, ids),
            [constant] * len(ids),
            found["identifier"],
            *_details(found),
        ]
        return join_lines(columns)

    def _events(self, frame: pd.DataFrame, people: np.ndarray) -> bytes:
        feed = self._feed
        digests = _digests(feed.source_id, frame["key"].tolist())
        self._keys.append(np.frombuffer(b"".join(digests), np.uint64)[::2])
        constant = f"{feed.service_id}\t{feed.source_id}\t{feed.extract_id}\t{feed.measure}"
        nothing = np.full(len(frame), "", dtype=object)
        values = [_nullable(name, frame[name].to_numpy() if name in frame else nothing) for name in _EVENT]
        columns: list[Iterable[str]] = [
            (d.hex() for d in digests),
            [constant] * len(frame),
            map(str, people.tolist()),
            *values,
        ]
        return join_lines(columns)

    def _refresh(self, numbers: np.ndarray) -> None:
        if not len(numbers):
            return
        self._cursor.execute(_CHANGED_TABLE)
        ids = map(str, self._ids[numbers].tolist())
        columns: list[Iterable[str]] = [ids, *_details(self._roster.details(numbers))]
        names = f"id, birth_date, stated_age, stated_age_on, {', '.join(_TEXTS)}"
        self._sender.send(
            f"COPY first_load_people ({names}) FROM STDIN (NULL '{_NULL}')", join_lines(columns)
        )
        self._sender.wait()
        self._cursor.execute(_CHANGED_PEOPLE)


def _details(found: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Date of birth, or else the age and the day it was true; then the other details."""
    born = found[F.BIRTH_DATE]
    age = np.where(born == "", found[F.AGE], "")
    age_on = np.where(age == "", "", found["started_on"])
    dated = [_nullable(F.BIRTH_DATE, born), _nullable(F.AGE, age), _nullable("started_on", age_on)]
    return [*dated, *(found[name] for name in _TEXTS)]


def _nullable(name: str, values: np.ndarray) -> np.ndarray:
    return np.where(values == "", _NULL, values) if name in _NULLABLE else values


def _digests(source_id: int, keys: Iterable[str]) -> list[bytes]:
    """The 16 bytes of each event's id: md5 of the source and the sender's own name of the event."""
    prefix = f"{source_id}|"
    between = f"\n{prefix}"
    return [md5(key).digest() for key in (prefix + between.join(keys)).encode().split(b"\n")]  # noqa: S324  # nosec  # an id, no secret

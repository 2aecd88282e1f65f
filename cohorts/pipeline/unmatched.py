"""Rows that only lack a usable NHS number: turned away, and kept until it is known whose they are.

Where it was decided before who that is, it holds. Where a sender's own number of a person came with an NHS
number before, it says who it is, unless dates of birth differ. All other rows wait for somebody to decide (cohorts/actions/identity.py).
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from typing import Any

import polars as pl
from django.db.backends.utils import CursorWrapper

from cohorts.pipeline.fields import ACTIVITY_FIELDS, COUNTS, F, Shape
from cohorts.pipeline.match import Feed
from cohorts.pipeline.stage import Stage
from cohorts.pipeline.store import store_known
from governance.identity import names

_WHO = (F.LOCAL_NUMBER, F.FIRST_NAME, F.LAST_NAME, F.BIRTH_DATE, F.SEX, F.POSTCODE)
# What is kept of a row besides: its event or its counts, and nothing more about the person.
_EVENT = ("key", "started_on", "started_at_time", F.AGE, *ACTIVITY_FIELDS)
_COUNTED = (*COUNTS, F.COST_TOTAL)
_AT_ONCE = 5_000
# A key that we made up has whom it is about between its first two bars (cohorts/pipeline/check.py).
_MADE_UP = "|"

# What only a decision said so far is this file's now: it stays when the decision is taken back.
_LEARN = """
INSERT INTO cohorts_localnumber (service_id, issuer_id, number, person_id, extract_id)
SELECT DISTINCT %(service)s, %(issuer)s, said.number, coalesce(person.merged_into_id, person.id), %(extract)s
  FROM ({pairs}) said (identifier, number)
  JOIN governance_person person ON person.service_id = %(service)s AND person.nhs_number = said.identifier
    ON CONFLICT (service_id, issuer_id, number, person_id)
    DO UPDATE SET extract_id = excluded.extract_id WHERE cohorts_localnumber.extract_id IS NULL
"""
_STAGED = "SELECT DISTINCT identifier, local_number FROM {staged} WHERE local_number <> ''"
_GIVEN = "SELECT * FROM unnest(%(identifiers)s::text[], %(numbers)s::text[])"
_ADD = """
INSERT INTO cohorts_unmatchedrow
       (id, service_id, source_id, extract_id, row, problem, handle, local_number, sent_number, first_name,
        last_name, birth_date, sex, postcode, content)
SELECT id, %(service)s, %(source)s, %(extract)s, row, problem, handle, local_number, sent_number, first_name,
       last_name, birth_date, sex, postcode, content
  FROM jsonb_to_recordset(%(rows)s) AS said
       (id uuid, row int, problem text, handle text, local_number text, sent_number text, first_name text,
        last_name text, birth_date date, sex text, postcode text, content jsonb)
    ON CONFLICT (id) DO NOTHING
"""
# Waiting rows of any file of this organisation: a number learnt today may tell whose last month's row was.
_BY_LOCAL_NUMBER = """
UPDATE cohorts_unmatchedrow waiting SET person_id = tied.person, matched_at = now(), matched_through_id = tied.extract
  FROM (SELECT number, min(coalesce(person.merged_into_id, person.id)) AS person,
               CASE WHEN count(*) = 1 THEN min(learnt.extract_id) END AS extract
          FROM cohorts_localnumber learnt JOIN governance_person person ON person.id = learnt.person_id
         WHERE learnt.service_id = %(service)s AND learnt.issuer_id = %(issuer)s
         GROUP BY number HAVING count(DISTINCT coalesce(person.merged_into_id, person.id)) = 1) tied,
       governance_person person, cohorts_source source
 WHERE waiting.service_id = %(service)s AND waiting.person_id IS NULL AND waiting.local_number = tied.number
   AND source.id = waiting.source_id AND source.organisation_id = %(issuer)s
   AND person.id = tied.person
   AND (waiting.birth_date = person.birth_date) IS NOT FALSE
   AND NOT EXISTS (SELECT FROM cohorts_samedecision decided
                    WHERE decided.handle = waiting.handle AND decided.person_id = tied.person
                      AND decided.answer = 'different')
RETURNING waiting.id::text
"""
# Of the same somebody it was decided before who it is; nobody is asked again next month. A last name and a
# postcode are those of a whole family, so rows that tell no more are asked about each time.
_BY_DECISION = """
UPDATE cohorts_unmatchedrow waiting SET person_id = person.id, matched_at = now()
  FROM cohorts_samedecision decided JOIN governance_person meant ON meant.id = decided.person_id
  JOIN governance_person person ON person.id = coalesce(meant.merged_into_id, meant.id)
 WHERE decided.service_id = %(service)s AND decided.answer IN ('same', 'new') AND decided.handle <> ''
   AND waiting.service_id = %(service)s AND waiting.person_id IS NULL AND waiting.handle = decided.handle
   AND (waiting.birth_date = person.birth_date) IS NOT FALSE
   AND (waiting.local_number <> '' OR waiting.birth_date IS NOT NULL AND waiting.first_name <> '')
   AND NOT EXISTS (SELECT FROM cohorts_samedecision since
                    WHERE since.handle = waiting.handle AND since.person_id = decided.person_id
                      AND since.answer = 'different')
RETURNING waiting.id::text
"""


class Unmatched:
    """Collects such rows of a file while it is checked, and writes them beside it; a row that tells nothing of
    whom it is about is not kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._frames: list[pl.DataFrame] = []

    def __call__(self, frame: pl.DataFrame) -> None:
        told = frame.filter(_tells_who(frame)) if len(frame) else frame
        if len(told):
            self._frames.append(told)

    def write(self) -> int:
        """Write what was collected, if anything; returns how many rows that is."""
        if not self._frames:
            return 0
        rows = pl.concat(self._frames, how="diagonal_relaxed")
        self._path.touch(mode=0o600)
        rows.write_parquet(self._path)
        return len(rows)


class Pairs:
    """The sender's own numbers beside NHS numbers, collected where rows are not staged."""

    def __init__(self) -> None:
        self._frames: list[pl.DataFrame] = []

    def beside(self, sink: Callable[[pl.DataFrame], None]) -> Callable[[pl.DataFrame], None]:
        """The sink, and collecting with it."""

        def both(frame: pl.DataFrame) -> None:
            sink(frame)
            if F.LOCAL_NUMBER in frame.columns:
                pairs = frame.select("identifier", F.LOCAL_NUMBER)
                self._frames.append(pairs.filter(pl.col(F.LOCAL_NUMBER) != "").unique())

        return both

    def learn(self, cursor: CursorWrapper, feed: Feed, issuer: int) -> None:
        if self._frames and feed.issuer_id is None:
            pairs = pl.concat(self._frames).unique()
            given = {"identifiers": pairs["identifier"].to_list(), "numbers": pairs[F.LOCAL_NUMBER].to_list()}
            cursor.execute(_LEARN.format(pairs=_GIVEN), _values(feed, issuer) | given)


def learn(cursor: CursorWrapper, stage: Stage, feed: Feed, issuer: int) -> None:
    """Learn whose the sender's own numbers in the staged rows are; call once their people are stored."""
    if feed.issuer_id is None:
        cursor.execute(_LEARN.format(pairs=_STAGED.format(staged=stage.table)), _values(feed, issuer))


def take_in(cursor: CursorWrapper, path: Path, feed: Feed, shape: str) -> int:
    """Keep the rows that a check wrote to `path`; returns how many are new. The same row again changes nothing."""
    added = 0
    if path.exists():
        rows = [_kept(row, feed, shape) for row in pl.read_parquet(path).fill_null("").iter_rows(named=True)]
        for start in range(0, len(rows), _AT_ONCE):
            values: dict[str, Any] = {
                "service": feed.service_id,
                "source": feed.source_id,
                "extract": feed.extract_id,
                "rows": json.dumps(rows[start : start + _AT_ONCE]),
            }
            cursor.execute(_ADD, values)
            added += cursor.rowcount
    return added


def match(cursor: CursorWrapper, feed: Feed, issuer: int) -> list[str]:
    """Give waiting rows to people, as was decided before or by the sender's own number; returns the ids of the rows."""
    found = []
    for statement in (_BY_DECISION, _BY_LOCAL_NUMBER):
        cursor.execute(statement, _values(feed, issuer))
        found += [row for (row,) in cursor.fetchall()]
    return found


@dataclass(frozen=True)
class Matched:
    """A kept row and whose it is; `number` is their NHS number, if they have one."""

    person: int
    number: str
    content: dict[str, Any]


def store(
    cursor: CursorWrapper, stage: Stage, feed: Feed, windows: dict[str, int], rows: list[Matched]
) -> dict[int, str | None]:
    """Store rows of one extract as activity, or counts, of the people they were matched to.

    Returns what was added, by place in `rows`: the id of the event, or None for counts.
    """
    stage.create(cursor)
    try:
        columns = ", ".join(
            ["row", "identifier", *(_EVENT if stage.shape == Shape.ATTENDANCES else _COUNTED)]
        )
        cursor.execute(
            f"INSERT INTO {stage.table} ({columns}) SELECT {columns}"  # noqa: S608 - names of our own columns
            f" FROM jsonb_populate_recordset(NULL::{stage.table}, %s)",
            [json.dumps([_staged(place, row) for place, row in enumerate(rows)])],
        )
        return store_known(cursor, stage, feed, windows)
    finally:
        stage.drop(cursor)


def _staged(place: int, row: Matched) -> dict[str, Any]:
    content = dict(row.content)
    if content.get("key", "").startswith(_MADE_UP):
        # As the key would have been with the number, so that the row meets itself if it comes again with it.
        content["key"] = f"{_MADE_UP}{row.number}{content['key']}"
    return {"row": place, "identifier": str(row.person), **content}


def _tells_who(frame: pl.DataFrame) -> pl.Expr:
    def has(name: str) -> pl.Expr:
        return pl.col(name) != "" if name in frame.columns else pl.lit(False)

    return has(F.LOCAL_NUMBER) | has(F.LAST_NAME) & (has(F.BIRTH_DATE) | has(F.POSTCODE))


def _kept(row: dict[str, Any], feed: Feed, shape: str) -> dict[str, Any]:
    who = {str(name): row.get(name, "") for name in _WHO}
    sent = row["identifier"]
    event = _EVENT if shape == Shape.ATTENDANCES else _COUNTED
    content = {str(name): row[name] for name in event if row.get(name, "") != ""}
    if content.get("key", "").startswith(_MADE_UP):
        content["key"] = content["key"].removeprefix(f"{_MADE_UP}{sent}")
    handle = handle_of(feed.source_id, who)
    said = content.get("key") or f"{feed.as_at}|{json.dumps(content, sort_keys=True)}"
    return {
        **who,
        "birth_date": who["birth_date"] or None,
        "id": _md5(f"{feed.source_id}|{handle}|{said}"),
        "row": int(row["row"]),
        "problem": row["problem"],
        "handle": handle,
        "sent_number": sent if len(sent) == 10 and sent.isdigit() else "",
        "content": content,
    }


def handle_of(source: int, who: dict[str, Any]) -> str:
    """The same for rows of a source that describe the same somebody."""
    if who[F.LOCAL_NUMBER]:
        return _md5(f"{source}|local|{who[F.LOCAL_NUMBER]}")
    name = " ".join(_words(who))
    return _md5(
        f"{source}|{name}|{who[F.BIRTH_DATE]}|{who[F.SEX]}|{''.join(who[F.POSTCODE].split()).upper()}"
    )


def _words(who: dict[str, Any]) -> Iterator[str]:
    yield from names.words(who[F.FIRST_NAME])
    yield ","
    yield from names.words(who[F.LAST_NAME])


def _md5(text: str) -> str:
    return md5(text.encode()).hexdigest()  # noqa: S324  # nosec  # a name for a row, no secret


def _values(feed: Feed, issuer: int) -> dict[str, Any]:
    return {"service": feed.service_id, "extract": feed.extract_id, "issuer": issuer}

"""Fifth step: whom each identifier stands for. Set-based: one statement for all people of an extract."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.backends.utils import CursorWrapper

from cohorts.pipeline.fields import F, Shape
from cohorts.pipeline.stage import Stage


@dataclass(frozen=True)
class Feed:
    """Where the rows of an extract belong."""

    service_id: int
    source_id: int
    extract_id: int
    issuer_id: int | None  # of pseudonyms; none where people have NHS numbers
    measure: str
    as_at: datetime.date  # the day that counts and ages of a list of people are true for


# `last_row` is the row of a person's newest event, which is the one believed about who they are.
_NEWEST_EVENT = "((started_on - DATE '1900-01-01')::bigint << 32) | row"
_PEOPLE = """
CREATE TEMPORARY TABLE {people} ON COMMIT DROP AS
SELECT said.identifier, said.last_row, {person_id} AS person_id, person.id IS NULL AS is_new
  FROM (SELECT identifier, (max({newest}) & 4294967295)::integer AS last_row
          FROM {staged} GROUP BY identifier) said
  {beside_person}
"""
_OF_SERVICE = "person.service_id = %(service_id)s"
_OF_ISSUER = f"{_OF_SERVICE} AND person.pseudonym_issuer_id = %(issuer_id)s"
# Looked up once for a statement, not once for a row.
NEXT_PERSON = "nextval((SELECT pg_get_serial_sequence('governance_person', 'id')::regclass))"

# A look into an index costs about as much as reading so many rows one after another.
_A_LOOK_UP = 8

_TEXTS = (F.FIRST_NAME, F.LAST_NAME, F.SEX, F.ETHNICITY, F.ADDRESS, F.POSTCODE, F.PHONE, F.GP_PRACTICE)

_DIFFERS = " OR ".join(
    f"said.{name} IS DISTINCT FROM person.{name} AND said.{name} IS NOT NULL"
    for name in (F.BIRTH_DATE, *_TEXTS)
)
_TELLS_AGE = "said.age IS NOT NULL AND said.birth_date IS NULL AND person.birth_date IS NULL"

_ADD = """
INSERT INTO governance_person
       (id, service_id, nhs_number, pseudonym, pseudonym_issuer_id, birth_date, stated_age, stated_age_on,
        communication_needs, {texts})
SELECT found.person_id, %(service_id)s, {nhs_number}, {pseudonym}, %(issuer_id)s, birth_date,
       {age}, {age_on}, '', {values}
  FROM {people} found
  JOIN {staged} said ON said.row = found.last_row
 WHERE found.is_new
 ORDER BY found.identifier
"""

# Whom the extract describes otherwise are locked before anything is read that is written back, by one statement
# and in one order: a correction waits for the load, or the load for the correction, and neither is lost.
_HOLD = """
CREATE TEMPORARY TABLE {held} ON COMMIT DROP AS
SELECT found.person_id, found.last_row
  FROM {people} found
  JOIN {staged} said ON said.row = found.last_row
  {beside_person}
 WHERE person.id IS NOT NULL AND NOT found.is_new AND ({differs})
 ORDER BY person.id
"""
_LOCK = "SELECT FROM governance_person WHERE id = ANY(ARRAY(SELECT person_id FROM {held})) ORDER BY id FOR NO KEY UPDATE"
# What was blank is filled in; what is known is only replaced by news as new as anything we have. What
# somebody here put right is left alone.
_NEWS = """
CREATE TEMPORARY TABLE {news} ON COMMIT DROP AS
SELECT found.person_id, {birth_date} AS birth_date, {age} AS stated_age, {age_on} AS stated_age_on, {texts}
  FROM {held} found
  JOIN {staged} said ON said.row = found.last_row
  {beside_person}
  CROSS JOIN LATERAL (
       SELECT coalesce((SELECT max(started_on) FROM cohorts_activity seen
                         WHERE seen.person_id = found.person_id), '-infinity') <= {said_on} AS newest) it
  LEFT JOIN (SELECT person_id, array_agg(field) AS fields FROM governance_correction
              WHERE service_id = %(service_id)s GROUP BY person_id) corrected
         ON corrected.person_id = found.person_id
 WHERE person.id IS NOT NULL AND ({differs} OR {age} IS DISTINCT FROM person.stated_age)
"""
_REFRESH = """
UPDATE governance_person person
   SET birth_date = news.birth_date, stated_age = news.stated_age, stated_age_on = news.stated_age_on, {texts}
  FROM {news} news
 WHERE person.id = news.person_id {among}
"""

# How many people the extract describes otherwise than we were told is right.
_CONTRADICTED = """
SELECT count(DISTINCT found.person_id)
  FROM {people} found
  JOIN {staged} said ON said.row = found.last_row
  JOIN governance_person person ON person.id = found.person_id
  JOIN governance_correction corrected
    ON corrected.person_id = found.person_id AND corrected.service_id = %(service_id)s
  CROSS JOIN LATERAL (VALUES {values}) detail (field, said, held)
 WHERE detail.field = corrected.field AND detail.said IS NOT NULL AND detail.said IS DISTINCT FROM detail.held
"""


def are_few(cursor: CursorWrapper, stage: Stage) -> bool:
    """Whether the staged rows are so few beside what is stored that looking each up is quicker than reading all."""
    cursor.execute(
        f"SELECT {_A_LOOK_UP} * (SELECT count(*) FROM {stage.table}) < reltuples"  # noqa: S608
        " FROM pg_class WHERE oid = 'cohorts_activity'::regclass"
    )
    return bool(cursor.fetchone()[0])


def beside(table: str, alias: str, condition: str, *, few: bool, only: str) -> str:
    """A left join: with the rows of `only` where they are few, found by an index, else as the planner likes.

    Args:
        only: names the wanted rows by a list of keys, so that the index is gone through once, in its order.
    """
    if few:
        return f"LEFT JOIN (SELECT * FROM {table} {alias} WHERE {only} OFFSET 0) {alias} ON {condition}"  # noqa: S608
    return f"LEFT JOIN {table} {alias} ON {condition}"


def in_list(column: str, query: str) -> str:
    """That a column is one of the values of a query, as a list that an index is asked for."""
    return f"{column} = ANY(ARRAY({query}))"


def find_people(
    cursor: CursorWrapper, stage: Stage, feed: Feed, *, few: bool, reserve_ids: bool
) -> tuple[int, int]:
    """Make the table of the extract's people; returns how many are new and how many are known.

    Args:
        few: what `are_few` says.
        reserve_ids: give the new ones the ids they will be stored under.
    """
    theirs, number = (
        (_OF_SERVICE, "person.nhs_number") if feed.issuer_id is None else (_OF_ISSUER, "person.pseudonym")
    )
    said = f"SELECT identifier FROM {stage.table}"  # noqa: S608
    statement = _PEOPLE.format(
        people=stage.people,
        staged=stage.table,
        person_id=f"coalesce(person.merged_into_id, person.id, {NEXT_PERSON})"
        if reserve_ids
        else "coalesce(person.merged_into_id, person.id)",
        newest=_NEWEST_EVENT if stage.shape == Shape.ATTENDANCES else "row",
        beside_person=beside(
            "governance_person",
            "person",
            f"{theirs} AND {number} = said.identifier",
            few=few,
            only=f"{theirs} AND {in_list(number, said)}",
        ),
    )
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{stage.people}")
    cursor.execute(statement, _values(feed))
    cursor.execute(f"ANALYZE {stage.people}")
    counted = f"SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM {stage.people}"  # noqa: S608
    cursor.execute(counted)
    new, known = cursor.fetchone()
    return new, known


def store_people(cursor: CursorWrapper, stage: Stage, feed: Feed, *, new: int, known: int, few: bool) -> None:
    """Add the people who are new and bring the details of the others up to date."""
    if new:
        cursor.execute(_add_statement(stage, feed), _values(feed))
    if known:
        held = _hold(cursor, stage, few=few)
        if not held:
            return
        few = few or _A_LOOK_UP * held < known
        # The newest event of a person is looked up by its index, whatever PostgreSQL thinks of the table.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(_news_statement(stage, few=few), _values(feed))
        cursor.execute("SET LOCAL enable_seqscan = on")
        among = f"AND person.id = ANY(ARRAY(SELECT person_id FROM {stage.people_news}))" if few else ""  # noqa: S608
        texts = ", ".join(f"{name} = news.{name}" for name in _TEXTS)
        cursor.execute(_REFRESH.format(news=stage.people_news, texts=texts, among=among))


def _hold(cursor: CursorWrapper, stage: Stage, *, few: bool) -> int:
    """Lock the known people of whom the extract may bring news; returns how many that are."""
    statement = _HOLD.format(
        held=stage.people_held,
        people=stage.people,
        staged=stage.table,
        beside_person=_beside_person(few, stage.people),
        differs=f"{_DIFFERS} OR {_TELLS_AGE} AND said.age IS DISTINCT FROM person.stated_age",
    )
    cursor.execute(statement)
    held = cursor.rowcount
    if held:
        cursor.execute(_LOCK.format(held=stage.people_held))
    return held


def _beside_person(few: bool, people: str) -> str:
    only = in_list("person.id", f"SELECT person_id FROM {people}")  # noqa: S608
    return beside("governance_person", "person", "person.id = found.person_id", few=few, only=only)


def _add_statement(stage: Stage, feed: Feed) -> str:
    by_nhs_number = feed.issuer_id is None
    age_on = _said_on(stage)
    return _ADD.format(
        people=stage.people,
        staged=stage.table,
        texts=", ".join(_TEXTS),
        nhs_number="found.identifier" if by_nhs_number else "NULL",
        pseudonym="NULL" if by_nhs_number else "found.identifier",
        age="CASE WHEN birth_date IS NULL THEN age END",
        age_on=f"CASE WHEN birth_date IS NULL AND age IS NOT NULL THEN {age_on} END",
        values=", ".join(f"coalesce(said.{name}, '')" for name in _TEXTS),
    )


def _news_statement(stage: Stage, *, few: bool) -> str:
    said_on = _said_on(stage)
    newer_age = f"({_TELLS_AGE} AND (person.stated_age IS NULL OR it.newest))"
    return _NEWS.format(
        news=stage.people_news,
        held=stage.people_held,
        staged=stage.table,
        beside_person=_beside_person(few, stage.people_held),
        said_on=said_on,
        birth_date=f"CASE WHEN {_may_change(F.BIRTH_DATE)} AND (person.birth_date IS NULL OR it.newest) "
        "THEN coalesce(said.birth_date, person.birth_date) ELSE person.birth_date END",
        age=f"CASE WHEN {newer_age} THEN said.age ELSE person.stated_age END",
        age_on=f"CASE WHEN {newer_age} THEN {said_on} ELSE person.stated_age_on END",
        texts=", ".join(
            f"CASE WHEN {_may_change(name)} AND (person.{name} = '' OR it.newest) "
            f"THEN coalesce(said.{name}, person.{name}) ELSE person.{name} END AS {name}"
            for name in _TEXTS
        ),
        differs=_DIFFERS,
    )


def contradicted(cursor: CursorWrapper, stage: Stage, feed: Feed) -> int:
    """How many known people have a detail in the extract that differs from one put right here."""
    details = [f"('{name}', said.{name}::text, person.{name}::text)" for name in (F.BIRTH_DATE, *_TEXTS)]
    statement = _CONTRADICTED.format(people=stage.people, staged=stage.table, values=", ".join(details))
    cursor.execute(statement, _values(feed))
    return int(cursor.fetchone()[0])


def _may_change(name: str) -> str:
    return f"('{name}' = ANY(corrected.fields)) IS NOT TRUE"


def _said_on(stage: Stage) -> str:
    return "said.started_on" if stage.shape == Shape.ATTENDANCES else "%(as_at)s::date"


def _values(feed: Feed) -> dict[str, Any]:
    return {"service_id": feed.service_id, "issuer_id": feed.issuer_id, "as_at": feed.as_at}

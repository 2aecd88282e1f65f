"""The two tables the estimators take, from lists, cases and activity: one set-based question each.

Neither leaves this package: what is reported is what `impact` makes of them, after disclosure control.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pandas as pd
from django.db import connection

from casework.models import Case
from casework.rules import OPEN_STAGES, Stage
from cohorts.models import Candidate
from evaluation.coverage import Covered
from evaluation.impact.pseudo_index import with_pseudo_index
from evaluation.impact.tables import LAST_YEAR, PEOPLE_DATES, clean_activity, clean_people
from evaluation.known import events, offers, records
from evaluation.known.offers import FIRST_OFFERS
from evaluation.known.records import moved_since
from evaluation.known.rows import Rows
from governance.models import Consent, Service

# Approached, and has not answered yet: in no group of the estimators.
NO_ANSWER = "no_answer"
PEOPLE_COLUMNS = ("person", "group", *PEOPLE_DATES)
# After which nothing is counted of somebody.
ENDS = ("died_on", "moved_on")
# Whoever takes up the offer accepted, also when they stop later: leaving out those for whom it did
# not work would flatter the figures.
ACCEPTED_STAGES = sorted((OPEN_STAGES - {Stage.OFFERED}) | {Stage.OPEN_DOOR})
# Each listed person, with the day of each list; each case. Whose they were then, whatever was merged since.
SEEN = f"""
WITH places AS (
    SELECT coalesce(moved.person_id, c.person_id) AS person_id, c.count, l.id AS list_id, l.rule_id, l.as_at
    FROM cohorts_candidate c JOIN cohorts_cohortlist l ON l.id = c.cohort_list_id
    LEFT JOIN ({moved_since(Candidate)}) moved ON moved.row = c.id::text
    WHERE c.service_id = %(service)s AND l.as_at <= %(cut)s AND l.built_at < %(known)s
), cases AS (
    SELECT coalesce(moved.person_id, c.person_id) AS person_id, c.id, c.index_date, c.opened_at
    FROM casework_case c LEFT JOIN ({moved_since(Case)}) moved ON moved.row = c.id::text
    WHERE c.service_id = %(service)s AND c.opened_at < %(after)s
)"""  # noqa: S608 - one statement of our own inside another; values are parameters
# The newest decision of each person on the use of their figures, of those that were written down.
EVALUATION = f"""
    SELECT DISTINCT ON (said.person_id) said.person_id, said.decision, said.decided_at
    FROM (SELECT coalesce(moved.person_id, c.person_id) AS person_id, c.decision, c.decided_at, c.id
          FROM governance_consent c LEFT JOIN ({moved_since(Consent)}) moved ON moved.row = c.id::text
          WHERE c.service_id = %(service)s AND c.scope = 'evaluation' AND c.decided_at < %(after)s
            AND c.recorded_at < %(known)s) said
    ORDER BY said.person_id, said.decided_at DESC, said.id DESC
"""  # noqa: S608 - one statement of our own inside another; values are parameters
PEOPLE_SQL = f"""
{SEEN}, listed AS (
    SELECT person_id, min(as_at) AS list_date FROM places GROUP BY person_id
), offer AS MATERIALIZED ({FIRST_OFFERS}), first_case AS (
    SELECT DISTINCT ON (c.person_id) c.person_id, c.id,
           CASE WHEN o.case_id IS NULL THEN c.index_date ELSE o.index_date END AS index_date
    FROM cases c LEFT JOIN offer o ON o.case_id = c.id
    ORDER BY c.person_id, c.opened_at, c.id
), answer AS (
    SELECT case_id,
           bool_or(stage = ANY(%(accepted)s)) AS accepted,
           bool_or(stage = 'declined') AS declined,
           bool_or(stage = 'not_reached') AS not_reached
    FROM casework_stagechange
    WHERE service_id = %(service)s AND at < %(after)s
    GROUP BY case_id
), evaluation AS ({EVALUATION})
SELECT p.id,
       CASE WHEN a.accepted THEN 'accepted'
            WHEN a.declined THEN 'declined'
            WHEN a.not_reached THEN 'not_reached'
            WHEN f.index_date <= %(cut)s THEN 'no_answer'
            ELSE 'not_approached' END,
       l.list_date,
       CASE WHEN f.index_date <= %(cut)s THEN f.index_date END,
       p.died_on,
       p.moved_on,
       CASE WHEN e.decision = 'withdrawn' THEN (e.decided_at AT TIME ZONE 'Europe/London')::date END,
       coalesce(e.decision = 'refused', false),
       CASE WHEN p.nhs_number IS NOT NULL THEN 0 ELSE p.pseudonym_issuer_id END
FROM governance_person p
LEFT JOIN listed l ON l.person_id = p.id
LEFT JOIN first_case f ON f.person_id = p.id
LEFT JOIN answer a ON a.case_id = f.id
LEFT JOIN evaluation e ON e.person_id = p.id
WHERE p.service_id = %(service)s AND (l.person_id IS NOT NULL OR f.person_id IS NOT NULL)
  AND p.id <> ALL(%(left_out)s)
ORDER BY p.id
"""  # noqa: S608 - one statement of our own inside another; values are parameters
LEFT_OUT_SQL = f"""
{SEEN}
SELECT count(*) FROM (SELECT person_id FROM places UNION SELECT person_id FROM cases) seen
WHERE person_id = ANY(%(left_out)s)
"""  # noqa: S608 - one statement of our own inside another; values are parameters


def people_table(
    service: Service,
    *,
    cut: datetime.date,
    after: datetime.datetime,
    known: datetime.datetime,
    left_out: list[int],
) -> pd.DataFrame:
    """Everybody listed or referred up to the day `cut`, once each, as things stood before the moment `after`, from what
    was stored before the moment `known`.

    But nobody who is `left_out` (`known.records.left_out`): they are neither above nor below the line of any rate.

    Columns of the estimators' people table, coverage left empty; `refused`, whether the person said no to the
    use of attendance figures in evaluation; and `known_by`, as in `evaluation.coverage`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            PEOPLE_SQL,
            {
                **offers.values(service, known=known),
                "cut": cut,
                "after": after,
                "accepted": ACCEPTED_STAGES,
                "left_out": [*left_out],
            },
        )
        return known_people(service, cursor.fetchall(), cut=cut, known=known)


def known_people(
    service: Service, rows: Iterable[tuple[Any, ...]], *, cut: datetime.date, known: datetime.datetime
) -> pd.DataFrame:
    """The people table of rows as PEOPLE_SQL gives them, with the days of death and of moving away known then."""
    found = [_person(*each) for each in rows]
    now = {int(each["person"]): {name: each[name] for name in ENDS} for each in found}
    then = records.details_then(service, now, known=known)
    found = [each | _up_to(cut, then[int(each["person"])]) for each in found]
    return pd.DataFrame(found, columns=[*PEOPLE_COLUMNS, "refused", "known_by"])


def number_left_out(
    service: Service,
    *,
    cut: datetime.date,
    after: datetime.datetime,
    known: datetime.datetime,
    left_out: list[int],
) -> int:
    """How many of the people listed or referred are `left_out`, because they opted out or objected."""
    values: dict[str, Any] = {"service": service.pk, "cut": cut, "after": after, "known": known}
    values["left_out"] = left_out
    with connection.cursor() as cursor:
        cursor.execute(LEFT_OUT_SQL, values)
        return int(cursor.fetchone()[0])


def activity_table(
    service: Service,
    willing: Collection[int],
    stored: Rows,
    *,
    sources: Collection[int],
    cut: datetime.date,
) -> pd.DataFrame:
    """Events of people who are `willing` from these sources, up to and including the cut: `person`, `measure` (a category)
    and `on` (a timestamp, midnight).
    """
    rows = events.events(service, stored, people=willing, sources=sources, cut=cut)
    events_of = pd.DataFrame([(str(p), m, d) for p, m, d in rows], columns=["person", "measure", "on"])
    return events_of.assign(
        measure=events_of["measure"].astype("category"), on=pd.to_datetime(events_of["on"])
    )


def willing(people: pd.DataFrame) -> list[int]:
    """Everybody but those who refused the use of their figures, whose events are never read."""
    return sorted({int(each) for each in people.loc[~people["refused"].astype(bool), "person"]})


def supported(people: pd.DataFrame) -> list[str]:
    """Everybody who accepted and did not refuse, or take back, the use of their figures in evaluation."""
    willing = ~people["refused"].astype(bool) & people["withdrawn_on"].isna()
    return [str(each) for each in people.loc[(people["group"] == "accepted") & willing, "person"]]


def with_index_dates(people: pd.DataFrame, seed: int) -> pd.DataFrame:
    """People who are in a group, with a drawn index date for those whom nobody approached."""
    return with_pseudo_index(clean_people(people[people["group"] != NO_ANSWER]), seed)


def for_window(people: pd.DataFrame, coverage: Covered, window_days: int) -> pd.DataFrame:
    """The estimators' table for one measure and window, in which only full windows count.

    A person whose window reaches beyond what is covered has "not enough follow-up", one whose window
    begins before it, who refused, or whom a source cannot know by the identifier it uses, is "not supplied":
    neither enters a rate. Death, a move or a
    withdrawal ends a window early and stays counted for the days before; so does the first approach of somebody on the
    list of one year earlier, answered or not: afterwards they are no example of what comes without the service.
    """
    known = people[people["group"] != NO_ANSWER].reset_index(drop=True)
    index = pd.to_datetime(known["index_date"])
    window = pd.Timedelta(days=window_days)
    start, end = pd.Timestamp(coverage.start), pd.Timestamp(coverage.end)
    can_be_known = known["known_by"].map(lambda by: coverage.known_by == {by}).astype(bool)
    from_start = ~known["refused"].astype(bool) & can_be_known & (index - window >= start)
    covered_from = pd.Series(start, index=known.index).where(from_start)
    covered_to = pd.Series(end, index=known.index).where(index + window <= end, index)
    approached = pd.to_datetime(known["approach_date"]).where(known["group"] == LAST_YEAR)
    covered_to = covered_to.mask(approached < pd.to_datetime(covered_to), approached)
    return known.assign(covered_from=covered_from, covered_to=covered_to)


def for_curves(
    people: pd.DataFrame, activity: pd.DataFrame, coverage: Covered
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables for what happens over time after the index date: everybody whom the sources of a measure can know from
    that day on, followed as far as they cover, and the events of the measure.
    """
    people = people[people["group"] != NO_ANSWER].reset_index(drop=True)
    can_be_known = people["known_by"].map(lambda by: coverage.known_by == {by}).astype(bool)
    start, end = pd.Timestamp(coverage.start), pd.Timestamp(coverage.end)
    known = ~people["refused"].astype(bool) & can_be_known & (pd.to_datetime(people["index_date"]) >= start)
    covered_from = pd.Series(start, index=people.index).where(known)
    clean = clean_people(people.assign(covered_from=covered_from, covered_to=end))
    return clean, clean_activity(activity, clean)


def _up_to(cut: datetime.date, ends: Mapping[str, datetime.date | None]) -> dict[str, datetime.date | None]:
    return {name: day if day is not None and day <= cut else None for name, day in ends.items()}


def _person(
    person: int,
    group: str,
    list_date: datetime.date | None,
    index_date: datetime.date | None,
    died_on: datetime.date | None,
    moved_on: datetime.date | None,
    withdrawn_on: datetime.date | None,
    refused: bool,
    known_by: int | None,
) -> dict[str, Any]:
    return {
        "person": str(person),
        "group": group,
        "list_date": list_date,
        "approach_date": index_date,
        "index_date": index_date,
        "covered_from": None,
        "covered_to": None,
        "died_on": died_on,
        "moved_on": moved_on,
        "withdrawn_on": withdrawn_on,
        "refused": refused,
        "known_by": known_by,
    }

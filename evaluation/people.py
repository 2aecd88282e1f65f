"""The two tables the estimators take, from lists, cases and activity: one set-based question each.

Neither leaves this package: what is reported is what `impact` makes of them, after disclosure control.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
from django.db import connection

from casework.rules import OPEN_STAGES, Stage
from evaluation.coverage import Covered
from evaluation.impact.pseudo_index import with_pseudo_index
from evaluation.impact.tables import LAST_YEAR, PEOPLE_DATES, clean_activity, clean_people
from evaluation.known import events, offers
from evaluation.known.offers import FIRST_OFFERS
from governance.models import Service
from governance.rights import left_out_of_evaluation

# Approached, and has not answered yet: in no group of the estimators.
NO_ANSWER = "no_answer"
PEOPLE_COLUMNS = ("person", "group", *PEOPLE_DATES)
# Whoever takes up the offer accepted, also when they stop later: leaving out those for whom it did
# not work would flatter the figures.
ACCEPTED_STAGES = sorted((OPEN_STAGES - {Stage.OFFERED}) | {Stage.OPEN_DOOR})
# The newest decision of each person on the use of their figures.
EVALUATION = """
    SELECT DISTINCT ON (person_id) person_id, decision, decided_at
    FROM governance_consent
    WHERE service_id = %(service)s AND scope = 'evaluation' AND decided_at < %(after)s
    ORDER BY person_id, decided_at DESC, id DESC
"""

PEOPLE_SQL = f"""
WITH listed AS (
    SELECT c.person_id, min(l.as_at) AS list_date
    FROM cohorts_candidate c JOIN cohorts_cohortlist l ON l.id = c.cohort_list_id
    WHERE c.service_id = %(service)s AND l.as_at <= %(cut)s AND l.built_at < %(known)s
    GROUP BY c.person_id
), offer AS MATERIALIZED ({FIRST_OFFERS}), first_case AS (
    SELECT DISTINCT ON (c.person_id) c.person_id, c.id,
           CASE WHEN o.case_id IS NULL THEN c.index_date ELSE o.index_date END AS index_date
    FROM casework_case c LEFT JOIN offer o ON o.case_id = c.id
    WHERE c.service_id = %(service)s AND c.opened_at < %(after)s
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
       CASE WHEN p.died_on <= %(cut)s THEN p.died_on END,
       CASE WHEN p.moved_on <= %(cut)s THEN p.moved_on END,
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
LEFT_OUT_SQL = """
SELECT count(*) FROM governance_person p
WHERE p.service_id = %(service)s AND p.id = ANY(%(left_out)s)
  AND (EXISTS (SELECT FROM cohorts_candidate c JOIN cohorts_cohortlist l ON l.id = c.cohort_list_id
               WHERE c.person_id = p.id AND l.as_at <= %(cut)s AND l.built_at < %(known)s)
       OR EXISTS (SELECT FROM casework_case f WHERE f.person_id = p.id AND f.opened_at < %(after)s))
"""


def people_table(
    service: Service, *, cut: datetime.date, after: datetime.datetime, known: datetime.datetime
) -> pd.DataFrame:
    """Everybody listed or referred up to the day `cut`, once each, as things stood before the moment `after`, from lists
    built and contacts logged before the moment `known`.

    But nobody who opted out of uses beyond their own care, or objected: they are neither above nor below the
    line of any rate.

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
                "left_out": left_out_of_evaluation(service),
            },
        )
        return known_people(cursor.fetchall())


def known_people(rows: Iterable[tuple[Any, ...]]) -> pd.DataFrame:
    """The people table of rows as PEOPLE_SQL gives them."""
    found = [_person(*each) for each in rows]
    return pd.DataFrame(found, columns=[*PEOPLE_COLUMNS, "refused", "known_by"])


def left_out(
    service: Service, *, cut: datetime.date, after: datetime.datetime, known: datetime.datetime
) -> int:
    """How many of the people listed or referred are in no figure, because they opted out or objected."""
    values: dict[str, Any] = {"service": service.pk, "cut": cut, "after": after, "known": known}
    values["left_out"] = left_out_of_evaluation(service)
    with connection.cursor() as cursor:
        cursor.execute(LEFT_OUT_SQL, values)
        return int(cursor.fetchone()[0])


def activity_table(
    service: Service,
    people: pd.DataFrame,
    coverage: Sequence[Covered],
    *,
    cut: datetime.date,
    known: datetime.datetime,
) -> pd.DataFrame:
    """Events of those people in the measures and from the sources that count, up to and including the cut, from
    what was stored before the moment `known`: `person`, `measure` (a category) and `on` (a timestamp, midnight).

    People who refused are left out here, so that their events are never read.
    """
    wanted = willing(people)
    sources = [source for each in coverage for source in each.sources]
    rows = events.events(service, people=wanted, sources=sources, cut=cut, known=known)
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

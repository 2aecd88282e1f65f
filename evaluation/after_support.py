"""People whose support has ended, and when it began again. Exact: nothing here may leave as it is."""

from __future__ import annotations

import datetime
import json

import pandas as pd
from django.db import connection

from casework.rules import Stage
from cohorts.lists.tiers import tier_of
from evaluation.coverage import ONE_DAY, Covered
from evaluation.impact.windows import STOPS
from evaluation.people import supported
from governance.models import Service

NO_TIER = ""
COLUMNS = ("person", "ended_on", "supported_on", "tier")
ENDED_SQL = """
WITH ended AS (
    SELECT DISTINCT ON (c.person_id) c.person_id, s.at
    FROM casework_stagechange s JOIN casework_case c ON c.id = s.case_id
    WHERE s.service_id = %(service)s AND s.stage = %(ended)s AND s.at < %(after)s
    ORDER BY c.person_id, s.at, s.id
)
SELECT e.person_id, (e.at AT TIME ZONE 'Europe/London')::date,
       (SELECT (min(c.opened_at) AT TIME ZONE 'Europe/London')::date FROM casework_case c
        WHERE c.person_id = e.person_id AND c.opened_at > e.at AND c.opened_at < %(after)s),
       listed.tiers, listed.count
FROM ended e
LEFT JOIN LATERAL (
    SELECT r.tiers, c.count
    FROM cohorts_candidate c JOIN cohorts_cohortlist l ON l.id = c.cohort_list_id
         JOIN cohorts_cohortrule r ON r.id = l.rule_id
    WHERE c.person_id = e.person_id AND c.service_id = %(service)s
      AND l.as_at < %(after)s::date AND l.built_at < %(known)s
    ORDER BY l.as_at, l.id
    LIMIT 1
) listed ON true
ORDER BY e.person_id
"""


def gather(
    service: Service, people: pd.DataFrame, *, after: datetime.datetime, known: datetime.datetime
) -> pd.DataFrame:
    """`person`, `ended_on`, the day their support first ended before the moment `after`, `supported_on`, the day of a
    later case, and `tier`, that of the list they were first on. Of those who accepted and did not refuse.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            ENDED_SQL,
            {"service": service.pk, "ended": Stage.OPEN_DOOR, "after": after, "known": known},
        )
        rows = [
            (str(person), ended, again, NO_TIER if count is None else tier_of(json.loads(tiers), count))
            for person, ended, again, tiers, count in cursor.fetchall()
        ]
    found = pd.DataFrame(rows, columns=COLUMNS)
    return found[found["person"].isin(supported(people))].reset_index(drop=True)


def followed(ended: pd.DataFrame, people: pd.DataFrame, covered: Covered, cut: datetime.date) -> pd.DataFrame:
    """The table `evaluation.impact.curves.relapse` takes: those whom a source can know, with the day they could be followed
    to. Where no source covers attendances that is the end of the quarter.
    """
    known = people.set_index("person").reindex(ended["person"]).reset_index()
    end = covered.end or cut + ONE_DAY
    stops = [pd.to_datetime(known[name]) for name in STOPS if name != "covered_to"]
    to = pd.concat([pd.Series(pd.Timestamp(end), index=known.index), *stops], axis=1).min(axis=1)
    dates = {name: pd.to_datetime(ended[name]) for name in ("ended_on", "supported_on")}
    table = ended.assign(followed_to=to, **dates)
    if not covered.supplied:
        return table
    knowable = known["known_by"].map(lambda by: covered.known_by == {by}).astype(bool)
    return table[knowable & (table["ended_on"] >= pd.Timestamp(covered.start))].reset_index(drop=True)

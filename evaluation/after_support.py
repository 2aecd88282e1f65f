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
from evaluation.people import SEEN, supported
from governance.models import Service

NO_TIER = ""
COLUMNS = ("person", "ended_on", "supported_on", "tier")
ENDED_SQL = f"""
{SEEN}, ended AS (
    SELECT DISTINCT ON (c.person_id) c.person_id, s.at
    FROM casework_stagechange s JOIN cases c ON c.id = s.case_id
    WHERE s.service_id = %(service)s AND s.stage = %(ended)s AND s.at < %(after)s
    ORDER BY c.person_id, s.at, s.id
), listed AS (
    SELECT DISTINCT ON (p.person_id) p.person_id, p.count, r.tiers
    FROM places p JOIN cohorts_cohortrule r ON r.id = p.rule_id
    ORDER BY p.person_id, p.as_at, p.list_id
)
SELECT e.person_id, (e.at AT TIME ZONE 'Europe/London')::date,
       (SELECT (min(c.opened_at) AT TIME ZONE 'Europe/London')::date FROM cases c
        WHERE c.person_id = e.person_id AND c.opened_at > e.at),
       l.tiers, l.count
FROM ended e LEFT JOIN listed l ON l.person_id = e.person_id
ORDER BY e.person_id
"""  # noqa: S608 - one statement of our own inside another; values are parameters


def gather(
    service: Service,
    people: pd.DataFrame,
    *,
    cut: datetime.date,
    after: datetime.datetime,
    known: datetime.datetime,
) -> pd.DataFrame:
    """`person`, `ended_on`, the day their support first ended before the moment `after`, `supported_on`, the day of a
    later case, and `tier`, that of the list they were first on. Of those who accepted and did not refuse.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            ENDED_SQL,
            {"service": service.pk, "ended": Stage.OPEN_DOOR, "cut": cut, "after": after, "known": known},
        )
        rows = [
            (str(person), ended, again, NO_TIER if count is None else tier_of(json.loads(tiers), count))
            for person, ended, again, tiers, count in cursor.fetchall()
        ]
    found = pd.DataFrame(rows, columns=COLUMNS)
    return found[found["person"].isin(supported(people))].reset_index(drop=True)


def followed(ended: pd.DataFrame, people: pd.DataFrame, covered: Covered, cut: datetime.date) -> pd.DataFrame:
    """The table `evaluation.impact.curves.relapse` takes: those whom a source can know and who can be followed for a day or
    more, with the day they could be followed to. Where no source covers attendances that is the end of the quarter.
    """
    known = people.set_index("person").reindex(ended["person"]).reset_index()
    end = covered.end or cut + ONE_DAY
    stops = [pd.to_datetime(known[name]) for name in STOPS if name != "covered_to"]
    to = pd.concat([pd.Series(pd.Timestamp(end), index=known.index), *stops], axis=1).min(axis=1)
    dates = {name: pd.to_datetime(ended[name]) for name in ("ended_on", "supported_on")}
    table = ended.assign(followed_to=to, **dates)
    can_be_followed = table["followed_to"] > table["ended_on"]
    if covered.supplied:
        knowable = known["known_by"].map(lambda by: covered.known_by == {by}).astype(bool)
        can_be_followed &= knowable & (table["ended_on"] >= pd.Timestamp(covered.start))
    return table[can_be_followed].reset_index(drop=True)

"""The day support was first offered, by what was logged before a moment."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import connection

from casework.rules import MISSED, NOT_TOWARDS_THE_PERSON
from governance.models import Service

# As casework.rules.index_date_after has it; only cases with a contact towards the person.
FIRST_OFFERS = """
SELECT t.case_id,
       min((t.happened_at AT TIME ZONE 'Europe/London')::date)
           FILTER (WHERE t.logged_at < %(known)s AND (b.at IS NULL OR b.at >= %(known)s)) AS index_date
FROM casework_contact t
LEFT JOIN casework_contacttakenback b ON b.contact_id = t.id AND b.service_id = %(service)s
WHERE t.service_id = %(service)s AND t.kind <> ALL(%(not_towards)s)
  AND NOT (t.kind = %(missed)s AND t.outcome = ANY(%(unanswered)s))
GROUP BY t.case_id
"""


def values(service: Service, *, known: datetime.datetime) -> dict[str, Any]:
    """What FIRST_OFFERS is asked with."""
    missed, unanswered = MISSED
    return {
        "service": service.pk,
        "known": known,
        "not_towards": sorted(NOT_TOWARDS_THE_PERSON),
        "missed": missed,
        "unanswered": sorted(unanswered),
    }


def first_offers(service: Service, *, known: datetime.datetime) -> dict[int, datetime.date | None]:
    """The index date by contacts that stood before the moment `known`, of every case that has any by now.

    A case without any contact keeps the day that it was given.
    """
    with connection.cursor() as cursor:
        cursor.execute(FIRST_OFFERS, values(service, known=known))
        return dict(cursor.fetchall())

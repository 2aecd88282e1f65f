"""Which data request a file answers, and what such answers cover."""

import datetime
from dataclasses import dataclass

from django.db import connection

from cohorts.models import DataRequest, Extract, ExtractStatus, IdentifierKind
from cohorts.pipeline.stage import Stage
from governance.models import Service

# Nobody in the file whom the request did not name; of requests that fit, the newest.
_FITS = """
WITH said AS MATERIALIZED (SELECT DISTINCT identifier FROM {staged})
SELECT request.id FROM cohorts_datarequest request
 WHERE request.source_id = %(source)s AND EXISTS (SELECT FROM said)
   AND (%(first)s::date IS NULL OR request.period_from <= %(first)s)
   AND (%(last)s::date IS NULL OR request.period_to >= %(last)s)
   AND NOT EXISTS (
       SELECT FROM said WHERE NOT EXISTS (
           SELECT FROM cohorts_datarequestperson named
             JOIN governance_person person ON person.id = named.person_id
            WHERE named.request_id = request.id AND person.{identifier} = said.identifier))
 ORDER BY request.made_at DESC, request.id DESC LIMIT 1
"""


@dataclass(frozen=True)
class Answered:
    """A request that was answered: for how many people and which days the source speaks by it."""

    request: DataRequest
    on: datetime.datetime


def proposed(extract: Extract, stage: Stage) -> DataRequest | None:
    """The request that a checked file seems to answer: it names nobody else, and no other day. None where none is."""
    if not extract.source.data_requests.exists():
        return None
    identifier = "pseudonym" if extract.source.identifier == IdentifierKind.PSEUDONYM else "nhs_number"
    with connection.cursor() as cursor:
        cursor.execute(
            _FITS.format(staged=stage.table, identifier=identifier),
            {"source": extract.source_id, "first": extract.period_from, "last": extract.period_to},
        )
        found = cursor.fetchone()
    return extract.source.data_requests.get(pk=found[0]) if found else None


def answered(service: Service) -> dict[int, list[Answered]]:
    """By source: the answers that are stored, oldest first. What a source says of everyone is not among it."""
    stored = service.extracts.filter(status=ExtractStatus.COMMITTED).exclude(answers=None)
    found: dict[int, list[Answered]] = {}
    for extract in stored.order_by("committed_at").select_related("answers"):
        if extract.answers and extract.committed_at:
            found.setdefault(extract.source_id, []).append(Answered(extract.answers, extract.committed_at))
    return found

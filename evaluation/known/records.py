"""Records of people as they stood before a moment: whose a row was, and what was known of somebody.

Merges, separations, corrections and what extracts replaced are rows with a moment, so that one can ask back from today,
change by change. Nothing else changes what a report reads of a record.
"""

from __future__ import annotations

import datetime
import json
from typing import Any

from django.db import connection, models

from governance import merging
from governance.models import Person, PersonSeparation, Service
from governance.rights import left_out_of_evaluation

Details = dict[int, dict[str, Any]]

_MOVED_SINCE = """
SELECT DISTINCT ON (given.row) given.row, changed.person_id, changed.at
FROM governance_movedrow given JOIN (
    SELECT id, merged_id AS person_id, at FROM governance_personmerge
    WHERE service_id = %(service)s AND at >= %(known)s
    UNION ALL
    SELECT merged.id, merged.person_id, apart.at
    FROM governance_personseparation apart JOIN governance_personmerge merged ON merged.id = apart.merge_id
    WHERE apart.service_id = %(service)s AND apart.at >= %(known)s
) changed ON changed.id = given.merge_id
WHERE given."table" = '{table}' AND given."column" = 'person_id'
ORDER BY given.row, changed.at
"""


# Newest first: a person, columns as they were before the change, and the record that was separated from theirs.
_CHANGES = """
WITH wanted AS (
    SELECT unnest(%(people)s::bigint[]) AS person_id
    UNION
    SELECT merged.merged_id
    FROM governance_personseparation apart JOIN governance_personmerge merged ON merged.id = apart.merge_id
    WHERE apart.service_id = %(service)s AND apart.at >= %(known)s AND merged.person_id = ANY(%(people)s)
), changed AS (
    SELECT extract.committed_at AS at, replaced.person_id, replaced.before, NULL::bigint AS merged_id
    FROM cohorts_replacedrow replaced JOIN cohorts_extract extract ON extract.id = replaced.extract_id
    WHERE replaced.service_id = %(service)s AND replaced."table" = 'governance_person'
      AND extract.committed_at >= %(known)s
    UNION ALL
    SELECT at, person_id, jsonb_build_object(field, before), NULL
    FROM governance_correction WHERE service_id = %(service)s AND at >= %(known)s
    UNION ALL
    SELECT merged.at, merged.person_id, jsonb_build_object(filled.field, ''), NULL
    FROM governance_filleddetail filled JOIN governance_personmerge merged ON merged.id = filled.merge_id
    WHERE filled.service_id = %(service)s AND merged.at >= %(known)s
    UNION ALL
    SELECT apart.at, merged.person_id, jsonb_build_object(filled.field, ''), merged.merged_id
    FROM governance_personseparation apart
    JOIN governance_personmerge merged ON merged.id = apart.merge_id
    JOIN governance_filleddetail filled ON filled.merge_id = merged.id
    WHERE apart.service_id = %(service)s AND apart.at >= %(known)s
)
SELECT person_id, before::text, merged_id FROM changed JOIN wanted USING (person_id) ORDER BY at DESC
"""


def moved_since(model: type[models.Model]) -> str:
    """SQL for the rows of a model that a merge or a separation gave to another person from %(known)s on.

    Each has `row`, `person_id`, whose it was before, and `at`, since when it is not.
    """
    return _MOVED_SINCE.format(table=model._meta.db_table)


def whose_then(
    service: Service, model: type[models.Model], *, known: datetime.datetime
) -> dict[str, tuple[int, datetime.datetime]]:
    """Of rows that moved to another person from the moment `known` on: whose each was, and when it moved."""
    with connection.cursor() as cursor:
        cursor.execute(moved_since(model), {"service": service.pk, "known": known})
        return {row: (person, at) for row, person, at in cursor.fetchall()}


def left_out(service: Service, *, known: datetime.datetime) -> list[int]:
    """Ids of people in no figure, because they opt out or object now, or did at the moment `known`.

    A right goes before a figure that comes out again, so who is left out now is left out of every computation, and with
    them each record that is theirs by now or was taken to be theirs then. Who took it back since was not in it then.
    """
    now, then = left_out_of_evaluation(service), left_out_of_evaluation(service, before=known)
    ids = {*now, *then}
    apart = PersonSeparation.objects.filter(service=service, at__gte=known, merge__at__lt=known)
    ids |= {person for person, merged in apart.values_list("merge__person", "merge__merged") if merged in ids}
    return sorted(ids.union(merging.merged_into(sorted(ids))))


def details_then(service: Service, now: Details, *, known: datetime.datetime) -> Details:
    """What is known `now` of people, by the names of columns, as it was before the moment `known`.

    One question, or two where records were separated since, however many people.
    """
    then = {person: dict(columns) for person, columns in now.items()}
    fields = next(iter(then.values()), {}).keys()
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, {"service": service.pk, "known": known, "people": list(then)})
        changes = cursor.fetchall()
    if apart := {each for person, _, merged in changes for each in (person, merged) if each} - then.keys():
        then |= {row.pop("pk"): row for row in service.people.filter(pk__in=apart).values("pk", *fields)}
    for person, before, merged in changes:
        columns, told = then[person], json.loads(before)
        for name in fields & told.keys():
            if merged is None:
                columns[name] = _value(name, told[name])
            elif columns[name] in (None, ""):
                # What was taken away is what the other record lent.
                columns[name] = then[merged][name]
    return {person: then[person] for person in now}


def _value(name: str, kept: Any) -> Any:
    """As the person's record has it: what was kept is text, or what JSON makes of it."""
    field = Person._meta.get_field(name)
    assert isinstance(field, models.Field)
    if kept in (None, ""):
        return None if field.null else ""
    return field.to_python(kept)

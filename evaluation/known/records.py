"""Records of people as they stood before a moment: whose a row was, and what was known of somebody.

Merges, separations, corrections and what extracts replaced are rows with a moment, so that one can ask back from today,
change by change. Nothing else changes what a report reads of a record.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, models

from cohorts.models import ReplacedRow
from governance import merging
from governance.models import Correction, FilledDetail, Person, PersonSeparation, Service
from governance.rights import left_out_of_evaluation

Details = dict[int, dict[str, Any]]
# A person, columns as they were before the change, and the record that was told apart from theirs then, if any.
Change = tuple[int, dict[str, Any], int | None]

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

    Five questions, however many people.
    """
    then = {person: dict(columns) for person, columns in now.items()}
    fields = next(iter(then.values()), {}).keys()
    apart = list(
        PersonSeparation.objects.filter(service=service, at__gte=known, merge__person__in=then)
        .order_by("at", "pk")
        .values_list("at", "merge__person", "merge__merged", "merge")
    )
    others = service.people.filter(pk__in={merged for _, _, merged, _ in apart} - then.keys())
    lent = {row.pop("pk"): row for row in others.values("pk", *fields)}
    for _, (person, before, told_apart) in sorted(
        _changes(service, [*then, *lent], apart, known=known), key=lambda change: change[0], reverse=True
    ):
        columns = then[person] if person in then else lent[person]
        for name in fields & before.keys():
            if told_apart is None:
                columns[name] = _value(name, before[name])
            elif columns[name] in (None, ""):
                # What was taken away is what the other record lent.
                columns[name] = (then.get(told_apart) or lent[told_apart])[name]
    return then


def _changes(
    service: Service, people: Sequence[int], apart: Sequence[tuple[Any, ...]], *, known: datetime.datetime
) -> Iterator[tuple[datetime.datetime, Change]]:
    """Each change from the moment `known` on, with its moment."""
    replaced = ReplacedRow.objects.filter(
        service=service, table=Person._meta.db_table, person__in=people, extract__committed_at__gte=known
    )
    for person, before, at in replaced.values_list("person", "before", "extract__committed_at"):
        assert at is not None
        yield at, (person, before, None)
    corrected = Correction.objects.filter(service=service, person__in=people, at__gte=known)
    for person, field, before, at in corrected.values_list("person", "field", "before", "at"):
        yield at, (person, {field: before}, None)
    filled = FilledDetail.objects.filter(service=service, merge__person__in=people)
    lent_by: dict[int, dict[str, Any]] = {}
    for merge, person, field, at in filled.values_list("merge", "merge__person", "field", "merge__at"):
        lent_by.setdefault(merge, {})[field] = None
        if at >= known:
            yield at, (person, {field: ""}, None)
    for at, person, merged, merge in apart:
        yield at, (person, lent_by.get(merge, {}), merged)


def _value(name: str, kept: Any) -> Any:
    """As the person's record has it: what was kept is text, or what JSON makes of it."""
    field = Person._meta.get_field(name)
    assert isinstance(field, models.Field)
    if kept in (None, ""):
        return None if field.null else ""
    return field.to_python(kept)

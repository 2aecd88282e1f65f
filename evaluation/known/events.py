"""Events of a source as they were stored before a moment, whatever was corrected or matched since."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from cohorts.models import Activity, Extract, ReplacedRow
from governance.models import Service

Event = tuple[int, str, datetime.date]


def events(
    service: Service,
    *,
    people: Collection[int],
    sources: Collection[int],
    cut: datetime.date,
    known: datetime.datetime,
) -> list[Event]:
    """Person, measure and day of the events of `people` up to the day `cut`, as stored before the moment `known`.

    What a later extract corrected is read as it was, from what that extract replaced. That is kept until the file
    of the extract is deleted; after that such an event is missing, see `not_kept`.
    """
    late = _late(service, sources, known)
    matched_late = service.unmatched_rows.filter(
        source__in=sources, matched_at__gte=known, event__isnull=False
    )
    stored = service.activities.filter(source__in=sources).exclude(pk__in=matched_late.values("event"))
    untouched = stored.filter(person__in=people, started_on__lte=cut).exclude(extract__in=late.values("pk"))
    found = list(untouched.values_list("person_id", "measure", "started_on"))
    wanted = set(people)
    return found + [each for each in _as_before(stored, late) if each[0] in wanted and each[2] <= cut]


def not_kept(service: Service, known: datetime.datetime) -> list[int]:
    """Extracts stored from the moment `known` on that corrected rows, and of which nobody can say any more what."""
    return list(
        service.extracts.filter(committed_at__gte=known, rows_changed__gt=0, file_deleted_at__isnull=False)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def _late(service: Service, sources: Collection[int], known: datetime.datetime) -> QuerySet[Extract]:
    return service.extracts.filter(source__in=sources, committed_at__gte=known)


def _as_before(stored: QuerySet[Activity], late: QuerySet[Extract]) -> list[Event]:
    """What the late extracts corrected, as it was before the first of them."""
    newest_first = late.order_by("-committed_at", "-pk").values_list("pk", flat=True)
    before: dict[str, dict[str, Any]] = {}
    ids = list(newest_first)
    for extract in ids:
        replaced = ReplacedRow.objects.filter(extract=extract, table=Activity._meta.db_table)
        for row, columns in replaced.values_list("row", "before"):
            before[row] = before.get(row, {}) | columns
    found = []
    rows = stored.filter(pk__in=before).values_list("pk", "extract_id", "person_id", "measure", "started_on")
    for pk, extract, person, measure, day in rows:
        was = before[str(pk)]
        # A row that came with one late extract, and was corrected by another, was not there.
        if was.get("extract_id", extract) not in ids:
            on = datetime.date.fromisoformat(was["started_on"]) if "started_on" in was else day
            found.append((was.get("person_id", person), measure, on))
    return found

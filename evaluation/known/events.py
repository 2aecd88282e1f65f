"""Events of a source as they were stored before a moment, whatever was corrected or matched since."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from cohorts.models import Activity, Extract, ReplacedRow
from evaluation.known.records import whose_then
from governance.models import Service

Event = tuple[int, str, datetime.date]
Moved = dict[str, tuple[int, datetime.datetime]]


def events(
    service: Service,
    *,
    people: Collection[int],
    sources: Collection[int],
    cut: datetime.date,
    known: datetime.datetime,
) -> list[Event]:
    """Person, measure and day of the events of `people` up to the day `cut`, as stored before the moment `known`.

    What a later extract corrected is read as it was, from what is kept of that. Whoever was merged or
    separated since has the events they had.
    """
    late = _late(service, sources, known)
    matched_late = service.unmatched_rows.filter(
        source__in=sources, matched_at__gte=known, event__isnull=False
    )
    stored = service.activities.filter(source__in=sources).exclude(pk__in=matched_late.values("event"))
    moved = whose_then(service, Activity, known=known)
    early = stored.filter(started_on__lte=cut).exclude(extract__in=late.values("pk"))
    stayed = early.filter(person__in=people).exclude(pk__in=list(moved))
    found = list(stayed.values_list("person_id", "measure", "started_on"))
    wanted = set(people)
    given = early.filter(pk__in=list(moved)).values_list("pk", "measure", "started_on")
    found += [(moved[str(pk)][0], measure, day) for pk, measure, day in given if moved[str(pk)][0] in wanted]
    return found + [each for each in _as_before(stored, late, moved) if each[0] in wanted and each[2] <= cut]


def _late(service: Service, sources: Collection[int], known: datetime.datetime) -> QuerySet[Extract]:
    return service.extracts.filter(source__in=sources, committed_at__gte=known)


def _as_before(stored: QuerySet[Activity], late: QuerySet[Extract], moved: Moved) -> list[Event]:
    """What the late extracts corrected, as it was before the first of them."""
    newest_first = late.order_by("-committed_at", "-pk").values_list("pk", "committed_at")
    before: dict[str, dict[str, Any]] = {}
    # Whose a row was when it was given to somebody first, by an extract or by a merge.
    whose = dict(moved)
    ids = []
    for extract, at in newest_first:
        assert at is not None
        ids.append(extract)
        replaced = ReplacedRow.objects.filter(extract=extract, table=Activity._meta.db_table)
        for row, columns in replaced.values_list("row", "before"):
            before[row] = before.get(row, {}) | columns
            if "person_id" in columns and (row not in whose or at <= whose[row][1]):
                whose[row] = (columns["person_id"], at)
    found = []
    rows = stored.filter(pk__in=before).values_list("pk", "extract_id", "person_id", "measure", "started_on")
    for pk, extract, person, measure, day in rows:
        was = before[str(pk)]
        # A row that came with one late extract, and was corrected by another, was not there.
        if was.get("extract_id", extract) not in ids:
            on = datetime.date.fromisoformat(was["started_on"]) if "started_on" in was else day
            found.append((whose[str(pk)][0] if str(pk) in whose else person, measure, on))
    return found

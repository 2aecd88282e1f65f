"""Why something that was known at a moment may not be known any more, in sentences that name nobody."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q

from casework.retention import CASES
from cohorts.models import Activity, ReplacedRow, SameAnswer
from cohorts.retention import UNSELECTED
from governance import retention
from governance.models import Objection, OptOut, Service
from governance.rights import AGAINST_EVALUATION, STOPS

NOT_KEPT = "Extract {} corrected rows since, and what they were before is not kept any more."
REMOVED = "The retention schedule removed people, or what was kept of them, since: {}."
TAKEN_BACK = "Rows without an NHS number that had been given to somebody were taken back since."
TAKEN_OUT = "Somebody opted out or objected since, and is in no figure that is computed from then on."


def why_gone(service: Service, known: datetime.datetime) -> list[str]:
    """What happened from the moment `known` on that takes rows, or people, out of what was known then."""
    return list(_reasons(service, known))


def _reasons(service: Service, known: datetime.datetime) -> Iterator[str]:
    kept = ReplacedRow.objects.filter(extract=OuterRef("pk"), table=Activity._meta.db_table)
    late = service.extracts.filter(committed_at__gte=known, rows_changed__gt=0, file_deleted_at__isnull=False)
    for extract in late.filter(~Exists(kept)).order_by("pk").values_list("pk", flat=True):
        yield NOT_KEPT.format(extract)
    titles = {each.key: each.title for each in retention.classes()}
    removing = Q(people__gt=0) | Q(record_class__in=[CASES, UNSELECTED], purged__gt=0)
    runs = service.purge_runs.filter(removing, at__gte=known).order_by("record_class")
    for key in runs.values_list("record_class", flat=True).distinct():
        yield REMOVED.format(titles.get(key, key))
    # Only a decision that takes another back says why.
    if service.same_decisions.filter(answer=SameAnswer.DIFFERENT, at__gte=known).exclude(why="").exists():
        yield TAKEN_BACK
    opted_out = OptOut.objects.filter(service=service, at__gte=known, opted_out=True)
    objected = Objection.objects.filter(
        service=service, at__gte=known, scope__in=AGAINST_EVALUATION, decision__in=STOPS
    )
    if opted_out.exists() or objected.exists():
        yield TAKEN_OUT

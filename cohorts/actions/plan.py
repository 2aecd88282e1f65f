"""How the files of a source come in, and the calendar of when they should."""

import datetime
import logging
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from cohorts.models import ExpectedExtract, Source, SourcePlan
from cohorts.ways_in import calendar, expected
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken

log = logging.getLogger(__name__)
# How far ahead days are written down, so that a scheduler that stood still for a month misses none.
AHEAD_DAYS = 40


@transaction.atomic
def change(*, source: Source, by: User | None, **plan: Any) -> SourcePlan:
    """Say how files of a source come in, when they are expected, and whether one may store itself.

    Raises:
        RuleBroken: when another source receives messages of this workflow, or no frequency is given.
    """
    row = SourcePlan.objects.filter(source=source).first() or SourcePlan(
        source=source, service=source.service
    )
    before = {name: getattr(row, name) for name in plan}
    for name, value in plan.items():
        setattr(row, name, value)
    if row.first_due and not row.frequency:
        row.frequency = source.agreement.frequency
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise RuleBroken("Another source already receives messages of this workflow.") from None
    # Days that have not come yet follow the new plan; those that were missed stay missed.
    source.expected_extracts.filter(due_on__gt=timezone.localdate(), late_at=None).delete()
    _write_down(row, timezone.localdate())
    changes = {name: [before[name], value] for name, value in plan.items() if before[name] != value}
    audit.record("source_plan_changed", service=source.service, by=by, on=source, changes=changes)
    return row


@transaction.atomic
def keep_calendar(*, service: Service, today: datetime.date) -> list[ExpectedExtract]:
    """Write down the days that come, and call late what is late; returns what became late just now."""
    for plan in service.source_plans.exclude(first_due=None).select_related("source", "service"):
        _write_down(plan, today)
    late: list[ExpectedExtract] = []
    for each in expected.calendars(service, today):
        days = [slot.due_on for slot in each.late]
        unsaid = each.plan.source.expected_extracts.filter(due_on__in=days, late_at=None)
        late += unsaid.select_for_update(of=["self"])
    for day in late:
        day.late_at = timezone.now()
        day.save(update_fields=["late_at"])
        log.warning("Source %s: the file due on %s is late.", day.source_id, day.due_on)
        audit.record("extract_late", service=service, by=None, on=day, changes={"due_on": day.due_on})
    return late


def _write_down(plan: SourcePlan, today: datetime.date) -> None:
    if plan.first_due is None:
        return
    until = today + datetime.timedelta(days=AHEAD_DAYS)
    # What was missed under an earlier plan stays as it was: only days from here on are added.
    since = max(plan.first_due, today)
    days = calendar.due_days(plan.first_due, plan.frequency, since=since, until=until)
    ExpectedExtract.objects.bulk_create(
        (ExpectedExtract(service=plan.service, source=plan.source, due_on=day) for day in days),
        ignore_conflicts=True,
    )

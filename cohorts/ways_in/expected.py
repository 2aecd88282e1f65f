"""The calendar of every source of a service, read from what was expected and what came."""

import datetime
from collections import defaultdict
from dataclasses import dataclass

from django.utils import timezone

from cohorts.models import GONE, ExtractStatus, SourcePlan
from cohorts.ways_in import calendar
from cohorts.ways_in.calendar import Came, Slot, SlotState
from governance.models import Service

SHOWN_DAYS = 400


@dataclass(frozen=True)
class SourceCalendar:
    """The plan of a source and what became of each day on which a file was due."""

    plan: SourcePlan
    slots: list[Slot]

    @property
    def late(self) -> list[Slot]:
        """Days whose file did not come."""
        return [slot for slot in self.slots if slot.state == SlotState.LATE]


def calendars(service: Service, today: datetime.date) -> list[SourceCalendar]:
    """One for each source with a due day, of the last 400 days and the weeks to come; three queries."""
    since = today - datetime.timedelta(days=SHOWN_DAYS)
    plans = list(
        service.source_plans.exclude(first_due=None).select_related("source").order_by("source__name")
    )
    days: dict[int, list[datetime.date]] = defaultdict(list)
    for source, due_on in service.expected_extracts.filter(due_on__gte=since).values_list("source", "due_on"):
        days[source].append(due_on)
    came: dict[int, list[Came]] = defaultdict(list)
    # The answer to a data request is not the file that is due.
    extracts = service.extracts.filter(source__in=list(days), received_at__date__gte=since, answers=None)
    for source, at, status in extracts.values_list("source", "received_at", "status"):
        came[source].append(Came(timezone.localdate(at), status == ExtractStatus.COMMITTED, status in GONE))
    return [
        SourceCalendar(
            plan,
            calendar.slots(
                days[plan.source_id],
                plan.frequency,
                came[plan.source_id],
                grace=plan.days_of_grace,
                today=today,
            ),
        )
        for plan in plans
    ]

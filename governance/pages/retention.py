"""What the Retention page shows: the schedule with what is due, held and gone."""

import datetime
from dataclasses import dataclass

from governance import retention
from governance.models import LegalHold, PurgeRun, Service
from governance.retention import RecordClass


@dataclass(frozen=True)
class Line:
    """One class as the service keeps it."""

    record_class: RecordClass
    number: int
    due: int
    held: int
    last: PurgeRun | None

    @property
    def free(self) -> int:
        """Rows that go at the next run."""
        return self.due - self.held

    @property
    def due_words(self) -> str:
        """ "12 due"."""
        return f"{self.free:,} due"

    @property
    def held_words(self) -> str:
        """ "3 held"."""
        return f"{self.held:,} held"

    @property
    def for_long(self) -> str:
        """How long, in words."""
        return self.record_class.for_long(self.number)


def schedule(service: Service, today: datetime.date) -> list[Line]:
    """The schedule: three queries."""
    times = retention.numbers(service)
    counts = retention.counted(service, today, times)
    newest = service.purge_runs.order_by("record_class", "-at", "-pk").distinct("record_class")
    last = {run.record_class: run for run in newest}
    lines = []
    for each in retention.classes():
        due, _, held = counts.get(each.key, (0, 0, 0))
        lines.append(Line(each, times.get(each.key, 0), due, held, last.get(each.key)))
    return lines


def about(hold: LegalHold) -> str:
    """What a hold keeps, in words."""
    return hold.person.full_name if hold.person else retention.get(hold.record_class).title

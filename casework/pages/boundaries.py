"""What was agreed about being in touch with a client, and how often they ring."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncWeek
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from casework import pictures
from casework.models import Boundaries, Case, ContactKind
from casework.pictures import Point
from casework.wording import count
from governance.models import Service

WEEKS_SHOWN = 12
WEEK = datetime.timedelta(weeks=1)


@dataclass(frozen=True)
class Page:
    """The newest agreement, calls of the last weeks as a picture and a table, and how they compare."""

    newest: Boundaries | None
    weeks: list[tuple[datetime.date, int]]

    @property
    def blank(self) -> Boundaries:
        """A form starts from what stands; what is saved is a row of its own."""
        return Boundaries(**{name: getattr(self.newest, name) for name in _FIELDS} if self.newest else {})

    @property
    def target(self) -> int | None:
        return self.newest.calls_a_week if self.newest else None

    @property
    def words(self) -> str:
        """How last week compares with what was agreed."""
        if not any(number for _, number in self.weeks):
            return "No call of theirs was logged in the last weeks. Log one as “They rang us”."
        last = self.weeks[-2][1]
        words = f"They rang {'once' if last == 1 else count(last, 'time')} last week"
        if self.target is None:
            return f"{words}. No number was agreed."
        return f"{words}; agreed are at most {self.target}."

    @property
    def picture(self) -> SafeString:
        """Calls a week, with what was agreed as a dashed line."""
        points = [Point(week, float(number)) for week, number in self.weeks]
        top = max([*(number for _, number in self.weeks), self.target or 0, 1])
        drawn = pictures.trend(
            "calls", "Calls of theirs, by week", points, ends=(0, float(top)), target=self.target
        )
        return mark_safe(drawn)  # noqa: S308  # nosec  # drawn by us, each word of it escaped

    @property
    def head(self) -> list[dict[str, Any]]:
        return [{"label": "Week from"}, {"label": "Calls", "numeric": True}]

    @property
    def rows(self) -> list[list[Any]]:
        """The same as a table, newest first."""
        return [[f"{week:%-d %B %Y}", number] for week, number in self.weeks[::-1]]


_FIELDS = ("ring_when", "answer_within", "otherwise", "rhythm_days", "calls_a_week")


def build(service: Service, case: Case, *, today: datetime.date) -> Page:
    """Two queries. A week without a call logged is 0: every call of theirs to this service is ours to log."""
    monday = today - datetime.timedelta(days=today.weekday())
    first = monday - (WEEKS_SHOWN - 1) * WEEK
    rang = case.contacts.filter(kind=ContactKind.RANG, happened_at__date__gte=first).order_by()
    by_week = rang.annotate(week=TruncWeek("happened_at")).values("week").annotate(number=Count("pk"))
    found = {timezone.localdate(row["week"]): row["number"] for row in by_week}
    weeks = [first + number * WEEK for number in range(WEEKS_SHOWN)]
    newest = service.boundaries.filter(case=case).first()
    return Page(newest, [(week, found.get(week, 0)) for week in weeks])

"""What cohorts answers when governance asks, and what it does with its own news."""

import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from cohorts.actions.extract import nudge
from cohorts.models import Extract, ExtractStatus
from cohorts.signals import extract_stored
from governance.models import Service
from governance.signals import first_list_day, loads_to_show

MOST_LOADS = 50


@receiver(first_list_day)
def day_of_first_list(sender: Any, service: Service, **kwargs: Any) -> datetime.date | None:
    """The day on which the service's first list was built."""
    built_at = service.cohort_lists.order_by("built_at").values_list("built_at", flat=True).first()
    return timezone.localdate(built_at) if built_at else None


@receiver(loads_to_show)
def stored_extracts(sender: Any, service: Service, **kwargs: Any) -> list[tuple[int, str]]:
    """The extracts stored last, by number, source and day: a file's own name may name a person."""
    stored = service.extracts.filter(status=ExtractStatus.COMMITTED).select_related("source")
    return [
        (extract.pk, f"Extract {extract.pk}, {extract.source.name}, {extract.received_at:%-d %B %Y}")
        for extract in stored[:MOST_LOADS]
    ]


@receiver(extract_stored)
def make_its_people_findable(sender: Any, extract: Extract, **kwargs: Any) -> None:
    """Have a worker do it once the extract is stored, which is not to take longer for it."""
    transaction.on_commit(partial(nudge, "cohorts.tasks.make_findable", extract.service_id, extract.pk))

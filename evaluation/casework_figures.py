"""Counts of casework in a quarter. Exact numbers: nothing here may leave without disclosure control."""

from __future__ import annotations

import datetime
import statistics
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone

from casework.models import ContactKind
from casework.rules import NO_CONTACT, STAGE_LABELS
from evaluation.known.offers import first_offers
from governance.models import Service


@dataclass(frozen=True)
class CaseworkFigures:
    """Cases and contacts of the quarter, and where every case stood when it ended."""

    cases_from_list: int
    cases_referred: int
    contacts_by_kind: dict[str, int]
    days_to_first_contact: list[int]
    without_contact: int
    stages: dict[str, int]

    @property
    def median_days(self) -> float | None:
        """Median days from opening a case to the first attempt; None where there was none."""
        return statistics.median(self.days_to_first_contact) if self.days_to_first_contact else None


def gather(
    service: Service,
    *,
    start: datetime.datetime,
    after: datetime.datetime,
    known: datetime.datetime,
    left_out: list[int],
) -> CaseworkFigures:
    """Count from the moment `start` to the moment before `after`, without people who are `left_out`. Contacts count
    that were logged before the moment `known`, for the first attempt as well.
    """
    offered = first_offers(service, known=known)
    opened = list(
        service.cases.filter(opened_at__gte=start, opened_at__lt=after)
        .exclude(person__in=left_out)
        .values_list("opened_at", "pk", "index_date", "candidate_id")
    )
    last_day = timezone.localdate(after - datetime.timedelta(seconds=1))
    waits = [
        max((index - timezone.localdate(at)).days, 0)
        for at, case, given, _ in opened
        if (index := offered.get(case, given)) and index <= last_day
    ]
    contacts = service.contacts.filter(
        happened_at__gte=start, happened_at__lt=after, logged_at__lt=known
    ).exclude(Q(case__person__in=left_out) | Q(kind__in=NO_CONTACT))
    return CaseworkFigures(
        cases_from_list=sum(candidate is not None for *_, candidate in opened),
        cases_referred=sum(candidate is None for *_, candidate in opened),
        contacts_by_kind=_by_kind(contacts.values_list("kind").annotate(Count("pk"))),
        days_to_first_contact=sorted(waits),
        without_contact=len(opened) - len(waits),
        stages=_stages(service, after, left_out),
    )


def _by_kind(rows: object) -> dict[str, int]:
    found = dict(rows)  # type: ignore[call-overload]
    return {label: found.get(kind, 0) for kind, label in ContactKind.choices if kind not in NO_CONTACT}


def _stages(service: Service, after: datetime.datetime, left_out: list[int]) -> dict[str, int]:
    newest = (
        service.stage_changes.filter(at__lt=after)
        .exclude(case__person__in=left_out)
        .order_by("case_id", "-at", "-pk")
        .distinct("case_id")
        .values_list("stage", flat=True)
    )
    found = list(newest)
    return {label: found.count(stage.value) for stage, label in STAGE_LABELS.items()}

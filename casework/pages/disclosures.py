"""The disclosure log of a service, by case number: no person is named on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count

from casework.models import Basis, Disclosure, RecallNotice
from cohorts.models import DataRequest
from governance.models import Service

A_PAGE = 50
RECALLS_SHOWN = 50

COUNTS_HEAD: list[dict[str, Any]] = [
    {"label": "Partner"},
    *({"label": basis.label, "numeric": True} for basis in Basis),
    {"label": "Together", "numeric": True},
]


@dataclass(frozen=True)
class Log:
    """The page."""

    head: list[dict[str, Any]]
    counts: list[list[Any]]
    page: Page[Disclosure]
    recalls: list[RecallNotice]
    requests: list[DataRequest]


def build(service: Service, *, page: str | None) -> Log:
    """Four queries, however much was shared."""
    grouped = (
        service.disclosures.order_by("partner__organisation__name")
        .values_list("partner__organisation__name", "basis")
        .annotate(n=Count("pk"))
    )
    counts = _counts(grouped)
    rows = service.disclosures.select_related("partner__organisation", "made_by", "recall")
    paginator = Paginator(rows, A_PAGE)
    paginator.count = sum(row[-1] for row in counts)  # known already
    waiting = service.recall_notices.filter(answered_at=None).select_related(
        "disclosure__partner__organisation"
    )
    asked = service.data_requests.select_related("source__organisation", "made_by")
    return Log(
        COUNTS_HEAD,
        counts,
        paginator.get_page(page),
        list(waiting[:RECALLS_SHOWN]),
        list(asked[:RECALLS_SHOWN]),
    )


def _counts(grouped: Iterable[tuple[str, str, int]]) -> list[list[Any]]:
    """One row for each partner: how often on each basis."""
    found: dict[str, dict[str, int]] = {}
    for partner, basis, number in grouped:
        found.setdefault(partner, {})[basis] = number
    return [
        [partner, *(by_basis.get(basis, 0) for basis in Basis), sum(by_basis.values())]
        for partner, by_basis in found.items()
    ]

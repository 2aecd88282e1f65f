"""The receipt of one act of sharing, with its content for as long as the record still says the same."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from casework import share_sheet
from casework.models import Disclosure
from governance.models import Service


@dataclass(frozen=True)
class Receipt:
    """`content` is None where the record has changed since, so that nothing else is shown as what was sent."""

    row: Disclosure
    facts: list[dict[str, Any]]
    content: share_sheet.Sheet | None


def rows(service: Service) -> QuerySet[Disclosure]:
    """Acts of sharing with all that a receipt names."""
    return service.disclosures.select_related(
        "service",
        "partner__organisation",
        "made_by",
        "recall",
        "case__person",
        "case__worker",
        "case__service",
    )


def build(row: Disclosure) -> Receipt:
    """The receipt; the content is built again as at the moment of sharing and compared by its hash."""
    sheet = share_sheet.build(row.case, items=row.items, helps=row.helps, at=row.made_at)
    return Receipt(row, _facts(row), sheet if sheet.hash(row.key) == row.content_hash else None)


def _facts(row: Disclosure) -> list[dict[str, Any]]:
    facts = [
        ("Shared with", str(row.partner)),
        ("Received by", row.recipient or None),
        ("When", f"{timezone.localtime(row.made_at):%-d %B %Y, %H:%M}"),
        ("By", row.made_by.name),
        ("How", row.get_channel_display()),
        ("What allows it", row.why),
        ("Why without a yes", row.reason),
        ("Authorised by", row.authority),
        ("Items", row.what),
        ("Fields", ", ".join(row.fields)),
        ("Seal of the content", row.content_hash),
    ]
    return [{"key": key, "value": value} for key, value in facts if value != ""]

"""A contact as a phone sends it: sealed, with an id of its own and the name of who wrote it."""

import datetime
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import QueryDict

from casework.outbox import sealing
from governance.models import Membership
from governance.rules import RuleBroken

NOT_READ = "What this phone sent could not be read. It stays on the phone; reload the page and try again."
NOT_YOURS = (
    "Somebody else wrote this, or you wrote it in another service. It is sent when its author signs in."
)


@dataclass(frozen=True)
class Entry:
    """What was typed, when by the phone's clock, and the key of the receipt."""

    id: uuid.UUID
    written_at: datetime.datetime
    data: QueryDict
    receipt_key: bytes

    @property
    def code(self) -> str:
        """The code of the case, as it was typed."""
        return self.data.get("code", "")

    def receipt(self, outcome: str) -> dict[str, str]:
        """What the phone needs to forget the entry."""
        signed = sealing.receipt(self.receipt_key, str(self.id), outcome)
        return {"id": str(self.id), "outcome": outcome, "receipt": signed}


def author_of(membership: Membership) -> str:
    """Whom entries are bound to: somebody, in one service. Two numbers, which name nobody."""
    return f"{membership.user_id}.{membership.service_id}"


def read_json(body: bytes) -> dict[str, Any]:
    """The object a script sent; RuleBroken where it is none."""
    try:
        told = json.loads(body)
    except ValueError as problem:
        raise RuleBroken(NOT_READ) from problem
    if not isinstance(told, dict):
        raise RuleBroken(NOT_READ)
    return told


def opened(envelope: Mapping[str, Any], membership: Membership) -> Entry:
    """The entry in an envelope.

    Raises:
        RuleBroken: it is somebody else's, it is none, or no key of ours opens it.
    """
    try:
        key = uuid.UUID(envelope["id"])
        written_at = datetime.datetime.fromtimestamp(int(envelope["written"]) / 1000, datetime.UTC)
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError, OSError) as problem:
        raise RuleBroken(NOT_READ) from problem
    bound_to = ["entry", str(key), _author(envelope, membership), str(envelope["written"])]
    content = sealing.open_sealed(envelope, bound_to, settings.OUTBOX_KEYS)
    try:
        data = QueryDict(content["form"], mutable=True)
        data["key"] = str(key)
        return Entry(key, written_at, data, sealing.unpacked(content["receipt"]))
    except (KeyError, ValueError, TypeError, AttributeError) as problem:
        raise RuleBroken(NOT_READ) from problem


def opened_draft(envelope: Mapping[str, Any], membership: Membership) -> Any:
    """What was typed into a form and not saved, as the page kept it.

    Raises:
        RuleBroken: it is somebody else's, or no key of ours opens it.
    """
    bound_to = ["draft", str(envelope.get("name", "")), _author(envelope, membership)]
    return sealing.open_sealed(envelope, bound_to, settings.OUTBOX_KEYS)


def _author(envelope: Mapping[str, Any], membership: Membership) -> str:
    author = author_of(membership)
    if envelope.get("author") != author:
        raise RuleBroken(NOT_YOURS)
    return author

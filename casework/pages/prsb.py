"""The preview of a message: what the file says, in words."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from casework.models import Case
from casework.prsb.build import Recipient, Wanted, build
from casework.prsb.schema import Model
from governance.models import User
from governance.rules import RuleBroken

ALIKE = {"nhs": "NHS", "gp": "GP"}


@dataclass(frozen=True)
class Section:
    """One heading of the document with its lines."""

    title: str
    rows: list[dict[str, str]]


@dataclass(frozen=True)
class Preview:
    """What would be sent, or why nothing can be."""

    sections: list[Section]
    problem: str


def preview(case: Case, *, model: str, recipient: str, summary: str, user: User) -> Preview:
    """The document that these choices would make, in words."""
    wanted = Wanted(Model(model), Recipient(recipient), user.name, timezone.localdate(), summary.strip())
    try:
        document = build(case, wanted)
    except RuleBroken as problem:
        return Preview([], str(problem))
    return Preview([Section(_words(name), _rows(part)) for name, part in document.items()], "")


def _rows(part: Any) -> list[dict[str, str]]:
    """Lines of a part: of an object each item, of a list each of its rows as one."""
    if isinstance(part, list):
        return [{"key": str(number), "value": _flat(row)} for number, row in enumerate(part, 1)]
    return [{"key": _words(name), "value": _flat(value)} for name, value in part.items()]


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(_flat(each) for each in value.values())
    if isinstance(value, list):
        return "; ".join(_flat(each) for each in value) or "None"
    return str(value)


def _words(name: str) -> str:
    """ "dateOfBirth" as people read it: "Date of birth"."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower().split()
    told = " ".join(ALIKE.get(word, word) for word in words)
    return told[:1].upper() + told[1:]

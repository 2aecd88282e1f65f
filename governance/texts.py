"""Texts in a person's record that may speak of somebody else, found wherever they are kept."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings

from governance import holdings
from governance.holdings import Model
from governance.models import FreeText, Person, SubjectRequest, TextDecision
from governance.rules import RuleBroken

REMOVED = "[removed]"
NOT_REVIEWED = "[withheld: nobody has looked yet whether this speaks of somebody else]"
LEFT_OUT = "[left out: this speaks of somebody else]"


@dataclass(frozen=True)
class Text:
    """One text and where it stands."""

    model: Model
    row: int | str
    field: str
    words: str

    @property
    def address(self) -> dict[str, str]:
        """The values by which FreeText knows it."""
        return {
            "row_model": self.model._meta.label_lower,
            "row_id": str(self.row),
            "row_field": self.field,
            "digest": digest(self.words),
        }


def of(person: Person) -> list[Text]:
    """Every text of the person's record that somebody wrote, newest models included by themselves."""
    found = []
    for model in holdings.paths(Person):
        fields = holdings.free_text_fields(model)
        if fields and model._meta.label not in holdings.NOT_IN_A_COPY:
            rows = holdings.rows(model, [person.pk]).order_by("pk").distinct().values_list("pk", *fields)
            found += [
                Text(model, row, field, as_words(value))
                for row, *values in rows
                for field, value in zip(fields, values, strict=True)
                if as_words(value)
            ]
    return found


def current(text: FreeText) -> str | None:
    """The words a decision is about, or None when they are not the same any more."""
    model = apps.get_model(text.row_model)
    value = model._base_manager.filter(pk=text.row_id).values_list(text.row_field, flat=True).first()
    words = as_words(value)
    return words if hmac.compare_digest(digest(words), text.digest) else None


def undecided(request: SubjectRequest) -> list[Text]:
    """Texts of the record as it is now about which nothing final was decided for the request."""
    closed = {_address(text) for text in request.texts.all() if not text.is_open}
    return [text for text in of(request.person) if tuple(text.address.values()) not in closed]


def cuts(words: str, typed: str) -> list[list[int]]:
    """Where each run of words (one to a line) stands in a text, every time it stands there.

    Raises:
        RuleBroken: when no words were given, or some are not in the text.
    """
    wanted = [line.strip() for line in typed.splitlines() if line.strip()]
    if not wanted:
        raise RuleBroken("Write the words to take out, one run of words on each line.")
    found: list[list[int]] = []
    for each in wanted:
        pattern = r"\s+".join(re.escape(word) for word in each.split())
        spans = [list(match.span()) for match in re.finditer(pattern, words, re.IGNORECASE)]
        if not spans:
            raise RuleBroken(f"“{each}” does not stand in the text. Copy the words as they are.")
        found += spans
    return _merged(found)


def released(words: str, decision: FreeText | None) -> tuple[str, bool]:
    """What of a text may be given out, and whether it was withheld because nobody decided yet."""
    if decision is None or decision.is_open:
        return NOT_REVIEWED, True
    if decision.decision == TextDecision.WHOLE:
        return LEFT_OUT, False
    shown, last = [], 0
    for start, end in decision.cuts:
        shown += [words[last:start], REMOVED]
        last = end
    return "".join([*shown, words[last:]]), False


def decisions(person: Person) -> dict[tuple[str, ...], FreeText]:
    """The newest decision on each text of a person, whichever request it was made for."""
    rows = FreeText.objects.filter(request__person=person).order_by("pk")
    return {_address(row): row for row in rows if row.decision}


def digest(words: str) -> str:
    """A keyed hash: a short text could be guessed from a plain one."""
    return hmac.new(settings.PSEUDONYM_KEY.encode(), words.encode(), hashlib.sha256).hexdigest()


def as_words(value: Any) -> str:
    """A field as text; lists and JSON are written out."""
    if value in (None, "", [], {}):
        return ""
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)


def _address(text: FreeText) -> tuple[str, ...]:
    return (text.row_model, text.row_id, text.row_field, text.digest)


def _merged(spans: Iterable[list[int]]) -> list[list[int]]:
    merged: list[list[int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged

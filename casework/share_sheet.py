"""What a partner sees: the exact content of one act of sharing, line by line, and its hash."""

import datetime
import hashlib
import json
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from casework import attendances
from casework.models import Case
from governance.models import ShareItem
from governance.rules import format_nhs_number

NOT_SUPPLIED = "Not supplied"


@dataclass(frozen=True)
class Line:
    """One line: what it is called, what it says, and the fields it is made of."""

    label: str
    value: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """The whole content."""

    lines: tuple[Line, ...]

    @property
    def fields(self) -> list[str]:
        """Names of the fields shared, each once, for the log."""
        return list(dict.fromkeys(name for line in self.lines for name in line.fields))

    @property
    def rows(self) -> list[dict[str, str]]:
        """For templates/components/summary_list.html."""
        return [{"key": line.label, "value": line.value} for line in self.lines]

    def hash(self, key: uuid.UUID) -> str:
        """SHA-256 (hex, 64 characters) of the content; the key keeps equal contents from looking equal."""
        content = [str(key), [[line.label, line.value] for line in self.lines]]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def build(case: Case, *, items: Collection[str], helps: str, at: datetime.datetime) -> Sheet:
    """The content as at a moment: who it is about, and the chosen items. At most two queries."""
    lines = _who(case)
    for item, make in _MAKERS.items():
        if item in items:
            lines += make(case, at)
    if ShareItem.HELPS in items:
        lines.append(Line("What helps", helps or NOT_SUPPLIED, ("disclosure.helps",)))
    return Sheet(tuple(lines))


def _who(case: Case) -> list[Line]:
    """Always there: without it the partner cannot know whom it is about."""
    person = case.person
    born = f"{person.birth_date:%-d %B %Y}" if person.birth_date else NOT_SUPPLIED
    return [
        Line("Name", person.full_name, ("person.first_name", "person.last_name")),
        Line("Date of birth", born, ("person.birth_date",)),
    ]


def _nhs_number(case: Case, at: datetime.datetime) -> list[Line]:
    number = case.person.nhs_number
    return [Line("NHS number", format_nhs_number(number) if number else NOT_SUPPLIED, ("person.nhs_number",))]


def _contact(case: Case, at: datetime.datetime) -> list[Line]:
    person = case.person
    address = " ".join(filter(None, [person.address, person.postcode]))
    return [
        Line("Phone", person.phone or NOT_SUPPLIED, ("person.phone",)),
        Line("Address", address or NOT_SUPPLIED, ("person.address", "person.postcode")),
    ]


def _needs(case: Case, at: datetime.datetime) -> list[Line]:
    needs = case.person.communication_needs or NOT_SUPPLIED
    return [Line("Communication needs", needs, ("person.communication_needs",))]


def _support(case: Case, at: datetime.datetime) -> list[Line]:
    since = f", since {case.index_date:%-d %B %Y}" if case.index_date else ""
    who = case.worker.name if case.worker else "nobody yet"
    return [
        Line("Supported by", f"{case.service.name}{since}", ("case.service", "case.index_date")),
        Line("Worker", who, ("case.worker",)),
    ]


def _attendances(case: Case, at: datetime.datetime) -> list[Line]:
    counts = attendances.of(case, today=timezone.localdate(at)).counts
    fields = ("activity.measure", "activity.started_on")
    if not counts:
        return [Line("Use of emergency services", NOT_SUPPLIED, fields)]
    return [Line(measure, number, fields) for measure, number in counts]


def _risks(case: Case, at: datetime.datetime) -> list[Line]:
    """Risks that stood at the moment."""
    standing = case.risks.filter(Q(ended_at=None) | Q(ended_at__gt=at), noted_at__lte=at).order_by(
        "noted_at", "pk"
    )
    fields = ("risk.level", "risk.detail", "risk.source")
    lines = [
        Line("Risk", f"{risk.get_level_display()}: {risk.detail} (said by: {risk.source})", fields)
        for risk in standing
    ]
    return lines or [Line("Risk", "None noted", fields)]


_MAKERS: dict[str, Callable[[Case, datetime.datetime], list[Line]]] = {
    ShareItem.NHS_NUMBER: _nhs_number,
    ShareItem.CONTACT: _contact,
    ShareItem.NEEDS: _needs,
    ShareItem.SUPPORT: _support,
    ShareItem.ATTENDANCES: _attendances,
    ShareItem.RISKS: _risks,
}

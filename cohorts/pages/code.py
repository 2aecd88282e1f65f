"""The page of code lists: what each code says, what it counts as, and who said so."""

from dataclasses import dataclass

from cohorts.forms.code import CHOICES
from cohorts.models import CodeMeaning
from cohorts.pipeline import codes
from cohorts.pipeline.codes import Meaning
from cohorts.pipeline.fields import F, label
from governance.models import Service


@dataclass(frozen=True)
class Row:
    """One code as it is counted now."""

    code: str
    says: str
    counted_as: str
    days: str
    said_by: str  # empty where the national list decides


@dataclass(frozen=True)
class Table:
    """The codes of one field."""

    field: str
    label: str
    rows: list[Row]


def tables(service: Service, code_set: str) -> list[Table]:
    """Every coded field of a list, with what the service says in front of what the list says."""
    said = list(service.code_meanings.filter(code_set=code_set).select_related("said_by"))
    holding = codes.in_force((row.meaning, row.is_withdrawn) for row in said)
    who = {row.meaning: _who(row) for row in reversed(said)}
    national = codes.shipped()[code_set]
    found = []
    for name in codes.CODED:
        own = [meaning for meaning in holding if meaning.field == name]
        always = {meaning.code for meaning in own if not meaning.is_dated}
        rest = [meaning for meaning in national.of_field(name) if meaning.code not in always]
        rows = [_row(meaning, who.get(meaning, "")) for meaning in _first_of_days(own)]
        rows += [_row(meaning, "") for meaning in rest]
        if rows:
            found.append(Table(name, label(name), sorted(rows, key=lambda row: (row.says, row.code))))
    return found


def now(service: Service, code_set: str, field: str, code: str) -> Meaning | None:
    """What a code means at present: the service's word, else the list's."""
    holding = [*service.code_meanings.in_force(code_set), *codes.shipped()[code_set].meanings]
    return next((meaning for meaning in holding if (meaning.field, meaning.code) == (field, code)), None)


def _first_of_days(own: list[Meaning]) -> list[Meaning]:
    """Of several words for the same days the newest."""
    seen: dict[tuple[object, ...], Meaning] = {}
    for meaning in own:
        seen.setdefault((meaning.code, meaning.first_day, meaning.last_day), meaning)
    return list(seen.values())


def _row(meaning: Meaning, said_by: str) -> Row:
    return Row(meaning.code, meaning.says, counted_as(meaning), _days(meaning), said_by)


def counted_as(meaning: Meaning) -> str:
    """In words: what is stored, and of what happened at the end whether it is an admission."""
    words = dict(CHOICES.get(meaning.field, [])).get(meaning.means, meaning.means) or "Not supplied"
    if meaning.field != F.DISPOSAL or not meaning.means:
        return words
    if meaning.admits is None:
        return f"{words}; admission not supplied"
    return f"{words}; {'admitted' if meaning.admits else 'not admitted'}"


def _days(meaning: Meaning) -> str:
    first = f"from {meaning.first_day:%-d %B %Y}" if meaning.first_day else ""
    last = f"to {meaning.last_day:%-d %B %Y}" if meaning.last_day else ""
    days = " ".join(filter(None, (first, last)))
    return days[:1].upper() + days[1:] or "Always"


def _who(row: CodeMeaning) -> str:
    name = row.said_by.name if row.said_by else "A command"
    return f"{name}, {row.said_at:%-d %B %Y}: {row.reason}"

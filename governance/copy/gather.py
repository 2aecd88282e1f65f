"""Everything held on a person, section by section, with plain names for every field.

Which rows there are comes from the models (governance/holdings.py), so a model added later is in the copy
without a line here.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from governance import audit, holdings, merging, texts
from governance.holdings import Model
from governance.models import Person, Service, User
from governance.privacy import Privacy

# Keys and machinery that say nothing to a person.
_MACHINERY = (models.UUIDField, models.BinaryField)
MOST_COLUMNS, MOST_CARDS, LONG_CHARACTERS = 6, 3, 120


@dataclass(frozen=True)
class Cell:
    """One field of a row: its plain name, its class, and its value in words."""

    name: str
    label: str
    privacy: str
    value: str


@dataclass(frozen=True)
class Section:
    """All rows of one kind."""

    key: str
    title: str
    about: str
    rows: list[list[Cell]]

    @property
    def heads(self) -> list[tuple[str, str]]:
        """(name, label) of the columns that have a value in some row, in order."""
        return list(
            {cell.name: (cell.name, cell.label) for row in self.rows for cell in row if cell.value}.values()
        )

    @property
    def layout(self) -> str:
        """How a page shows the rows: a "table", or where they are too wide a "line" or a "card" each."""
        long = any(len(cell.value) > LONG_CHARACTERS for row in self.rows for cell in row)
        if len(self.heads) <= MOST_COLUMNS and not long:
            return "table"
        return "line" if len(self.rows) > MOST_CARDS and not long else "card"

    def lines(self) -> list[list[str]]:
        """The rows as a table under `heads`."""
        names = [name for name, _ in self.heads]
        return [
            [by.get(name, "") for name in names]
            for by in ({c.name: c.value for c in row} for row in self.rows)
        ]


@dataclass
class Copy:
    """The whole copy. `withheld` counts texts that nobody has looked through yet."""

    person: Person
    service: Service
    sections: list[Section] = field(default_factory=list)
    withheld: int = 0

    @property
    def kinds_with_nothing(self) -> list[str]:
        """What is kept of some people, and of this one is not."""
        return [section.title for section in self.sections if not section.rows]


def gather(person: Person) -> Copy:
    """Everything held on the person, as may be given out: texts only as far as somebody looked through them."""
    copy = Copy(person, person.service)
    decided = texts.decisions(person)
    origins: dict[Model, set[Any]] = {}
    ids: dict[Model, list[str]] = {}
    for model in _in_order():
        rows = list(_rows(model, person))
        ids[model] = [str(row.pk) for row in rows]
        copy.sections.append(_section(model, [_cells(row, decided, copy) for row in rows]))
        _note_origins(rows, origins)
    copy.sections += [
        _origin(model, keys) for model, keys in sorted(origins.items(), key=lambda o: o[0].__name__)
    ]
    copy.sections.append(_events(person.service, ids))
    return copy


def models_in_a_copy() -> list[Model]:
    """The models whose rows about a person are in their copy."""
    return [model for model in holdings.paths(Person) if model._meta.label not in holdings.NOT_IN_A_COPY]


def around(row: models.Model) -> list[Cell]:
    """What a row says besides the texts in it."""
    free = holdings.free_text_fields(type(row))
    cells = [
        _cell(row, column, _value(row, column)) for column in _columns(type(row)) if column.name not in free
    ]
    return [cell for cell in cells if cell.value]


def _in_order() -> list[Model]:
    """The person first; then as the apps and their models come."""
    return sorted(models_in_a_copy(), key=lambda model: model is not Person)


def _rows(model: Model, person: Person) -> Iterable[models.Model]:
    names = [
        f.name
        for f in model._meta.concrete_fields
        if isinstance(f, models.ForeignKey) and f.name != "service"
    ]
    days = [f.name for f in model._meta.concrete_fields if isinstance(f, models.DateField) and not f.null]
    ids = [person.pk, *merging.merged_into([person.pk])]
    rows = holdings.rows(model, ids).select_related(*names).distinct()
    return rows.order_by(*days[:1], "pk")


def _section(model: Model, rows: list[list[Cell]]) -> Section:
    title = "who you are" if model is Person else str(model._meta.verbose_name_plural)
    about = (model.__doc__ or "").strip().split("\n")[0].split(". ")[0].rstrip(".")
    about = "" if about.startswith(f"{model.__name__}(") else f"{about}."
    return Section(model._meta.label_lower, title[:1].upper() + title[1:], about, rows)


def _cells(row: models.Model, decided: dict[tuple[str, ...], Any], copy: Copy) -> list[Cell]:
    free = holdings.free_text_fields(type(row))
    cells = []
    for column in _columns(type(row)):
        value = _value(row, column)
        if column.name in free and value:
            value, withheld = _free_text(row, column.name, decided)
            copy.withheld += withheld
        cells.append(_cell(row, column, value))
    return cells


def _free_text(row: models.Model, name: str, decided: dict[tuple[str, ...], Any]) -> tuple[str, bool]:
    words = texts.as_words(getattr(row, name))
    text = texts.Text(type(row), row.pk, name, words)
    return texts.released(words, decided.get(tuple(text.address.values())))


def _columns(model: Model) -> list[models.Field]:
    """The fields a person can make something of; that it is about them goes without saying."""
    return [
        column
        for column in model._meta.concrete_fields
        if not (column.primary_key or isinstance(column, _MACHINERY))
        and column.related_model not in (Service, Person)
    ]


def _cell(row: models.Model, column: models.Field, value: str) -> Cell:
    label = str(column.verbose_name)
    return Cell(
        column.name, label[:1].upper() + label[1:], str(holdings.class_of(type(row), column.name)), value
    )


def _value(row: models.Model, column: models.Field) -> str:
    """A field in words; nothing where nothing was supplied."""
    value = getattr(row, column.name)
    if value is None or value == "":
        return ""
    if column.choices:
        return str(getattr(row, f"get_{column.name}_display")())
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(column, models.DateTimeField):
        return date_format(timezone.localtime(value), "j F Y, H:i")
    if isinstance(column, models.DateField):
        return date_format(value, "j F Y")
    if isinstance(value, datetime.time):
        return f"{value:%H:%M}"
    return str(value) if isinstance(value, models.Model) else texts.as_words(value)


def _note_origins(rows: Iterable[models.Model], origins: dict[Model, set[Any]]) -> None:
    """Rows that the person's rows point at and that are about no single person: extracts, lists, questions."""
    own = holdings.paths(Person)
    for row in rows:
        for column in row._meta.concrete_fields:
            target = column.related_model if isinstance(column, models.ForeignKey) else None
            key = getattr(row, column.attname)
            if target and target not in own and target not in (Service, User) and key is not None:
                origins.setdefault(target, set()).add(key)


def _origin(model: Model, keys: set[Any]) -> Section:
    """Only ordinary fields with plain values: what such a row says of other people stays out."""
    names = [f.name for f in model._meta.concrete_fields if isinstance(f, models.ForeignKey)]
    columns = [
        column
        for column in _columns(model)
        if holdings.class_of(model, column.name) is Privacy.ORDINARY
        and isinstance(column, models.CharField | models.DateField | models.ForeignKey | models.IntegerField)
        and not isinstance(column, models.FileField)
    ]
    found = model._base_manager.filter(pk__in=keys).select_related(*names).order_by("pk")
    section = _section(model, [[_cell(row, c, _value(row, c)) for c in columns] for row in found])
    return Section(
        f"from.{section.key}", f"Where it came from: {section.title.lower()}", section.about, section.rows
    )


def _events(service: Service, ids: dict[Model, list[str]]) -> Section:
    """Who opened, changed or shared any of it, from the access log."""
    about = Q(pk=None)
    for model, keys in ids.items():
        if keys:
            about |= Q(target=model._meta.label_lower, target_id__in=keys)
    events = audit.events_of(service).filter(about)
    people = dict(User.objects.values_list("pk", "name"))
    rows = [
        [
            Cell("at", "When", "ordinary", date_format(timezone.localtime(event.at), "j F Y, H:i")),
            Cell("event", "What was done", "ordinary", event.in_words),
            Cell("actor", "By", "personal", people.get(event.actor_id or 0, event.actor)),
            Cell("target", "On", "ordinary", event.target_in_words),
        ]
        for event in events
    ]
    title = "Who opened, changed or shared it"
    return Section("governance.auditevent", title, "From the access log, newest first.", rows)

"""The two pages of docs/reference/ that are written from the privacy declarations of the models."""

from collections.abc import Iterator

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from governance.privacy import FieldPrivacy, Privacy, Scrub
from hiu.keeping.scrub import FEWEST_ALIKE
from hiu.reference import PRIVACY_WORDS, page, table

OURS = ("governance", "cohorts", "casework", "evaluation")
PURPOSES = {
    "governance": "Knowing who is who, who may see what and why, and what people agreed to.",
    "cohorts": "Finding the people who go to A&E more than most, under an agreement that names each field.",
    "casework": "Supporting a person who said yes: contacts, stages, risks and scores.",
    "evaluation": "Saying whether it helped, in figures that point at nobody.",
}
SCRUB_WORDS = {
    Scrub.BLANK: "left out",
    Scrub.NHS_NUMBER: "a number that is never issued",
    Scrub.FIRST_NAME: "an invented first name",
    Scrub.LAST_NAME: "an invented last name",
    Scrub.FULL_NAME: "an invented name",
    Scrub.EMAIL: "an invented address",
    Scrub.BIRTH_DATE: "another day of the same year",
    Scrub.PHONE: "a number kept for drama",
    Scrub.ADDRESS: "an invented address",
    Scrub.POSTCODE: "a postcode that cannot be",
    Scrub.IDENTIFIER: "a random mark",
    Scrub.SENTENCE: "filler of the same length",
    Scrub.SECRET: "something nobody can use",
    Scrub.KEEP: "kept",
}
KEPT_WORDS = f"kept where {FEWEST_ALIKE} or more rows say the same"
TYPE_WORDS: list[tuple[type[models.Field], str]] = [
    (models.EmailField, "e-mail address"),
    (models.FileField, "name of a file"),
    (models.TextField, "text of any length"),
    (models.CharField, "text"),
    (models.BooleanField, "yes or no"),
    (models.DateTimeField, "date and time"),
    (models.DateField, "date"),
    (models.TimeField, "time of day"),
    (models.DecimalField, "number with a decimal point"),
    (models.FloatField, "number"),
    (models.IntegerField, "whole number"),
    (models.UUIDField, "random id"),
    (models.JSONField, "structured data"),
    (models.BinaryField, "bytes"),
    (ArrayField, "list"),
]


def data_dictionary() -> str:
    """Every model and field: what it is, its type, its class, and what a developer copy holds instead."""
    sections = []
    for app in OURS:
        sections.append(f"## {app.capitalize()}\n\n{PURPOSES[app]}")
        for model in _models(app):
            rows = [_field_row(model, field) for field in _fields(model)]
            headings = ("Field", "Means", "Held as", "Class", "In a developer copy")
            sections.append(f"### {model.__name__}\n\n{_docstring(model)}\n\n{table(headings, rows)}")
    return page(
        "Data dictionary",
        "Every row we store, field by field. A field that nobody has classed stops the tests. "
        "The [annex](dpia-annex.md) says the same for a data protection assessment.",
        *sections,
    )


def dpia_annex() -> str:
    """Which personal and special data are held where and what for: an annex for a service's own assessment."""
    headings = ("What is held for it", "Rows of", "Personal", "Special category")
    counted = [
        (app.capitalize(), PURPOSES[app], *(str(_count(app, privacy)) for privacy in Privacy)) for app in OURS
    ]
    sections = []
    for app in OURS:
        rows = [
            (
                _docstring(model),
                f"`{model.__name__}`",
                _names(model, Privacy.PERSONAL),
                _names(model, Privacy.SPECIAL),
            )
            for model in _models(app)
            if _privacy(model).withheld
        ]
        held = table(headings, rows) or "No field about a person."
        sections.append(f"## {app.capitalize()}\n\nPurpose: {PURPOSES[app]}\n\n{held}")
    return page(
        "Annex to a data protection assessment",
        "For the assessment that each service writes for itself: what this software holds about people, where, "
        "and what for. The legal basis, the agreements and the retention periods are the service's to state.",
        table(
            ("App", "Purpose", *(f"{PRIVACY_WORDS[privacy].capitalize()} fields" for privacy in Privacy)),
            counted,
        ),
        "The values of personal and special fields never enter the audit, only that they changed. "
        "Files of extracts are kept beside the database, under `MEDIA_ROOT`.",
        *sections,
    )


def _models(app: str) -> list[type[models.Model]]:
    return sorted(apps.get_app_config(app).get_models(), key=lambda model: model.__name__)


def _fields(model: type[models.Model]) -> Iterator[models.Field]:
    for field in model._meta.local_concrete_fields:
        if not field.primary_key:
            yield field


def _privacy(model: type[models.Model]) -> FieldPrivacy:
    return model.privacy  # type: ignore[attr-defined]


def _field_row(model: type[models.Model], field: models.Field) -> tuple[str, ...]:
    privacy = _privacy(model)
    kind = privacy.class_of(field.name) or Privacy.ORDINARY
    scrub = {**privacy.personal, **privacy.special}.get(field.name)
    instead = SCRUB_WORDS[scrub] if scrub else "as it is"
    if scrub is Scrub.KEEP and _is_free_text(field):
        instead = KEPT_WORDS
    return (f"`{field.name}`", _means(field), _held_as(field), PRIVACY_WORDS[kind], instead)


def _means(field: models.Field) -> str:
    words = str(field.verbose_name)
    return (
        f"{words[:1].upper()}{words[1:]}. {field.help_text}".strip()
        if field.help_text
        else words[:1].upper() + words[1:]
    )


def _held_as(field: models.Field) -> str:
    if isinstance(field, models.ForeignKey):
        return f"link to {field.related_model.__name__}"
    if field.choices:
        return f"one of {len(list(field.flatchoices))}"
    words = next((words for kind, words in TYPE_WORDS if isinstance(field, kind)), field.get_internal_type())
    return f"{words}, up to {field.max_length}" if words == "text" and field.max_length else words


def _is_free_text(field: models.Field) -> bool:
    return isinstance(field, models.CharField | models.TextField) and not field.choices


def _names(model: type[models.Model], privacy: Privacy) -> str:
    found = [
        str(field.verbose_name) for field in _fields(model) if _privacy(model).class_of(field.name) == privacy
    ]
    return ", ".join(found)


def _count(app: str, privacy: Privacy) -> int:
    return sum(_privacy(m).class_of(field.name) == privacy for m in _models(app) for field in _fields(m))


def _docstring(model: type[models.Model]) -> str:
    return " ".join((model.__doc__ or "").split("\n\n")[0].split())

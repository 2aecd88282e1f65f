"""Writing sources and their column mappings."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from cohorts.models import Coverage, ExtractStatus, IdentifierKind, Shape, Source
from cohorts.models.activity import Measure
from cohorts.pipeline.date_order import read_so
from cohorts.pipeline.fields import FIELDS, F
from governance import audit
from governance.models import Agreement, Organisation, Service, User
from governance.rules import RuleBroken


@transaction.atomic
def add(
    *,
    service: Service,
    name: str,
    organisation: Organisation,
    agreement: Agreement,
    by: User | None,
    slug: str = "",
    shape: str = Shape.ATTENDANCES,
    identifier: str = IdentifierKind.NHS_NUMBER,
    measure: str = Measure.AE,
    coverage: str = Coverage.EVERYONE,
    profile: str = "",
    columns: Mapping[str, str] | None = None,
    formats: Mapping[str, Any] | None = None,
) -> Source:
    """A new feed. `columns` is {column of the file: field}; `formats` as a profile's conventions store it.

    Raises:
        RuleBroken: when the agreement is another service's, the short name is taken, or a column is
            mapped to a field that this shape cannot have.
    """
    if agreement.service_id != service.pk:
        raise RuleBroken("This agreement belongs to another service. Choose one of this service's own.")
    if slug and service.sources.filter(slug=slug).exists():
        raise RuleBroken(f'There is a source called "{slug}" already. Choose another short name.')
    _check_columns(columns or {}, shape)
    source = Source.objects.create(
        service=service,
        slug=slug or _free_slug(service, name),
        name=name,
        organisation=organisation,
        agreement=agreement,
        shape=shape,
        identifier=identifier,
        measure=measure,
        coverage=coverage,
        profile=profile,
        columns=dict(columns or {}),
        formats=dict(formats or {}),
    )
    changes = {"slug": source.slug, "agreement": agreement.pk, "columns": len(source.columns)}
    audit.record("source_added", service=service, by=by, on=source, changes=changes)
    return source


@transaction.atomic
def change_mapping(*, source: Source, columns: Mapping[str, str], by: User | None, **reading: str) -> Source:
    """Replace the mapping {column of the file: field}. Extracts loaded before keep what they stored.

    Args:
        reading: of the conventions `date_order`, `day_numbers` and `code_set`; those not given stay.

    Raises:
        RuleBroken: when a field is named twice or cannot be in a file of this shape, or when no
            column is the identifier.
    """
    source = Source.objects.select_for_update(of=["self"]).select_related("service").get(pk=source.pk)
    _check_columns(columns, source.shape)
    _check_mapping(columns, source.identifier, before=source.columns)
    before = {"columns": source.columns, "formats": source.formats}
    source.columns = dict(columns)
    source.formats = read_so(source.conventions, reading).as_json() if reading else source.formats
    source.save(update_fields=["columns", "formats"])
    changes: dict[str, Any] = {
        name: [value, getattr(source, name)]
        for name, value in before.items()
        if value != getattr(source, name)
    }
    audit.record("source_mapping_changed", service=source.service, by=by, on=source, changes=changes)
    return source


@transaction.atomic
def read_as(*, source: Source, by: User | None, **layout: Any) -> Source:
    """Read the files of a source from now on as a profile says; its agreement stays as it is.

    Raises:
        RuleBroken: when a column is mapped to a field that this shape cannot have, or when rows are
            stored already that mean something else.
    """
    source = Source.objects.select_for_update(of=["self"]).select_related("service").get(pk=source.pk)
    _check_columns(layout["columns"], layout["shape"])
    other = [name for name in ("shape", "identifier", "measure") if layout[name] != getattr(source, name)]
    if other and source.extracts.filter(status=ExtractStatus.COMMITTED).exists():
        raise RuleBroken(
            f"Files of {source} are stored already, and this profile means something else by a row ({other[0]}). "
            "Add another source for it."
        )
    for name, value in layout.items():
        setattr(source, name, value)
    source.save(update_fields=list(layout))
    changes = {"profile": source.profile, "columns": len(source.columns)}
    audit.record("source_mapping_changed", service=source.service, by=by, on=source, changes=changes)
    return source


@transaction.atomic
def sample_shown(*, source: Source, by: User | None, columns: int, rows: int) -> None:
    """Note that somebody was shown the first rows of a file, in which people may be named."""
    changes = {"columns": columns, "rows": rows}
    audit.record("source_sample_shown", service=source.service, by=by, on=source, changes=changes)


@transaction.atomic
def cover_listed(*, source: Source, by: User | None) -> None:
    """Say of a source that it tells nothing about people who are not in its files: unknown is not zero."""
    if source.coverage == Coverage.LISTED:
        return
    before, source.coverage = source.coverage, Coverage.LISTED
    source.save(update_fields=["coverage"])
    changes = {"coverage": [before, source.coverage]}
    audit.record("source_coverage_narrowed", service=source.service, by=by, on=source, changes=changes)


def _check_mapping(columns: Mapping[str, str], identifier: str, *, before: Mapping[str, str]) -> None:
    """Two columns of one field are refused, unless they were names of one column in different files before."""
    fields = [field for column, field in columns.items() if before.get(column) != field]
    fields += sorted({field for column, field in columns.items() if before.get(column) == field})
    twice = next((field for field in fields if fields.count(field) > 1), None)
    if twice:
        names = " and ".join(f"“{column}”" for column, field in columns.items() if field == twice)
        raise RuleBroken(f"{names} are both mapped to {FIELDS[F(twice)].label}. Choose one of them.")
    if identifier not in fields:
        label = FIELDS[F(identifier)].label
        raise RuleBroken(f"Choose which column holds the {label}: without it nobody can be told apart.")


def _check_columns(columns: Mapping[str, str], shape: str) -> None:
    for column, field in columns.items():
        if field not in set(F) or shape not in FIELDS[F(field)].shapes:
            raise RuleBroken(f"“{column}” cannot be mapped to “{field}” in a file of this shape.")


def _free_slug(service: Service, name: str) -> str:
    stem = slugify(name)[:45].strip("-") or "source"
    taken = set(service.sources.filter(slug__startswith=stem).values_list("slug", flat=True))
    if stem not in taken:
        return stem
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{stem}-{n}") not in taken)

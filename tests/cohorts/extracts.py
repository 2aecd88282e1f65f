"""Feeds of the shipped layouts and files for them, for the tests of loading."""

import datetime
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File

from cohorts.actions import extract as actions
from cohorts.actions import source as sources
from cohorts.models import Extract, Source
from cohorts.pipeline.fields import FIELDS
from cohorts.pipeline.profile import load
from governance.models import Service
from tests.factories.governance import AgreementFactory, OrganisationFactory

HEADER = (
    "Attendance number,NHS number,First name,Last name,Date of birth,Arrival date,Arrival time,Site,Outcome"
)
ANN = "9990000026"
BOB = "9990000042"


def feed(service: Service, profile: str = "attendances", slug: str = "", **options: Any) -> Source:
    """A source of a shipped layout, under an agreement that names everything unless `allowed` says less."""
    described = load(profile)
    agreement = AgreementFactory(
        service=service,
        allowed_fields=options.pop("allowed", [str(name) for name in FIELDS]),
        valid_from=datetime.date(2020, 1, 1),
        valid_to=None,
    )
    return sources.add(
        service=service,
        slug=slug or profile.replace("_", "-"),
        name=described.title,
        organisation=OrganisationFactory(),
        agreement=agreement,
        by=None,
        shape=described.shape,
        identifier=described.identifier,
        measure=described.measure,
        coverage=described.coverage,
        profile=profile,
        columns=described.file_columns,
        formats=described.conventions.as_json(),
        **options,
    )


def row(key: str, person: str = ANN, on: str = "2026-01-02", **values: str) -> str:
    """One line of the layout `attendances`."""
    defaults = {
        "first": "Ann",
        "last": "Ash",
        "born": "1980-05-06",
        "time": "10:30",
        "site": "North",
        "end": "Admitted",
    }
    v = {**defaults, **values}
    return f"{key},{person},{v['first']},{v['last']},{v['born']},{on},{v['time']},{v['site']},{v['end']}"


def csv_file(*lines: str, header: str = HEADER, name: str = "january.csv") -> ContentFile:
    return ContentFile(("\n".join([header, *lines]) + "\n").encode(), name=name)


def load_rows(source: Source, *lines: str, **options: Any) -> Extract:
    """Load lines the way the command line does."""
    upload = csv_file(*lines, **{k: options.pop(k) for k in ("header", "name") if k in options})
    return actions.load(service=source.service, source=source, upload=upload, by=None, **options)


def load_path(source: Source, path: Path) -> Extract:
    with path.open("rb") as file:
        return actions.load(service=source.service, source=source, upload=File(file, name=path.name), by=None)

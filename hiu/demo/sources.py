"""The agreement and the feed of an invented service."""

from cohorts.actions import source as sources
from cohorts.models import Source
from cohorts.pipeline import profile as profiles
from governance.models import Agreement, Organisation, Service, User

ALLOWED = [
    "nhs_number",
    "attendance_id",
    "first_name",
    "last_name",
    "birth_date",
    "sex",
    "postcode",
    "phone",
    "arrived_on",
    "arrived_time",
    "arrival_mode",
    "attendance_category",
    "site",
    "complaint",
    "disposal",
]


def add_source(service: Service, trust: Organisation, agreement: Agreement, *, by: User) -> Source:
    """One feed under an agreement. The file has a column (Address) that the agreement leaves out."""
    layout = profiles.load("attendances")
    return sources.add(
        service=service,
        slug=f"{service.slug}-ae",
        name=f"A&E attendances, {trust.name.removesuffix(' (invented)')}",
        organisation=trust,
        agreement=agreement,
        profile=layout.name,
        shape=layout.shape,
        identifier=layout.identifier,
        measure=layout.measure,
        coverage=layout.coverage,
        columns=layout.file_columns,
        formats=layout.conventions.as_json(),
        by=by,
    )

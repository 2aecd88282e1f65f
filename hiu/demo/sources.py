"""The agreement and the feed of an invented service."""

import datetime

from cohorts.actions import source as sources
from cohorts.models import Source
from cohorts.pipeline import profile as profiles
from governance.models import Agreement, Frequency, Organisation, Service, User

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


def add_source(
    service: Service, trust: Organisation, host: Organisation, since: datetime.date, *, by: User
) -> Source:
    """One agreement and one feed under it. The file has a column (Address) that the agreement leaves out."""
    agreement = Agreement.objects.create(
        service=service,
        title=f"A&E attendances from {trust.name.removesuffix(' (invented)')}",
        sharer=trust,
        recipient=host,
        purpose="To find the people who attend A&E most often, offer them support, and learn if it helps.",
        allowed_fields=ALLOWED,
        frequency=Frequency.QUARTERLY,
        valid_from=since,
        valid_to=since + datetime.timedelta(days=5 * 365),
    )
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

"""Files that leave the service through a person's hands."""

from django.db import transaction

from cohorts.models import Extract
from governance import audit
from governance.models import User


@transaction.atomic
def rejects_taken(*, extract: Extract, by: User) -> None:
    """Note that somebody downloaded the rejected rows of an extract."""
    audit.record(
        "rejected_rows_downloaded",
        service=extract.service,
        by=by,
        on=extract,
        changes={"rows": extract.rows_rejected},
    )

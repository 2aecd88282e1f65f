from django.db import models

from cohorts.models.extract import Extract
from governance.models import Person, Service
from governance.privacy import FieldPrivacy, Scrub

# What a report reads, and all that stays of a replaced row once the extract cannot be undone any more: by table, the
# columns. It goes with the person.
REPORTED = {
    "cohorts_activity": ("person_id", "extract_id", "measure", "started_on"),
    "governance_person": ("birth_date", "stated_age", "stated_age_on", "sex", "ethnicity", "postcode"),
}


class ReplacedRow(models.Model):
    """What an extract replaced of a row that was there before it, so that the extract can be undone, and so that a
    report frozen before can be worked out again. Only the second lasts longer than the file of the extract.

    Only rows that were changed are kept, and of each only the columns that were. Triggers write them while
    an extract is being stored (migration keep_replaced), whichever statement makes the change.
    """

    noted_by = "extract"

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="replaced_rows")
    extract = models.ForeignKey(Extract, on_delete=models.PROTECT, related_name="replaced_rows")
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_rows"
    )
    table = models.CharField(max_length=40)
    row = models.CharField("id of the row", max_length=40)
    before = models.JSONField("the columns as they were")

    privacy = FieldPrivacy(special={"before": Scrub.BLANK}, ordinary="service extract person table row")

    class Meta:
        ordering = ["pk"]
        constraints = [
            # The first state counts, however often the extract touches a row.
            models.UniqueConstraint(fields=["extract", "table", "row"], name="replaced_row_once")
        ]

    def __str__(self) -> str:
        return f"Row {self.row} of {self.table} before extract {self.extract_id}"

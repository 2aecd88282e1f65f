import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from cohorts.models.source import Source
from governance.models import AgreementVersion, Service, User
from governance.privacy import FieldPrivacy, Scrub


class ExtractStatus(models.TextChoices):
    RECEIVED = "received", "Waiting to be checked"
    CHECKING = "checking", "Being checked"
    PREVIEWED = "previewed", "Ready for you to look at"
    COMMITTING = "committing", "Being stored"
    COMMITTED = "committed", "Stored"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Thrown away before storing"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Stored and then undone"


# Of these nothing is stored and nothing will be, so the same file may come again.
GONE = (ExtractStatus.REFUSED, ExtractStatus.WITHDRAWN, ExtractStatus.UNDONE)


def stored_name(extract: "Extract", filename: str) -> str:
    """A random name outside the web root: what a sender calls a file never becomes a path."""
    return f"extracts/{extract.service_id}/{uuid.uuid4().hex}"


class Extract(models.Model):
    """One received file of a source, and the ledger of what was done with it."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="extracts")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="extracts")
    file = models.FileField(upload_to=stored_name)
    original_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField("bytes")
    received_at = models.DateTimeField(default=timezone.now)
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # The day the sender's counts are true for; needed for the one-row-per-person shape.
    as_at = models.DateField(null=True, blank=True)

    status = models.CharField(max_length=12, choices=ExtractStatus, default=ExtractStatus.RECEIVED)
    stage_label = models.CharField(max_length=100, blank=True)
    progress = models.PositiveSmallIntegerField("percent done", default=0)
    restarts = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(blank=True)

    rows_read = models.PositiveIntegerField(default=0)
    rows_kept = models.PositiveIntegerField(default=0)
    rows_new = models.PositiveIntegerField(default=0)
    rows_changed = models.PositiveIntegerField(default=0)
    rows_duplicate = models.PositiveIntegerField(default=0)
    rows_rejected = models.PositiveIntegerField(default=0)
    # Of the rejected rows those that wait, or will, until it is known whose they are.
    rows_unmatched = models.PositiveIntegerField("rows kept without an NHS number", default=0)
    people_new = models.PositiveIntegerField(default=0)
    people_matched = models.PositiveIntegerField(default=0)
    people_corrected = models.PositiveIntegerField("people whose corrected details it contradicts", default=0)
    reject_reasons = models.JSONField(default=dict, blank=True)
    reject_examples = models.JSONField(default=list, blank=True)
    # Rows that differ from those sent before, with the old and the new value of each column.
    changed_examples = models.JSONField(default=list, blank=True)
    # Cells left empty in rows that were kept, by what was wrong with them.
    notes = models.JSONField(default=dict, blank=True)
    columns_dropped = models.JSONField(default=list, blank=True)
    # The version of the agreement the file was checked under; extracts from before versions have none.
    agreement_version = models.ForeignKey(
        AgreementVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # The data request it answers: then it speaks for the people that names and its days, and for nobody else.
    answers = models.ForeignKey(
        "cohorts.DataRequest", on_delete=models.PROTECT, null=True, blank=True, related_name="answered_by"
    )
    # Rows of people whom the agreement does not reach, by reason; see cohorts/pipeline/limit.py.
    rows_dropped = models.PositiveIntegerField(default=0)
    drop_reasons = models.JSONField(default=dict, blank=True)
    # Sentences about the file as a whole.
    remarks = models.JSONField(default=list, blank=True)
    period_from = models.DateField(null=True, blank=True)
    period_to = models.DateField(null=True, blank=True)
    # Both stand beside the file under MEDIA_ROOT; rows that passed, and rows that did not.
    checked_file = models.CharField(max_length=255, blank=True)
    rejects_file = models.CharField(max_length=255, blank=True)

    committed_at = models.DateTimeField(null=True, blank=True)
    committed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    seconds = models.FloatField(null=True, blank=True)
    # People it added have ids above the first number and up to the second; extracts from before undo have none.
    people_above = models.BigIntegerField(null=True, blank=True)
    people_up_to = models.BigIntegerField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # When retention removed the upload and what stood beside it; what was stored of it stays.
    file_deleted_at = models.DateTimeField(null=True, blank=True)

    privacy = FieldPrivacy(
        personal={"original_name": Scrub.IDENTIFIER, "reject_examples": Scrub.BLANK},
        special={"changed_examples": Scrub.BLANK},
        ordinary="service source file sha256 size received_at received_by as_at status stage_label "
        "progress restarts problem rows_read rows_kept rows_new rows_changed rows_duplicate "
        "rows_rejected rows_unmatched rows_dropped people_new people_matched people_corrected reject_reasons drop_reasons "
        "notes remarks columns_dropped agreement_version answers period_from period_to checked_file rejects_file "
        "committed_at committed_by seconds people_above people_up_to undone_at undone_by file_deleted_at",
    )

    class Meta:
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="committed") | Q(committed_at__isnull=False),
                name="extract_committed_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="undone") | Q(undone_at__isnull=False), name="extract_undone_has_time"
            ),
            models.CheckConstraint(
                condition=~Q(status="refused") | ~Q(problem=""), name="extract_refused_has_problem"
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="extract_progress_percent"),
        ]
        indexes = [models.Index(fields=["source", "sha256"], name="extract_same_bytes")]

    def __str__(self) -> str:
        return f"Extract {self.pk} of {self.source}"

    @property
    def is_busy(self) -> bool:
        """Whether a worker has it, or should have."""
        return self.status in (
            ExtractStatus.RECEIVED,
            ExtractStatus.CHECKING,
            ExtractStatus.COMMITTING,
            ExtractStatus.UNDOING,
        )

"""How long records are kept, what is held back, and what went."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from governance.models.insert_only import InsertOnlyModel
from governance.models.organisation import Service
from governance.models.person import Person
from governance.models.user import User
from governance.privacy import FieldPrivacy, Scrub


class KeepingTime(InsertOnlyModel):
    """How long a service keeps one class of records from now on. The newest row of a class stands."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="keeping_times")
    # A key of governance.retention.CLASSES; the unit (days or years) is the class's.
    record_class = models.CharField(max_length=30)
    number = models.PositiveIntegerField("how long")
    reason = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(
        ordinary="service record_class number reason at by",
    )

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(number__gte=1), name="keeping_time_not_zero")]

    def __str__(self) -> str:
        return f"{self.record_class}: {self.number}"


class LegalHold(models.Model):
    """Nothing of this person, or of this class, is deleted while the hold stands."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="legal_holds")
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="legal_holds"
    )
    record_class = models.CharField(max_length=30, blank=True)
    reason = models.CharField(max_length=300)
    held_from = models.DateField()
    placed_at = models.DateTimeField(default=timezone.now)
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    lift_reason = models.CharField("why it was lifted", max_length=300, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    privacy = FieldPrivacy(
        special={"reason": Scrub.SENTENCE, "lift_reason": Scrub.SENTENCE},
        ordinary="service person record_class held_from placed_at placed_by lifted_at lifted_by",
    )

    class Meta:
        ordering = ["-placed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, record_class="") | (Q(person=None) & ~Q(record_class="")),
                name="legal_hold_person_or_class",
            ),
            models.UniqueConstraint(
                fields=["service", "person", "record_class"],
                condition=Q(lifted_at=None),
                nulls_distinct=False,
                name="legal_hold_once",
                violation_error_message="There is a hold already. Lift that one first.",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None, lift_reason="")
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lift_reason="")),
                name="legal_hold_lifted_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"Hold from {self.held_from:%-d %B %Y}"


class PurgeRun(InsertOnlyModel):
    """What one run of the retention schedule found and removed of a class, in counts."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="purge_runs")
    record_class = models.CharField(max_length=30)
    due = models.PositiveIntegerField()
    purged = models.PositiveIntegerField()
    held = models.PositiveIntegerField()
    people = models.PositiveIntegerField(default=0)
    # The search that proves it: how many columns and files were read, and where a purged person is still named.
    columns_searched = models.PositiveIntegerField(default=0)
    files_searched = models.PositiveIntegerField(default=0)
    found = models.JSONField(default=dict, blank=True)
    in_files = models.PositiveIntegerField("files still kept that name them", default=0)
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        ordinary="service record_class due purged held people columns_searched files_searched found in_files at",
    )

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.record_class}: {self.purged} purged"

    @property
    def found_count(self) -> int:
        """In how many texts a purged person is still named."""
        return sum(self.found.values())

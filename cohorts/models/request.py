from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from cohorts.models.activity import Measure
from cohorts.models.source import Source
from governance.models import AgreementVersion, Person, Service, User
from governance.models.insert_only import InsertOnlyModel
from governance.privacy import FieldPrivacy


class DataRequest(InsertOnlyModel):
    """A file that told a sender about whom we ask: a disclosure to it, and what its answer covers."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="data_requests")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="data_requests")
    # Made by the form, so that a second press asks once.
    key = models.UUIDField(unique=True)
    # None for an agreement written before versions were kept.
    agreement_version = models.ForeignKey(
        AgreementVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    measures = ArrayField(models.CharField(max_length=12, choices=Measure))
    period_from = models.DateField()
    period_to = models.DateField()
    number = models.PositiveIntegerField("people asked about")
    content_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(
        ordinary="service source key agreement_version measures period_from period_to number content_hash "
        "made_at made_by",
    )

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(period_to__gte=F("period_from")),
                name="data_request_ends_after_start",
                violation_error_message="The last day cannot be before the first.",
            ),
        ]

    def __str__(self) -> str:
        return f"Data request {self.pk} of {self.made_at:%-d %B %Y}"

    @property
    def in_words(self) -> str:
        """When it was made, about how many people and which days."""
        people = "1 person" if self.number == 1 else f"{self.number:,} people"
        return (
            f"The request of {timezone.localdate(self.made_at):%-d %B %Y} about {people}, "
            f"{self.period_from:%-d %B %Y} to {self.period_to:%-d %B %Y}"
        )


class DataRequestPerson(InsertOnlyModel):
    """Somebody whose number was in a data request."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="requested_people")
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="people")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="data_requests")

    privacy = FieldPrivacy(ordinary="service request person")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["request", "person"], name="data_request_person_once")]

    def __str__(self) -> str:
        return f"Person {self.person_id} in data request {self.request_id}"

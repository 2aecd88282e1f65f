import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from governance.models.organisation import Organisation, Service
from governance.privacy import FieldPrivacy
from governance.rules import agreement_problem


class Frequency(models.TextChoices):
    DAILY = "daily", "Every day"
    WEEKLY = "weekly", "Every week"
    MONTHLY = "monthly", "Every month"
    QUARTERLY = "quarterly", "Every three months"
    ONCE = "once", "Once"


class Agreement(models.Model):
    """An information sharing agreement: what one organisation may send to a service, and why."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="agreements")
    title = models.CharField(max_length=200)
    sharer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    purpose = models.TextField()
    allowed_fields = ArrayField(
        models.CharField(max_length=40), help_text="Only these fields are kept from an extract."
    )
    threshold = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Attendances at or above which a person may be sent."
    )
    threshold_months = models.PositiveSmallIntegerField(null=True, blank=True)
    top_n = models.PositiveIntegerField("at most this many people", null=True, blank=True)
    frequency = models.CharField(max_length=10, choices=Frequency, default=Frequency.QUARTERLY)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    privacy = FieldPrivacy(
        ordinary="service title sharer recipient purpose allowed_fields threshold threshold_months top_n "
        "frequency valid_from valid_to",
    )

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["service", "title"], name="agreement_title_once"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=models.F("valid_from")),
                name="agreement_ends_after_start",
                violation_error_message="The last day cannot be before the first.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def problem_on(self, day: datetime.date) -> str | None:
        """Why nothing may be loaded under this agreement that day, or None."""
        return agreement_problem(day, valid_from=self.valid_from, valid_to=self.valid_to, title=self.title)

    @property
    def fields_in_words(self) -> list[str]:
        """The allowed fields as people say them."""
        return [
            name.replace("_", " ").replace("nhs", "NHS").replace("gp ", "GP ") for name in self.allowed_fields
        ]

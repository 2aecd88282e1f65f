from django.db import models
from django.utils import timezone

from casework import safety
from casework.models.case import Case
from governance.models import Service, User
from governance.privacy import FieldPrivacy, Scrub


class RiskLevel(models.TextChoices):
    NOTE = "note", "Be aware"
    PAIR = "pair", "Visit in pairs"
    NO_VISIT = "no_visit", "No home visits"


AREAS = [(area, label) for area, (label, _) in safety.AREAS.items()]


class Risk(models.Model):
    """Something a worker must know before knocking. Ended by a day, never deleted."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="risks")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="risks")
    level = models.CharField(max_length=10, choices=RiskLevel)
    # Which part of the risk form; empty where it was noted by itself.
    area = models.CharField(max_length=13, choices=AREAS, blank=True)
    detail = models.CharField("what to know", max_length=300)
    source = models.CharField("who says so", max_length=100)
    review_on = models.DateField()
    noted_at = models.DateTimeField(default=timezone.now)
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    privacy = FieldPrivacy(
        personal={"source": Scrub.SENTENCE},
        special={"detail": Scrub.SENTENCE},
        ordinary="service case level area review_on noted_at noted_by ended_at ended_by",
    )

    class Meta:
        ordering = ["-noted_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_by=None)
                | models.Q(ended_at__isnull=False, ended_by__isnull=False),
                name="risk_ended_pair",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()}: {self.detail}"

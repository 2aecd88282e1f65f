from django.db import models
from django.db.models import Q
from django.utils import timezone

from casework.models.case import Case
from cohorts.models import Extract
from governance.models import Service, User
from governance.privacy import FieldPrivacy, Scrub


class ReappearanceAnswer(models.TextChoices):
    """What was done about it."""

    TAKEN_UP = "taken_up", "Support goes on"
    NOTED = "noted", "Noted; nothing more is needed"


class ReappearanceQuerySet(models.QuerySet["Reappearance"]):
    def standing(self) -> "ReappearanceQuerySet":
        """Those that nobody has answered, and whose extract was not taken back."""
        return self.filter(answered_at=None, withdrawn_at=None)


class Reappearance(models.Model):
    """An extract brought new attendances of somebody whose support had ended or was down to a light touch."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="reappearances")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reappearances")
    extract = models.ForeignKey(Extract, on_delete=models.PROTECT, related_name="reappearances")
    attendances = models.PositiveIntegerField()
    # Of single attendances the first and the last day. Of a count: the months it covers, and the day it is true for.
    first_on = models.DateField(null=True, blank=True)
    months = models.PositiveSmallIntegerField("months that were counted", null=True, blank=True)
    last_on = models.DateField()
    raised_at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=10, choices=ReappearanceAnswer, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # Its extract was undone before anybody answered.
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ReappearanceQuerySet.as_manager()

    privacy = FieldPrivacy(
        special={"attendances": Scrub.KEEP, "first_on": Scrub.KEEP, "last_on": Scrub.KEEP},
        ordinary="service case extract months raised_at answer answered_at answered_by withdrawn_at",
    )

    class Meta:
        ordering = ["-raised_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["extract", "case"], name="reappearance_once_per_extract"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="reappearance_answered_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"Reappearance {self.pk}"

from django.db import models
from django.db.models import F, Q

from governance.models.organisation import Service
from governance.models.user import User
from governance.privacy import FieldPrivacy, Scrub


class FactorReset(models.Model):
    """Somebody lost their second factor. One person asks, another answers; the database says it too."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="factor_resets")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="factor_resets")
    reason = models.CharField(max_length=300)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    approved = models.BooleanField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    privacy = FieldPrivacy(
        personal={"reason": Scrub.SENTENCE},
        ordinary="user service asked_by asked_at approved decided_by decided_at",
    )

    class Meta:
        verbose_name = "request for a new second factor"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "user"],
                condition=Q(decided_at=None),
                name="factor_reset_one_open",
                violation_error_message="There is an open request for this person already.",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | (~Q(decided_by=F("asked_by")) & ~Q(decided_by=F("user"))),
                name="factor_reset_two_people",
                violation_error_message="A second person must answer this request.",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, approved=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False, approved__isnull=False),
                name="factor_reset_answer_whole",
                violation_error_message="An answer needs who gave it and when.",
            ),
        ]

    def __str__(self) -> str:
        return f"New second factor for {self.user}"

from django.db import models
from django.db.models import Q
from django.utils import timezone

from governance.models.organisation import Organisation, Service
from governance.models.user import User
from governance.privacy import FieldPrivacy, Scrub


class PartnerQuerySet(models.QuerySet["Partner"]):
    def in_use(self) -> "PartnerQuerySet":
        """Partners that something may be shared with, by name."""
        return self.filter(ended_at=None).select_related("organisation").order_by("organisation__name")


class Partner(models.Model):
    """An organisation that a service may share information with. Ended by a day, never deleted."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="partners")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    send_to = models.CharField("where it goes", max_length=200, blank=True)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = PartnerQuerySet.as_manager()

    privacy = FieldPrivacy(
        personal={"send_to": Scrub.EMAIL},
        ordinary="service organisation added_at added_by ended_at ended_by",
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "organisation"],
                condition=Q(ended_at=None),
                name="partner_once_per_service",
                violation_error_message="This organisation is a partner already.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="partner_ended_pair",
            ),
        ]

    def __str__(self) -> str:
        return self.organisation.name

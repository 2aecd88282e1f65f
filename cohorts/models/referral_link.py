import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from governance.models import Organisation, Service, User
from governance.privacy import FieldPrivacy, Scrub


class ReferralSource(models.TextChoices):
    """Who sends people without a list."""

    PSYCHIATRIC_LIAISON = "psychiatric_liaison", "Psychiatric liaison"
    ALCOHOL_TEAM = "alcohol_team", "Alcohol team"
    GP = "gp", "GP practice"
    AMBULANCE = "ambulance", "Ambulance service"
    POLICE = "police", "Police"
    SELF = "self", "The person themselves"
    OTHER = "other", "Somebody else"


class ReferralLinkQuerySet(models.QuerySet["ReferralLink"]):
    def in_force(self, on: datetime.date) -> "ReferralLinkQuerySet":
        """Links that open the form on a day."""
        return self.filter(ended_at=None, expires_on__gte=on)


class ReferralLink(models.Model):
    """An address by which one organisation refers without an account. Ended by a day, never deleted."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="referral_links")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=20, choices=ReferralSource)
    team = models.CharField("team, as it should stand on a referral", max_length=100, blank=True)
    # SHA-256 of the secret in the address: whoever reads the database cannot refer.
    token_hash = models.CharField(max_length=64, unique=True)
    expires_on = models.DateField("last day on which it works")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ReferralLinkQuerySet.as_manager()

    privacy = FieldPrivacy(
        personal={"token_hash": Scrub.SECRET},
        ordinary="service organisation source team expires_on made_at made_by ended_at ended_by",
    )

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="referral_link_ended_pair",
            )
        ]

    def __str__(self) -> str:
        return f"{self.team}, {self.organisation}" if self.team else str(self.organisation)

    def works_on(self, day: datetime.date) -> bool:
        """Whether it opens the form that day."""
        return self.ended_at is None and day <= self.expires_on

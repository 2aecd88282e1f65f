import datetime
from typing import cast

from django.db import models
from django.utils import timezone

from governance.models.insert_only import InsertOnlyModel, InsertOnlyQuerySet
from governance.models.organisation import Service
from governance.models.user import User
from governance.privacy import FieldPrivacy, Scrub


class SafeguardingLeadQuerySet(InsertOnlyQuerySet):
    def on(self, day: datetime.date) -> "SafeguardingLead | None":
        """Who it is that day: the newest row, unless its last day has passed."""
        newest = cast("SafeguardingLead | None", self.order_by("-named_at", "-pk").first())
        return newest if newest and (newest.ends_on is None or newest.ends_on >= day) else None


class SafeguardingLead(InsertOnlyModel):
    """Whom a service asks when somebody may be in danger. The newest row stands; they need no account."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="safeguarding_leads")
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=120)
    contact = models.CharField(max_length=120)
    ends_on = models.DateField("last day", null=True, blank=True)
    named_at = models.DateTimeField(default=timezone.now)
    named_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = SafeguardingLeadQuerySet.as_manager()  # type: ignore[misc]

    privacy = FieldPrivacy(
        personal={"name": Scrub.FULL_NAME, "contact": Scrub.BLANK},
        ordinary="service role ends_on named_at named_by",
    )

    class Meta:
        ordering = ["-named_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.role} of {self.service}"

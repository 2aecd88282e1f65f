from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from casework.models.case import Case
from governance.models import Service, User
from governance.privacy import FieldPrivacy, Scrub


class HeldQuerySet(models.QuerySet["HeldContact"]):
    def waiting_for(self, user: User) -> "HeldQuerySet":
        """Those that this user is to put right: their own, unless somebody took them over, and what they took over."""
        return self.filter(Q(by=user, taken_over_by=None) | Q(taken_over_by=user))


class HeldContact(models.Model):
    """A contact written without a network that could not be logged as it was.

    It waits for its author, or for the lead who took it over, who puts it right or throws it away; then the row
    is gone and a SettledEntry stays.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="held_contacts")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    # The case it names, where there is one of that code in the service.
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="held_contacts"
    )
    # The id the phone gave it, which becomes the key of the contact.
    key = models.UUIDField(unique=True)
    written_at = models.DateTimeField("written at, by the phone's clock")
    received_at = models.DateTimeField(default=timezone.now)
    reason = models.CharField("why it was not logged", max_length=500)
    # As a form is sent, so that the form can be shown again.
    content = models.TextField()
    taken_over_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    taken_over_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[HeldQuerySet] = HeldQuerySet.as_manager()  # type: ignore[assignment]

    privacy = FieldPrivacy(
        special={"content": Scrub.SENTENCE, "reason": Scrub.SENTENCE},
        ordinary="service by case key written_at received_at taken_over_by taken_over_at",
    )

    class Meta:
        ordering = ["written_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_over_by=None, taken_over_at=None)
                | Q(taken_over_by__isnull=False, taken_over_at__isnull=False),
                name="held_taken_over_whole",
            )
        ]

    def __str__(self) -> str:
        return f"Contact held {self.pk}"

    @property
    def keeper_id(self) -> int:
        """Whoever it waits for."""
        return self.taken_over_by_id or self.by_id


class SettledEntry(models.Model):
    """The key of a held contact that was logged or thrown away, and nothing of what it said.

    A phone whose receipt was lost sends it again: then it is known, and does not come back.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="settled_entries")
    key = models.UUIDField(unique=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField("written at, by the phone's clock")
    settled_at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(ordinary="service key by written_at settled_at")

    class Meta:
        ordering = ["-settled_at", "-pk"]
        verbose_name_plural = "settled entries"

    def __str__(self) -> str:
        return f"Entry settled {self.pk}"

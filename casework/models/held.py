from django.db import models
from django.utils import timezone

from casework.models.case import Case
from governance.models import Service, User
from governance.privacy import FieldPrivacy, Scrub


class HeldContact(models.Model):
    """A contact written without a network that could not be logged as it was.

    It waits for its author, who puts it right or throws it away; then the row is gone.
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

    privacy = FieldPrivacy(
        special={"content": Scrub.SENTENCE, "reason": Scrub.SENTENCE},
        ordinary="service by case key written_at received_at",
    )

    class Meta:
        ordering = ["written_at", "pk"]

    def __str__(self) -> str:
        return f"Contact held {self.pk}"

from django.db import models
from django.db.models import Q
from django.utils import timezone

from casework.models.case import Case
from governance.models import Service, User
from governance.models.insert_only import InsertOnlyModel
from governance.privacy import FieldPrivacy, Scrub


class ContactKind(models.TextChoices):
    CALL = "call", "Phone call"
    TEXT = "text", "Text message"
    HOME = "home", "Visit at home"
    ELSEWHERE = "elsewhere", "Met somewhere else"
    WARD = "ward", "Saw them on a ward or in A&E"
    ACCOMPANIED = "accompanied", "Went along to an appointment"
    ON_BEHALF = "on_behalf", "Spoke to someone on their behalf"
    LETTER = "letter", "Letter or card"


class ContactOutcome(models.TextChoices):
    REACHED = "reached", "Reached them"
    NO_ANSWER = "no_answer", "No answer"
    NOT_ABLE = "not_able", "They were not able to talk or come"
    NOT_NOW = "not_now", "They said not now"
    SAID_NO = "said_no", "They said no to support"
    DONE = "done", "Done (nobody to reach)"


class Contact(InsertOnlyModel):
    """Anything a link worker did with or for a client, or tried to."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="contacts")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="contacts")
    # Made by the form, so that a retry after a lost answer stores one contact, not two.
    key = models.UUIDField(unique=True)
    happened_at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=ContactKind)
    outcome = models.CharField(max_length=10, choices=ContactOutcome)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.TextField(blank=True)
    next_contact_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    logged_at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        special={"note": Scrub.SENTENCE},
        ordinary="service case key happened_at kind outcome minutes next_contact_on by logged_at",
    )

    class Meta:
        ordering = ["-happened_at", "-pk"]
        indexes = [models.Index(fields=["case", "-happened_at"], name="contact_timeline")]
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes=None) | Q(minutes__lte=1440),
                name="contact_minutes_in_a_day",
                violation_error_message="A contact cannot last longer than a day (1,440 minutes).",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_outcome_display().lower()}"

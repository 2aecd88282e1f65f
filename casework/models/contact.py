from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from casework.models.case import Case
from casework.rules import MISSED, NOT_TOWARDS_THE_PERSON
from governance.models import Service, User
from governance.models.insert_only import InsertOnlyModel, InsertOnlyQuerySet
from governance.privacy import FieldPrivacy, Scrub


class ContactKind(models.TextChoices):
    CALL = "call", "Phone call"
    RANG = "rang", "They rang us"
    TEXT = "text", "Text message"
    HOME = "home", "Visit at home"
    ELSEWHERE = "elsewhere", "Met somewhere else"
    WARD = "ward", "Saw them on a ward or in A&E"
    ACCOMPANIED = "accompanied", "Went along to an appointment"
    ON_BEHALF = "on_behalf", "Spoke to someone on their behalf"
    LETTER = "letter", "Letter or card"
    WORK = "work", "Work for them, nobody spoken to"


class ContactOutcome(models.TextChoices):
    REACHED = "reached", "Reached them"
    NO_ANSWER = "no_answer", "No answer"
    NOT_ABLE = "not_able", "They were not able to talk or come"
    NOT_NOW = "not_now", "They said not now"
    SAID_NO = "said_no", "They said no to support"
    DONE = "done", "Done (nobody to reach)"


class StandingContacts(models.Manager.from_queryset(InsertOnlyQuerySet)):  # type: ignore[misc]
    """Contacts that were not taken back: what every page, count and report means by a contact."""

    def get_queryset(self) -> InsertOnlyQuerySet:
        contacts: InsertOnlyQuerySet = super().get_queryset()
        return contacts.filter(taken_back=None)

    def towards(self) -> InsertOnlyQuerySet:
        """Without those that were not towards the person (casework.rules.is_towards)."""
        kind, unanswered = MISSED
        rows: InsertOnlyQuerySet = self.exclude(kind__in=NOT_TOWARDS_THE_PERSON)
        return rows.exclude(kind=kind, outcome__in=unanswered)


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
    travel_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    # The others in one meeting or one round of calls, as the worker names them.
    partners = models.CharField("who else took part", max_length=300, blank=True)
    note = models.TextField(blank=True)
    next_contact_on = models.DateField(null=True, blank=True)
    # The plan that this contact took the place of, for when it is taken back.
    replaced_next_on = models.DateField(null=True, blank=True)
    late_reason = models.CharField("why it was logged late", max_length=200, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    logged_at = models.DateTimeField(default=timezone.now)
    # By the clock of the phone, where it was written without a network and sent later.
    written_at = models.DateTimeField("written on a phone at", null=True, blank=True)

    objects: ClassVar[StandingContacts] = StandingContacts()

    privacy = FieldPrivacy(
        special={
            "note": Scrub.SENTENCE,
            "late_reason": Scrub.SENTENCE,
            "partners": Scrub.SENTENCE,
        },
        ordinary="service case key happened_at kind outcome minutes travel_minutes next_contact_on"
        " replaced_next_on by logged_at written_at",
    )

    class Meta:
        ordering = ["-happened_at", "-pk"]
        indexes = [models.Index(fields=["case", "-happened_at"], name="contact_timeline")]
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes=None) | Q(minutes__lte=1440),
                name="contact_minutes_in_a_day",
                violation_error_message="A contact cannot last longer than a day (1,440 minutes).",
            ),
            models.CheckConstraint(
                condition=Q(travel_minutes=None) | Q(travel_minutes__lte=1440),
                name="contact_travel_in_a_day",
                violation_error_message="Travel cannot take longer than a day (1,440 minutes).",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_outcome_display().lower()}"


class ContactTakenBack(InsertOnlyModel):
    """A contact logged by mistake and taken back within minutes; from then on nothing counts it."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="contacts_taken_back")
    contact = models.OneToOneField(Contact, on_delete=models.PROTECT, related_name="taken_back")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(ordinary="service contact by at")

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "contacts taken back"

    def __str__(self) -> str:
        return f"{self.contact} taken back"

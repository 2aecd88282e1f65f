"""What somebody asked for about their own data, and what was answered."""

import datetime

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from governance.models.insert_only import InsertOnlyModel
from governance.models.organisation import Service
from governance.models.person import Person
from governance.models.user import User
from governance.privacy import FieldPrivacy, Scrub


def _pair(name: str) -> Q:
    """Who and when are both known, or neither is."""
    at, by = f"{name}_at", f"{name}_by"
    return Q(**{at: None, by: None}) | Q(**{f"{at}__isnull": False, f"{by}__isnull": False})


class SubjectRequest(models.Model):
    """Somebody asked for a copy of everything held on them (UK GDPR, article 15)."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="subject_requests")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="subject_requests")
    received_on = models.DateField()
    identity = models.CharField("how identity was checked", max_length=300)
    due_on = models.DateField("to be answered by")
    extended_to = models.DateField(null=True, blank=True)
    extension_reason = models.CharField(max_length=300, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    extended_at = models.DateTimeField(null=True, blank=True)
    extended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # A second person who looked through the texts; not every service has one.
    seconded_at = models.DateTimeField(null=True, blank=True)
    seconded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    privacy = FieldPrivacy(
        # Told to the person anyway, so not texts to look through.
        personal={"identity": Scrub.BLANK, "extension_reason": Scrub.BLANK},
        ordinary="service person received_on due_on extended_to opened_at opened_by extended_at extended_by "
        "seconded_at seconded_by released_at released_by",
    )

    class Meta:
        ordering = ["-received_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "person"],
                condition=Q(released_at=None),
                name="subject_request_one_open",
                violation_error_message="This person already has a request that is not answered yet.",
            ),
            *(
                models.CheckConstraint(condition=_pair(name), name=f"subject_request_{name}_pair")
                for name in ("extended", "seconded", "released")
            ),
        ]

    def __str__(self) -> str:
        return f"Request of {self.received_on:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("governance:subject_request", args=[self.pk])

    @property
    def answer_by(self) -> object:
        """The day it must be answered by: one month on, or as extended."""
        return self.extended_to or self.due_on


class TextDecision(models.TextChoices):
    KEEP = "keep", "Give it out as it is"
    CUT = "cut", "Take some words out"
    WHOLE = "whole", "Leave the whole text out"
    ASK = "ask", "Ask somebody first"


class FreeText(models.Model):
    """One text of a person's record that may speak of somebody else, and what of it may be given out."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="free_texts")
    request = models.ForeignKey(SubjectRequest, on_delete=models.PROTECT, related_name="texts")
    # Which row and field: "casework.contact", its id, "note".
    row_model = models.CharField(max_length=60)
    row_id = models.CharField(max_length=40)
    row_field = models.CharField(max_length=60)
    # A keyed hash of the text that was decided on: if it changes, it is looked at again.
    digest = models.CharField(max_length=64)
    decision = models.CharField(max_length=10, choices=TextDecision, blank=True)
    # [start, end] of what is taken out, in characters; no words, so that they are kept once.
    cuts = models.JSONField(default=list, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    privacy = FieldPrivacy(
        personal={"reason": Scrub.SENTENCE, "digest": Scrub.BLANK},
        ordinary="service request row_model row_id row_field decision cuts decided_at decided_by",
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "row_model", "row_id", "row_field", "digest"], name="free_text_once"
            ),
            models.CheckConstraint(condition=_pair("decided"), name="free_text_decided_pair"),
            models.CheckConstraint(
                condition=Q(decision__in=["", "keep"]) | ~Q(reason=""),
                name="free_text_reason",
                violation_error_message="Say why.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row_model} {self.row_id}, {self.row_field}"

    def get_absolute_url(self) -> str:
        return reverse("governance:free_text", args=[self.pk])

    @property
    def in_words(self) -> str:
        """What it is, such as "Contact 12: note"."""
        model = apps.get_model(self.row_model)
        field = next(each for each in model._meta.concrete_fields if each.name == self.row_field)
        return f"{model._meta.verbose_name} {self.row_id}: {field.verbose_name}".capitalize()

    @property
    def is_open(self) -> bool:
        """Whether it still keeps the copy from being given out."""
        return self.decision in ("", TextDecision.ASK)


# What can be put right on a form. Who somebody is (NHS number, pseudonym) comes from the sender alone:
# the next extract would make another person of the old number.
CORRECTABLE = (
    "first_name",
    "last_name",
    "birth_date",
    "sex",
    "ethnicity",
    "address",
    "postcode",
    "phone",
    "gp_practice",
    "communication_needs",
    "died_on",
    "moved_on",
)


def correctable_choices() -> list[tuple[str, str]]:
    """The fields with their names in plain words."""
    labels = {field.name: str(field.verbose_name) for field in Person._meta.concrete_fields}
    fields = ((name, labels[name]) for name in CORRECTABLE)
    return [(name, words[:1].upper() + words[1:]) for name, words in fields]


class Correction(InsertOnlyModel):
    """A wrong detail of a person that was put right; extracts loaded later leave the field alone."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="corrections")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="corrections")
    field = models.CharField("what was wrong", max_length=30, choices=correctable_choices())
    before = models.CharField("as it was", max_length=300, blank=True)
    after = models.CharField("as it is now", max_length=300, blank=True)
    reason = models.CharField("why it was changed", max_length=300)
    told = models.CharField("who was told", max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(
        personal={
            "before": Scrub.BLANK,
            "after": Scrub.BLANK,
            "reason": Scrub.SENTENCE,
            "told": Scrub.SENTENCE,
        },
        ordinary="service person field at by",
    )

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_field_display()} corrected"

    @property
    def in_words(self) -> str:
        """What changed, with days as people write them."""
        return f"“{_day_or_text(self.before)}” became “{_day_or_text(self.after)}”"


def _day_or_text(stored: str) -> str:
    try:
        return f"{datetime.date.fromisoformat(stored):%-d %B %Y}"
    except ValueError:
        return stored or "not supplied"


class ObjectionScope(models.TextChoices):
    PROCESSING = "processing", "Any use of their data"
    EVALUATION = "evaluation", "Use of their data in evaluation"
    CONTACT = "contact", "Being contacted"


class ObjectionDecision(models.TextChoices):
    PENDING = "pending", "We are looking at it, and have stopped meanwhile"
    UPHELD = "upheld", "We have stopped"
    DECLINED = "declined", "We go on, and have told them why"
    WITHDRAWN = "withdrawn", "They took it back"


class Objection(InsertOnlyModel):
    """A person objected to a use of their data, or asked to restrict it. The newest row of a scope stands."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="objections")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="objections")
    scope = models.CharField(max_length=12, choices=ObjectionScope)
    decision = models.CharField(max_length=10, choices=ObjectionDecision)
    words = models.CharField("what the person said", max_length=500, blank=True)
    reason = models.CharField("why we decided so", max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(
        special={"words": Scrub.SENTENCE, "reason": Scrub.SENTENCE},
        ordinary="service person scope decision at by",
    )

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["service", "person", "scope", "-at"], name="objection_latest")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(decision="declined") | ~Q(reason=""),
                name="objection_declined_has_reason",
                violation_error_message="Say why we go on.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_scope_display()}: {self.get_decision_display().lower()}"


class OptOutSource(models.TextChoices):
    MESH = "mesh", "Checked against the national list (MESH)"
    SPINE = "spine", "Looked up on the Spine"
    TOLD = "told", "The person told us"


class OptOut(InsertOnlyModel):
    """Whether a person has a national data opt-out, as known on a day. The newest row stands."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="opt_outs")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="opt_outs")
    opted_out = models.BooleanField()
    source = models.CharField(max_length=10, choices=OptOutSource)
    checked_on = models.DateField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    privacy = FieldPrivacy(
        special={"opted_out": Scrub.KEEP},
        ordinary="service person source checked_on at by",
    )

    class Meta:
        ordering = ["-checked_on", "-pk"]
        verbose_name = "national data opt-out"
        indexes = [models.Index(fields=["service", "person", "-checked_on"], name="opt_out_latest")]

    def __str__(self) -> str:
        state = "Opted out" if self.opted_out else "No opt-out"
        return f"{state}, known on {self.checked_on:%-d %B %Y}"

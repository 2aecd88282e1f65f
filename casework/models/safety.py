from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from casework import safety
from casework.models.case import Case
from casework.models.risk import RiskLevel
from governance.models import Service, User
from governance.models.insert_only import InsertOnlyModel
from governance.privacy import FieldPrivacy, Scrub

ANSWERS = [
    (safety.NOT_KNOWN, "Not known yet"),
    (safety.NOTHING_KNOWN, "Nothing to worry about"),
    *RiskLevel.choices,
]


class RiskCheck(InsertOnlyModel):
    """The risk form, filled in before a first visit and again later. What it finds stands as risks."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="risk_checks")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="risk_checks")
    mobility = models.CharField(max_length=8, choices=ANSWERS)
    communication = models.CharField(max_length=8, choices=ANSWERS)
    to_self = models.CharField(max_length=8, choices=ANSWERS)
    to_staff = models.CharField(max_length=8, choices=ANSWERS)
    from_others = models.CharField(max_length=8, choices=ANSWERS)
    source = models.CharField("who says so", max_length=100)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        personal={"source": Scrub.SENTENCE},
        special=dict.fromkeys(safety.AREAS, Scrub.KEEP),
        ordinary="service case by at",
    )

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"Risk form of {timezone.localtime(self.at):%-d %B %Y}"


class VisitPlace(models.TextChoices):
    HOME = safety.HOME, "At their home"
    ELSEWHERE = "elsewhere", "Somewhere else"


class Visit(models.Model):
    """A worker goes in and says when they will be back; whoever does not come out is asked after."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="visits")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="visits")
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    companion = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # Somebody from outside the service who goes along.
    other_companion = models.CharField(max_length=100, blank=True)
    place = models.CharField(max_length=9, choices=VisitPlace, default=VisitPlace.HOME)
    starts_at = models.DateTimeField()
    due_back_at = models.DateTimeField()
    planned_at = models.DateTimeField(default=timezone.now)
    planned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    went_in_at = models.DateTimeField(null=True, blank=True)
    came_out_at = models.DateTimeField(null=True, blank=True)
    came_out_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    called_off_at = models.DateTimeField(null=True, blank=True)
    called_off_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # When it was noticed that they are overdue.
    alarm_at = models.DateTimeField(null=True, blank=True)

    privacy = FieldPrivacy(
        personal={"other_companion": Scrub.FULL_NAME},
        ordinary="service case worker companion place starts_at due_back_at planned_at planned_by went_in_at"
        " came_out_at came_out_by called_off_at called_off_by alarm_at",
    )

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(
                fields=["service", "starts_at"],
                condition=Q(came_out_at=None, called_off_at=None),
                name="visit_open",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_back_at__gt=F("starts_at")), name="visit_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(came_out_at=None, came_out_by=None)
                | Q(came_out_at__isnull=False, came_out_by__isnull=False),
                name="visit_came_out_pair",
            ),
            models.CheckConstraint(
                condition=Q(called_off_at=None, called_off_by=None)
                | Q(called_off_at__isnull=False, called_off_by__isnull=False),
                name="visit_called_off_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"Visit of {timezone.localtime(self.starts_at):%-d %B %Y, %H:%M}"

    @property
    def is_pair(self) -> bool:
        """Whether somebody goes along."""
        return self.companion_id is not None or bool(self.other_companion.strip())


class NeedFormat(models.TextChoices):
    """Formats and support that the NHS Accessible Information Standard names, and a few services met."""

    EASY_READ = "easy_read", "Easy read"
    LARGE_PRINT = "large_print", "Large print"
    BRAILLE = "braille", "Braille"
    AUDIO = "audio", "Read out or recorded"
    BSL = "bsl", "British Sign Language interpreter"
    LIPREAD = "lipread", "Face to face, to lipread"
    LANGUAGE = "language", "Interpreter of another language"
    TEXT_ONLY = "text_only", "Text messages, no calls"
    CALL_ONLY = "call_only", "Calls, nothing in writing"
    ADVOCATE = "advocate", "Somebody with them who speaks for them"
    LONGER = "longer", "More time"


class AccessNeeds(InsertOnlyModel):
    """What somebody needs to read, hear and be understood (Accessible Information Standard, DAPB1605).

    The newest row of a person stands, also when it says that they need nothing.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="access_needs")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="access_needs")
    needs = models.CharField("needs in their words", max_length=300, blank=True)
    formats = ArrayField(models.CharField(max_length=12, choices=NeedFormat), default=list, blank=True)
    # Of a carer or parent who gets our letters or calls.
    carer_needs = models.CharField("needs of a carer", max_length=300, blank=True)
    met = models.CharField("how we meet them", max_length=300, blank=True)
    review_on = models.DateField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        special={
            "needs": Scrub.SENTENCE,
            "formats": Scrub.KEEP,
            "carer_needs": Scrub.SENTENCE,
            "met": Scrub.SENTENCE,
        },
        ordinary="service case review_on by at",
    )

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "access needs"

    def __str__(self) -> str:
        return f"Needs asked on {timezone.localtime(self.at):%-d %B %Y}"

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from casework.models.case import Case
from governance.models import Consent, Partner, Purpose, Service, ShareItem, User, in_words
from governance.models.insert_only import InsertOnlyModel
from governance.privacy import FieldPrivacy, Scrub


class Basis(models.TextChoices):
    """What allows one act of sharing. All but the first need a reason and somebody's authority."""

    CONSENT = "consent", "The person said yes"
    SAFEGUARDING = "safeguarding", "Safeguarding"
    VITAL = "vital", "To protect somebody's life (vital interests)"
    LEGAL = "legal", "A legal duty"
    PUBLIC = "public", "Overriding public interest"


class ShareChannel(models.TextChoices):
    SECURE_MAIL = "secure_mail", "Secure e-mail"
    PHONE = "phone", "By phone"
    IN_PERSON = "in_person", "In person, such as in a meeting"
    PAPER = "paper", "On paper"
    FILE = "file", "As a file in the PRSB standard"


class Disclosure(InsertOnlyModel):
    """One act of sharing information with an organisation.

    What was shared is kept as items, field names and a hash. The content is not stored a second time:
    the receipt builds it again, as at the moment of sharing, and shows it while the hash agrees. Only
    `helps` stands nowhere else.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="disclosures")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="disclosures")
    # Made by the form, so that a second press shares once.
    key = models.UUIDField(unique=True)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="disclosures")
    basis = models.CharField(max_length=12, choices=Basis)
    consent = models.ForeignKey(
        Consent, on_delete=models.PROTECT, null=True, blank=True, related_name="disclosures"
    )
    purpose = models.CharField(max_length=12, choices=Purpose, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    authority = models.CharField("who authorised it", max_length=200, blank=True)
    items = ArrayField(models.CharField(max_length=12, choices=ShareItem), default=list, blank=True)
    fields = ArrayField(models.CharField(max_length=60))
    helps = models.CharField("what helps them", max_length=1000, blank=True)
    content_hash = models.CharField(max_length=64)
    channel = models.CharField(max_length=12, choices=ShareChannel)
    recipient = models.CharField("who received it", max_length=200, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(
        personal={"authority": Scrub.FULL_NAME, "recipient": Scrub.FULL_NAME},
        special={"reason": Scrub.SENTENCE, "helps": Scrub.SENTENCE},
        ordinary="service case key partner basis consent purpose items fields content_hash channel made_at "
        "made_by",
    )

    class Meta:
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["service", "-made_at"], name="disclosure_newest")]
        constraints = [
            models.CheckConstraint(
                condition=(Q(basis="consent", consent__isnull=False) & ~Q(purpose=""))
                | (~Q(basis="consent") & Q(consent=None) & ~Q(reason="") & ~Q(authority="")),
                name="disclosure_has_a_basis",
                violation_error_message="Write why it is shared and who authorised it.",
            )
        ]

    def __str__(self) -> str:
        return f"Disclosure {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("casework:disclosure", args=[self.pk])

    @property
    def why(self) -> str:
        """The basis in words, with the purpose where a yes named one."""
        if self.basis != Basis.CONSENT:
            return str(self.get_basis_display())
        return f"{self.get_basis_display()}: {self.get_purpose_display().lower()}"

    @property
    def what(self) -> str:
        """Everything that was shared, in one line."""
        return in_words(self.items, first="Name and date of birth")


class RecallNotice(models.Model):
    """The person took a yes back: a partner who received something under it is told, and answers."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="recall_notices")
    disclosure = models.OneToOneField(Disclosure, on_delete=models.PROTECT, related_name="recall")
    # The no that ended the yes.
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="recalls")
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.CharField("what the partner answered", max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    privacy = FieldPrivacy(
        special={"answer": Scrub.SENTENCE},
        ordinary="service disclosure consent made_at sent_at sent_by answered_at answered_by",
    )

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at=None, sent_by=None) | Q(sent_at__isnull=False, sent_by__isnull=False),
                name="recall_sent_pair",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, answer="")
                | (
                    Q(answered_at__isnull=False, answered_by__isnull=False, sent_at__isnull=False)
                    & ~Q(answer="")
                ),
                name="recall_answered_after_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"Recall notice {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("casework:recall", args=[self.pk])

    @property
    def state(self) -> str:
        """Where it stands, in words."""
        if self.sent_at is None:
            return "To be sent"
        return "Answered" if self.answered_at else "Sent, no answer yet"

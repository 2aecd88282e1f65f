import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from governance import data_items, rules
from governance.models.impact import ImpactAssessment
from governance.models.insert_only import InsertOnlyModel
from governance.models.organisation import Organisation, Service
from governance.models.user import User
from governance.privacy import FieldPrivacy, Scrub


class Frequency(models.TextChoices):
    DAILY = "daily", "Every day"
    WEEKLY = "weekly", "Every week"
    MONTHLY = "monthly", "Every month"
    QUARTERLY = "quarterly", "Every three months"
    ONCE = "once", "Once"


class Article6(models.TextChoices):
    """Lawful bases of UK GDPR, Article 6(1), the usual one of an NHS service first."""

    PUBLIC_TASK = "e", "6(1)(e): a task in the public interest or official authority"
    LEGAL_OBLIGATION = "c", "6(1)(c): a legal obligation"
    VITAL_INTERESTS = "d", "6(1)(d): to protect somebody's life"
    LEGITIMATE_INTERESTS = "f", "6(1)(f): legitimate interests (not for public authorities' tasks)"
    CONSENT = "a", "6(1)(a): consent"
    CONTRACT = "b", "6(1)(b): a contract with the person"


class Article9(models.TextChoices):
    """Conditions for health data of UK GDPR, Article 9(2)."""

    CARE = "h", "9(2)(h): health or social care, or managing it"
    PUBLIC_HEALTH = "i", "9(2)(i): public health"
    SUBSTANTIAL_INTEREST = "g", "9(2)(g): substantial public interest"
    VITAL_INTERESTS = "c", "9(2)(c): to protect the life of somebody who cannot consent"
    RESEARCH = "j", "9(2)(j): archiving, research or statistics"
    EXPLICIT_CONSENT = "a", "9(2)(a): explicit consent"


class Confidentiality(models.TextChoices):
    """What sets the common-law duty of confidentiality aside: the second lock, beside UK GDPR."""

    IMPLIED = "implied", "Consent, implied for the person's own care"
    EXPLICIT = "explicit", "Consent, asked for and given"
    STATUTE = "statute", "A law or section 251 support"
    PUBLIC_INTEREST = "public_interest", "An overriding public interest"


class Operator(models.TextChoices):
    MORE_THAN = ">", "more than"
    AT_LEAST = ">=", "at least"


class AgeGroup(models.TextChoices):
    """Whom an agreement is about, by age. Young people need one that says so."""

    ADULTS = "adults", "Adults only: nobody known to be under 18 is put on a list"
    UNDER_18 = "under_18", "Also people under 18"


class Standing(models.TextChoices):
    DRAFT = "draft", "Draft"
    UNCHECKED = "unchecked", "In use, not signed"
    SIGNED = "signed", "Signed"


# Every term, in the order of the form; what a new version repeats or changes.
TERMS = (
    "sharer_department", "purpose", "article_6", "article_9", "confidentiality", "allowed_fields",
    "age_group", "threshold_operator", "threshold", "threshold_months", "recent_months", "top_n", "frequency",
    "valid_from", "valid_to", "review_on", "dpia", "dpia_link", "no_dpia_reason", "equality", "rights",
)  # fmt: skip


class AgreementTerms(models.Model):
    """What an agreement says: the same columns on the agreement, which acts, and on each of its versions."""

    sharer_department = models.CharField(max_length=120, blank=True)
    purpose = models.TextField()
    article_6 = models.CharField(max_length=1, choices=Article6, blank=True)
    article_9 = models.CharField(max_length=1, choices=Article9, blank=True)
    confidentiality = models.CharField(max_length=20, choices=Confidentiality, blank=True)
    allowed_fields = ArrayField(
        models.CharField(max_length=40), help_text="Only these fields are kept from an extract."
    )
    age_group = models.CharField(max_length=10, choices=AgeGroup, default=AgeGroup.ADULTS)
    threshold_operator = models.CharField(max_length=2, choices=Operator, default=Operator.AT_LEAST)
    threshold = models.PositiveSmallIntegerField(null=True, blank=True)
    threshold_months = models.PositiveSmallIntegerField(null=True, blank=True)
    recent_months = models.PositiveSmallIntegerField(null=True, blank=True)
    top_n = models.PositiveIntegerField("at most this many people", null=True, blank=True)
    frequency = models.CharField(max_length=10, choices=Frequency, default=Frequency.QUARTERLY)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    dpia = models.ForeignKey(
        ImpactAssessment, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    dpia_link = models.CharField(max_length=300, blank=True)
    no_dpia_reason = models.TextField(blank=True)
    equality = models.ForeignKey(
        ImpactAssessment, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    rights = models.TextField(blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=models.F("valid_from")),
                name="%(class)s_ends_after_start",
                violation_error_message="The last day cannot be before the first.",
            ),
            models.CheckConstraint(
                condition=Q(threshold=None, threshold_months=None)
                | Q(threshold__isnull=False, threshold_months__isnull=False),
                name="%(class)s_threshold_has_months",
                violation_error_message="Enter both a number of attendances and in how many months, or neither.",
            ),
        ]

    @property
    def fields_in_words(self) -> list[str]:
        """The allowed fields as people say them."""
        return [data_items.label(name) for name in self.allowed_fields]

    @property
    def reach_in_words(self) -> str:
        """Which people may be sent."""
        return rules.reach_in_words(
            operator=self.threshold_operator,
            threshold=self.threshold,
            months=self.threshold_months,
            recent_months=self.recent_months,
            top_n=self.top_n,
        )

    def terms(self) -> dict[str, Any]:
        """Every term, as an action takes it."""
        return {name: getattr(self, name) for name in TERMS}


class Agreement(AgreementTerms):
    """An information sharing agreement: what one organisation may send to a service, and why.

    Its terms are those that act today: of the version that was signed last, or the newest while none was.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="agreements")
    title = models.CharField(max_length=200)
    sharer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    # Rows written by a command, or before signatures were kept, are in use until somebody signs them.
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.UNCHECKED)
    version = models.PositiveSmallIntegerField(default=1)
    # Repeats the newest row of `suspensions`.
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    suspended_why = models.CharField(max_length=300, blank=True)

    privacy = FieldPrivacy(
        ordinary="service title sharer recipient standing version suspended_at suspended_by suspended_why "
        + " ".join(TERMS),
    )

    class Meta(AgreementTerms.Meta):
        abstract = False
        ordering = ["title", "pk"]
        constraints = [
            *AgreementTerms.Meta.constraints,
            models.UniqueConstraint(fields=["service", "title"], name="agreement_title_once"),
            models.CheckConstraint(
                condition=Q(suspended_at=None) | ~Q(suspended_why=""), name="agreement_suspended_says_why"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def problem_on(self, day: datetime.date, reader: rules.Reader = rules.Reader.REFUSED) -> str | None:
        """Why nothing may be loaded under this agreement that day, or None."""
        return rules.agreement_problem(
            day,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            title=self.title,
            is_draft=self.standing == Standing.DRAFT,
            suspended_on=timezone.localdate(self.suspended_at) if self.suspended_at else None,
            suspended_why=self.suspended_why,
            reader=reader,
        )

    def warnings_on(self, day: datetime.date, reader: rules.Reader = rules.Reader.REFUSED) -> list[str]:
        """What somebody should see to, though loads go on; nothing where they do not, which is said alone."""
        if self.problem_on(day):
            return []
        return rules.agreement_warnings(
            day,
            title=self.title,
            is_signed=self.standing == Standing.SIGNED,
            review_on=self.review_on,
            valid_to=self.valid_to,
            reader=reader,
        )

    @property
    def acting(self) -> "AgreementVersion | None":
        """The version whose terms act; None for a row written before versions were kept."""
        return self.versions.filter(number=self.version).first()


class AgreementVersion(AgreementTerms, InsertOnlyModel):
    """The terms of an agreement as somebody wrote them; a change of mind is another version."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="agreement_versions")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    why = models.CharField("why it was changed", max_length=300, blank=True)
    written_at = models.DateTimeField(default=timezone.now)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    privacy = FieldPrivacy(
        ordinary="service agreement number why written_at written_by " + " ".join(TERMS),
    )

    class Meta(AgreementTerms.Meta):
        abstract = False
        ordering = ["-number"]
        constraints = [
            *AgreementTerms.Meta.constraints,
            models.UniqueConstraint(fields=["agreement", "number"], name="agreementversion_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.agreement.title}, version {self.number}"

    @property
    def acts(self) -> bool:
        """Whether loads go by it; nothing of a draft acts yet."""
        return self.number == self.agreement.version and self.agreement.standing != Standing.DRAFT


class Signature(InsertOnlyModel):
    """Somebody signed one version for one of its parties; it acts when both parties have."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="signatures")
    version = models.ForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="signatures")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=120)
    signed_on = models.DateField()
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(
        personal={"name": Scrub.FULL_NAME},
        ordinary="service version organisation role signed_on recorded_at recorded_by",
    )

    class Meta:
        ordering = ["signed_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "organisation", "name"], name="signature_once_per_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}, {self.organisation}"


class SuspensionDecision(models.TextChoices):
    SUSPENDED = "suspended", "Suspended"
    LIFTED = "lifted", "Lifted"


class Suspension(InsertOnlyModel):
    """Somebody stopped an agreement, or let it act again; the newest row stands."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="suspensions")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="suspensions")
    decision = models.CharField(max_length=10, choices=SuspensionDecision)
    why = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(ordinary="service agreement decision why at by")

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_decision_display()}: {self.why}"

import datetime
from collections.abc import Collection

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from governance.models.insert_only import InsertOnlyModel
from governance.models.organisation import Service
from governance.models.partner import Partner
from governance.models.person import Person
from governance.models.user import User
from governance.privacy import FieldPrivacy, Scrub
from governance.standing import Matter


class ConsentScope(models.TextChoices):
    SUPPORT = "support", "Support from this service"
    SHARE = "share", "Sharing with a partner organisation"
    EVALUATION = "evaluation", "Use of attendance figures in evaluation"
    PUBLISH = "publish", "Publishing their story, without their name"
    # Before partners were named. Such a yes can be taken back, but nothing is shared under it.
    SHARE_GP = "share_gp", "Sharing with the GP practice"
    SHARE_TRUST = "share_trust", "Sharing with the hospital"
    SHARE_COUNCIL = "share_council", "Sharing with the council"


UNNAMED_PARTNERS = frozenset({ConsentScope.SHARE_GP, ConsentScope.SHARE_TRUST, ConsentScope.SHARE_COUNCIL})


class Purpose(models.TextChoices):
    """What something is shared for."""

    CARE = "care", "Their care and support"
    CRISIS_CARD = "crisis_card", "A crisis plan card"
    MDT = "mdt", "Team meetings about their care (MDT)"
    EVALUATION = "evaluation", "Finding out whether support helps"


class ShareItem(models.TextChoices):
    """What may be shared beyond who it is about. A yes names those it covers."""

    NHS_NUMBER = "nhs_number", "NHS number"
    CONTACT = "contact", "Phone number and address"
    NEEDS = "needs", "Communication needs"
    HELPS = "helps", "What helps them, in plain words"
    SUPPORT = "support", "That we support them, who, and since when"
    ATTENDANCES = "attendances", "How often they used emergency services"
    RISKS = "risks", "Risk notes"


def in_words(items: Collection[str], *, first: str = "") -> str:
    """Items in one line: Phone number and address; risk notes."""
    words = [first] if first else []
    text = "; ".join([*words, *(item.label for item in ShareItem if item in items)])
    return text[:1] + text.lower().replace("nhs", "NHS")[1:]


class ConsentDecision(models.TextChoices):
    GIVEN = "given", "Said yes"
    REFUSED = "refused", "Said no"
    WITHDRAWN = "withdrawn", "Took it back"


class ConsentMethod(models.TextChoices):
    SPOKEN = "spoken", "Spoken"
    PHONE = "phone", "By phone"
    WRITTEN = "written", "In writing"
    TEXT = "text", "By text message"
    REFERRER = "referrer", "Said to the person who referred them"


class MentalCapacity(models.TextChoices):
    """Mental Capacity Act 2005: capacity is about one decision at one time, and assumed unless shown otherwise."""

    HAD = "had", "They had the capacity to decide this"
    LACKED = "lacked", "They lacked capacity, and it was decided in their best interests"


class Consent(InsertOnlyModel):
    """A person's decision on one matter. The newest row of a matter stands; no row is ever edited."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="consents")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consents")
    scope = models.CharField(max_length=20, choices=ConsentScope)
    # Sharing names the partner, the purpose and what may be shared; the other scopes have none of them.
    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="consents"
    )
    purpose = models.CharField(max_length=12, choices=Purpose, blank=True)
    items = ArrayField(
        models.CharField(max_length=12, choices=ShareItem), default=list, blank=True, verbose_name="covers"
    )
    decision = models.CharField(max_length=10, choices=ConsentDecision)
    method = models.CharField(max_length=10, choices=ConsentMethod)
    words = models.CharField("what the person said", max_length=500, blank=True)
    told = models.CharField("what the person was told", max_length=500, blank=True)
    # Blank in rows from before it was asked.
    capacity = models.CharField(max_length=6, choices=MentalCapacity, blank=True)
    capacity_note = models.CharField("how capacity was judged", max_length=500, blank=True)
    best_interests = models.CharField("who decided in their best interests", max_length=200, blank=True)
    # The last day on which a yes stands.
    stands_until = models.DateField(null=True, blank=True)
    decided_at = models.DateTimeField()
    # When somebody wrote it down, which may be later: until then no report could know of it.
    recorded_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(
        personal={"best_interests": Scrub.FULL_NAME},
        special={
            "words": Scrub.SENTENCE,
            "told": Scrub.SENTENCE,
            "capacity": Scrub.KEEP,
            "capacity_note": Scrub.SENTENCE,
        },
        ordinary="service person scope partner purpose items decision method stands_until decided_at "
        "recorded_at by",
    )

    class Meta:
        ordering = ["-decided_at", "-pk"]
        indexes = [models.Index(fields=["person", "scope", "-decided_at"], name="consent_latest")]
        constraints = [
            models.CheckConstraint(
                condition=(Q(scope="share", partner__isnull=False) & ~Q(purpose=""))
                | (~Q(scope="share") & Q(partner=None, purpose="", items=[])),
                name="consent_sharing_is_named",
                violation_error_message="Choose with whom and what for it is shared.",
            ),
            models.CheckConstraint(
                condition=~Q(capacity="lacked") | (~Q(capacity_note="") & ~Q(best_interests="")),
                name="consent_capacity_note",
                violation_error_message="Write how capacity was judged and who decided.",
            ),
            models.CheckConstraint(
                condition=Q(stands_until=None) | Q(decision="given"), name="consent_only_a_yes_ends"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_scope_display()}: {self.get_decision_display()}"

    @property
    def matter(self) -> Matter:
        """What it is about, as the rules count it."""
        return Matter(self.scope, self.partner_id, self.purpose)

    @property
    def subject(self) -> str:
        """What it is about, in words; asks for the organisation unless it was selected with the row."""
        if self.partner is None:
            return str(self.get_scope_display())
        return f"Sharing with {self.partner}: {self.get_purpose_display().lower()}"

    @property
    def decided_on(self) -> datetime.date:
        """The day of the decision here."""
        return timezone.localdate(self.decided_at)

    @property
    def written_down_later(self) -> bool:
        """Whether somebody wrote it down on a later day than it was made here."""
        return timezone.localdate(self.recorded_at) > self.decided_on

    @property
    def answer(self) -> str:
        """The decision in words; where somebody else decided, it says so."""
        if self.capacity == MentalCapacity.LACKED:
            return (
                "Yes, in their best interests" if self.decision == "given" else "No, in their best interests"
            )
        return str(self.get_decision_display())

    @property
    def covers(self) -> str:
        """What a yes covers, beyond who it is about."""
        return in_words(self.items)

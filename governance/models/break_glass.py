import datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from governance.models.insert_only import InsertOnlyModel, InsertOnlyQuerySet
from governance.models.organisation import Membership, Service
from governance.models.person import Person
from governance.models.user import User
from governance.privacy import FieldPrivacy, Scrub
from governance.roles import ROLES, Permission


class OpeningReason(models.TextChoices):
    COVER = "cover", "I am covering for a colleague"
    GOT_IN_TOUCH = "got_in_touch", "The person, or somebody for them, got in touch"
    URGENT = "urgent", "It is urgent: somebody may be at risk"
    ASKED = "asked", "A lead or another service asked me to"
    OTHER = "other", "Something else"


class BreakGlassQuerySet(InsertOnlyQuerySet):
    def valid(self, user: User, at: datetime.datetime) -> "BreakGlassQuerySet":
        """What the user may still open at that moment."""
        return self.filter(by=user, until__gt=at)

    def unreviewed(self) -> "BreakGlassQuerySet":
        """Those that nobody has reviewed, oldest first."""
        return self.filter(review=None).order_by("at", "pk")

    def for_ig_lead(self, before: datetime.date) -> "BreakGlassQuerySet":
        """Unreviewed and overdue, or opened by somebody who would otherwise review it."""
        reviewers = [role for role, it in ROLES.items() if Permission.REVIEW_OPENINGS in it.permissions]
        own = Membership.objects.filter(service=OuterRef("service"), user=OuterRef("by"), role__in=reviewers)
        return self.unreviewed().filter(Q(at__date__lt=before) | Exists(own))


class BreakGlass(InsertOnlyModel):
    """Somebody opened a record outside their caseload, gave a reason, and has access for some hours."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="break_glasses")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="break_glasses")
    reason = models.CharField(max_length=20, choices=OpeningReason)
    words = models.CharField("in their own words", max_length=300)
    # The record was sealed and the reason was given all the same.
    sealed = models.BooleanField(default=False)
    # Kept here, since who reads the report of openings reaches no name.
    same_last_name = models.BooleanField(default=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()

    objects = BreakGlassQuerySet.as_manager()  # type: ignore[misc]  # the base has one of its own

    privacy = FieldPrivacy(
        special={"words": Scrub.SENTENCE},
        ordinary="service person reason sealed same_last_name by at until",
    )

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = "opening with a reason"
        verbose_name_plural = "openings with a reason"
        indexes = [models.Index(fields=["person", "by", "-until"], name="break_glass_valid")]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("at")), name="break_glass_ends_after_start")
        ]

    def __str__(self) -> str:
        return f"{self.by} opened {self.person}: {self.get_reason_display()}"


class ReviewOutcome(models.TextChoices):
    OK = "ok", "There was a need to know"
    FOLLOW_UP = "follow_up", "This needs following up"


class BreakGlassReview(InsertOnlyModel):
    """Somebody else looked at an opening, and said whether there was a need. Final: one to an opening."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="break_glass_reviews")
    opening = models.OneToOneField(BreakGlass, on_delete=models.PROTECT, related_name="review")
    outcome = models.CharField(max_length=10, choices=ReviewOutcome)
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        special={"note": Scrub.SENTENCE},
        ordinary="service opening outcome by at",
    )

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="follow_up", note=""),
                name="break_glass_follow_up_has_note",
                violation_error_message="Say what needs following up.",
            )
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()

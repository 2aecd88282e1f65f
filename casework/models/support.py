from django.db import models
from django.db.models import Q
from django.utils import timezone

from casework import support
from casework.models.case import Case
from governance.models import Service, User
from governance.models.insert_only import InsertOnlyModel
from governance.privacy import FieldPrivacy, Scrub


class WayOfWorking(InsertOnlyModel):
    """How a service makes a first contact and how long it supports somebody. The newest row stands."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="ways_of_working")
    # [{"kind", "after_days"}] in the order of the tries.
    ladder = models.JSONField()
    ask_again_days = models.PositiveSmallIntegerField(default=28)
    # Empty where support has no fixed end.
    weeks = models.PositiveSmallIntegerField(null=True, blank=True)
    review_weeks = models.PositiveSmallIntegerField(null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(ordinary="service ladder ask_again_days weeks review_weeks by at")

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "ways of working"

    def __str__(self) -> str:
        return self.way.words

    @property
    def way(self) -> support.Way:
        """The row as the rules read it."""
        return support.from_told(
            {name: getattr(self, name) for name in ("ladder", "ask_again_days", "weeks", "review_weeks")}
        )


class OriginTold(InsertOnlyModel):
    """Somebody asked how we got their number, and this was read out to them."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="origins_told")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="origins_told")
    words = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(personal={"words": Scrub.SENTENCE}, ordinary="service case by at")

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "origins told"

    def __str__(self) -> str:
        return self.words


class CaseReview(InsertOnlyModel):
    """Worker and client looked at how support goes, and how long it goes on. The newest row stands."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="case_reviews")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reviews")
    words = models.CharField("what was said", max_length=500, blank=True)
    next_on = models.DateField("next review", null=True, blank=True)
    # Where support goes on longer than the service's weeks, or ends sooner.
    until = models.DateField("support goes on until", null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        special={"words": Scrub.SENTENCE},
        ordinary="service case next_on until by at",
    )

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"Review on {timezone.localtime(self.at):%-d %B %Y}"


class Boundaries(InsertOnlyModel):
    """What worker and client agreed about being in touch. The newest row stands."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="boundaries")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="boundaries")
    ring_when = models.CharField("when may they ring", max_length=200, blank=True)
    answer_within = models.CharField("when will we answer", max_length=200, blank=True)
    otherwise = models.CharField("whom they ring at other times", max_length=200, blank=True)
    rhythm_days = models.PositiveSmallIntegerField("days between contacts", null=True, blank=True)
    calls_a_week = models.PositiveSmallIntegerField("at most so many calls a week", null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        personal={
            "ring_when": Scrub.SENTENCE,
            "answer_within": Scrub.SENTENCE,
            "otherwise": Scrub.SENTENCE,
        },
        ordinary="service case rhythm_days calls_a_week by at",
    )

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "boundaries"
        constraints = [
            models.CheckConstraint(
                condition=Q(rhythm_days=None) | Q(rhythm_days__range=(1, 92)),
                name="boundaries_rhythm",
                violation_error_message="Agree on 1 to 92 days between contacts.",
            )
        ]

    def __str__(self) -> str:
        return f"They ring {self.ring_when}; we answer {self.answer_within}"

from django.db import models
from django.db.models import Q
from django.utils import timezone

from casework.experience import (
    OF_A_CASE,
    RATING_LABELS,
    RULING_LABELS,
    WAY_LABELS,
    WHO_LABELS,
    Ruling,
    Way,
    Who,
)
from casework.models.case import Case
from governance.models import Service, User
from governance.models.insert_only import InsertOnlyModel
from governance.privacy import FieldPrivacy, Scrub


def _choices(labels: dict) -> list[tuple[str, str]]:
    return [(each.value, label) for each, label in labels.items()]


class ExperienceAnswer(InsertOnlyModel):
    """How somebody found the service, in their words. Without a case nobody can say later whose answer it was."""

    # Words of people, also where no case leads to one.
    describes_people = True

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="experience_answers")
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="experience_answers"
    )
    who = models.CharField("who answered", max_length=12, choices=_choices(WHO_LABELS), default=Who.PERSON)
    rating = models.CharField("how it was", max_length=12, choices=_choices(RATING_LABELS))
    way = models.CharField(
        "how they were asked", max_length=12, choices=_choices(WAY_LABELS), default=Way.IN_PERSON
    )
    answered_on = models.DateField()
    words = models.TextField("in their words", blank=True)
    # They agreed that their words may be quoted without their name.
    may_quote = models.BooleanField(default=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        special={"rating": Scrub.KEEP, "words": Scrub.SENTENCE},
        ordinary="service case who way answered_on may_quote by at",
    )

    class Meta:
        ordering = ["-answered_on", "-pk"]
        indexes = [models.Index(fields=["service", "-answered_on"], name="experience_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(case=None) | Q(who__in=[who.value for who in OF_A_CASE]),
                name="experience_case_of_client",
                violation_error_message="Only what a client or their carer says is kept with a case.",
            )
        ]

    def __str__(self) -> str:
        return f"Answer about the service, {self.answered_on:%-d %B %Y}"


class ExperienceRuling(InsertOnlyModel):
    """Whether the words of an answer may be quoted, or that it was entered by mistake. The newest row stands."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="experience_rulings")
    answer = models.ForeignKey(ExperienceAnswer, on_delete=models.PROTECT, related_name="rulings")
    ruling = models.CharField(max_length=14, choices=_choices(RULING_LABELS))
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(ordinary="service answer ruling by at")

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return RULING_LABELS[Ruling(self.ruling)]

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from casework import scoring
from casework.models.case import Case
from casework.scoring import Scoring
from governance.models import Service, User
from governance.models.insert_only import InsertOnlyModel
from governance.privacy import FieldPrivacy, Scrub


class Instrument(InsertOnlyModel):
    """A scored set of questions, kept as data: the wording is local, versioned and attributed."""

    # Empty for one that every service may use.
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, null=True, blank=True, related_name="instruments"
    )
    slug = models.SlugField()
    version = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=200)
    attribution = models.TextField()
    licence = models.TextField()
    intro = models.TextField(blank=True)
    scoring = models.CharField(
        max_length=5, choices=[(each.value, each.value) for each in Scoring], default=Scoring.SUM
    )
    # [{"of": code of a question or nothing for the total, "from", "to", "label"}]
    bands = models.JSONField(default=list, blank=True)
    # Whether a service may put the questions into words of its own.
    is_local = models.BooleanField(default=False)
    # Of an instrument under licence: whom to ask, and between what a total lies.
    owner_url = models.URLField(blank=True)
    lowest = models.SmallIntegerField(null=True, blank=True)
    highest = models.SmallIntegerField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    privacy = FieldPrivacy(
        ordinary="service slug version title attribution licence intro scoring bands is_local owner_url lowest"
        " highest made_at made_by",
    )

    class Meta:
        ordering = ["slug", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "slug", "version"], name="instrument_version_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.version})"

    @property
    def is_slot(self) -> bool:
        """Whether only the total is entered, since the questions belong to somebody else."""
        return self.scoring == Scoring.TOTAL


class InstrumentItem(InsertOnlyModel):
    """One question of an instrument, with the scores it can take."""

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="items")
    number = models.PositiveSmallIntegerField()
    code = models.SlugField(max_length=20)
    label = models.CharField(max_length=200)
    low_anchor = models.CharField("what the lowest score means", max_length=200)
    high_anchor = models.CharField("what the highest score means", max_length=200)
    values = ArrayField(models.SmallIntegerField())
    # What each value means, in their order; empty where only the ends have words.
    anchors = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    # How often the answer counts in the total; 0 for a question that stands for itself.
    weight = models.PositiveSmallIntegerField(default=1)
    is_reversed = models.BooleanField(default=False)

    privacy = FieldPrivacy(
        ordinary="instrument number code label low_anchor high_anchor values anchors weight is_reversed",
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "number"], name="instrument_item_number_once"),
            models.UniqueConstraint(fields=["instrument", "code"], name="instrument_item_code_once"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def rule(self) -> scoring.Item:
        """The question as scoring sees it."""
        return scoring.Item(self.code, self.values, self.weight, self.is_reversed)

    def anchor(self, value: int) -> str:
        """What a value means; empty where it has no words."""
        words: dict[Any, str] = dict(zip(self.values, self.anchors, strict=False))
        return words.get(value, "")


class Assessment(InsertOnlyModel):
    """One scoring of a case on one day. What was not answered is no 0, and may mean that there is no total."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="assessments")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assessments")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="assessments")
    scored_on = models.DateField()
    total = models.DecimalField(max_digits=7, decimal_places=3, null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        special={"total": Scrub.KEEP},
        ordinary="service case instrument scored_on by at",
    )

    class Meta:
        ordering = ["-scored_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.instrument.title} on {self.scored_on}"


class AssessmentAnswer(InsertOnlyModel):
    """The score given to one item; of a goal its words, perhaps before anybody can say how far it was reached."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="answers")
    item = models.ForeignKey(InstrumentItem, on_delete=models.PROTECT, related_name="+")
    value = models.SmallIntegerField(null=True, blank=True)
    # Of a goal: what it is, as the person says it, and how much it matters to them.
    words = models.CharField(max_length=200, blank=True)
    weight = models.PositiveSmallIntegerField(default=1)

    privacy = FieldPrivacy(
        special={"value": Scrub.KEEP, "words": Scrub.SENTENCE},
        ordinary="assessment item weight",
    )

    class Meta:
        ordering = ["item__number"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "item"], name="assessment_answer_once"),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | ~Q(words=""),
                name="assessment_answer_says_something",
                violation_error_message="Give an answer, or write the goal down.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {'no answer yet' if self.value is None else self.value}"

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from casework.models.case import Case
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

    privacy = FieldPrivacy(
        ordinary="service slug version title attribution licence",
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


class InstrumentItem(InsertOnlyModel):
    """One question of an instrument, with the scores it can take."""

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="items")
    number = models.PositiveSmallIntegerField()
    code = models.SlugField(max_length=20)
    label = models.CharField(max_length=200)
    low_anchor = models.CharField("what the lowest score means", max_length=200)
    high_anchor = models.CharField("what the highest score means", max_length=200)
    values = ArrayField(models.PositiveSmallIntegerField())

    privacy = FieldPrivacy(
        ordinary="instrument number code label low_anchor high_anchor values",
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "number"], name="instrument_item_number_once"),
            models.UniqueConstraint(fields=["instrument", "code"], name="instrument_item_code_once"),
        ]

    def __str__(self) -> str:
        return self.label


class Assessment(InsertOnlyModel):
    """One scoring of a case on one day. Without every answer there is no total."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="assessments")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assessments")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="assessments")
    scored_on = models.DateField()
    total = models.PositiveSmallIntegerField(null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        special={"total": Scrub.KEEP},
        ordinary="service case instrument scored_on by at",
    )

    class Meta:
        ordering = ["-scored_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(total=None) | Q(total__gte=0), name="assessment_total")
        ]

    def __str__(self) -> str:
        return f"{self.instrument.title} on {self.scored_on}"


class AssessmentAnswer(InsertOnlyModel):
    """The score given to one item."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="answers")
    item = models.ForeignKey(InstrumentItem, on_delete=models.PROTECT, related_name="+")
    value = models.PositiveSmallIntegerField()

    privacy = FieldPrivacy(
        special={"value": Scrub.KEEP},
        ordinary="assessment item",
    )

    class Meta:
        ordering = ["item__number"]
        constraints = [models.UniqueConstraint(fields=["assessment", "item"], name="assessment_answer_once")]

    def __str__(self) -> str:
        return f"{self.item}: {self.value}"

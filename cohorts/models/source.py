from django.db import models
from django.db.models import Max, Q
from django.db.models.functions import Greatest

from cohorts.models.activity import Measure
from cohorts.pipeline.profile import Conventions
from governance.models import Agreement, Organisation, Service
from governance.privacy import FieldPrivacy


class Shape(models.TextChoices):
    ATTENDANCES = "attendances", "One row for each attendance"
    PEOPLE = "people", "One row for each person, with counts"


class IdentifierKind(models.TextChoices):
    NHS_NUMBER = "nhs_number", "NHS number"
    PSEUDONYM = "pseudonym", "A pseudonym of the sender's own"


class Coverage(models.TextChoices):
    EVERYONE = "everyone", "Everyone who attended"
    LISTED = "listed", "Only people who met a threshold"


class SourceQuerySet(models.QuerySet["Source"]):
    def with_newest(self) -> "SourceQuerySet":
        """Each with `newest_on`, the last day its stored extracts reached, or None."""
        reached = Greatest("extracts__period_to", "extracts__as_at")
        return self.annotate(newest_on=Max(reached, filter=Q(extracts__status="committed")))


class Source(models.Model):
    """One feed: which organisation sends what, under which agreement, with which column mapping."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="sources")
    slug = models.SlugField()
    name = models.CharField(max_length=200)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="sources")
    shape = models.CharField(max_length=12, choices=Shape, default=Shape.ATTENDANCES)
    identifier = models.CharField(max_length=12, choices=IdentifierKind, default=IdentifierKind.NHS_NUMBER)
    measure = models.CharField(max_length=12, choices=Measure, default=Measure.AE)
    # A list of people over a threshold says nothing about anyone who is not on it.
    coverage = models.CharField(max_length=10, choices=Coverage, default=Coverage.EVERYONE)
    # The profile the mapping came from, and the mapping itself: {column of the file: field}.
    profile = models.CharField(max_length=60, blank=True)
    columns = models.JSONField(default=dict, blank=True)
    # How the file writes dates, codes and unknown values; see cohorts/pipeline/profile.py.
    formats = models.JSONField(default=dict, blank=True)

    objects = SourceQuerySet.as_manager()

    privacy = FieldPrivacy(
        ordinary="service slug name organisation agreement shape identifier measure coverage profile "
        "columns formats",
    )

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["service", "slug"], name="source_slug_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def conventions(self) -> Conventions:
        """How the files write dates, codes and unknown values."""
        return Conventions.from_json(self.formats)

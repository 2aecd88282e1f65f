from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from cohorts.models.activity import Measure
from cohorts.rules import sentence
from governance.models import Service, User
from governance.models.insert_only import InsertOnlyModel, InsertOnlyQuerySet
from governance.privacy import FieldPrivacy


class Operator(models.TextChoices):
    AT_LEAST = ">=", "at least"
    MORE_THAN = ">", "more than"


class Exclusion(models.TextChoices):
    ALREADY_CLIENT = "already_client", "already has a case"
    DIED = "died", "has died"
    MOVED = "moved", "has moved out of the area"
    SCREENED_OUT = "screened_out", "was screened out in the last 12 months"


class CohortRuleQuerySet(InsertOnlyQuerySet):
    def newest(self) -> "CohortRuleQuerySet":
        """The newest version of each rule, by title."""
        newest = self.order_by("slug", "-version").distinct("slug")
        return self.filter(pk__in=newest.values("pk")).order_by("title", "slug")


class CohortRule(InsertOnlyModel):
    """Who is put on a list. Changing a rule adds a version; the lists keep the one they used."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="cohort_rules")
    slug = models.SlugField()
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=200)
    measure = models.CharField(max_length=12, choices=Measure, default=Measure.AE)
    operator = models.CharField(max_length=2, choices=Operator, default=Operator.AT_LEAST)
    count = models.PositiveIntegerField("number of attendances")
    window_months = models.PositiveSmallIntegerField("in this many months", default=12)
    # "...and at least one in the last three months": who has stopped attending needs no call.
    recent_count = models.PositiveIntegerField("at least this many recently", null=True, blank=True)
    recent_months = models.PositiveSmallIntegerField("recently means months", null=True, blank=True)
    min_admissions = models.PositiveIntegerField("at least this many admissions", null=True, blank=True)
    min_age = models.PositiveSmallIntegerField("youngest age", null=True, blank=True, default=18)
    max_age = models.PositiveSmallIntegerField("oldest age", null=True, blank=True)
    top_n = models.PositiveIntegerField("keep only the first", null=True, blank=True)
    exclusions = ArrayField(models.CharField(max_length=20, choices=Exclusion), default=list, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = CohortRuleQuerySet.as_manager()  # type: ignore[misc]

    privacy = FieldPrivacy(
        ordinary="service slug version title measure operator count window_months recent_count "
        "recent_months min_admissions min_age max_age top_n exclusions made_at made_by",
    )

    class Meta:
        ordering = ["slug", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["service", "slug", "version"], name="cohort_rule_version_once"),
            models.CheckConstraint(
                condition=Q(window_months__gte=1, window_months__lte=60),
                name="cohort_rule_window",
                violation_error_message="Choose a window of 1 to 60 months.",
            ),
            models.CheckConstraint(
                condition=Q(recent_count=None, recent_months=None)
                | Q(recent_count__isnull=False, recent_months__isnull=False),
                name="cohort_rule_recency_pair",
                violation_error_message="Give both how many recently and what recently means, or neither.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.version})"

    @property
    def sentence(self) -> str:
        """The rule in plain English."""
        return sentence(self)

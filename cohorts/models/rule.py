from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from cohorts.lists.sentences import sentence
from cohorts.models.activity import ArrivalMode, Measure
from cohorts.rules import CATEGORY_WORDS, DEPARTMENT_WORDS
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
    END_OF_LIFE = "end_of_life", "is known here to be on an end-of-life pathway"
    ACUTE_EPISODE = "acute_episode", "was in an acute mental health episode in the last 3 months"


class WindowKind(models.TextChoices):
    ROLLING = "rolling", "The months or days up to the list"
    CALENDAR_YEAR = "calendar_year", "The calendar year of the list, from 1 January"
    FINANCIAL_YEAR = "financial_year", "The financial year of the list, from 1 April"


class Repeats(models.TextChoices):
    ALL = "all", "Count every row"
    SAME_MOMENT = "same_moment", "Count rows of the same minute and site once"
    SAME_DAY = "same_day", "Count one a day"


def _several(choices: dict[str, str]) -> ArrayField:
    return ArrayField(models.CharField(max_length=20, choices=choices), default=list, blank=True)


def _texts() -> ArrayField:
    return ArrayField(models.CharField(max_length=100), default=list, blank=True)


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
    # Where the window is in days, the nearest number of months, for what compares windows roughly.
    window_months = models.PositiveSmallIntegerField("in this many months", default=12)
    window_days = models.PositiveSmallIntegerField("in this many days", null=True, blank=True)
    window_kind = models.CharField(max_length=15, choices=WindowKind, default=WindowKind.ROLLING)
    includes_day = models.BooleanField("the day of the list is counted", default=True)
    # "...and at least one in the last three months": who has stopped attending needs no call.
    recent_count = models.PositiveIntegerField("at least this many recently", null=True, blank=True)
    recent_months = models.PositiveSmallIntegerField("recently means months", null=True, blank=True)
    recent_days = models.PositiveSmallIntegerField("recently means days", null=True, blank=True)
    # "...or more than 5 in the last month": fewer are enough in a shorter time.
    or_count = models.PositiveIntegerField("or this many in a shorter time", null=True, blank=True)
    or_months = models.PositiveSmallIntegerField("the shorter time in months", null=True, blank=True)
    admissions_operator = models.CharField(max_length=2, choices=Operator, default=Operator.AT_LEAST)
    min_admissions = models.PositiveIntegerField("at least this many admissions", null=True, blank=True)
    min_age = models.PositiveSmallIntegerField("youngest age", null=True, blank=True, default=18)
    max_age = models.PositiveSmallIntegerField("oldest age", null=True, blank=True)
    # Which rows count; nothing chosen means all of them, and a row without the value always counts.
    attendance_categories = _several(CATEGORY_WORDS)
    arrival_modes = _several(dict(ArrivalMode.choices))
    department_types = _several(DEPARTMENT_WORDS)
    sites = _texts()
    repeats = models.CharField(max_length=12, choices=Repeats, default=Repeats.ALL)
    # The area: who lives outside and has a GP outside is left out; who neither is known of stays.
    postcode_areas = _texts()
    gp_practices = _texts()
    top_n = models.PositiveIntegerField("keep only the first", null=True, blank=True)
    keep_ties = models.BooleanField("keep everyone who ties with the last", default=False)
    exclusions = ArrayField(models.CharField(max_length=20, choices=Exclusion), default=list, blank=True)
    tiers = models.JSONField(default=list, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = CohortRuleQuerySet.as_manager()  # type: ignore[misc]

    privacy = FieldPrivacy(
        ordinary="service slug version title measure operator count window_months window_days window_kind "
        "includes_day recent_count recent_months recent_days or_count or_months admissions_operator "
        "min_admissions min_age max_age attendance_categories arrival_modes department_types sites repeats "
        "postcode_areas gp_practices top_n keep_ties exclusions tiers made_at made_by",
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
            models.CheckConstraint(
                condition=Q(or_count=None, or_months=None)
                | Q(or_count__isnull=False, or_months__isnull=False),
                name="cohort_rule_or_pair",
                violation_error_message="Give both how many and in how many months, or neither.",
            ),
            models.CheckConstraint(
                condition=Q(window_days=None) | Q(window_days__gte=1, window_kind="rolling"),
                name="cohort_rule_days_roll",
                violation_error_message="A number of days is counted back from the list, not in a year.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.version})"

    @property
    def sentence(self) -> str:
        """The rule in plain English."""
        return sentence(self)

"""What a report is made of, and the frozen report itself."""

import datetime

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cohorts.models import CohortList, Measure
from evaluation.quarters import parse
from governance.models import Service, User
from governance.models.insert_only import InsertOnlyModel, InsertOnlyQuerySet
from governance.privacy import FieldPrivacy, Scrub


class UnitCost(InsertOnlyModel):
    """What one event costs, in pounds, with the year and the source a reader can check."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="unit_costs")
    measure = models.CharField(max_length=12, choices=Measure)
    amount = models.DecimalField("pounds for each", max_digits=9, decimal_places=2)
    price_year = models.CharField(
        max_length=7,
        validators=[RegexValidator(r"^\d{4}/\d{2}$", "Write the price year as in 2023/24.")],
        help_text="For example 2023/24.",
    )
    source = models.CharField(max_length=300, help_text="What a reader can look up, with its date.")
    valid_from = models.DateField(help_text="Reports on quarters that end on or after this day use it.")
    # Hours returned are given only where somebody said how long one takes, and where that was read.
    clinician_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    minutes_source = models.CharField(max_length=300, blank=True)

    privacy = FieldPrivacy(
        ordinary="service measure amount price_year source valid_from clinician_minutes minutes_source",
    )

    class Meta:
        ordering = ["measure", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["service", "measure", "valid_from"], name="unit_cost_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="unit_cost_positive"),
            models.CheckConstraint(
                condition=Q(clinician_minutes=None, minutes_source="")
                | Q(clinician_minutes__gt=0) & ~Q(minutes_source=""),
                name="unit_cost_minutes_with_source",
                violation_error_message="Give minutes of clinician time together with where they come from.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_measure_display()}: £{self.amount} ({self.price_year})"


class RunningCost(InsertOnlyModel):
    """What a service costs in a year, in pounds. Costs of another name, such as a whole pilot's, stand apart."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="running_costs")
    name = models.CharField("what the cost is of", max_length=80)
    amount = models.DecimalField("pounds a year", max_digits=11, decimal_places=2)
    source = models.CharField(max_length=300, help_text="What a reader can look up, with its date.")
    valid_from = models.DateField(help_text="Reports on quarters that end on or after this day use it.")

    privacy = FieldPrivacy(
        ordinary="service name amount source valid_from",
    )

    class Meta:
        ordering = ["name", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["service", "name", "valid_from"], name="running_cost_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="running_cost_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: £{self.amount:,.2f} a year"


class KpiChoice(InsertOnlyModel):
    """Which set of targets a service is measured by, and from which quarter. The newest row stands."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="kpi_choices")
    # Empty where the service is measured by none.
    kpi_set = models.SlugField(blank=True)
    first_quarter = models.CharField(max_length=7)
    chosen_at = models.DateTimeField(default=timezone.now)
    chosen_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    privacy = FieldPrivacy(
        ordinary="service kpi_set first_quarter chosen_at chosen_by",
    )

    class Meta:
        ordering = ["-chosen_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_quarter__regex=r"^\d{4}-Q[1-4]$"),
                name="kpi_choice_quarter_format",
                violation_error_message="Write the quarter as in 2026-Q3.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi_set or 'no targets'} from {self.first_quarter}"


class ReportQuerySet(InsertOnlyQuerySet):
    """Reports by whether they stand."""

    def standing(self, known: datetime.datetime | None = None) -> "ReportQuerySet":
        """Those that nobody withdrew, or had withdrawn before the moment `known`."""
        return self.exclude(_gone(known))

    def withdrawn_after_a_copy(self, known: datetime.datetime | None = None) -> "ReportQuerySet":
        """Withdrawn drafts whose files were written down before, so that somebody may hold them."""
        return self.filter(_gone(known), draft_copy__isnull=False)


def _gone(known: datetime.datetime | None) -> Q:
    return Q(withdrawal__isnull=False) if known is None else Q(withdrawal__withdrawn_at__lt=known)


class Report(InsertOnlyModel):
    """A quarter's figures, frozen. Everything a commissioner downloads is drawn from `snapshot`.

    The snapshot is stored after disclosure control, so that no drawing of it can reveal a small number.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="reports")
    quarter = models.CharField(max_length=7)
    snapshot = models.JSONField()
    sha256 = models.CharField(max_length=64)
    # What went in, as `evaluation.frozen.manifest` tells it; empty for reports older than that.
    manifest = models.JSONField(default=dict, blank=True)
    frozen_at = models.DateTimeField()
    # Empty where the scheduler made it, and in reports from before the command line asked who builds.
    frozen_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # Which withdrawal made room for it; empty for the first report of a quarter.
    in_place_of = models.OneToOneField(
        "ReportWithdrawal", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by"
    )

    privacy = FieldPrivacy(
        ordinary="service quarter snapshot sha256 manifest frozen_at frozen_by in_place_of",
    )
    objects = ReportQuerySet.as_manager()  # type: ignore[misc]  # the base has one of its own

    class Meta:
        ordering = ["-quarter", "-frozen_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quarter__regex=r"^\d{4}-Q[1-4]$"),
                name="report_quarter_format",
                violation_error_message="Write the quarter as in 2026-Q3.",
            ),
            # Two releases of one quarter could be subtracted from each other: there is one first report of it, and
            # each other takes the place of one that was withdrawn, which only one can.
            models.UniqueConstraint(
                fields=["service", "quarter"],
                condition=Q(in_place_of=None),
                name="report_once_per_quarter",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.quarter}"

    def get_absolute_url(self) -> str:
        return reverse("evaluation:report", args=[self.pk])

    @property
    def period_label(self) -> str:
        """The months of the quarter in words."""
        return parse(self.quarter).label

    @property
    def is_draft(self) -> bool:
        """Whether nobody has released it yet. Ask with `select_related("release")`."""
        return not hasattr(self, "release")

    @property
    def is_withdrawn(self) -> bool:
        """Whether somebody took the draft back. Ask with `select_related("withdrawal")`."""
        return hasattr(self, "withdrawal")

    @property
    def was_copied(self) -> bool:
        """Whether files of it were written down while it was a draft."""
        return hasattr(self, "draft_copy")


class ReportRelease(InsertOnlyModel):
    """Somebody other than who drafted it let a report go. Until then it is a draft, and no commissioner sees it."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="report_releases")
    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="release")
    released_at = models.DateTimeField(default=timezone.now)
    # Empty where the report was frozen before releases were kept: commissioners could read it at once.
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    privacy = FieldPrivacy(
        ordinary="service report released_at released_by",
    )

    class Meta:
        ordering = ["-released_at"]

    def __str__(self) -> str:
        return f"{self.report}, released"


class DraftCopy(InsertOnlyModel):
    """Files of a draft were written down for the first time. From then on somebody may hold them."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="draft_copies")
    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="draft_copy")
    taken_at = models.DateTimeField(default=timezone.now)
    # Empty where the command line named nobody, and for drafts from before this was kept.
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    privacy = FieldPrivacy(
        ordinary="service report taken_at taken_by",
    )

    class Meta:
        ordering = ["-taken_at"]
        verbose_name_plural = "draft copies"

    def __str__(self) -> str:
        return f"{self.report}, files of the draft"


class ReportWithdrawal(InsertOnlyModel):
    """Somebody took a wrong draft back, for good. Its quarter can have another report."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="report_withdrawals")
    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="withdrawal")
    reason = models.CharField("what was wrong", max_length=300)
    withdrawn_at = models.DateTimeField(default=timezone.now)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(
        special={"reason": Scrub.SENTENCE},
        ordinary="service report withdrawn_at withdrawn_by",
    )

    class Meta:
        ordering = ["-withdrawn_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="report_withdrawal_has_reason",
                violation_error_message="Say what was wrong with the draft.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.report}, withdrawn"


class AreaProfile(InsertOnlyModel):
    """Who is on a list, as a group, by area, age, sex and arrival; frozen after disclosure control."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="area_profiles")
    cohort_list = models.ForeignKey(CohortList, on_delete=models.PROTECT, related_name="+")
    quarter = models.CharField(max_length=7)
    snapshot = models.JSONField()
    sha256 = models.CharField(max_length=64)
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    privacy = FieldPrivacy(
        ordinary="service cohort_list quarter snapshot sha256 frozen_at frozen_by",
    )

    class Meta:
        ordering = ["-quarter"]
        constraints = [
            # Of two lists of a quarter nearly the same people could be on both.
            models.UniqueConstraint(fields=["service", "quarter"], name="area_profile_once_per_quarter"),
        ]

    def __str__(self) -> str:
        return f"{self.service}, area profile {self.quarter}"

    def get_absolute_url(self) -> str:
        return reverse("evaluation:area_profile", args=[self.pk])

    @property
    def as_at(self) -> datetime.date:
        """The day of the list, from the frozen copy."""
        return datetime.date.fromisoformat(self.snapshot["as_at"])

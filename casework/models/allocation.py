import datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from casework.models.case import Case
from casework.rules import available_points
from governance.models import Service, User
from governance.models.insert_only import InsertOnlyModel
from governance.privacy import FieldPrivacy, Scrub


class Allocation(InsertOnlyModel):
    """A case was given to a worker."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="allocations")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="allocations")
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    # Who was recommended, where somebody was: with the reason, this tells how often leads go another way and why.
    recommended = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        special={"reason": Scrub.SENTENCE},
        ordinary="service case worker recommended by at",
    )

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.case} to {self.worker}"


class Capacity(InsertOnlyModel):
    """What a worker can carry from now on. The newest row of a worker stands."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="capacities")
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    target_points = models.PositiveSmallIntegerField("points of a full-time worker", default=60)
    standard_hours = models.DecimalField(max_digits=4, decimal_places=1, default=37.5)
    contracted_hours = models.DecimalField("hours a week", max_digits=4, decimal_places=1, default=37.5)
    reduction_hours = models.DecimalField(
        "of which for other work", max_digits=4, decimal_places=1, default=0
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        ordinary="service worker target_points standard_hours contracted_hours reduction_hours by at",
    )

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "capacities"
        constraints = [
            models.CheckConstraint(
                condition=Q(contracted_hours__gt=0, standard_hours__gt=0)
                & Q(reduction_hours__gte=0, reduction_hours__lte=F("contracted_hours")),
                name="capacity_hours",
                violation_error_message="Hours for other work cannot be more than the hours a week.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.worker}: {self.points} points"

    @property
    def points(self) -> int:
        """Points the worker can carry."""
        return available_points(
            self.target_points,
            standard_hours=Decimal(self.standard_hours),
            contracted_hours=Decimal(self.contracted_hours),
            reduction_hours=Decimal(self.reduction_hours),
        )


class BetweenDays(models.QuerySet[Any]):
    """Rows that hold between two days, both included."""

    def in_force(self, on: datetime.date) -> "BetweenDays":
        """Those that hold on a day."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)


class ReductionKind(models.TextChoices):
    LEAVE = "leave", "Leave or sickness"
    TRAINING = "training", "Training"
    PHASE_IN = "phase_in", "New in post"
    OTHER = "other", "Other work"
    LEAVING = "leaving", "Leaving: no new cases"


class Reduction(models.Model):
    """Hours a week that a worker cannot give to clients, between two days."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="reductions")
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=ReductionKind)
    # Of somebody who leaves, all hours, whatever stands here.
    hours = models.DecimalField("hours a week", max_digits=4, decimal_places=1)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = BetweenDays.as_manager()

    privacy = FieldPrivacy(ordinary="service worker kind hours starts_on ends_on by at")

    class Meta:
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(hours__gte=0), name="reduction_hours_not_negative"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="reduction_ends_after_start",
                violation_error_message="The last day cannot be before the first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.hours} hours a week"


class RoleOnCase(models.TextChoices):
    SECOND = "second", "Second worker"
    COVER = "cover", "Cover"


class CaseRole(models.Model):
    """Somebody helps with a case that another worker leads, between two days."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="case_roles")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="roles")
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="case_roles")
    role = models.CharField(max_length=6, choices=RoleOnCase)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = BetweenDays.as_manager()

    privacy = FieldPrivacy(
        special={"reason": Scrub.SENTENCE},
        ordinary="service case worker role starts_on ends_on by at",
    )

    class Meta:
        ordering = ["starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "worker"],
                condition=Q(ends_on=None),
                name="case_role_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="case_role_ends_after_start",
                violation_error_message="The last day cannot be before the first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker}, {self.get_role_display().lower()}"

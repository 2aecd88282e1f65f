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
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        special={"reason": Scrub.SENTENCE},
        ordinary="service case worker by at",
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
            standard_hours=float(self.standard_hours),
            contracted_hours=float(self.contracted_hours),
            reduction_hours=float(self.reduction_hours),
        )

"""What a report is made of, and the frozen report itself."""

from django.db import models
from django.db.models import Q

from cohorts.models import Measure
from governance.models import Service, User
from governance.models.insert_only import InsertOnlyModel


class UnitCost(InsertOnlyModel):
    """What one event costs, in pounds, with the year and the source a reader can check."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="unit_costs")
    measure = models.CharField(max_length=12, choices=Measure)
    amount = models.DecimalField("pounds for each", max_digits=9, decimal_places=2)
    price_year = models.CharField(max_length=7, help_text="For example 2023/24.")
    source = models.CharField(max_length=300)
    valid_from = models.DateField()

    class Meta:
        ordering = ["measure", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["service", "measure", "valid_from"], name="unit_cost_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="unit_cost_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.get_measure_display()}: £{self.amount} ({self.price_year})"


class Report(InsertOnlyModel):
    """A quarter's figures, frozen. Everything a commissioner downloads is drawn from `snapshot`.

    The snapshot is stored after disclosure control, so that no drawing of it can reveal a small number.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="reports")
    quarter = models.CharField(max_length=7)
    snapshot = models.JSONField()
    sha256 = models.CharField(max_length=64)
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-quarter", "-frozen_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quarter__regex=r"^\d{4}-Q[1-4]$"),
                name="report_quarter_format",
                violation_error_message="Write the quarter as in 2026-Q3.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.quarter}"

"""The table of weights of a service, and what its own minutes say about it."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from casework.allocation.weights import Part
from governance.models import Service, User
from governance.models.insert_only import InsertOnlyModel
from governance.privacy import FieldPrivacy

PARTS = [(part.value, part.name.title()) for part in Part]


class WeightTable(InsertOnlyModel):
    """What cases weigh in a service from now on. The newest version stands."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="weight_tables")
    version = models.PositiveSmallIntegerField()
    # Whether a first visit at home is made by two, whoever the client is.
    first_visits_in_pairs = models.BooleanField(default=False)
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(ordinary="service version first_visits_in_pairs reason by at")

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["service", "version"], name="weight_table_version_once")
        ]

    def __str__(self) -> str:
        return f"Weights, version {self.version}"


class WeightValue(InsertOnlyModel):
    """One line of a table: the points of a Chaos band, or the factor of a stage, way, rhythm or share."""

    table = models.ForeignKey(WeightTable, on_delete=models.PROTECT, related_name="lines")
    part = models.CharField(max_length=10, choices=PARTS)
    level = models.CharField(max_length=20)
    value = models.DecimalField(max_digits=6, decimal_places=2)

    privacy = FieldPrivacy(ordinary="table part level value")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["table", "part", "level"], name="weight_value_once"),
            models.CheckConstraint(condition=Q(value__gt=0), name="weight_value_more_than_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.level}: {self.value}"


class Calibration(InsertOnlyModel):
    """The weights of a service compared with what was logged between two days."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="calibrations")
    starts_on = models.DateField()
    ends_on = models.DateField()
    weights_version = models.PositiveSmallIntegerField()
    cases = models.PositiveIntegerField()
    case_weeks = models.PositiveIntegerField()
    minutes = models.PositiveIntegerField()
    # Contacts whose minutes nobody entered; the median of their kind stands in.
    without_minutes = models.PositiveIntegerField()
    # Why nothing could be said; empty where something could.
    problem = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        ordinary="service starts_on ends_on weights_version cases case_weeks minutes without_minutes problem by at"
    )

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="calibration_days_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} to {self.ends_on}"


class CalibrationEstimate(InsertOnlyModel):
    """What the minutes say of one line of the table, with a 95% interval; empty where there were too few cases."""

    calibration = models.ForeignKey(Calibration, on_delete=models.PROTECT, related_name="estimates")
    part = models.CharField(max_length=10, choices=PARTS)
    level = models.CharField(max_length=20)
    cases = models.PositiveIntegerField()
    now = models.DecimalField(max_digits=6, decimal_places=2)
    value = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    low = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    high = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)

    privacy = FieldPrivacy(ordinary="calibration part level cases now value low high")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["calibration", "part", "level"], name="calibration_estimate_once"
            ),
            models.CheckConstraint(
                condition=Q(value=None, low=None, high=None)
                | Q(value__gte=F("low"), value__lte=F("high"), low__isnull=False, high__isnull=False),
                name="calibration_estimate_in_interval",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.level}: {self.value}"


class CalibrationDecision(InsertOnlyModel):
    """The lead's answer to a comparison: the new table that came of it, or none."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="calibration_decisions")
    calibration = models.OneToOneField(Calibration, on_delete=models.PROTECT, related_name="decision")
    table = models.OneToOneField(
        WeightTable, on_delete=models.PROTECT, null=True, blank=True, related_name="calibrated_by"
    )
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(ordinary="service calibration table reason by at")

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return "approved" if self.table_id else "refused"

from django.db import models
from django.db.models import Q

from governance.models import Person, Service
from governance.privacy import FieldPrivacy, Scrub


class Measure(models.TextChoices):
    AE = "ae", "A&E attendances"
    NEL = "nel", "Emergency admissions"
    CONVEYANCE = "conveyance", "Ambulance conveyances"
    CALL_999 = "call_999", "999 calls"
    OUTPATIENT = "outpatient", "Outpatient appointments"


class ArrivalMode(models.TextChoices):
    AMBULANCE = "ambulance", "Ambulance"
    OWN = "own", "Own or public transport"
    POLICE = "police", "Police or justice"
    OTHER = "other", "Other"


class DepartmentType(models.TextChoices):
    CONSULTANT_24H = "1", "Type 1: consultant-led, 24 hours"
    SPECIALTY = "2", "Type 2: consultant-led, one specialty"
    OTHER = "3", "Type 3: other, such as a minor injury unit"
    WALK_IN = "4", "Type 4: walk-in centre"
    SAME_DAY = "5", "Type 5: same day emergency care"


class Acuity(models.TextChoices):
    IMMEDIATE = "1", "Immediate"
    VERY_URGENT = "2", "Very urgent"
    URGENT = "3", "Urgent"
    STANDARD = "4", "Standard"
    LOW = "5", "Low"


class Activity(models.Model):
    """One event a source reported. Blank means "not supplied", never "no" and never 0."""

    # Millions of rows, all written by loads: the audit keeps a sum for each extract, not a note for each row.
    noted_by = "extract"

    # md5 of source and the sender's own key, so that the same row sent twice meets itself.
    id = models.UUIDField(primary_key=True)
    # No database constraint on these three: a check per row costs more than storing the row. A
    # trigger per statement refuses rows that point nowhere (migration rows_point_somewhere).
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="activities", db_constraint=False, db_index=False
    )
    source = models.ForeignKey(
        "cohorts.Source", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    extract = models.ForeignKey(
        "cohorts.Extract",
        on_delete=models.PROTECT,
        related_name="activities",
        db_constraint=False,
        db_index=False,
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="activities", db_constraint=False, db_index=False
    )
    measure = models.CharField(max_length=12, choices=Measure)
    # The London day and the London wall clock as the sender wrote them. Never converted, so the
    # hour that happens twice each autumn cannot make one attendance two.
    started_on = models.DateField()
    started_at_time = models.TimeField(null=True, blank=True)
    age = models.PositiveSmallIntegerField(null=True, blank=True)
    arrival_mode = models.CharField(max_length=10, choices=ArrivalMode, blank=True)
    attendance_category = models.CharField(max_length=20, blank=True)
    department_type = models.CharField("type of department", max_length=1, choices=DepartmentType, blank=True)
    # 1 is immediate, 5 low, as ECDS ranks them.
    acuity = models.CharField(max_length=1, choices=Acuity, blank=True)
    site = models.CharField(max_length=100, blank=True)
    complaint = models.CharField(max_length=200, blank=True)
    disposal = models.CharField(max_length=100, blank=True)
    admitted = models.BooleanField(null=True, blank=True)
    duration_minutes = models.PositiveIntegerField(null=True, blank=True)
    cost = models.DecimalField("cost in pounds", max_digits=10, decimal_places=2, null=True, blank=True)

    privacy = FieldPrivacy(
        personal={"age": Scrub.KEEP},
        special={
            "arrival_mode": Scrub.KEEP,
            "attendance_category": Scrub.KEEP,
            "acuity": Scrub.KEEP,
            "complaint": Scrub.BLANK,
            "disposal": Scrub.KEEP,
            "admitted": Scrub.KEEP,
            "duration_minutes": Scrub.KEEP,
        },
        ordinary="service source extract person measure started_on started_at_time department_type site cost",
    )

    class Meta:
        verbose_name_plural = "activities"
        indexes = [
            models.Index(fields=["person", "started_on"], name="activity_timeline"),
            models.Index(
                fields=["service", "measure", "started_on"],
                include=["person", "admitted"],
                name="activity_for_lists",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_measure_display()} on {self.started_on}"


class ActivityCount(models.Model):
    """How many events a source counted for a person in the months up to a day."""

    noted_by = "extract"

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="activity_counts")
    source = models.ForeignKey("cohorts.Source", on_delete=models.PROTECT, related_name="+")
    extract = models.ForeignKey("cohorts.Extract", on_delete=models.PROTECT, related_name="activity_counts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="activity_counts")
    measure = models.CharField(max_length=12, choices=Measure)
    window_months = models.PositiveSmallIntegerField()
    as_at = models.DateField()
    count = models.PositiveIntegerField()
    cost = models.DecimalField("cost in pounds", max_digits=10, decimal_places=2, null=True, blank=True)

    privacy = FieldPrivacy(
        special={"count": Scrub.KEEP, "cost": Scrub.KEEP},
        ordinary="service source extract person measure window_months as_at",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "person", "measure", "window_months", "as_at"], name="activity_count_once"
            ),
            models.CheckConstraint(condition=Q(window_months__gte=1), name="activity_count_window"),
        ]
        indexes = [models.Index(fields=["service", "measure", "as_at"], name="activity_count_for_lists")]

    def __str__(self) -> str:
        return f"{self.count} {self.get_measure_display()} in {self.window_months} months to {self.as_at}"

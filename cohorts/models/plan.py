import datetime

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Case, Exists, ExpressionWrapper, F, OuterRef, Q, Value, When
from django.utils import timezone

from cohorts.models.extract import GONE, Extract
from cohorts.models.source import Source
from cohorts.ways_in.calendar import EARLY_DAYS
from governance.models import Frequency, Service
from governance.privacy import FieldPrivacy, Scrub


class SourcePlan(models.Model):
    """How the files of a source come in, when they are expected, and what happens with them then."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="source_plans")
    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="plan")
    watches_folder = models.BooleanField(default=False)
    # As the sender labels its messages; one installation has one mailbox, so it is no two sources'.
    mesh_workflow = models.CharField(max_length=50, blank=True)
    mesh_sender = models.CharField("only from this mailbox", max_length=50, blank=True)
    # By itself only where the file looks like the one before; otherwise somebody looks at its preview.
    stores_itself = models.BooleanField(default=False)
    most_rejected = models.PositiveSmallIntegerField(
        "rejected rows at most (percent)", default=2, validators=[MaxValueValidator(100)]
    )
    first_due = models.DateField("a file is first expected on", null=True, blank=True)
    frequency = models.CharField(max_length=10, choices=Frequency, blank=True)
    days_of_grace = models.PositiveSmallIntegerField(default=3)

    privacy = FieldPrivacy(
        ordinary="service source watches_folder mesh_workflow mesh_sender stores_itself most_rejected "
        "first_due frequency days_of_grace",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mesh_workflow", "mesh_sender"],
                condition=~Q(mesh_workflow=""),
                name="source_plan_workflow_once",
                violation_error_message="Another source already receives messages of this workflow.",
            ),
            models.CheckConstraint(
                condition=Q(first_due=None) | ~Q(frequency=""),
                name="source_plan_due_has_frequency",
                violation_error_message="Choose how often a file is expected.",
            ),
        ]

    def __str__(self) -> str:
        return f"Plan of {self.source}"


class ExpectedExtractQuerySet(models.QuerySet["ExpectedExtract"]):
    def missing(self) -> "ExpectedExtractQuerySet":
        """Days that were called late, and since when still no file has come that counts for them."""
        early = Case(
            *(
                When(source__plan__frequency=frequency, then=Value(datetime.timedelta(days=days)))
                for frequency, days in EARLY_DAYS.items()
            ),
            output_field=models.DurationField(),
        )
        came = Extract.objects.filter(
            source=OuterRef("source"), received_at__gte=OuterRef("counts_from"), answers=None
        ).exclude(status__in=GONE)
        days = self.exclude(late_at=None).annotate(counts_from=ExpressionWrapper(
            F("due_on") - early, output_field=models.DateTimeField()
        ))  # fmt: skip
        return days.filter(~Exists(came))


class ExpectedExtract(models.Model):
    """A day on which a file of a source was expected. What became of it is read from the extracts."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="expected_extracts")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="expected_extracts")
    due_on = models.DateField()
    # When the lead was first told; a file is called late once.
    late_at = models.DateTimeField(null=True, blank=True)

    objects = ExpectedExtractQuerySet.as_manager()

    privacy = FieldPrivacy(ordinary="service source due_on late_at")

    class Meta:
        ordering = ["due_on"]
        constraints = [
            models.UniqueConstraint(fields=["source", "due_on"], name="expected_extract_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source}, due {self.due_on:%-d %B %Y}"


class Way(models.TextChoices):
    FOLDER = "folder", "Watched folder"
    MESH = "mesh", "NHS MESH"


class ArrivalState(models.TextChoices):
    TAKEN = "taken", "Taken in"
    SETTLED = "settled", "Done with"
    PARKED = "parked", "Left where it is: no source expects it"


class Arrival(models.Model):
    """One file that came in by itself. Its key makes sure that it is taken in once, whatever breaks off."""

    # None while it is parked: nobody knows yet whose it is, so nothing of it was read.
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, null=True, blank=True, related_name="arrivals"
    )
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="arrivals"
    )
    way = models.CharField(max_length=10, choices=Way)
    key = models.CharField(max_length=400)
    name = models.CharField(max_length=255, blank=True)
    sender = models.CharField(max_length=50, blank=True)
    workflow = models.CharField(max_length=50, blank=True)
    state = models.CharField(max_length=10, choices=ArrivalState, default=ArrivalState.TAKEN)
    extract = models.ForeignKey(
        Extract, on_delete=models.CASCADE, null=True, blank=True, related_name="arrivals"
    )
    problem = models.TextField(blank=True)
    # The names of the file's columns: the next one is held against them.
    header = models.JSONField(default=list, blank=True)
    arrived_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    privacy = FieldPrivacy(
        personal={"name": Scrub.IDENTIFIER, "key": Scrub.BLANK},
        ordinary="service source way sender workflow state extract problem header arrived_at settled_at",
    )

    class Meta:
        ordering = ["-arrived_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["way", "key"], name="arrival_once"),
            models.CheckConstraint(
                condition=~Q(state="parked") | Q(extract=None), name="arrival_parked_is_not_read"
            ),
        ]

    def __str__(self) -> str:
        return f"Arrival {self.pk} by {self.get_way_display()}"

import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from governance.incident_rules import REPORTS, Breach, Step, clock_runs
from governance.models.insert_only import InsertOnlyModel, InsertOnlyQuerySet
from governance.models.organisation import Service
from governance.models.user import User
from governance.privacy import FieldPrivacy, Scrub


class IncidentKind(models.TextChoices):
    WRONG_PERSON = "wrong_person", "The wrong person"
    DATA = "data", "Data lost, or sent to the wrong place"
    CLIENT_SAFETY = "client_safety", "Safety of a client"
    STAFF_SAFETY = "staff_safety", "Safety of staff"
    COMPLAINT = "complaint", "A complaint"
    OTHER = "other", "Something else"


class BreachDecision(models.TextChoices):
    NO = Breach.NO.value, "No"
    NOTIFY = Breach.NOTIFY.value, "Yes, and the ICO must be told"
    UNLIKELY = Breach.UNLIKELY.value, "Yes, but a risk to anybody is unlikely"


class Harm(models.TextChoices):
    NONE = "none", "Nobody was harmed"
    LOW = "low", "Some distress or bother"
    MODERATE = "moderate", "Harm that needs help"
    SEVERE = "severe", "Lasting harm, or a death"


class StepKind(models.TextChoices):
    ACTION = Step.ACTION.value, "Something was done"
    ICO = Step.ICO.value, "Reported to the ICO"
    DSPT = Step.DSPT.value, "Reported through the DSPT"
    PERSON_TOLD = Step.PERSON_TOLD.value, "The person was told"
    FINISHED = Step.FINISHED.value, "Finished, with what was learned"
    REOPENED = Step.REOPENED.value, "Opened again"


class IncidentQuerySet(InsertOnlyQuerySet):
    def with_state(self) -> "IncidentQuerySet":
        """Each with what the newest rows say of it: `breach`, `harm`, `aware`, `reported`, `told`, `finished`, `learned`."""
        triages = IncidentTriage.objects.filter(incident=OuterRef("pk")).order_by("-at", "-pk")
        steps = IncidentStep.objects.filter(incident=OuterRef("pk")).order_by("-at", "-pk")
        ends = steps.filter(kind__in=[Step.FINISHED, Step.REOPENED])
        return self.annotate(
            breach=Subquery(triages.values("breach")[:1]),
            harm=Subquery(triages.values("harm")[:1]),
            aware=Coalesce(Subquery(triages.values("aware_at")[:1]), "aware_at"),
            reported=Exists(steps.filter(kind__in=sorted(REPORTS))),
            told=Exists(steps.filter(kind=Step.PERSON_TOLD)),
            last_end=Subquery(ends.values("kind")[:1]),
            learned=Subquery(ends.filter(kind=Step.FINISHED).values("words")[:1]),
        ).annotate(finished=Coalesce(Q(last_end=Step.FINISHED), False))

    def with_clock(self) -> "IncidentQuerySet":
        """Those whose 72 hours run (see incident_rules.clock_runs), the nearest deadline first."""
        undecided = Q(breach=None) | Q(breach=Breach.NOTIFY)
        return self.with_state().filter(undecided, reported=False, finished=False).order_by("aware", "pk")

    def by_need(self) -> "IncidentQuerySet":
        """Open ones first, the longest known at the top."""
        return self.with_state().order_by("finished", "aware", "pk")


class Incident(InsertOnlyModel):
    """Something that went wrong or nearly did, or a complaint, in the words of whoever told of it."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="incidents")
    # Made by the form, so that a second press stores one incident, not two.
    key = models.UUIDField(unique=True)
    kind = models.CharField(max_length=15, choices=IncidentKind)
    words = models.TextField("what happened")
    happened_on = models.DateField(null=True, blank=True)
    # When somebody in the service first noticed: the 72 hours count from here.
    aware_at = models.DateTimeField()
    # The number only: governance knows no cases, and whoever triages may not open one.
    case_number = models.PositiveBigIntegerField(null=True, blank=True)
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(default=timezone.now)

    objects = IncidentQuerySet.as_manager()  # type: ignore[misc]

    # Set by `with_state`, from the newest rows about it.
    breach: str | None
    harm: str | None
    aware: datetime.datetime
    reported: bool
    told: bool
    finished: bool
    learned: str | None

    privacy = FieldPrivacy(
        special={"words": Scrub.SENTENCE},
        ordinary="service key kind happened_on aware_at case_number reported_by reported_at",
    )

    class Meta:
        ordering = ["-reported_at", "-pk"]
        indexes = [models.Index(fields=["service", "-reported_at"], name="incident_newest")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(words=""),
                name="incident_has_words",
                violation_error_message="Say what happened.",
            )
        ]

    def __str__(self) -> str:
        return f"Incident {self.pk}"

    @property
    def clock_runs(self) -> bool:
        """Whether the 72 hours count; needs `with_state`."""
        return not self.finished and clock_runs(self.breach, reported=self.reported)


class IncidentTriage(InsertOnlyModel):
    """What was decided about an incident. The newest row stands."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="incident_triages")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="triages")
    breach = models.CharField("personal data breach", max_length=10, choices=BreachDecision)
    reason = models.CharField("why", max_length=1000)
    harm = models.CharField("how bad it was", max_length=10, choices=Harm)
    aware_at = models.DateTimeField("when somebody became aware")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        special={"reason": Scrub.SENTENCE},
        ordinary="service incident breach harm aware_at by at",
    )

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="incident_triage_has_reason",
                violation_error_message="Say why.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_breach_display()}, {self.get_harm_display().lower()}"


class IncidentStep(InsertOnlyModel):
    """Something done about an incident: an action, a report, the person told, the end with its learning."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="incident_steps")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=12, choices=StepKind)
    words = models.CharField("what was done", max_length=2000, blank=True)
    reference = models.CharField(max_length=60, blank=True)
    # When it was done, which may be earlier than when it was written down.
    done_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        special={"words": Scrub.SENTENCE},
        ordinary="service incident kind reference done_at by at",
    )

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind__in=sorted(REPORTS)) | ~Q(reference=""),
                name="incident_report_has_reference",
                violation_error_message="Enter the reference that the report was given.",
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

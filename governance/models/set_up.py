from django.db import models
from django.db.models import Q
from django.utils import timezone

from governance.models.agreement import Agreement
from governance.models.impact import ImpactAssessment
from governance.models.insert_only import InsertOnlyModel
from governance.models.organisation import Service
from governance.models.user import User
from governance.privacy import FieldPrivacy


class SetUpPlan(models.Model):
    """The eight months of setting up a service; its lines are in governance/checklists/set_up.toml."""

    service = models.OneToOneField(Service, on_delete=models.PROTECT, related_name="set_up_plan")
    starts_on = models.DateField()
    begun_at = models.DateTimeField(default=timezone.now)
    begun_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(ordinary="service starts_on begun_at begun_by")

    def __str__(self) -> str:
        return f"Set-up of {self.service}"


class MilestoneReport(InsertOnlyModel):
    """Somebody said that a milestone is reached, with what shows it, or took that back; the newest row stands."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="milestone_reports")
    milestone = models.CharField(max_length=40)
    # Empty where an earlier row is taken back.
    done_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    assessment = models.ForeignKey(
        ImpactAssessment, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # An extract by its number: governance does not know extracts, so it asks for them by signal.
    load = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(ordinary="service milestone done_on note agreement assessment load at by")

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_on=None)
                | ~Q(note="")
                | Q(agreement__isnull=False)
                | Q(assessment__isnull=False)
                | Q(load__isnull=False),
                name="milestone_has_evidence",
                violation_error_message="Say what shows it: a note, an agreement, an assessment or an extract.",
            ),
        ]

    def __str__(self) -> str:
        return self.milestone

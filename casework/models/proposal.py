"""Who should take which case, as it was proposed."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from casework.models.case import Case
from governance.models import Service, User
from governance.models.insert_only import InsertOnlyModel
from governance.privacy import FieldPrivacy, Scrub


class Proposal(InsertOnlyModel):
    """One answer to the question who should take the cases that wait. The newest of a service stands."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="proposals")
    weights_version = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=10)
    # Per cent of one worker's capacity (casework.allocation.objective): smaller is better.
    price = models.FloatField()
    greedy_price = models.FloatField()
    seconds = models.FloatField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(ordinary="service weights_version method price greedy_price seconds by at")

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(price__lte=F("greedy_price") + 0.001), name="proposal_not_worse_than_greedy"
            )
        ]

    def __str__(self) -> str:
        return f"Proposal {self.pk}"


class ProposalLine(InsertOnlyModel):
    """Who should take one case, and why, in sentences; nobody where nobody can."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="proposal_lines")
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="lines")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="proposed")
    worker = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    second = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    points = models.FloatField()
    reasons = ArrayField(models.CharField(max_length=200), default=list)

    privacy = FieldPrivacy(
        special={"reasons": Scrub.BLANK},
        ordinary="service proposal case worker second points",
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "case"], name="proposal_case_once"),
            models.CheckConstraint(
                condition=Q(second=None) | Q(worker__isnull=False) & ~Q(second=F("worker")),
                name="proposal_two_are_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} to {self.worker}"

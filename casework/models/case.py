import datetime

from django.db import models
from django.db.models import Case as CaseWhen
from django.db.models import Exists, F, OuterRef, Q, Value, When
from django.urls import reverse
from django.utils import timezone

from casework.allocation.weights import RHYTHM_LABELS, TRAVEL_LABELS, Facts
from casework.models.access import Access, access_of
from casework.rules import OPEN_STAGES, STAGE_LABELS, Stage
from cohorts.models import Candidate, Referral
from governance.models import Objection, Person, Seal, Service, TeamMember, User
from governance.models.insert_only import InsertOnlyModel
from governance.privacy import FieldPrivacy, Scrub
from governance.rights import contact_stopped

STAGE_CHOICES = [(stage.value, label) for stage, label in STAGE_LABELS.items()]


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> "CaseQuerySet":
        """Episodes still going on."""
        return self.filter(stage__in=OPEN_STAGES)

    def for_banner(self) -> "CaseQuerySet":
        """With the person, the worker, and `ever_objected`: whether the person ever objected to anything."""
        objections = Objection.objects.filter(person=models.OuterRef("person"))
        cases = self.select_related("person", "worker").with_contact_stopped()
        return cases.annotate(ever_objected=models.Exists(objections))

    def with_contact_stopped(self) -> "CaseQuerySet":
        """With `is_contact_stopped`: whether the person asked not to be contacted."""
        return self.annotate(is_contact_stopped=contact_stopped())

    def of(self, worker: User) -> "CaseQuerySet":
        """Cases whose main worker this is."""
        return self.filter(worker=worker)

    def carried_by(self, user: User, on: datetime.date) -> "CaseQuerySet":
        """Cases whose main worker this is, or that they help with that day: as second worker or as cover."""
        return self.filter(_carried_by(user, on))

    def mine_first(self, worker: User) -> "CaseQuerySet":
        """A worker's own cases before the others, each by name."""
        own = CaseWhen(When(worker=worker, then=0), default=1, output_field=models.IntegerField())
        return self.order_by(own, "person__first_name", "person__last_name", "pk")

    def listed(self, worker: User, *, stage: str = "", who: str = "") -> "CaseQuerySet":
        """Cases for a list in front of `worker`: one stage, "all", or the open ones; of whom, or "everyone"."""
        cases = self.mine_first(worker).select_related("person", "worker")
        if stage in STAGE_LABELS:
            cases = cases.filter(stage=stage)
        elif stage != "all":
            cases = cases.open()
        if who == "nobody":
            return cases.filter(worker=None)
        return cases.filter(worker=int(who)) if who.isdecimal() else cases

    def sealed_last(self, worker: User) -> "CaseQuerySet":
        """As `mine_first`, with names that are sealed from the worker last: their place would tell the letter."""
        hidden = Exists(Seal.objects.hiding_from(worker).filter(person=OuterRef("person")))
        names = [
            CaseWhen(When(is_hidden=True, then=Value("")), default=F(f"person__{part}"))
            for part in ("first_name", "last_name")
        ]
        own = CaseWhen(When(worker=worker, then=0), default=1, output_field=models.IntegerField())
        return self.annotate(is_hidden=hidden).order_by("is_hidden", own, *names, "pk")

    def not_sealed_from(self, user: User) -> "CaseQuerySet":
        """Without the cases whose record is sealed and does not name the user."""
        return self.exclude(person__in=Seal.objects.hiding_from(user).values("person"))

    def within_reach(self, user: User, on: datetime.date) -> "CaseQuerySet":
        """Cases of the user and of whoever shares a team with them that day; without teams, every case."""
        mates = TeamMember.objects.mates_of(user, on).values("user")
        return self.filter(_carried_by(user, on) | Q(worker__in=mates) | ~Exists(_teams_of_service(on)))

    def with_access(self, user: User, at: datetime.datetime) -> "CaseQuerySet":
        """Each with what decides whether the user may open it at that moment (casework.permissions)."""
        return self.annotate(access=access_of(user, at))


def _carried_by(user: User, on: datetime.date) -> Q:
    helped = user.case_roles.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)
    return Q(worker=user) | Q(pk__in=helped.values("case"))


def _teams_of_service(on: datetime.date) -> models.QuerySet:
    return TeamMember.objects.in_force(on).filter(service=OuterRef("service"))


class Case(models.Model):
    """One episode of support for one person."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="cases")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="cases")
    candidate = models.OneToOneField(
        Candidate, on_delete=models.PROTECT, null=True, blank=True, related_name="case"
    )
    referral = models.OneToOneField(
        Referral, on_delete=models.PROTECT, null=True, blank=True, related_name="case"
    )
    opened_at = models.DateTimeField(default=timezone.now)
    # The day support was first offered, from which pre and post are counted (rules.index_date_after).
    index_date = models.DateField(null=True, blank=True)
    # These repeat the newest row of their histories (StageChange, Allocation, complete Assessment, CaseNeeds, Boundaries), so that a caseload of any length is one query. Written only by the actions that
    # add those rows.
    stage = models.CharField(max_length=12, choices=STAGE_CHOICES, default=Stage.OFFERED)
    worker = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="cases")
    chaos_total = models.PositiveSmallIntegerField("Chaos Score", null=True, blank=True)
    travel = models.CharField(
        max_length=12, blank=True, choices=[(t.value, w) for t, w in TRAVEL_LABELS.items()]
    )
    rhythm = models.CharField(
        max_length=12, blank=True, choices=[(r.value, w) for r, w in RHYTHM_LABELS.items()]
    )
    # When somebody said they would next be in touch.
    next_contact_on = models.DateField(null=True, blank=True)
    last_contact_at = models.DateTimeField(null=True, blank=True)
    # The last day on which nothing is missing in an open case (rules.silent_after); none once it has ended.
    silent_after = models.DateField(null=True, blank=True)

    objects = CaseQuerySet.as_manager()

    # Set by CaseQuerySet.with_access.
    access: Access

    privacy = FieldPrivacy(
        special={"chaos_total": Scrub.KEEP},
        ordinary="service person candidate referral opened_at index_date stage worker next_contact_on "
        "last_contact_at silent_after travel rhythm",
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "person"],
                condition=Q(stage__in=sorted(OPEN_STAGES)),
                name="case_one_open_episode",
                violation_error_message="This person already has an open case.",
            )
        ]
        indexes = [
            models.Index(fields=["service", "worker", "stage"], name="case_caseload"),
            models.Index(
                fields=["service", "silent_after"],
                name="case_silent_after",
                condition=Q(silent_after__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Case {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("casework:case", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN_STAGES

    @property
    def weighed(self) -> Facts:
        """What its weight follows from, by the table of the service (casework.allocation.weights)."""
        return Facts(self.chaos_total, self.stage, self.travel, self.rhythm)


class StageChange(InsertOnlyModel):
    """A case moved along the path."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="stage_changes")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="stages")
    stage = models.CharField(max_length=12, choices=STAGE_CHOICES)
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        special={"reason": Scrub.SENTENCE},
        ordinary="service case stage by at",
    )

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.get_stage_display()

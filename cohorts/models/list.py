from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from cohorts.lists.sentences import sentence
from cohorts.models.rule import CohortRule
from governance.models import Person, Service, User
from governance.models.insert_only import InsertOnlyModel
from governance.privacy import FieldPrivacy, Scrub


class ScreeningDecision(models.TextChoices):
    ACCEPT = "accept", "Take on"
    DECLINE = "decline", "Do not take on"


class ScreeningReason(models.TextChoices):
    """Why somebody is not taken on; each can be reported."""

    CLINICALLY_WARRANTED = "clinically_warranted", "The attendances are clinically needed"
    SUPPORTED_ELSEWHERE = "supported_elsewhere", "Already supported by another team"
    OUT_OF_AREA = "out_of_area", "Lives out of the area"
    END_OF_LIFE = "end_of_life", "On an end-of-life pathway"
    ACUTE_EPISODE = "acute_episode", "In an acute mental health episode"
    UNSAFE = "unsafe", "Too unsafe for staff at present"
    OUT_OF_DATE = "out_of_date", "The list is out of date for this person"
    NO_CAPACITY = "no_capacity", "No room on the caseload this quarter"
    OBJECTED = "objected", "Asked not to be contacted"


# A candidate that a merge left behind, because the record that stays is on the list as well. One that was
# decided on before is shown on: it says what was decided.
LEFT_BEHIND = Q(screening=None, person__merged_into__isnull=False)


class CohortListQuerySet(models.QuerySet["CohortList"]):
    def with_decisions(self) -> "CohortListQuerySet":
        """Each with `accepted` and `declined`: how many candidates were decided on, and how.

        And with `merged`: of how many the record that stays is on the list too, so that nobody decides on them.
        """
        of_list = Candidate.objects.filter(cohort_list=OuterRef("pk"))
        return self.annotate(
            merged=_how_many(of_list.filter(LEFT_BEHIND)),
            **{
                name: _how_many(
                    Screening.objects.filter(candidate__cohort_list=OuterRef("pk"), decision=decision)
                )
                for name, decision in (
                    ("accepted", ScreeningDecision.ACCEPT),
                    ("declined", ScreeningDecision.DECLINE),
                )
            },
        )

    def with_gaps(self) -> "CohortListQuerySet":
        """Each with `no_age`, `no_recent` and `no_admissions`: for how many candidates nothing was supplied."""
        candidates = Candidate.objects.filter(cohort_list=OuterRef("pk"))
        return self.annotate(
            no_age=_how_many(candidates.filter(age=None)),
            no_recent=_how_many(candidates.filter(recent_count=None)),
            no_admissions=_how_many(candidates.filter(admissions=None)),
        )

    def with_waiting(self) -> "CohortListQuerySet":
        """Each with `waits_for_signature`: whether a shortlist of it is put forward and not signed."""
        waiting = CohortList.objects.filter(
            pk=OuterRef("pk"), shortlists__isnull=False, shortlists__signature=None
        )
        return self.annotate(waits_for_signature=Exists(waiting))


def _how_many(rows: models.QuerySet) -> Coalesce:
    """A subquery that counts rows without multiplying those around it."""
    counted = rows.order_by().values(one=Value(1)).annotate(n=Count("*")).values("n")
    return Coalesce(Subquery(counted), 0)


class CohortList(models.Model):
    """The result of one version of a rule as at a day."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="cohort_lists")
    rule = models.ForeignKey(CohortRule, on_delete=models.PROTECT, related_name="lists")
    as_at = models.DateField()
    # The newest day any source had reported when the list was made: how stale it is.
    data_to = models.DateField(null=True, blank=True)
    considered = models.PositiveIntegerField("people with any activity in the window")
    selected = models.PositiveIntegerField()
    excluded = models.JSONField(default=dict, blank=True)
    # Of which settings of the rule how many attendances or people had no value: {setting: number}.
    not_supplied = models.JSONField(default=dict, blank=True)
    removed = models.PositiveIntegerField("people on it who are not kept any more", default=0)
    built_at = models.DateTimeField(default=timezone.now)
    built_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = CohortListQuerySet.as_manager()

    privacy = FieldPrivacy(
        ordinary="service rule as_at data_to considered selected excluded not_supplied removed built_at built_by",
    )

    class Meta:
        ordering = ["-as_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.rule.title}, as at {self.as_at:%-d %B %Y}"

    @property
    def sentence(self) -> str:
        """The rule in plain English, with the day of this list."""
        return sentence(self.rule, self.as_at)


class Candidate(models.Model):
    """A person on a list, with the counts that put them there."""

    noted_by = "cohort_list"

    # No database constraint on these three: checked row by row they took as long as finding the people.
    # A trigger per statement refuses rows that point nowhere (migration rows_point_somewhere). The unique constraints
    # below serve as the indexes of the list and of the person.
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="candidates", db_constraint=False, db_index=False
    )
    cohort_list = models.ForeignKey(
        CohortList, on_delete=models.CASCADE, related_name="candidates", db_constraint=False, db_index=False
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="candidacies", db_constraint=False, db_index=False
    )
    rank = models.PositiveIntegerField()
    count = models.PositiveIntegerField()
    recent_count = models.PositiveIntegerField(null=True, blank=True)
    admissions = models.PositiveIntegerField(null=True, blank=True)
    last_on = models.DateField("latest attendance", null=True, blank=True)
    age = models.PositiveSmallIntegerField(null=True, blank=True)

    # Set by cohorts.pages.screening.with_seal.
    is_hidden: bool
    gave_reason: bool

    privacy = FieldPrivacy(
        personal={"age": Scrub.KEEP},
        special={
            "count": Scrub.KEEP,
            "recent_count": Scrub.KEEP,
            "admissions": Scrub.KEEP,
            "last_on": Scrub.KEEP,
        },
        ordinary="service cohort_list person rank",
    )

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["person", "cohort_list"], name="candidate_once_per_list"),
            models.UniqueConstraint(fields=["cohort_list", "rank"], name="candidate_rank_once"),
        ]

    def __str__(self) -> str:
        return f"Candidate {self.rank} of list {self.cohort_list_id}"


class Screening(InsertOnlyModel):
    """The lead's decision on a candidate, with a coded reason. Final: one to a candidate."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="screenings")
    candidate = models.OneToOneField(Candidate, on_delete=models.PROTECT, related_name="screening")
    decision = models.CharField(max_length=10, choices=ScreeningDecision)
    reason = models.CharField(max_length=30, choices=ScreeningReason, blank=True)
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        special={"note": Scrub.SENTENCE},
        ordinary="service candidate decision reason by at",
    )

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="accept", reason="") | (Q(decision="decline") & ~Q(reason="")),
                name="screening_decline_has_reason",
                violation_error_message="Choose a reason for not taking this person on.",
            )
        ]

    def __str__(self) -> str:
        return self.get_decision_display()


class ListCount(InsertOnlyModel):
    """What evaluation keeps of somebody who was on a list, was not taken on, and is not kept any more.

    Who it was cannot be told: `key` is an HMAC of the NHS number under a key outside the database.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="list_counts")
    cohort_list = models.ForeignKey(CohortList, on_delete=models.PROTECT, related_name="counts_kept")
    key = models.CharField(max_length=64)
    # The first day of the month of the list.
    month = models.DateField()
    count = models.PositiveIntegerField()
    age_band = models.CharField(max_length=10, blank=True)
    sex = models.CharField(max_length=1, blank=True)

    privacy = FieldPrivacy(
        personal={"key": Scrub.IDENTIFIER, "age_band": Scrub.KEEP, "sex": Scrub.KEEP},
        special={"count": Scrub.KEEP},
        ordinary="service cohort_list month",
    )

    class Meta:
        ordering = ["month", "pk"]
        constraints = [models.UniqueConstraint(fields=["cohort_list", "key"], name="list_count_once")]

    def __str__(self) -> str:
        return f"Count of {self.month:%B %Y}"

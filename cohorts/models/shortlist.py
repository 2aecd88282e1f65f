from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from cohorts.models.list import Candidate, CohortList
from governance.models import Service, User
from governance.models.insert_only import InsertOnlyModel
from governance.privacy import FieldPrivacy, Scrub


class Benefit(models.IntegerChoices):
    LIKELY = 1, "Likely to benefit"
    MAYBE = 2, "May benefit"
    LATER = 3, "Better later"


class BenefitView(InsertOnlyModel):
    """What a lead thinks: would support from this service help this person now? The newest row stands.

    It is about what the service can do, never a score of the person.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="benefit_views")
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="benefit_views")
    benefit = models.PositiveSmallIntegerField(choices=Benefit)
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        special={"benefit": Scrub.KEEP, "note": Scrub.SENTENCE}, ordinary="service candidate by at"
    )

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(benefit__in=Benefit.values), name="benefit_view_is_one")
        ]

    def __str__(self) -> str:
        return self.get_benefit_display()


class Shortlist(InsertOnlyModel):
    """Whom a lead would take on from a list, as a whole; nothing happens before it is signed."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="shortlists")
    cohort_list = models.ForeignKey(CohortList, on_delete=models.PROTECT, related_name="shortlists")
    # Ids of candidates. Not keys: retention may remove somebody before anybody signs.
    candidates = ArrayField(models.BigIntegerField())
    needs_second = models.BooleanField("somebody else has to sign as well")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(ordinary="service cohort_list candidates needs_second by at")

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{len(self.candidates)} people of list {self.cohort_list_id}"


class ShortlistSignature(InsertOnlyModel):
    """A shortlist was signed, and its people taken on; or it was put aside."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="shortlist_signatures")
    shortlist = models.OneToOneField(Shortlist, on_delete=models.PROTECT, related_name="signature")
    taken_on = models.BooleanField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(ordinary="service shortlist taken_on by at")

    def __str__(self) -> str:
        return "Taken on" if self.taken_on else "Put aside"


def with_benefit(candidates: QuerySet[Candidate]) -> QuerySet[Candidate]:
    """Candidates, each with `benefit` and `benefit_note`: what the lead thinks now, or None."""
    newest = BenefitView.objects.filter(candidate=OuterRef("pk")).order_by("-at", "-pk")
    return candidates.annotate(
        benefit=Subquery(newest.values("benefit")[:1]), benefit_note=Subquery(newest.values("note")[:1])
    )

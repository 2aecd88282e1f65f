from django.db import models
from django.utils import timezone

from cohorts.models.list import CohortList
from governance.models import Service, User
from governance.models.insert_only import InsertOnlyModel
from governance.privacy import FieldPrivacy


class LotsDrawn(InsertOnlyModel):
    """Chance decided who comes first among equals of a list. Once: drawn again until it suits, it were no chance."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="lots_drawn")
    cohort_list = models.OneToOneField(CohortList, on_delete=models.PROTECT, related_name="lots")
    # With it and the ids of the candidates everybody gets the same order again (cohorts.lists.lots).
    seed = models.BigIntegerField()
    people = models.PositiveIntegerField("people who tied with somebody")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(ordinary="service cohort_list seed people by at")

    def __str__(self) -> str:
        return f"Lots of list {self.cohort_list_id}"

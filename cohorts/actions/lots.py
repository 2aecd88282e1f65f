"""Leaving to chance who comes first among equals of a list."""

import secrets

from django.db import transaction
from django.db.models import F, Max

from cohorts.actions.shortlist import wait_for_others
from cohorts.lists import lots
from cohorts.models import LEFT_BEHIND, CohortList, LotsDrawn
from governance import audit
from governance.models import User
from governance.rules import RuleBroken

_SEEDS = 2**62


@transaction.atomic
def draw(*, cohort_list: CohortList, by: User) -> LotsDrawn:
    """Give the undecided people of a list who tie in attendances their places among each other by lot, once.

    Raises:
        RuleBroken: lots were drawn before, a shortlist waits for a signature, or nobody ties with anybody.
    """
    wait_for_others(cohort_list.pk)
    before = LotsDrawn.objects.filter(cohort_list=cohort_list).select_related("by").first()
    if before is not None:
        raise RuleBroken(f"{before.by.name} has drawn lots for this list already. They are drawn only once.")
    if cohort_list.shortlists.filter(signature=None).exists():
        raise RuleBroken("A shortlist of this list waits for a signature. Sign it or put it aside first.")
    undecided = cohort_list.candidates.filter(~LEFT_BEHIND, screening=None)
    seed = secrets.randbelow(_SEEDS)
    places = lots.draw((lots.InDraw(*row) for row in undecided.values_list("pk", "rank", "count")), seed)
    if not places:
        raise RuleBroken("No two people who wait here have as many attendances. There is nothing to draw.")
    _place(cohort_list, places)
    drawn = LotsDrawn.objects.create(
        service=cohort_list.service, cohort_list=cohort_list, seed=seed, people=len(places), by=by
    )
    changes = {"people": len(places), "seed": seed}
    audit.record("lots_drawn", service=cohort_list.service, by=by, on=drawn, changes=changes)
    return drawn


def _place(cohort_list: CohortList, places: dict[int, int]) -> None:
    """Past the end of the list first: a place is held by one candidate at every moment."""
    everyone = cohort_list.candidates
    last = everyone.aggregate(last=Max("rank"))["last"]
    moved = everyone.filter(pk__in=places)
    moved.update(rank=F("rank") + last)
    rows = list(moved)
    for row in rows:
        row.rank = places[row.pk]
    everyone.bulk_update(rows, ["rank"], batch_size=1000)

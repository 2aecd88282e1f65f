"""The line: whom the free places reach, who falls below it, and what waits for a signature."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from cohorts.areas import living
from cohorts.lists import case_mix, equity
from cohorts.lists.tiers import tier_of
from cohorts.models import LEFT_BEHIND, Candidate, CohortList, Shortlist
from cohorts.models.shortlist import with_benefit
from cohorts.pages.screening import with_seal
from cohorts.signals import places_free
from governance.models import Service, User
from governance.rights import not_to_be_contacted


@dataclass(frozen=True)
class Board:
    """Everybody who can still be taken on from a list, in the order of the line."""

    candidates: dict[int, Candidate]
    waiting: list[case_mix.Waiting]
    # How many are left aside: sealed, asked not to be contacted, or have died.
    aside: int

    @property
    def by_tier(self) -> dict[str, int]:
        """How many there are in each tier, the fullest rule order kept."""
        return dict(Counter(each.tier for each in self.waiting))


def board(service: Service, user: User, cohort_list: CohortList) -> Board:
    """Read the undecided people of a list, in two queries."""
    rows: QuerySet = with_benefit(cohort_list.candidates.filter(~LEFT_BEHIND, screening=None)).select_related(
        "person"
    )
    everyone: list[Any] = list(with_seal(service, user, rows, timezone.now()).order_by("rank"))
    objected = set(not_to_be_contacted(service))
    can: list[Any] = [
        row for row in everyone if not (row.is_hidden or row.person.died_on or row.person_id in objected)
    ]
    tiers = cohort_list.rule.tiers
    waiting = [case_mix.Waiting(r.pk, r.rank, tier_of(tiers, r.count), r.benefit) for r in can]
    return Board({row.pk: row for row in can}, waiting, len(everyone) - len(can))


def free_places(service: Service) -> int | None:
    """How many more people the team can carry, as casework knows it; None where nobody has set hours."""
    answers = places_free.send(sender=Service, service=service)
    return next((int(number) for _, number in answers if number is not None), None)


def line(found: Board, mix: dict[str, int]) -> dict[str, Any]:
    """Who is above and who below, and how the groups compare."""
    above = case_mix.above_the_line(found.waiting, mix)
    ids = {each.candidate for each in above}
    below = [each for each in sorted(found.waiting, key=case_mix.order) if each.candidate not in ids]
    deciles = living.deciles_by_postcode(row.person.postcode for row in found.candidates.values())
    return {
        "above": [_named(found, each) for each in above],
        "below": [_named(found, each) for each in below],
        "comparisons": equity.compare(
            [_member(found, each, deciles) for each in above],
            [_member(found, each, deciles) for each in below],
        ),
    }


def open_shortlist(cohort_list: CohortList) -> Shortlist | None:
    """The one that waits for a signature."""
    return cohort_list.shortlists.filter(signature=None).select_related("by").first()


def _named(found: Board, each: case_mix.Waiting) -> dict[str, Any]:
    row = found.candidates[each.candidate]
    return {"candidate": row, "name": row.person.short_name, "tier": each.tier, "benefit": each.benefit}


def _member(found: Board, each: case_mix.Waiting, deciles: Mapping[str, Mapping[str, int]]) -> equity.Member:
    row = found.candidates[each.candidate]
    person = row.person
    return equity.Member(row.age, person.sex, person.ethnicity, deciles.get(person.postcode, {}))

"""How often chance decided who was approached, on which the figures by the offer rest."""

import datetime
from dataclasses import dataclass

from django.db.models import Count, F, Min, Q

from cohorts.models import ScreeningDecision
from governance.models import Service


@dataclass(frozen=True)
class Lots:
    """Of the lists from which anybody was taken on: how many there are, and for how many lots were drawn before."""

    lists: int
    drawn: int

    @property
    def always(self) -> bool:
        return self.lists == self.drawn > 0

    @property
    def words(self) -> str:
        """What it means for the figures by the offer."""
        if self.always:
            where = "the list" if self.lists == 1 else f"each of the {self.lists} lists"
            return (
                f"Lots decided who came first among people with as many attendances, on {where} that people were "
                "taken on from. So among equals chance decided who was approached, which the figures by the offer rest on."
            )
        drawn = (
            f"Lots were drawn on {self.drawn} of {self.lists} lists" if self.drawn else "No lots were drawn"
        )
        return (
            f"{drawn} to decide who came first among people with as many attendances. The figures by the offer "
            "hold as far as those approached were like the others with the same past."
        )


def lots_of(service: Service, *, after: datetime.datetime, known: datetime.datetime) -> Lots:
    """Counted before the moment `after`, from what was stored before `known`. One query."""
    taken = Q(
        candidates__screening__decision=ScreeningDecision.ACCEPT,
        candidates__screening__at__lt=min(after, known),
    )
    lists = service.cohort_lists.filter(taken).annotate(first=Min("candidates__screening__at", filter=taken))
    found = lists.order_by().aggregate(
        lists=Count("pk"), drawn=Count("pk", filter=Q(lots__at__lte=F("first")))
    )
    return Lots(**found)

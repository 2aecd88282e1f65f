"""What the page of the Chaos Score needs to know."""

from django.db.models import Count, Q

from casework.models import Assessment, Case, Instrument
from governance.models import Service

CHAOS_SCORE = "chaos-score"
EARLIER_SHOWN = 6


def instrument_for(service: Service) -> Instrument | None:
    """The newest Chaos Score: the service's own wording where it has one, else the one for everybody."""
    usable = Instrument.objects.filter(Q(service=service) | Q(service=None), slug=CHAOS_SCORE)
    return max(usable, key=lambda row: (row.service_id is not None, row.version), default=None)


def earlier(case: Case) -> list[Assessment]:
    """The newest scorings of a case, each with how many questions were answered."""
    rows = case.assessments.select_related("by").annotate(answered=Count("answers"))
    return list(rows[:EARLIER_SHOWN])

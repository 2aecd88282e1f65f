"""What the page of the Chaos Score needs to know."""

from django.db.models import Count, Q

from casework.models import Assessment, Case, Instrument, InstrumentItem
from governance.models import Service

CHAOS_SCORE = "chaos-score"
EARLIER_SHOWN = 6


def questions_for(service: Service) -> list[InstrumentItem]:
    """The questions of the newest Chaos Score: of the service's own wording, else of everybody's."""
    usable = InstrumentItem.objects.filter(
        Q(instrument__service=service) | Q(instrument__service=None), instrument__slug=CHAOS_SCORE
    ).select_related("instrument")
    newest = max((item.instrument for item in usable), key=_own_and_newest, default=None)
    return [item for item in usable if item.instrument == newest]


def _own_and_newest(instrument: Instrument) -> tuple[bool, int]:
    return instrument.service_id is not None, instrument.version


def earlier(case: Case) -> list[Assessment]:
    """The newest scorings of a case, each with how many questions were answered."""
    rows = case.assessments.select_related("by").annotate(answered=Count("answers"))
    return list(rows[:EARLIER_SHOWN])

"""Why a file that came by itself waits for somebody, read from its plan and from the file before it."""

from cohorts.models import Arrival, Extract, ExtractStatus, SourcePlan
from cohorts.ways_in import arriving


def why_waits(extract: Extract) -> str:
    """Why a checked extract waits, if it came by itself; empty for one that somebody uploaded."""
    arrival = Arrival.objects.filter(extract=extract).select_related("extract", "source").first()
    if arrival is None or not SourcePlan.objects.filter(source=arrival.source).exists():
        return ""
    return why_look(arrival)


def why_look(arrival: Arrival) -> str:
    """Why somebody has to look at a checked file before it is stored; empty where nobody has to."""
    extract, source = arrival.extract, arrival.source
    assert extract is not None
    assert source is not None
    before = (
        Arrival.objects.filter(source=source, extract__status=ExtractStatus.COMMITTED)
        .exclude(pk=arrival.pk)
        .order_by("-extract__committed_at", "-pk")
        .first()
    )
    plan = SourcePlan.objects.get(source=source)
    return arriving.why_look(
        stores_itself=plan.stores_itself,
        most_rejected=plan.most_rejected,
        read=extract.rows_read,
        rejected=extract.rows_rejected,
        kept=extract.rows_kept,
        unmatched=extract.rows_unmatched,
        held_before=bool(extract.problem),
        answers=extract.answers_id is not None,
        header=arrival.header,
        header_before=before.header if before else None,
    )

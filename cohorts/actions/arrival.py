"""A file that came in by itself: taken in once, checked, and stored by itself only where that was agreed."""

from contextlib import suppress
from pathlib import Path

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from cohorts import intake
from cohorts.actions import extract as extracts
from cohorts.models import GONE, Arrival, ArrivalState, Extract, ExtractStatus, Shape, SourcePlan, Way
from cohorts.pipeline import read
from cohorts.pipeline.problems import Unreadable
from cohorts.ways_in import arriving
from cohorts.ways_in.waiting import why_look
from governance import audit
from governance.rules import RuleBroken

# Nothing more becomes of the extract: a message can be acknowledged.
SETTLED = (ExtractStatus.COMMITTED, *GONE)


@transaction.atomic
def take_in(
    *, plan: SourcePlan, way: Way, key: str, name: str, upload: File, sender: str = "", problem: str = ""
) -> Arrival:
    """Receive a file for a source and note where it came from; the same key again gives what it gave before.

    A file that cannot be used is an arrival with a problem, not an error: nobody is there to be told.

    Args:
        problem: why it cannot be used, where that is known before it is opened.
    """
    before = Arrival.objects.filter(way=way, key=key).first()
    if before is not None and before.state != ArrivalState.PARKED and not broke_off(before):
        return before
    source, extract = plan.source, None
    if not problem:
        extract, problem = _received(plan, name, upload)
    arrival = before or Arrival(way=way, key=key)
    arrival.service, arrival.source, arrival.extract = plan.service, source, extract
    arrival.name, arrival.sender, arrival.problem = intake.safe_name(name), sender, problem
    arrival.workflow, arrival.state = plan.mesh_workflow if way == Way.MESH else "", ArrivalState.TAKEN
    arrival.header = _header(extract) if extract else []
    arrival.save()
    changes = {"way": way, "source": source.slug, "extract": extract.pk if extract else None}
    audit.record("file_arrived", service=plan.service, by=None, on=arrival, changes=changes)
    return arrival


def work_on(*, arrival: Arrival) -> Arrival:
    """Check what arrived, and store it where its plan says so; safe to call again after a break."""
    extract = arrival.extract
    if extract is None or extract.status in SETTLED:
        return arrival
    extracts.check(extract=extract)
    extract.refresh_from_db()
    if extract.status == ExtractStatus.PREVIEWED and not why_look(arrival):
        with suppress(RuleBroken):  # the agreement stopped meanwhile: somebody has to look
            extracts.commit(extract=extract, by=None)
    extracts.store(extract=extract)
    extract.refresh_from_db()
    return arrival


@transaction.atomic
def settle(*, arrival: Arrival) -> None:
    """Note that its sender or its folder has been told, so that it is looked at no more."""
    if arrival.state == ArrivalState.SETTLED:
        return
    arrival.state, arrival.settled_at = ArrivalState.SETTLED, timezone.now()
    arrival.save(update_fields=["state", "settled_at"])
    audit.record("file_settled", service=arrival.service, by=None, on=arrival)


@transaction.atomic
def park(*, key: str, sender: str, workflow: str) -> Arrival:
    """Note a message that no source expects. Nothing of it is read, and it stays in the mailbox."""
    arrival, is_new = Arrival.objects.get_or_create(
        way=Way.MESH,
        key=key,
        defaults={
            "sender": sender,
            "workflow": workflow,
            "state": ArrivalState.PARKED,
            "problem": f"No source receives the workflow “{workflow}” from {sender}.",
        },
    )
    if is_new:
        audit.record("message_parked", service=None, by=None, on=arrival, changes={"workflow": workflow})
    return arrival


def broke_off(arrival: Arrival) -> bool:
    """Whether the work on it was given up for no fault of the file: it is to be taken in once more."""
    extract = arrival.extract
    return extract is not None and extract.problem == intake.BROKE_OFF


def is_over(arrival: Arrival) -> bool:
    """Whether nothing more becomes of what arrived: it is stored, refused, thrown away, or was no use."""
    if broke_off(arrival):
        return False
    return arrival.extract is None or bool(arrival.problem) or arrival.extract.status in SETTLED


def _received(plan: SourcePlan, name: str, upload: File) -> tuple[Extract | None, str]:
    as_at = arriving.day_in_name(name) if plan.source.shape == Shape.PEOPLE else None
    try:
        with transaction.atomic():
            received = extracts.receive(
                service=plan.service, source=plan.source, upload=upload, by=None, as_at=as_at, ring=False
            )
            return received, ""
    except extracts.AlreadyLoaded as same:
        return same.extract, str(same)
    except (RuleBroken, Unreadable) as refusal:
        return None, str(refusal)


def _header(extract: Extract) -> list[str]:
    """The names of the columns; none where the check will refuse the file anyway."""
    try:
        opened = read.open_table(
            Path(extract.file.path), name=extract.original_name, expected=extract.source.columns
        )
        with opened as table:
            return list(table.header)
    except Unreadable:
        return []

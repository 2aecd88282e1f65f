"""Messages of our NHS MESH mailbox: each taken in once, and acknowledged when nothing more becomes of it.

Acknowledging deletes a message for good, so it comes last. Whatever breaks off before is found again: the
message still lies in the mailbox, and its number in our ledger.
"""

import datetime
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.utils import timezone
from mesh_client import MeshClient
from requests import RequestException

from cohorts.actions import arrival as arrivals
from cohorts.actions.extract_work import check_agreement
from cohorts.lease import only_one
from cohorts.models import Arrival, ArrivalState, SourcePlan, Way
from governance import scope
from governance.rules import RuleBroken

log = logging.getLogger(__name__)
_PIECE = 1024 * 1024
MOST_BYTES = 200 * 1024 * 1024
TRIED_AGAIN_AFTER = datetime.timedelta(hours=1)
TOO_LARGE = "This file is larger than 200 MB, so we stopped. Ask for it in parts."


class _Broken(Exception):
    """A message did not come whole."""


@contextmanager
def mailbox() -> Iterator[MeshClient]:
    """Our mailbox, as the settings name it."""
    certificate = (settings.MESH_CERT, settings.MESH_KEY) if settings.MESH_CERT else None
    client = MeshClient(
        settings.MESH_URL,
        settings.MESH_MAILBOX,
        settings.MESH_PASSWORD,
        shared_key=settings.MESH_SHARED_KEY.encode(),
        cert=certificate,
        verify=settings.MESH_CA or None,
        timeout=60,
        application_name="hiu",
    )
    with client:
        yield client


def collect(client: MeshClient) -> list[Arrival]:
    """Go through the mailbox once, for all services; returns what lies in it and what was settled."""
    with scope.every_service(), only_one("cohorts.mesh", 0) as held:
        if not held:
            return []
        found = []
        there = list(client.iterate_message_ids())
        for message_id in there:
            try:
                found.append(_look_at(client, message_id))
            except (_Broken, RequestException) as problem:
                log.warning("Message %s is left for the next round: %s", message_id, type(problem).__name__)
        found += _acknowledged_before(there)
        return [each for each in found if each is not None]


def _look_at(client: MeshClient, message_id: str) -> Arrival | None:
    arrival = _known(message_id)
    if arrival is None or arrival.state == ArrivalState.PARKED or _try_again(arrival):
        arrival = _fetch(client, message_id)
    if arrival is None or arrival.state == ArrivalState.PARKED:
        return arrival
    assert arrival.service is not None
    with scope.of(arrival.service):
        arrival = arrivals.work_on(arrival=arrival)
        if arrivals.is_over(arrival):
            client.acknowledge_message(message_id)
            arrivals.settle(arrival=arrival)
    return arrival


def _try_again(arrival: Arrival) -> bool:
    """Work that was interrupted until it was given up is begun anew, an hour later; the message is still there."""
    extract = arrival.extract
    return (
        arrivals.broke_off(arrival)
        and extract is not None
        and extract.received_at < timezone.now() - TRIED_AGAIN_AFTER
    )


def _known(message_id: str) -> Arrival | None:
    rows = Arrival.objects.select_related("service", "source", "extract__service", "extract__source")
    return rows.filter(way=Way.MESH, key=message_id).first()


def _fetch(client: MeshClient, message_id: str) -> Arrival | None:
    """Take a message in, or leave it: unread where no source expects it or no agreement allows it today."""
    message = client.retrieve_message(message_id)
    try:
        sender, workflow = message.sender or "", message.workflow_id or ""
        plan = _plan_for(sender, workflow)
        if plan is None:
            log.warning("Message %s is parked: no source expects its workflow.", message_id)
            return arrivals.park(key=message_id, sender=sender, workflow=workflow)
        with scope.of(plan.service):
            try:
                check_agreement(plan.source)
            except RuleBroken:
                log.warning("Message %s waits for the agreement of source %s.", message_id, plan.source_id)
                return None
            return _taken(plan, message, message_id, sender)
    finally:
        message.close()


def _taken(plan: SourcePlan, message: Any, message_id: str, sender: str) -> Arrival:
    name = message.filename or f"{message_id}.csv"
    with NamedTemporaryFile(dir=_folder()) as file:
        size = 0
        while piece := _read(message):
            size += len(piece)
            if size > MOST_BYTES:
                break
            file.write(piece)
        file.flush()
        file.seek(0)
        arrival = arrivals.take_in(
            plan=plan,
            way=Way.MESH,
            key=message_id,
            name=name,
            upload=File(file, name=name),
            sender=sender,
            problem=TOO_LARGE if size > MOST_BYTES else "",
        )
    return _known(message_id) or arrival


def _read(message: Any) -> bytes:
    try:
        piece: bytes = message.read(_PIECE)
    except Exception as problem:  # whatever the transport makes of a line that breaks
        raise _Broken from problem
    return piece


def _folder() -> str:
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    return str(settings.MEDIA_ROOT)


def _plan_for(sender: str, workflow: str) -> SourcePlan | None:
    """The source that expects such a message; one that names the sender before one that takes any."""
    plans = (
        SourcePlan.objects.filter(mesh_workflow=workflow, mesh_sender__in=["", sender]) if workflow else None
    )
    if plans is None:
        return None
    return plans.select_related("service", "source__agreement").order_by("-mesh_sender").first()


def _acknowledged_before(there: list[str]) -> list[Arrival]:
    """What was acknowledged by a round that ended before it could say so."""
    left = Arrival.objects.filter(way=Way.MESH, state=ArrivalState.TAKEN).exclude(key__in=there)
    over = [each for each in left.select_related("service", "extract") if arrivals.is_over(each)]
    for each in over:
        assert each.service is not None
        with scope.of(each.service):
            arrivals.settle(arrival=each)
    return over

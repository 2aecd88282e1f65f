"""Background work on extracts. The ledger is the extract's status; a task is only a nudge to look at it."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from cohorts.actions import extract as actions
from cohorts.actions import folder, identity, mesh, plan, undo
from governance import scope
from governance.models import Service


@shared_task
def check_extract(service_id: int, extract_id: int) -> None:
    """Check a received file and make its preview."""
    service = Service.objects.get(pk=service_id)
    with scope.of(service):
        actions.check(extract=service.extracts.get(pk=extract_id))


@shared_task
def store_extract(service_id: int, extract_id: int) -> None:
    """Store the rows of an extract whose preview was accepted."""
    service = Service.objects.get(pk=service_id)
    with scope.of(service):
        actions.store(extract=service.extracts.get(pk=extract_id))


@shared_task
def make_findable(service_id: int, extract_id: int) -> None:
    """Make the people of a stored extract findable by the name and the number it gives them."""
    service = Service.objects.get(pk=service_id)
    with scope.of(service):
        identity.make_findable(extract=service.extracts.get(pk=extract_id))


@shared_task
def take_back_extract(service_id: int, extract_id: int) -> None:
    """Undo an extract for which somebody asked it."""
    service = Service.objects.get(pk=service_id)
    with scope.of(service):
        undo.take_back(extract=service.extracts.get(pk=extract_id))


@shared_task
def sweep_extracts() -> None:
    """Start again what a killed worker, or a queue that lost its memory, left lying."""
    for service in Service.objects.all():
        with scope.of(service):
            actions.sweep(service=service)


@shared_task
def watch_folders() -> None:
    """Take in what was put into the watched folders."""
    for service in Service.objects.all():
        with scope.of(service):
            folder.look(service=service)


@shared_task
def collect_mesh() -> None:
    """Take in what came to our MESH mailbox, and acknowledge what is done with."""
    if settings.MESH_URL:
        with mesh.mailbox() as client:
            mesh.collect(client)


@shared_task
def keep_calendar() -> None:
    """Write down when files are expected, and call late what is late; once a day."""
    for service in Service.objects.all():
        with scope.of(service):
            plan.keep_calendar(service=service, today=timezone.localdate())

"""Background work on extracts. The ledger is the extract's status; a task is only a nudge to look at it."""

from celery import shared_task

from cohorts.actions import extract as actions
from cohorts.models import Extract


@shared_task
def check_extract(extract_id: int) -> None:
    """Check a received file and make its preview."""
    actions.check(extract=Extract.objects.get(pk=extract_id))


@shared_task
def store_extract(extract_id: int) -> None:
    """Store the rows of an extract whose preview was accepted."""
    actions.store(extract=Extract.objects.get(pk=extract_id))


@shared_task
def sweep_extracts() -> None:
    """Start again what a killed worker, or a queue that lost its memory, left lying."""
    actions.sweep()

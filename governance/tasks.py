"""What the scheduler asks of governance, for the whole installation."""

from celery import shared_task

from governance import audit, scope, verification


@shared_task
def seal_changes() -> None:
    """Seal the notes of changes that no event has sealed."""
    with scope.every_service():
        audit.seal_the_rest()


@shared_task
def anchor_audit() -> None:
    """Write down outside the database where each chain of the audit stands."""
    with scope.every_service():
        verification.write_anchors()

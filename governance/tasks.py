"""What the scheduler asks of governance, for the whole installation."""

from celery import shared_task

from governance import audit, scope, verification
from governance.actions import retention, search_keys, sign_in
from governance.models import Service


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


@shared_task
def forget_sessions() -> None:
    """Throw away sessions and counts of tries that are over."""
    sign_in.forget_what_is_over()


@shared_task
def refresh_search_keys() -> None:
    """Make everybody findable by the name and the number they have now, whatever was missed; once a day."""
    for service in Service.objects.all():
        with scope.of(service):
            search_keys.refresh(service=service)


@shared_task
def purge_expired() -> None:
    """Apply the retention schedule to every service; once a day."""
    retention.purge_all()

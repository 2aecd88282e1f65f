"""Background work of governance: what runs by the clock."""

from celery import shared_task

from governance.actions import retention


@shared_task
def purge_expired() -> None:
    """Apply the retention schedule to every service; once a day."""
    retention.purge_all()

"""What the scheduler asks of casework."""

from celery import shared_task
from django.utils import timezone

from casework.actions import visit
from governance import scope
from governance.models import Service


@shared_task
def watch_visits() -> None:
    """Note whoever should be out of a visit and has not said so; once a minute."""
    for service in Service.objects.all():
        with scope.of(service):
            visit.raise_alarms(service=service, now=timezone.now())

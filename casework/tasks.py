"""What the scheduler and pages ask of casework."""

from celery import shared_task
from django.utils import timezone

from casework.actions import calibration, visit
from governance import scope
from governance.models import Service, User


@shared_task
def watch_visits() -> None:
    """Note whoever should be out of a visit and has not said so; once a minute."""
    for service in Service.objects.all():
        with scope.of(service):
            visit.raise_alarms(service=service, now=timezone.now())


@shared_task
def compare_weights(service_id: int, user_id: int) -> None:
    """Compare the weights of one service with what was logged in the last quarter, for whoever asked."""
    service = Service.objects.get(pk=service_id)
    with scope.of(service):
        calibration.compare(service=service, by=User.objects.get(pk=user_id))


@shared_task
def compare_all_weights() -> None:
    """The same for every service; once a quarter."""
    for service in Service.objects.all():
        with scope.of(service):
            calibration.compare(service=service, by=None)

"""Background work on reports."""

import logging

from celery import shared_task
from django.utils import timezone

from evaluation import quarters
from evaluation.actions import report as actions
from governance import scope
from governance.models import Service
from governance.rules import RuleBroken

logger = logging.getLogger(__name__)


@shared_task
def draft_reports() -> None:
    """Draft the report of the quarter that ended last, for each service that has none. People release it.

    Whatever is wrong with one service is logged, and the next has its turn.
    """
    quarter = quarters.of(timezone.localdate()).previous
    for service in Service.objects.all():
        try:
            _draft(service, quarter)
        except RuleBroken as problem:
            logger.warning("No report of %s for service %s: %s", quarter, service.pk, problem)
        except Exception:
            logger.exception("No report of %s for service %s", quarter, service.pk)


def _draft(service: Service, quarter: quarters.Quarter) -> None:
    with scope.of(service):
        if not service.reports.filter(quarter=str(quarter)).exists():
            actions.freeze(service=service, quarter=quarter, by=None)

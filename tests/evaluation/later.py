"""What happens after a report was frozen, and the report worked out again a year on."""

import contextlib
from collections.abc import Iterator

import time_machine
from django.db import connection

from cohorts.models import Activity, Extract
from evaluation.frozen.rederive import Rederived, rederive
from evaluation.models import Report
from tests.evaluation.conftest import COVERED_TO, LATER, Grown
from tests.factories.cohorts import ExtractFactory


def a_year_on() -> Rederived:
    with time_machine.travel(LATER, tick=False):
        return rederive(Report.objects.select_related("service").get())


@contextlib.contextmanager
def storing(extract: Extract) -> Iterator[None]:
    """What is changed within is kept as a load keeps what it replaces."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('hiu.extract', %s, true)", [str(extract.pk)])
        yield
        cursor.execute("SELECT set_config('hiu.extract', '', true)")


def corrected_later(grown: Grown, at=LATER, **columns: object) -> Extract:
    """An extract of a year later that says something else of eight attendances."""
    late = ExtractFactory(source=grown.extract.source, committed=True, committed_at=at, rows_changed=8)
    person = grown.cases["accepted"][0].person
    mine = Activity.objects.filter(person=person, started_on__lte=COVERED_TO).values("pk")[:8]
    with storing(late):
        Activity.objects.filter(pk__in=list(mine.values_list("pk", flat=True))).update(
            extract=late, **columns
        )
    return late

"""What the benchmarks share: an empty service with one feed, and clocks."""

import datetime
import json
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.utils import timezone

from cohorts.actions import source as sources
from cohorts.models import Source
from cohorts.pipeline.fields import FIELDS
from cohorts.pipeline.profile import load
from cohorts.synthetic import make_extract
from governance import scope
from governance.actions import agreement as agreements
from governance.models import Organisation, Service

EMPTIED = "governance_user, governance_organisation, governance_service, governance_person, cohorts_activity, cohorts_extract"


def owner() -> psycopg.Connection:
    """A session of the tables' owner, who may empty them and make others."""
    d = settings.DATABASES["owner"]
    return psycopg.connect(
        host=d["HOST"],
        port=d["PORT"],
        user=d["USER"],
        password=d["PASSWORD"],
        dbname=d["NAME"],
        autocommit=True,
    )


def fresh_feed() -> Source:
    """An empty database with one service and one source of the layout `attendances`."""
    with scope.every_service():
        return _feed()


def _feed() -> Source:
    with owner() as session:
        audit = "governance_auditevent, governance_auditchain, governance_rowchange"
        session.execute(f"TRUNCATE {EMPTIED}, {audit} CASCADE")
        session.execute("CHECKPOINT" if is_superuser(session) else "SELECT 1")
    trust = Organisation.objects.create(name="Bench trust")
    service = Service.objects.create(slug="bench", name="Bench", host=trust)
    agreement = agreements.add(
        service=service,
        title="Bench",
        sharer=trust,
        recipient=trust,
        purpose="Measuring.",
        allowed_fields=[str(name) for name in FIELDS],
        valid_from=datetime.date(2020, 1, 1),
        by=None,
    )
    layout = load("attendances")
    return sources.add(
        service=service,
        slug="attendances",
        name="Attendances",
        organisation=trust,
        agreement=agreement,
        by=None,
        profile="attendances",
        columns=layout.file_columns,
        formats=layout.conventions.as_json(),
    )


def is_superuser(session: psycopg.Connection) -> bool:
    row = session.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    return bool(row and row[0])


def extract_file(rows: int) -> Path:
    """A synthetic extract of so many rows, made once; it ends before today."""
    path = Path(settings.VAR_DIR) / f"attendances-{rows}.csv"
    if not path.exists():
        say(f"Making {path.name} ...")
        end = timezone.localdate().replace(day=1) - datetime.timedelta(days=1)
        make_extract(rows=rows, seed=1, ends_on=end).write(path)
    return path


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median(values: list[float]) -> float:
    return round(statistics.median(values), 3)


def say(words: str) -> None:
    """Progress goes to standard error."""
    print(words, file=sys.stderr, flush=True)


def show(result: dict[str, Any]) -> None:
    print(json.dumps(result), flush=True)


def peak_memory_mb() -> float:
    """The most memory this program has held.

    What `getrusage` tells also counts the program that started this one, which made the file.
    """
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]

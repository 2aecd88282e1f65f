"""Loading a first extract against a bare COPY of the same rows followed by building the same indexes.

The whole load is measured: read, check, match, store with indexes and audit, from a CSV file, in one
transaction. The floor takes the very rows that the load stored, as text, into a logged table without
indexes, and then builds the indexes that the load left: once for attendances alone (`ratio`), once for
attendances and people (`ratio_with_people`).
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.files.base import File

from bench import common
from cohorts.actions import extract as actions
from cohorts.models import Source
from governance import scope

TABLES = ("cohorts_activity", "governance_person")
_CHUNK = 1024 * 1024


def run(rows: int, times: int) -> None:
    """Measure and print one JSON line."""
    path = common.extract_file(rows)
    loads, floors, memory = [], [], 0.0
    for number in range(times):
        common.say(f"Loading {rows:,} rows, {number + 1} of {times} ...")
        done = in_a_process_of_its_own("--one-load", path)
        loads.append(done["seconds"])
        memory = max(memory, done["memory_mb"])
        with common.owner() as session:
            floors.append({table: floor(session, table) for table in TABLES})
    load = common.median(loads)
    copy = common.median([floor["cohorts_activity"][0] for floor in floors])
    alone = common.median([sum(floor["cohorts_activity"]) for floor in floors])
    both = common.median([sum(map(sum, floor.values())) for floor in floors])
    common.show(
        {
            "bench": "load",
            "rows": rows,
            "people": done["people"],
            "load_seconds": load,
            "copy_seconds": copy,
            "copy_and_index_seconds": alone,
            "ratio": round(load / alone, 2),
            "ratio_with_people": round(load / both, 2),
            "memory_mb": round(memory),
            "goal": 1.5,
        }
    )


def in_a_process_of_its_own(how: str, path: Path) -> dict[str, Any]:
    """So that the memory measured is that of one load."""
    program = [sys.executable, "-m", "bench", how, str(path)]
    done = subprocess.run(program, stdout=subprocess.PIPE, check=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def floor(session: psycopg.Connection, table: str) -> tuple[float, float]:
    """Seconds of COPY and of the indexes, for the rows that stand in the table."""
    path = Path(settings.VAR_DIR) / f"{table}.copy"
    with path.open("wb") as file, session.cursor().copy(f"COPY {table} TO STDOUT") as out:
        for data in out:
            file.write(data)
    indexes = session.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", [table]).fetchall()
    session.execute("DROP TABLE IF EXISTS bench_floor")
    session.execute(f"CREATE TABLE bench_floor AS SELECT * FROM {table} LIMIT 0")
    copied = common.seconds(lambda: _copy(session, path))
    session.execute("SET maintenance_work_mem = '256MB'")
    built = common.seconds(lambda: [session.execute(_on_the_floor(row[0], table)) for row in indexes])
    session.execute("DROP TABLE bench_floor")
    path.unlink()
    return copied, built


def _on_the_floor(definition: str, table: str) -> str:
    """The statement that builds the same index, without a name, on the other table."""
    head, columns = definition.split(f" ON public.{table} ", 1)
    unique = "UNIQUE " if head.startswith("CREATE UNIQUE") else ""
    return f"CREATE {unique}INDEX ON bench_floor {columns}"


def _copy(session: psycopg.Connection, path: Path) -> None:
    with path.open("rb") as file, session.cursor().copy("COPY bench_floor FROM STDIN") as into:
        while data := file.read(_CHUNK):
            into.write(data)


def one_load(path: Path) -> dict[str, Any]:
    """Load one file into an empty database: seconds, peak memory of this process, people."""
    return _load(common.fresh_feed(), path)


def one_more(path: Path) -> dict[str, Any]:
    """Load a file on top of what stands there: the same figures."""
    with scope.every_service():
        source = Source.objects.select_related("service").get()
    return _load(source, path)


def send(source: Source, path: Path) -> None:
    """Load a file in the scope of its service; one that was loaded before is recognised and left alone."""
    with path.open("rb") as file:
        upload = File(file, name=path.name)
        try:
            extract = actions.load(service=source.service, source=source, upload=upload, by=None)
        except actions.AlreadyLoaded:
            return
    assert extract.status == "committed", extract.problem


def _load(source: Source, path: Path) -> dict[str, Any]:
    with scope.of(source.service):
        spent = common.seconds(lambda: send(source, path))
        people = source.service.people.count()
    return {"seconds": spent, "memory_mb": common.peak_memory_mb(), "people": people}

"""Files that come after the first: the same rows again, a month on top, faults, and Django's own way.

Each is measured against a bare COPY of the attendances that stand in the table, in the same run.
"""

import csv
import datetime
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.utils import timezone

from bench import common, load
from cohorts.models import Activity, Extract, Source
from cohorts.pipeline.direct import event_ids
from cohorts.synthetic import make_extract
from governance import scope
from governance.models import Person

MONTH_ROWS = 55_000
_BATCH = 5000
_BULK_ROWS = 100_000


def run(rows: int, times: int) -> None:
    """Print one JSON line for each."""
    path = common.extract_file(rows)
    common.say(f"Loading {rows:,} rows for what comes after ...")
    first = [load.in_a_process_of_its_own("--one-load", path) for _ in range(times)]
    with common.owner() as session:
        copy = load.floor(session, "cohorts_activity")[0]
    clean = common.median([done["seconds"] for done in first])
    same = [load.in_a_process_of_its_own("--one-more", _renamed(path)) for _ in range(times)]
    _show("the same file again, under another name", rows, same, copy, 1.5)
    again = [load.in_a_process_of_its_own("--one-more", other_bytes(path, n)) for n in range(times)]
    _show("the same rows in a file of other bytes", rows, again, copy, None)
    months = [load.in_a_process_of_its_own("--one-more", _month(path, rows, n)) for n in range(times)]
    _show("a month of 55,000 rows", rows, months, copy, 0.45)
    messy = [load.in_a_process_of_its_own("--one-load", _messy(rows)) for _ in range(times)]
    _show("first load with 8% faults, against one without", rows, messy, clean, 1.1)
    if rows >= _BULK_ROWS:
        _against_bulk_create(path, rows, clean)


def _show(name: str, rows: int, done: list[dict[str, Any]], floor: float, goal: float | None) -> None:
    seconds = common.median([one["seconds"] for one in done])
    common.show(
        {
            "bench": "later",
            "what": name,
            "rows": rows,
            "seconds": seconds,
            "against_seconds": round(floor, 3),
            "ratio": round(seconds / floor, 2),
            "goal": goal,
            "memory_mb": round(max(one["memory_mb"] for one in done)),
        }
    )


def _renamed(path: Path) -> Path:
    renamed = path.with_name("renamed.csv")
    renamed.write_bytes(path.read_bytes())
    return renamed


def other_bytes(path: Path, number: int) -> Path:
    """The same rows as other bytes: the very same bytes are recognised before they are read."""
    again = path.with_name(f"again-{number}.csv")
    again.write_bytes(path.read_bytes() + b"\r\n" * (number + 1))
    return again


def _month(path: Path, rows: int, number: int) -> Path:
    """Half of it the newest rows of the big file, half of it new."""
    half = min(MONTH_ROWS, rows) // 2
    lines = path.read_text().splitlines()
    made = path.with_name("new.csv")
    make_extract(rows=half, seed=100 + number, ends_on=_yesterday()).write(made)
    new = [f"M{number}{line}" for line in made.read_text().splitlines()[1:]]
    month = path.with_name(f"month-{number}.csv")
    month.write_text("\n".join([lines[0], *lines[-half:], *new]) + "\n")
    return month


def _messy(rows: int) -> Path:
    path = Path(settings.VAR_DIR) / f"messy-{rows}.csv"
    if not path.exists():
        make_extract(rows=rows, seed=1, ends_on=_yesterday(), messy=True).write(path)
    return path


def _yesterday() -> datetime.date:
    return timezone.localdate() - datetime.timedelta(days=1)


def _against_bulk_create(path: Path, rows: int, ours: float) -> None:
    """Django's csv and bulk_create(5000) into the same tables, for 100,000 rows, reckoned up to all rows."""
    source = common.fresh_feed()
    with scope.of(source.service):
        spent = common.seconds(lambda: _bulk_create(path, source)) * rows / _BULK_ROWS
    common.show(
        {
            "bench": "later",
            "what": "bulk_create, against a first load",
            "rows": rows,
            "seconds": round(spent, 3),
            "against_seconds": ours,
            "ratio": round(spent / ours, 2),
            "goal": "at least 10",
        }
    )


def _bulk_create(path: Path, source: Source) -> None:
    with path.open(newline="") as file:
        lines = list(itertools.islice(csv.DictReader(file), _BULK_ROWS))
    extract = Extract.objects.create(
        service=source.service, source=source, original_name=path.name, size=path.stat().st_size
    )
    newest = {line["NHS number"]: line for line in lines}
    people = Person.objects.bulk_create(
        (
            Person(
                service=source.service,
                nhs_number=number,
                first_name=line["First name"],
                last_name=line["Last name"],
                birth_date=line["Date of birth"],
                sex=line["Sex"],
                postcode=line["Postcode"],
            )
            for number, line in newest.items()
        ),
        batch_size=_BATCH,
    )
    by_number = {person.nhs_number: person for person in people}
    for batch in _batches(lines):
        Activity.objects.bulk_create(_events(batch, source, extract, by_number))


def _batches(lines: list[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    for start in range(0, len(lines), _BATCH):
        yield lines[start : start + _BATCH]


def _events(
    lines: list[dict[str, str]], source: Source, extract: Extract, people: dict[str | None, Person]
) -> Iterable[Activity]:
    keys = pl.DataFrame({"key": [line["Attendance number"] for line in lines]})
    ids = keys.select(event_ids(source.pk)).to_series()
    for key, line in zip(ids, lines, strict=True):
        yield Activity(
            id=key,
            service=source.service,
            source=source,
            extract=extract,
            person=people[line["NHS number"]],
            measure="ae",
            started_on=line["Arrival date"],
            started_at_time=line["Arrival time"],
            arrival_mode="ambulance" if line["Arrival mode"] == "Ambulance" else "own",
            attendance_category=line["Attendance category"],
            site=line["Site"],
            complaint=line["Presenting complaint"],
            disposal=line["Outcome"],
        )

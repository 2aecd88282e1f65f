"""Files that were put into a watched folder: each taken in once, then moved away with a note."""

import logging
import time
from pathlib import Path

from django.conf import settings
from django.core.files.base import File
from django.utils import timezone

from cohorts.actions import arrival as arrivals
from cohorts.actions.extract_work import check_agreement
from cohorts.lease import only_one
from cohorts.models import GONE, Arrival, ExtractStatus, SourcePlan, Way
from cohorts.ways_in import watching
from governance.models import Service
from governance.rules import RuleBroken

log = logging.getLogger(__name__)


def folder_of(plan: SourcePlan) -> Path:
    """Where the files of a source are put."""
    return Path(settings.WATCHED_FOLDER) / plan.service.slug / plan.source.slug


def look(*, service: Service) -> list[Arrival]:
    """Take in what lies complete in the folders of a service; returns what was moved away."""
    found: list[Arrival] = []
    if not settings.WATCHED_FOLDER:
        return found
    with only_one("cohorts.folder", service.pk) as held:
        plans = service.source_plans.filter(watches_folder=True).select_related(
            "service", "source__agreement"
        )
        for plan in plans if held else ():
            folder = folder_of(plan)
            watching.prepare(folder)
            watching.clear_out(folder, now=time.time())
            found += [_take(plan, path) for path in _ready(plan, folder)]
    return found


def _ready(plan: SourcePlan, folder: Path) -> list[Path]:
    """Nothing is touched while the agreement does not allow it: the files wait where they are."""
    files = watching.complete_files(folder, now=time.time())
    try:
        if files:
            check_agreement(plan.source)
    except RuleBroken:
        log.warning("Source %s: %s files wait for its agreement.", plan.source_id, len(files))
        return []
    return files


def _take(plan: SourcePlan, path: Path) -> Arrival:
    # The place in the ledger first, the move last: a break between the two finds both again.
    with path.open("rb") as file:
        arrival = arrivals.take_in(
            plan=plan,
            way=Way.FOLDER,
            key=watching.key_of(path, f"{plan.service.slug}/{plan.source.slug}"),
            name=path.name,
            upload=File(file, name=path.name),
        )
    arrival = arrivals.work_on(arrival=arrival)
    extract = arrival.extract
    refused = extract is None or extract.status in GONE
    watching.put_away(
        path, watching.REFUSED if refused else watching.DONE, note_on(arrival), at=timezone.localtime()
    )
    arrivals.settle(arrival=arrival)
    return arrival


def note_on(arrival: Arrival) -> str:
    """What became of a file, for whoever put it there; numbers and no names."""
    extract = arrival.extract
    if extract is None or arrival.problem:
        return arrival.problem
    if extract.status in GONE:
        return extract.problem or extract.get_status_display()
    rows = (
        f"{extract.rows_read:,} rows read, {extract.rows_new:,} new, {extract.rows_changed:,} changed, "
        f"{extract.rows_rejected:,} rejected."
    )
    if extract.status == ExtractStatus.COMMITTED:
        return f"Stored as extract {extract.pk}. {rows}"
    return f"Taken in as extract {extract.pk}. {rows} Nothing is stored before somebody has looked at it."

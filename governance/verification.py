"""Whether the audit and the rows it speaks of are as they were written. Reads only.

What each attack leaves behind:
  an event edited, forged, taken out or moved    its signature, its number or the hash before it is wrong
  the end of a chain cut off, head and all       an anchor outside the database knows a later event
  notes of changed rows edited or deleted        the hash in the event that seals them is wrong
  rows written with the triggers off, tables
  emptied, or an old copy put back               rows are not as the last note on them says
  a trigger or its function taken away           they are compared with the code
"""

import hmac
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from governance import audit
from governance.database import changes
from governance.models import AuditChain, AuditEvent, Service

log = logging.getLogger(__name__)

# The beat seals every minute. What waits longer than this was put there past it, or the beat stands still.
SEALED_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True)
class Verification:
    """What was found: how many events, and what is wrong, the first broken place of a chain before the rest."""

    events: int
    problems: list[str]

    @property
    def first_broken(self) -> str | None:
        return self.problems[0] if self.problems else None

    @property
    def ok(self) -> bool:
        return not self.problems


def verify() -> Verification:
    """Check every chain, what the events seal, the triggers, and every row. Call in scope.every_service()."""
    events, problems = _chains(None)
    problems += [*_anchors(), *_seals(None), *_waiting(), *changes.problems(), *changes.differences()]
    return Verification(events, problems)


def verify_chain(service: Service) -> Verification:
    """Check the chain of one service and what its events seal; quick enough for a page."""
    events, problems = _chains(service)
    return Verification(events, problems + list(_seals(service)))


def write_anchors() -> int:
    """Write down, outside the database, where each chain stands now; returns how many chains there are."""
    at = timezone.now().isoformat()
    heads = list(AuditChain.objects.filter(last_number__gt=0).order_by("pk"))
    path = Path(settings.AUDIT_ANCHORS)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        for head in heads:
            anchor = {"chain": head.pk, "number": head.last_number, "hash": head.last_hash}
            line = json.dumps({"at": at, "database": _database(), **anchor})
            file.write(line + "\n")
            log.info("Audit anchor: %s", line)
    return len(heads)


def _chains(service: Service | None) -> tuple[int, list[str]]:
    """Walk each chain from its first event to its head and compare each hash; the first problem of each.

    People may go on working meanwhile, so each head is read before the walk and after it.
    """
    chains, rows = AuditChain.objects.all(), AuditEvent.objects.order_by("chain_id", "number")
    if service is not None:
        chains, rows = chains.filter(pk=service.pk), rows.filter(chain_id=service.pk)
    events = 0
    broken: dict[int, str] = {}
    seen: dict[int, AuditEvent] = {}
    before = {chain.pk: chain.last_number for chain in chains.all()}
    with transaction.atomic():
        for row in rows.iterator(chunk_size=2000):
            events += 1
            if row.chain_id not in broken and (problem := _problem(row, seen.get(row.chain_id))):
                broken[row.chain_id] = problem
            seen[row.chain_id] = row
    after = {chain.pk: chain for chain in chains.all()}
    for chain_id in before.keys() | seen.keys() | after.keys():
        at_the_end = _problem_at_the_end(
            chain_id, before.get(chain_id, 0), seen.get(chain_id), after.get(chain_id)
        )
        if at_the_end and chain_id not in broken:
            broken[chain_id] = at_the_end
    return events, [broken[chain_id] for chain_id in sorted(broken)]


def _problem(row: AuditEvent, before: AuditEvent | None) -> str | None:
    expected = before.number + 1 if before else 1
    if row.number != expected:
        return f"event {expected} of service {row.chain_id} is missing"
    if row.previous_hash != (before.hash if before else ""):
        return f"{_name(row)} does not follow the one before it"
    if not hmac.compare_digest(row.hash, audit.sign(row)):
        return f"{_name(row)} was changed"
    return None


def _problem_at_the_end(
    chain_id: int, before: int, last: AuditEvent | None, head: AuditChain | None
) -> str | None:
    """Whether a chain stops short of its head as it was before the walk, or goes on past its head."""
    number = last.number if last else 0
    if head is None:
        return f"the head of service {chain_id} is missing"
    if number < before:
        return f"event {before} of service {chain_id} is missing"
    if number > head.last_number:
        return f"the head of service {chain_id} was changed"
    if last and number == head.last_number and last.hash != head.last_hash:
        return f"{_name(last)} was changed"
    return None


def _anchors() -> Iterator[str]:
    """Events that stood once, by a file outside the database, and do not any more."""
    path = Path(settings.AUDIT_ANCHORS)
    if not path.exists():
        return
    hashes: dict[tuple[int, int], str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        anchor = json.loads(line)
        if anchor["database"] == _database():
            hashes[anchor["chain"], anchor["number"]] = anchor["hash"]
    for (chain, number), expected in sorted(hashes.items()):
        found = (
            AuditEvent.objects.filter(chain_id=chain, number=number).values_list("hash", flat=True).first()
        )
        if found != expected:
            yield (
                f"event {number} of service {chain} is not the one that stood there when it was anchored; after "
                f"restoring an older backup on purpose, move {path.name} away"
            )


def _seals(service: Service | None) -> Iterator[str]:
    """Events whose notes of changed rows are not as they were when they were sealed."""
    chain = "" if service is None else "AND chain_id = %s"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, chain_id FROM governance_auditevent WHERE changes_hash <> '' "  # noqa: S608
            "AND governance_changes_hash(transactions, changes_first, changes_last) <> changes_hash "
            f"{chain} ORDER BY chain_id, number",
            [] if service is None else [service.pk],
        )
        for number, chain_id in cursor.fetchall():
            yield f"the notes on rows sealed by event {number} of service {chain_id} were changed"


def _waiting() -> Iterator[str]:
    """Notes nobody has sealed for too long."""
    late = timezone.now() - SEALED_WITHIN
    for note in audit.unsealed():
        if note.at < late:
            row = f"row {note.key} of {note.table}" if note.key else f"rows of {note.table}"
            yield f"a change of {row} is sealed by no event; is the scheduler running?"


def _name(row: AuditEvent) -> str:
    return f"event {row.number} of service {row.chain_id}"


def _database() -> str:
    return str(connection.settings_dict["NAME"])

"""The one way to write an audit event, and the way to check that none was touched.

Each event carries an HMAC over its own content and the hash before it. The key is not in the
database (settings.AUDIT_KEY), so whoever can edit rows still cannot re-sign them.
"""

import datetime
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from governance.models import AuditChain, AuditEvent, Service, User

# A command or a worker: nobody was signed in.
THE_SYSTEM = "the system"


class NotInTransaction(Exception):
    """Raised when an event is recorded outside the transaction of the change it describes."""


class _Signed(Protocol):
    chain_id: int
    number: int
    at: datetime.datetime
    event: str
    actor_id: int | None
    actor: str
    target: str
    target_id: str
    changes: dict[str, Any]
    previous_hash: str


@dataclass(frozen=True)
class Verification:
    """What `verify` found: how many events, and the first place where a chain is broken."""

    events: int
    first_broken: str | None

    @property
    def ok(self) -> bool:
        return self.first_broken is None


def record(
    event: str,
    *,
    service: Service | None,
    by: User | None,
    on: models.Model | None = None,
    changes: dict[str, Any] | None = None,
) -> AuditEvent:
    """Add an event to the service's chain, inside the transaction of the change.

    `changes` holds {field: [old, new]} or counts, never a whole row and never a name. Call it last:
    it locks the chain until commit, so other writers of the service wait from here on.

    Raises:
        NotInTransaction: when no transaction is open.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{event} must be recorded inside the transaction of its change.")
    chain_id = service.pk if service else 0
    chain = _locked(chain_id)
    row = AuditEvent(
        chain_id=chain_id,
        number=chain.last_number + 1,
        at=timezone.now(),
        event=event,
        actor_id=by.pk if by else None,
        actor=by.email if by else THE_SYSTEM,
        target=on._meta.label_lower if on is not None else "",
        target_id=str(on.pk) if on is not None else "",
        changes=json.loads(json.dumps(changes or {}, default=str)),
        previous_hash=chain.last_hash,
    )
    row.hash = sign(row)
    row.save()
    AuditChain.objects.filter(pk=chain_id).update(last_number=row.number, last_hash=row.hash)
    return row


def _locked(chain_id: int) -> AuditChain:
    """The head of a chain, locked; made on the first event of a service."""
    heads = AuditChain.objects.select_for_update().filter(pk=chain_id)
    found = heads.first()
    if found is None:
        AuditChain.objects.bulk_create([AuditChain(service_id=chain_id)], ignore_conflicts=True)
        found = heads.get()
    return found


def look(
    event: str,
    *,
    service: Service,
    by: User | None,
    on: models.Model | None = None,
    changes: dict[str, Any] | None = None,
) -> AuditEvent:
    """Add an event for something that was only looked at, printed or taken away; a GET writes nothing else."""
    with transaction.atomic():
        return record(event, service=service, by=by, on=on, changes=changes)


def events_of(service: Service) -> models.QuerySet[AuditEvent]:
    """The events of one service, newest first."""
    return AuditEvent.objects.filter(chain_id=service.pk).order_by("-number")


def sign(row: _Signed) -> str:
    """HMAC-SHA256 (hex, 64 characters) over every column of the event and the hash before it."""
    content = [
        row.chain_id,
        row.number,
        row.at.astimezone(datetime.UTC).isoformat(),
        row.event,
        row.actor_id,
        row.actor,
        row.target,
        row.target_id,
        row.changes,
        row.previous_hash,
    ]
    message = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(settings.AUDIT_KEY.encode(), message, hashlib.sha256).hexdigest()


def verify(service: Service | None = None) -> Verification:
    """Walk every chain, or that of one service, from its first event to its head; compare each hash.

    People may go on working meanwhile, so each head is read before the walk and after it.
    """
    chains, rows = AuditChain.objects.all(), AuditEvent.objects.order_by("chain_id", "number")
    if service is not None:
        chains, rows = chains.filter(pk=service.pk), rows.filter(chain_id=service.pk)
    events = 0
    broken: str | None = None
    seen: dict[int, AuditEvent] = {}
    before = {chain.pk: chain.last_number for chain in chains.all()}
    with transaction.atomic():
        for row in rows.iterator(chunk_size=2000):
            events += 1
            broken = broken or _problem(row, seen.get(row.chain_id))
            seen[row.chain_id] = row
    after = {chain.pk: chain for chain in chains.all()}
    return Verification(events, broken or _problem_at_the_end(before, seen, after))


def _problem(row: AuditEvent, before: AuditEvent | None) -> str | None:
    name = f"event {row.number} of service {row.chain_id}"
    expected = before.number + 1 if before else 1
    if row.number != expected:
        return f"event {expected} of service {row.chain_id} is missing"
    if row.previous_hash != (before.hash if before else ""):
        return f"{name} does not follow the one before it"
    if not hmac.compare_digest(row.hash, sign(row)):
        return f"{name} was changed"
    return None


def _problem_at_the_end(
    before: dict[int, int], seen: dict[int, AuditEvent], after: dict[int, AuditChain]
) -> str | None:
    """Whether a chain stops short of its head as it was before the walk, or goes on past its head."""
    for chain_id in sorted(before.keys() | seen.keys() | after.keys()):
        last, head = seen.get(chain_id), after.get(chain_id)
        number, expected = last.number if last else 0, before.get(chain_id, 0)
        if head is None:
            return f"the head of service {chain_id} is missing"
        if number < expected:
            return f"event {expected} of service {chain_id} is missing"
        if number > head.last_number:
            return f"the head of service {chain_id} was changed"
        if last and number == head.last_number and last.hash != head.last_hash:
            return f"event {number} of service {chain_id} was changed"
    return None

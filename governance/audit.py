"""The one way to write an audit event. governance/verification.py checks that none was touched.

Each event carries an HMAC over its own content and the hash before it. The key is not in the
database (settings.AUDIT_KEY), so whoever can edit rows still cannot re-sign them. An event also seals
what the database noted of the rows its transaction changed (governance/database/changes.sql).
"""

import datetime
import hashlib
import hmac
import json
from collections import Counter
from typing import Any, NamedTuple, Protocol

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models.functions import Cast
from django.utils import timezone

from governance.models import AuditChain, AuditEvent, Operation, Service, User

# A command or a worker: nobody was signed in.
THE_SYSTEM = "the system"
NOTES_A_SEAL = 5_000


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
    transactions: list[int]
    changes_first: int | None
    changes_last: int | None
    changes_hash: str
    previous_hash: str


class Seal(NamedTuple):
    """Which notes of changed rows an event answers for, and a hash over them."""

    transactions: list[int]
    first: int | None
    last: int | None
    hash: str


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
    seal = _seal_of_this_transaction()
    return _append(service.pk if service else 0, event, seal=seal, **_content(by, on, changes))


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
        # Nothing was changed, so there is nothing to seal; this happens with every page about a person.
        return _append(service.pk, event, **_content(by, on, changes))


def _content(by: User | None, on: models.Model | None, changes: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "actor_id": by.pk if by else None,
        "actor": by.email if by else THE_SYSTEM,
        "target": on._meta.label_lower if on is not None else "",
        "target_id": str(on.pk) if on is not None else "",
        "changes": json.loads(json.dumps(changes or {}, default=str)),
    }


def events_of(service: Service) -> models.QuerySet[AuditEvent]:
    """The events of one service, newest first."""
    return AuditEvent.objects.filter(chain_id=service.pk).order_by("-number")


def listed(service: Service) -> models.QuerySet[AuditEvent]:
    """The same with the name of the member of staff an event is about (`whom`), where it is about one."""
    staff = User.objects.annotate(key=Cast("pk", models.CharField())).filter(key=models.OuterRef("target_id"))
    is_staff = models.When(target=User._meta.label_lower, then=models.Subquery(staff.values("name")[:1]))
    return events_of(service).annotate(whom=models.Case(is_staff, output_field=models.CharField()))


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
    if row.changes_hash:
        content += [row.transactions, row.changes_first, row.changes_last, row.changes_hash]
    message = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(settings.AUDIT_KEY.encode(), message, hashlib.sha256).hexdigest()


@transaction.atomic
def seal_the_rest() -> int:
    """Seal what was written without an event of its own, and say where somebody wrote past the application.

    Returns how many notes were sealed. Run often, in scope.every_service(); the beat does.
    """
    chain = _locked_chain(0)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_current_xact_id()::text::bigint"
        )
        finished, now = cursor.fetchone()
        # After a restore into a new server its transactions count from the start again.
        since = chain.swept_to if chain.swept_to <= now else 0
    notes = unsealed(since)
    for start in range(0, len(notes), NOTES_A_SEAL):
        _seal(notes[start : start + NOTES_A_SEAL])
    for outside in _outside(notes):
        _append(**outside)
    AuditChain.objects.filter(pk=0).update(swept_to=finished)
    return len(notes)


class Note(NamedTuple):
    """A change of rows that the database noted and no event answers for."""

    id: int
    transaction: int
    at: datetime.datetime
    operation: str
    table: str
    key: str
    service_id: int | None
    role: str


def unsealed(since: int = 0) -> list[Note]:
    """Notes of changed rows that no event answers for yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM governance_unsealed(%s)", [since])
        return [Note(*row) for row in cursor.fetchall()]


def _seal(notes: list[Note]) -> None:
    transactions = sorted({note.transaction for note in notes})
    first, last = notes[0].id, notes[-1].id
    with connection.cursor() as cursor:
        cursor.execute("SELECT governance_changes_hash(%s, %s, %s)", [transactions, first, last])
        seal = Seal(transactions, first, last, cursor.fetchone()[0])
    tables = Counter(note.table for note in notes)
    _append(0, "changes_sealed", seal=seal, changes={"tables": dict(sorted(tables.items()))})


def _outside(notes: list[Note]) -> list[dict[str, Any]]:
    """An event for the chain of each service whose rows were written by another role than the application's."""
    application = connection.settings_dict["USER"]
    found: dict[tuple[int, str], dict[str, list[str]]] = {}
    for note in notes:
        if note.role != application and note.operation != Operation.BASELINE:
            tables = found.setdefault((note.service_id or 0, note.role), {})
            tables.setdefault(note.table, []).append(note.key)
    return [
        {
            "chain_id": chain_id,
            "event": "changed_outside_the_application",
            "actor": role,
            "changes": {table: {"notes": len(keys), "first": keys[:20]} for table, keys in tables.items()},
        }
        for (chain_id, role), tables in sorted(found.items())
    ]


def _append(
    chain_id: int,
    event: str,
    *,
    actor_id: int | None = None,
    actor: str = THE_SYSTEM,
    target: str = "",
    target_id: str = "",
    changes: dict[str, Any],
    seal: Seal = Seal([], None, None, ""),  # noqa: B008  a value
) -> AuditEvent:
    chain = _locked_chain(chain_id)
    row = AuditEvent(
        chain_id=chain_id,
        number=chain.last_number + 1,
        at=timezone.now(),
        event=event,
        actor_id=actor_id,
        actor=actor,
        target=target,
        target_id=target_id,
        changes=changes,
        transactions=seal.transactions,
        changes_first=seal.first,
        changes_last=seal.last,
        changes_hash=seal.hash,
        previous_hash=chain.last_hash,
    )
    row.hash = sign(row)
    row.save()
    AuditChain.objects.filter(pk=chain_id).update(last_number=row.number, last_hash=row.hash)
    return row


def _locked_chain(chain_id: int) -> AuditChain:
    """The head of a chain, locked; made on the first event of a service."""
    heads = AuditChain.objects.select_for_update().filter(pk=chain_id)
    found = heads.first()
    if found is None:
        AuditChain.objects.bulk_create([AuditChain(service_id=chain_id)], ignore_conflicts=True)
        found = heads.get()
    return found


def _seal_of_this_transaction() -> Seal:
    with connection.cursor() as cursor:
        cursor.execute("SELECT own, first, last, hash FROM governance_unsealed_here()")
        own, first, last, content = cursor.fetchone()
    return Seal([own], first, last, content) if first is not None else Seal([], None, None, "")

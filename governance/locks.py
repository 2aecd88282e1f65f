"""Retention waits for work that is about to point at people, and that work waits for retention."""

from collections.abc import Sequence

from django.db import connection

from governance.models import Person, Service
from governance.rules import RuleBroken


def hold_off_purge(service_id: int) -> None:
    """Until the transaction ends, nobody of the service is removed. Work like this does not wait for its like."""
    _lock("pg_advisory_xact_lock_shared", service_id)


def purging(service: Service) -> None:
    """Wait for such work to end, and hold off more of it until the transaction ends."""
    _lock("pg_advisory_xact_lock", service.pk)


def hold_off_loads(service_id: int) -> None:
    """Wait for loads of the service to end, and hold off more of them until the transaction ends.

    Loads and what undoes them wait for each other here. A page does not wait: see `hold_off_loads_now`.
    """
    _lock("pg_advisory_xact_lock", service_id, of="cohorts.store")


def hold_off_loads_now(service_id: int) -> None:
    """The same for a page, which cannot wait for a file of a million rows.

    Raises:
        RuleBroken: a file is being stored.
    """
    if not _lock("pg_try_advisory_xact_lock", service_id, of="cohorts.store"):
        raise RuleBroken("A file is being stored. Try again in a minute.")


def hold_releases(service_id: int) -> None:
    """One at a time for what freezes, releases or withdraws figures of a service: each is held beside the others,
    and would not see one that is being made."""
    _lock("pg_advisory_xact_lock", service_id, of="evaluation.release")


def hold_record(person_id: int) -> Person | None:
    """The person as they are now; until the transaction ends the record is not merged. None where it is gone.

    A merge that is under way is waited for, a load that changes the person is not.
    """
    hold_records([person_id])
    return Person.objects.filter(pk=person_id).first()


def hold_records(people: Sequence[int]) -> None:
    """The same for several at once, for an action that records an event before it comes to the last of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM governance_person WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [list(people)]
        )


def _lock(function: str, service_id: int, *, of: str = "governance.purge") -> bool:
    """Whether it was taken; only one that tries is ever told no."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtext(%s), %s)", [of, service_id])
        return cursor.fetchone()[0] is not False

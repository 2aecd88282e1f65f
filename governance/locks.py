"""Retention waits for work that is about to point at people, and that work waits for retention."""

from django.db import connection

from governance.models import Service


def hold_off_purge(service_id: int) -> None:
    """Until the transaction ends, nobody of the service is removed. Work like this does not wait for its like."""
    _lock("pg_advisory_xact_lock_shared", service_id)


def purging(service: Service) -> None:
    """Wait for such work to end, and hold off more of it until the transaction ends."""
    _lock("pg_advisory_xact_lock", service.pk)


def hold_off_loads(service_id: int) -> None:
    """Wait for loads of the service to end, and hold off more of them until the transaction ends."""
    with connection.cursor() as cursor:
        # The lock that loads take (cohorts/pipeline/store.py).
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('cohorts.store'), %s)", [service_id])


def _lock(function: str, service_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtext('governance.purge'), %s)", [service_id])

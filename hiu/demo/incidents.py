"""Two invented incidents: one that nobody has looked at yet, and one that is finished."""

import datetime
import uuid

from django.utils import timezone

from governance.actions import incident
from governance.models import Service, User

NOTICED = datetime.timedelta(hours=30)


def tell(service: Service, worker: User, keeper: User) -> None:
    """Told by a worker; the older one is decided and ended by whoever keeps the data."""
    now = timezone.now()
    ended = incident.report(
        service=service,
        key=uuid.uuid4(),
        kind="staff_safety",
        words="The dog was loose in the yard when I came. I went back to the car and rang instead.",
        happened_on=timezone.localdate(now - 3 * NOTICED),
        aware_at=now - 3 * NOTICED,
        by=worker,
    )
    incident.triage(
        incident=ended,
        breach="no",
        reason="No personal data was involved.",
        harm="none",
        aware_at=ended.aware_at,
        by=keeper,
    )
    learned = "Ring ten minutes before each visit. A risk note now says so."
    incident.step(incident=ended, kind="finished", words=learned, by=keeper)
    incident.report(
        service=service,
        key=uuid.uuid4(),
        kind="data",
        words="A letter with the name of a client went to the house next door. The neighbour gave it back, opened.",
        happened_on=timezone.localdate(now - NOTICED),
        aware_at=now - NOTICED,
        by=worker,
    )

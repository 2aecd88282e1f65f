"""What the retention schedule says of referrals that led to no case; those accepted go with the case."""

import datetime
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from cohorts import retention as lists
from cohorts.models import Referral, ReferralStep
from cohorts.referrals.rules import Step
from governance import retention
from governance.erasure import erase
from governance.models import Service
from governance.retention import Purged, RecordClass, Unit

DECLINED, UNDECIDED = "declined_referrals", "undecided_referrals"
_SOURCE = (
    "Decision of the service: no line of the Records Management Code fits. Proposed: a year, so that "
    "somebody who is referred again is not met as a stranger."
)


def declined(service: Service, today: datetime.date, days: int) -> QuerySet[Any]:
    """Referrals that were declined so long ago."""
    since = retention.cutoff(Unit.DAYS, today, days)
    said_no = ReferralStep.objects.filter(referral=OuterRef("pk"), kind=Step.DECLINED, at__date__lte=since)
    return service.referrals.filter(Exists(said_no)).annotate(held=retention.held(DECLINED, today))


def undecided(service: Service, today: datetime.date, days: int) -> QuerySet[Any]:
    """Referrals that came so long ago and that nobody has accepted or declined."""
    since = retention.cutoff(Unit.DAYS, today, days)
    left = service.referrals.undecided().filter(received_at__date__lte=since)
    return left.annotate(held=retention.held(UNDECIDED, today))


def purge_declined(service: Service, ids: Sequence[int], today: datetime.date, days: int) -> Purged:
    """Remove them, and people of whom nothing else is known but what lists brought, if even that."""
    return _purge(service, ids, lambda: declined(service, today, days))


def purge_undecided(service: Service, ids: Sequence[int], today: datetime.date, days: int) -> Purged:
    """The same for those without a decision."""
    return _purge(service, ids, lambda: undecided(service, today, days))


def _purge(service: Service, ids: Sequence[int], due: Callable[[], QuerySet[Any]]) -> Purged:
    people = service.people.filter(pk__in=service.referrals.filter(pk__in=ids).values("person"))
    mine = lists.locked(people)
    rows = list(due().filter(pk__in=ids, person__in=mine, held=False))
    erase(Referral, [row.pk for row in rows])
    return Purged(len(rows), lists.forget(service, [row.person_id for row in rows]))


retention.register(
    RecordClass(
        key=DECLINED,
        title="Referrals that were declined",
        what="What the referrer said, and people known only from it. Referrals that led to a case go with the case.",
        since="the referral was declined",
        source=_SOURCE,
        action="Deleted",
        unit=Unit.DAYS,
        default=365,
        shortest=30,
        longest=1095,
        due=declined,
        purge=purge_declined,
    ),
    RecordClass(
        key=UNDECIDED,
        title="Referrals that nobody decided on",
        what="What the referrer said, and people known only from it.",
        since="the referral came",
        source=_SOURCE,
        action="Deleted",
        unit=Unit.DAYS,
        default=365,
        shortest=30,
        longest=1095,
        due=undecided,
        purge=purge_undecided,
    ),
)

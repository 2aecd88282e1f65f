"""A few invented referrals: by the link of a hospital team and by phone, decided on and waiting."""

import datetime
import uuid
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from casework.models import Reappearance, ReappearanceAnswer
from cohorts.actions import referral, referral_link
from cohorts.models import Referral, ReferralLink, ReferralSource
from governance.models import Organisation, Person, Service, User

LINK_DAYS = 180
HOUR = datetime.timedelta(hours=1)


@dataclass(frozen=True)
class Sent:
    """One invented referral: how many hours ago, and what was said."""

    hours: float
    reason: str
    wants: str
    risks: str = ""
    urgency: str = "days"


BY_LINK = (
    Sent(
        27,
        "Third time in A&E this month, after losing a tenancy. Sleeps in the hospital when that is possible.",
        "A place of her own, and somebody to come along to the council.",
        risks="A former partner knows the address. Ring, do not write.",
        urgency="today",
    ),
    Sent(
        5,
        "Alone since the mother died. Comes in at night with chest pain; the heart is well.",
        "Company in the evenings.",
    ),
    Sent(50, "No GP, and no income since the job ended in spring.", "Help with the forms."),
)
BY_PHONE = Sent(
    20,
    "Rings 999 when the flat feels unsafe. The crew found fear, and no food in the house.",
    "A lock that works.",
    urgency="today",
)
DECLINED = Sent(70, "Would like a lift to the day centre.", "A lift on Tuesdays.", urgency="weeks")


def tell(service: Service, organisation: Organisation, *, lead: User, worker: User) -> None:
    """A link, and referrals of people nobody supports yet: late, fresh, accepted, paused and declined."""
    link, _ = referral_link.make(
        service=service,
        organisation=organisation,
        source=ReferralSource.PSYCHIATRIC_LIAISON,
        team="Psychiatric Liaison",
        expires_on=timezone.localdate() + datetime.timedelta(days=LINK_DAYS),
        by=lead,
    )
    people = list(service.people.filter(cases=None, died_on=None).order_by("pk")[: len(BY_LINK) + 2])
    if len(people) < len(BY_LINK) + 2:
        return  # a very small demo
    *_, accepted = (_send(person, sent, link=link) for person, sent in zip(people, BY_LINK, strict=False))
    referral.accept(referral=accepted, by=lead)
    referral.attempt(referral=accepted, at=accepted.received_at + 4 * HOUR, note="Left a message.", by=lead)
    paused = _send(people[-2], BY_PHONE, by=worker)
    referral.pause(referral=paused, reason="hospital", note="On the ward until tomorrow.", by=worker)
    declined = _send(people[-1], DECLINED, by=lead)
    told = {"reason": "no_need", "feedback": "other_service", "note": "Gave the number of the car scheme."}
    referral.decline(referral=declined, by=lead, **told)


def answer_all_but_the_newest(service: Service, *, by: User) -> None:
    """Each worker has one client left who attends again; what extracts told of others has been seen to."""
    rows = Reappearance.objects.filter(service=service, answered_at=None)
    newest = (
        rows.order_by("case__worker_id", "-last_on", "-pk")
        .distinct("case__worker_id")
        .values_list("pk", flat=True)
    )
    rows.exclude(pk__in=list(newest)).update(
        answer=ReappearanceAnswer.NOTED, answered_at=timezone.now(), answered_by=by
    )


def _send(
    person: Person, sent: Sent, *, link: ReferralLink | None = None, by: User | None = None
) -> Referral:
    received_at = timezone.now() - sent.hours * HOUR
    said: dict[str, Any] = {
        "key": uuid.uuid4(),
        "received_at": received_at,
        "source": link.source if link else ReferralSource.AMBULANCE,
        "organisation": link.organisation if link else None,
        "referrer_name": "Noor Liaison" if link else "",
        "referrer_role": "Liaison nurse" if link else "",
        "referrer_contact": "bleep 4411 (invented)" if link else "",
        "first_name": person.first_name,
        "last_name": person.last_name,
        "birth_date": person.birth_date,
        "nhs_number": person.nhs_number or "",
        "phone": person.phone,
        "address": person.address,
        "postcode": person.postcode,
        "needs": "",
        "reason": sent.reason,
        "wants": sent.wants,
        "risks": sent.risks,
        "urgency": sent.urgency,
        "agreed": "yes",
        "agreed_on": timezone.localdate(received_at),
        "agreed_method": "in_person",
        "agreed_words": "Yes, if they ring first.",
    }
    return referral.receive(service=person.service, link=link, by=by, **said)

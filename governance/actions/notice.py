"""What people are told about the use of their information, and the proof that they were."""

import datetime

from django.db import transaction
from django.utils import timezone

from governance import audit
from governance.models import NoticeDelay, NoticeGiven, Person, PrivacyNotice, Service, User
from governance.rules import RuleBroken


@transaction.atomic
def publish(
    *,
    service: Service,
    text: str,
    easy_read: str,
    published_on: datetime.date,
    link: str = "",
    by: User,
) -> PrivacyNotice:
    """Add a version of the privacy notice, in use from a day; the versions before stay as they are.

    The newest version published again, word for word, is the version already there.
    """
    Service.objects.select_for_update(of=["self"]).get(pk=service.pk)
    told = {"text": text, "easy_read": easy_read, "link": link, "published_on": published_on}
    last: PrivacyNotice | None = service.privacy_notices.order_by("-version").first()
    if last is not None and all(getattr(last, name) == value for name, value in told.items()):
        return last
    version = last.version + 1 if last else 1
    notice: PrivacyNotice = service.privacy_notices.create(version=version, published_by=by, **told)
    changes = {"version": [last.version if last else None, version], "published_on": published_on}
    audit.record("privacy_notice_published", service=service, by=by, on=notice, changes=changes)
    return notice


def current(service: Service, *, on: datetime.date) -> PrivacyNotice | None:
    """The version in use on the day: the newest of those published by then."""
    return service.privacy_notices.filter(published_on__lte=on).order_by("-version").first()


@transaction.atomic
def give(
    *,
    service: Service,
    person: Person,
    channel: str,
    is_easy_read: bool = False,
    question: str = "",
    answer: str = "",
    at: datetime.datetime | None = None,
    by: User,
) -> NoticeGiven:
    """Keep the proof that the person was told, now or at that moment, with the version that was in use.

    The same thing said again on the same day is one row.

    Raises:
        RuleBroken: the person belongs to another service, or the service had published no notice.
    """
    _check_place(service, person)
    at = at or timezone.now()
    notice = current(service, on=timezone.localdate(at))
    if notice is None:
        raise RuleBroken(
            "This service had published no privacy notice then. Ask your IG lead to publish one."
        )
    told = {
        "notice": notice,
        "channel": channel,
        "is_easy_read": is_easy_read,
        "question": question,
        "answer": answer,
        "given_by": by,
    }
    Person.objects.select_for_update(of=["self"]).get(pk=person.pk)
    earlier = person.notices_given.filter(given_at__date=timezone.localdate(at), **told).first()
    if earlier is not None:
        return earlier
    row: NoticeGiven = service.notices_given.create(person=person, given_at=at, **told)
    changes = {"person": person.pk, "version": notice.version, "channel": channel}
    audit.record("privacy_notice_given", service=service, by=by, on=row, changes=changes)
    return row


@transaction.atomic
def delay(
    *, service: Service, person: Person, reason: str, at: datetime.datetime | None = None, by: User
) -> NoticeDelay:
    """Keep why a person who was reached, now or at that moment, was not told; the next contact asks again.

    Raises:
        RuleBroken: the person belongs to another service, or the reason is empty.
    """
    _check_place(service, person)
    reason = reason.strip()
    if not reason:
        raise RuleBroken("Write why they were not told this time.")
    Person.objects.select_for_update(of=["self"]).get(pk=person.pk)
    at = at or timezone.now()
    told = {"reason": reason, "noted_by": by}
    earlier = person.notice_delays.filter(noted_at__date=timezone.localdate(at), **told).first()
    if earlier is not None:
        return earlier
    row: NoticeDelay = service.notice_delays.create(person=person, noted_at=at, **told)
    audit.record("privacy_notice_delayed", service=service, by=by, on=row, changes={"person": person.pk})
    return row


def _check_place(service: Service, person: Person) -> None:
    if person.service_id != service.pk:
        raise RuleBroken("This person belongs to another service. Record it there.")

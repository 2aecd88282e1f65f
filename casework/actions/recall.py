"""Telling partners that a yes was taken back."""

from django.db import transaction
from django.utils import timezone

from casework.models import Disclosure, RecallNotice
from governance import audit
from governance.models import Consent, User
from governance.rules import RuleBroken


@transaction.atomic
def prepare(*, consent: Consent, by: User) -> list[RecallNotice]:
    """One notice for each act of sharing that rested on the yes which this row ended."""
    received = Disclosure.objects.filter(
        service=consent.service_id,
        consent__person=consent.person_id,
        consent__partner=consent.partner_id,
        consent__purpose=consent.purpose,
        recall=None,
    ).order_by("pk")
    notices = RecallNotice.objects.bulk_create(
        RecallNotice(service_id=row.service_id, disclosure=row, consent=consent) for row in received
    )
    if notices:
        changes = {"disclosures": [notice.disclosure_id for notice in notices]}
        audit.record("recalls_made", service=consent.service, by=by, on=consent, changes=changes)
    return notices


@transaction.atomic
def send(*, notice: RecallNotice, by: User) -> RecallNotice:
    """Say that the partner was told. Saying it again changes nothing."""
    notice = _locked(notice)
    if notice.sent_at is not None:
        return notice
    notice.sent_at, notice.sent_by = timezone.now(), by
    notice.save(update_fields=["sent_at", "sent_by"])
    changes = {"sent_at": [None, notice.sent_at]}
    audit.record("recall_sent", service=notice.service, by=by, on=notice, changes=changes)
    return notice


@transaction.atomic
def answer(*, notice: RecallNotice, answer: str, by: User) -> RecallNotice:
    """Keep what the partner answered.

    Raises:
        RuleBroken: the notice was not sent, or somebody noted an answer before.
    """
    notice = _locked(notice)
    if notice.sent_at is None:
        raise RuleBroken("Send the notice first. Then note what they answered.")
    if notice.answered_at is not None:
        raise RuleBroken(
            f"An answer was noted on {timezone.localtime(notice.answered_at):%-d %B %Y}: {notice.answer}"
        )
    notice.answer, notice.answered_at, notice.answered_by = answer, timezone.now(), by
    notice.save(update_fields=["answer", "answered_at", "answered_by"])
    changes = {"answered_at": [None, notice.answered_at]}
    audit.record("recall_answered", service=notice.service, by=by, on=notice, changes=changes)
    return notice


def _locked(notice: RecallNotice) -> RecallNotice:
    return RecallNotice.objects.select_for_update(of=["self"]).select_related("service").get(pk=notice.pk)

"""One act of sharing information with a partner organisation."""

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from casework import share_sheet
from casework.models import Basis, Case, Disclosure
from governance import audit, standing
from governance.actions import consent as consents
from governance.models import Consent, ConsentScope, Partner, Person, ShareItem, User
from governance.rules import RuleBroken
from governance.standing import Matter


class ContentChanged(RuleBroken):
    """Raised when what would be shared now is not what was previewed."""


@transaction.atomic
def make(
    *,
    case: Case,
    key: uuid.UUID,
    partner: Partner,
    basis: str,
    items: Sequence[str],
    seen: str,
    channel: str,
    purpose: str = "",
    helps: str = "",
    reason: str = "",
    authority: str = "",
    recipient: str = "",
    by: User,
) -> Disclosure:
    """Log that the previewed content goes to a partner now; the same key shares once.

    `seen` is the hash of the preview. On the basis of consent a yes to this partner and purpose must
    stand at this moment and cover every item; any other basis needs a reason and who authorised it.

    Raises:
        ContentChanged: the content is not the one that was previewed.
        RuleBroken: the partner is none of the service's, or nothing allows it.
    """
    # Taking a yes back locks the same row: it comes before this, or finds this and recalls it.
    person = Person.objects.select_for_update(of=["self"]).get(pk=case.person_id)
    case = Case.objects.select_related("service", "worker").get(pk=case.pk)
    case.person = person
    earlier = Disclosure.objects.filter(key=key).first()
    if earlier is not None:
        return _same(earlier, case, seen)
    _check_partner(case, partner)
    yes = None
    if basis == Basis.CONSENT:
        yes = _yes(person, partner, purpose, items)
    elif not (reason.strip() and authority.strip()):
        raise RuleBroken("Write why it is shared without a yes, and who authorised it.")
    now = timezone.now()
    sheet = share_sheet.build(case, items=items, helps=helps, at=now)
    if sheet.hash(key) != seen:
        raise ContentChanged("What would be shared has changed since the preview. Look at it again.")
    row: Disclosure = case.service.disclosures.create(
        case=case,
        key=key,
        partner=partner,
        basis=basis,
        consent=yes,
        purpose=purpose if yes else "",
        reason=reason,
        authority=authority,
        items=sorted(items),
        fields=sheet.fields,
        helps=helps if ShareItem.HELPS in items else "",
        content_hash=seen,
        channel=channel,
        recipient=recipient,
        made_at=now,
        made_by=by,
    )
    changes = {"case": case.pk, "partner": partner.pk, "basis": basis, "items": row.items}
    audit.record("information_shared", service=case.service, by=by, on=row, changes=changes)
    return row


def _same(earlier: Disclosure, case: Case, seen: str) -> Disclosure:
    """What was shared from this form before, unless the second press means something else."""
    if earlier.case_id == case.pk and earlier.content_hash == seen:
        return earlier
    raise RuleBroken(
        f"Something was shared from this form at {timezone.localtime(earlier.made_at):%H:%M} already. "
        "To share more, start again from the page Sharing."
    )


def _check_partner(case: Case, partner: Partner) -> None:
    if partner.service_id != case.service_id:
        raise RuleBroken("This partner belongs to another service. Choose one of yours.")
    if Partner.objects.get(pk=partner.pk).ended_at is not None:
        raise RuleBroken(f"{partner} is no partner of this service any more.")


def _yes(person: Person, partner: Partner, purpose: str, items: Sequence[str]) -> Consent:
    """The yes that allows it at this moment."""
    row = consents.latest(person).get(Matter(ConsentScope.SHARE, partner.pk, purpose))
    why_not = standing.why_not(row, on=timezone.localdate())
    if row is None or why_not:
        raise RuleBroken(f"Nothing can be shared with {partner} for this. {why_not}")
    beyond = [item.label for item in ShareItem if item in items and item not in row.items]
    if beyond:
        raise RuleBroken(f"Their yes does not cover: {', '.join(beyond)}. Untick it, or ask them.")
    return row

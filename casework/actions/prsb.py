"""Taking a social prescribing document out of the product: one audited act, never its content in the audit."""

import hashlib
import json
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from django.db import transaction
from django.utils import timezone

from casework.models import Basis, Case, ShareChannel
from casework.prsb import build
from casework.prsb.build import Recipient, Wanted
from casework.prsb.schema import Model
from governance import audit
from governance.models import Partner, Person, User
from governance.rules import RuleBroken


class Reason(StrEnum):
    """Why it is sent; coded, so that it can stand in the audit."""

    ENDED = "ended"
    ASKED_BY_PERSON = "asked_by_person"
    ASKED_BY_RECIPIENT = "asked_by_recipient"
    REVIEW = "review"
    REFERRAL = "referral"


REASON_WORDS = {
    Reason.ENDED: "Support has come to its end",
    Reason.ASKED_BY_PERSON: "The person asks for it",
    Reason.ASKED_BY_RECIPIENT: "Whoever receives it asked how it goes",
    Reason.REVIEW: "Support is being looked at again",
    Reason.REFERRAL: "The person is referred to another service",
}


@dataclass(frozen=True)
class Exported:
    """The file, and what tells it from every other."""

    content: bytes
    sha256: str


@transaction.atomic
def export(
    *, case: Case, model: Model, recipient: Recipient, reason: str, summary: str = "", by: User
) -> Exported:
    """The document as JSON, checked against its schema, and on record as taken.

    Raises:
        RuleBroken: no reason is given, the person has not said yes, or something is missing.
    """
    if reason not in set(Reason):
        raise RuleBroken(f"Say why it is sent: {', '.join(Reason)}.")
    # Consent taken back at this moment waits until this is done, or is seen here.
    Person.objects.select_for_update(of=["self"], no_key=True).get(pk=case.person_id)
    wanted = Wanted(model, recipient, by.name, timezone.localdate(), summary.strip())
    document = build.build(case, wanted)
    content = (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
    exported = Exported(content, hashlib.sha256(content).hexdigest())
    _disclosed(case, wanted, reason=reason, sha256=exported.sha256, by=by)
    return exported


def _disclosed(case: Case, wanted: Wanted, *, reason: str, sha256: str, by: User) -> None:
    """A row of the disclosure log, so that a yes taken back later calls this back too, and the event."""
    yes = build.yes_for(case, wanted)
    row = case.service.disclosures.create(
        case=case,
        key=uuid.uuid4(),
        partner=cast(Partner, yes.partner),  # yes_for finds no other
        basis=Basis.CONSENT,
        consent=yes,
        purpose=yes.purpose,
        items=sorted(build.ITEMS),
        fields=list(build.SECTIONS[wanted.model]),
        content_hash=sha256,
        channel=ShareChannel.FILE,
        made_by=by,
    )
    changes = {"model": wanted.model, "to": wanted.recipient, "reason": reason, "sha256": sha256}
    told = {"disclosure": row.pk, **changes}
    audit.record("record_exported", service=case.service, by=by, on=case, changes=told)

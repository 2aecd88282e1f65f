"""What the tests of sharing have in common."""

import uuid
from typing import Any

from django.utils import timezone

from casework import share_sheet
from casework.actions import disclosure
from casework.models import Case, Disclosure
from governance.actions import consent
from governance.models import Consent, User

TODAY = timezone.localdate()
SAFETY: dict[str, Any] = {
    "basis": "safeguarding",
    "reason": "A visitor takes their money",
    "authority": "Leah Lead, safeguarding lead",
}


def share(yes: Consent, case: Case, by: User, **told: Any) -> Disclosure:
    """Share under a yes what a preview of this moment shows."""
    given = {
        "case": case,
        "key": uuid.uuid4(),
        "partner": yes.partner,
        "purpose": yes.purpose,
        "basis": "consent",
        "items": ["contact"],
        "helps": "",
        "channel": "phone",
        **told,
    }
    sheet = share_sheet.build(case, items=given["items"], helps=given["helps"], at=timezone.now())
    given.setdefault("seen", sheet.hash(given["key"]))
    return disclosure.make(by=by, **given)


def take_back(yes: Consent, by: User, **told: Any) -> Consent:
    """Record that a yes is taken back."""
    given = {"decision": "withdrawn", "method": "phone", **told}
    return consent.record(
        service=yes.service,
        person=yes.person,
        scope=yes.scope,
        partner=yes.partner,
        purpose=yes.purpose,
        by=by,
        **given,
    )

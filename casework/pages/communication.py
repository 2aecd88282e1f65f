"""The six steps of the Accessible Information Standard for one client."""

import datetime
from dataclasses import dataclass

from django.utils import timezone

from casework.models import AccessNeeds, Case
from governance.models import Service


@dataclass(frozen=True)
class Step:
    """One step: what it is called, how it stands, and whether it is done."""

    name: str
    words: str
    is_done: bool


def newest(service: Service, case: Case) -> AccessNeeds | None:
    """What was written down last, in any episode of the person."""
    rows = service.access_needs.filter(case__person=case.person_id).select_related("by")
    return rows.first()


def steps(case: Case, row: AccessNeeds | None, *, today: datetime.date) -> list[Step]:
    """Identify, record, flag, share, meet, review (DAPB1605)."""
    known = case.person.communication_needs
    if row is None:
        asked = "Somebody sent it; nobody here has asked." if known else "Nobody has asked yet."
        review, in_time = "No day to ask again.", False
    else:
        asked = f"{row.by.name} asked on {timezone.localdate(row.at):%-d %B %Y}."
        in_time = row.review_on > today
        review = f"{'Ask again' if in_time else 'Was to be asked again'} on {row.review_on:%-d %B %Y}."
    nothing = row is not None and not known
    met = row.met if row else ""
    return [
        Step("Identify", asked, row is not None),
        Step(
            "Record",
            known or ("They need nothing special." if nothing else "Nothing written down."),
            bool(row or known),
        ),
        Step("Flag", "Shown at the top of every page about them.", bool(known) or nothing),
        Step("Share", "Partners are told under a yes that covers communication needs: see Sharing.", True),
        Step(
            "Meet",
            met or ("Nothing to meet." if nothing else "Nobody has said how it is met."),
            bool(met) or nothing,
        ),
        Step("Review", review, in_time),
    ]

"""A case as a document of one model: what the model names and nothing else. Reads, and writes nothing."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils import timezone

from casework.models import Case
from casework.prsb.schema import Model, coded, problems
from casework.rules import STAGE_LABELS, Stage
from governance import standing
from governance.actions.consent import latest
from governance.models import Consent, OrganisationKind, Person, Purpose, ShareItem, in_words
from governance.rules import RuleBroken


class Recipient(StrEnum):
    """Who receives it."""

    GP = "gp"
    TRUST = "trust"
    COUNCIL = "council"


RECIPIENT_WORDS = {
    Recipient.GP: "The GP practice",
    Recipient.TRUST: "The hospital that referred",
    Recipient.COUNCIL: "The council that referred",
}
KIND_OF = {
    Recipient.GP: OrganisationKind.PRACTICE,
    Recipient.TRUST: OrganisationKind.TRUST,
    Recipient.COUNCIL: OrganisationKind.COUNCIL,
}
# What every model holds of a person beyond who they are, so a yes must cover it.
ITEMS = (ShareItem.NHS_NUMBER, ShareItem.CONTACT, ShareItem.NEEDS, ShareItem.SUPPORT)
STANDARD = {"name": "PRSB Social Prescribing Information Standard", "version": "1.1"}


@dataclass(frozen=True)
class Wanted:
    """What is asked for. `author` is who completes it; `summary` is in words for the reader, and may be empty."""

    model: Model
    recipient: Recipient
    author: str
    on: datetime.date
    summary: str = ""


# Of each model: the sections in their order.
_SHARED_END = ("consent", "personCompletingRecord", "distribution")
SECTIONS: dict[Model, tuple[str, ...]] = {
    Model.MESSAGE: ("personDemographics", "gpPractice", "socialPrescribing", "outcome", *_SHARED_END),
    Model.REFERRAL: ("personDemographics", "gpPractice", "referral", "individualRequirements", *_SHARED_END),
    Model.FULL: (
        "personDemographics",
        "gpPractice",
        "referral",
        "individualRequirements",
        "socialPrescribing",
        "contacts",
        "outcome",
        *_SHARED_END,
    ),
}
# What the minimum needs of the person, in words; the full record counts sex and ethnicity in.
_NEEDED: dict[str, Callable[[Person], object]] = {
    "first name": lambda person: person.first_name,
    "family name": lambda person: person.last_name,
    "date of birth": lambda person: person.birth_date,
    "NHS number": lambda person: person.nhs_number,
    "address": lambda person: person.address or person.postcode,
    "GP practice": lambda person: person.gp_practice,
}
_NEEDED_IN_FULL: dict[str, Callable[[Person], object]] = {
    "sex": lambda person: person.sex,
    "ethnicity": lambda person: person.ethnicity,
}


def build(case: Case, wanted: Wanted) -> dict[str, Any]:
    """The document, checked against its schema.

    Raises:
        RuleBroken: the person has not said yes to sharing with this recipient, or something is missing
            that the standard needs; the sentence names it.
    """
    consent = yes_for(case, wanted)
    _check_nothing_is_missing(case, wanted)
    parts = {name: _PARTS[name](case, wanted, consent) for name in SECTIONS[wanted.model]}
    document: dict[str, Any] = {"standard": {**STANDARD, "model": wanted.model.value}}
    document |= {name: part for name, part in parts.items() if part is not None}
    wrong = problems(wanted.model, document)
    if wrong:
        raise RuleBroken(
            f"This does not fit the standard and was not made: {'; '.join(wrong)}. Tell your supplier."
        )
    return document


def yes_for(case: Case, wanted: Wanted) -> Consent:
    """The newest yes that stands, to a partner of the recipient's kind, for care. RuleBroken where none is."""
    asked = [
        row
        for row in latest(case.person).values()
        if row.partner is not None
        and row.partner.ended_at is None
        and row.purpose == Purpose.CARE
        and row.partner.organisation.kind == KIND_OF[wanted.recipient]
    ]
    whom = RECIPIENT_WORDS[wanted.recipient].replace("The", "the", 1)
    for row in sorted(asked, key=lambda row: row.decided_at, reverse=True):
        if not standing.stands(row, on=wanted.on):
            continue
        missing = [item for item in ITEMS if item not in row.items]
        if missing:
            raise RuleBroken(
                f"The person's yes to sharing with {whom} does not cover this: {in_words(missing)}. "
                "Ask them, and record what they decide, before anything is sent."
            )
        return row
    raise RuleBroken(
        f"{'The person has said no' if asked else 'The person has not said yes'} to sharing with {whom} for their "
        "care. Ask them, and record what they decide, before anything is sent."
    )


def _check_nothing_is_missing(case: Case, wanted: Wanted) -> None:
    needed = _NEEDED | (_NEEDED_IN_FULL if wanted.model == Model.FULL else {})
    missing = [words for words, value in needed.items() if not value(case.person)]
    if wanted.model != Model.MESSAGE and case.index_date is None:
        missing.append("day on which support was first offered")
    if wanted.model == Model.REFERRAL and not wanted.summary:
        missing.append("reason for the referral, in your words")
    if missing:
        words = " and the ".join([", the ".join(missing[:-1]), missing[-1]] if len(missing) > 1 else missing)
        verb = "is" if len(missing) == 1 else "are"
        raise RuleBroken(f"Nothing was made: the {words} {verb} missing. Have it added to the record first.")


def _person(case: Case, wanted: Wanted, consent: Consent) -> dict[str, str]:
    person = case.person
    told = {
        "firstName": person.first_name,
        "familyName": person.last_name,
        "dateOfBirth": person.birth_date.isoformat() if person.birth_date else "",
        "nhsNumber": person.nhs_number or "",
        "address": ", ".join(filter(None, [person.address, person.postcode])),
    }
    if wanted.model != Model.MESSAGE:
        told |= {"phone": person.phone, "sex": person.get_sex_display()}
    if wanted.model == Model.FULL:
        told["ethnicity"] = person.ethnicity
    return {name: value for name, value in told.items() if value}


def _practice(case: Case, wanted: Wanted, consent: Consent) -> dict[str, str]:
    return {"name": case.person.gp_practice}


def _referral(case: Case, wanted: Wanted, consent: Consent) -> dict[str, Any]:
    """Out: to another service, by us, today. In the full record: how the person came to us."""
    out = wanted.model == Model.REFERRAL
    on = wanted.on if out else case.index_date
    sent_by = "Referrer"
    if case.referral is not None and not out:
        on, sent_by = timezone.localdate(case.referral.received_at), case.referral.sent_by
    listed = "On a list of people who attend A&E most often"
    return {
        "date": on.isoformat() if on else "",
        "reason": wanted.summary if out else listed if case.candidate_id else "Referred to the service",
        "type": coded("referral"),
        "from": str(case.service) if out or case.candidate_id else sent_by,
    }


def _requirements(case: Case, wanted: Wanted, consent: Consent) -> dict[str, str] | None:
    needs = case.person.communication_needs
    return {"communication": needs} if needs else None


def _social_prescribing(case: Case, wanted: Wanted, consent: Consent) -> dict[str, Any]:
    told = {
        "service": str(case.service),
        "organisation": str(case.service.host),
        "linkWorker": case.worker.name if case.worker else "",
        "status": STAGE_LABELS[Stage(case.stage)],
    }
    return {**{name: value for name, value in told.items() if value}, "events": _events(case)}


def _events(case: Case) -> list[dict[str, Any]]:
    """The offer, and the no if there was one."""
    found = []
    if case.index_date:
        found.append({"date": case.index_date.isoformat(), "type": coded("offered")})
    declined = case.stages.filter(stage=Stage.DECLINED).first()
    if declined:
        found.append({"date": timezone.localdate(declined.at).isoformat(), "type": coded("declined")})
    return found


def _contacts(case: Case, wanted: Wanted, consent: Consent) -> list[dict[str, str]]:
    """Days and kinds. A note is for the team: what the reader must know goes into the summary."""
    return [
        {
            "date": timezone.localdate(contact.happened_at).isoformat(),
            "kind": contact.get_kind_display(),
            "outcome": contact.get_outcome_display(),
        }
        for contact in case.contacts.order_by("happened_at", "pk")
    ]


def _outcome(case: Case, wanted: Wanted, consent: Consent) -> dict[str, str]:
    status = {"status": STAGE_LABELS[Stage(case.stage)]}
    return status | ({"summary": wanted.summary} if wanted.summary else {})


def _shared_under(case: Case, wanted: Wanted, consent: Consent) -> dict[str, str]:
    return {
        "scope": consent.subject,
        "decision": consent.get_decision_display(),
        "date": timezone.localdate(consent.decided_at).isoformat(),
        "method": consent.get_method_display(),
    }


def _author(case: Case, wanted: Wanted, consent: Consent) -> dict[str, str]:
    return {"name": wanted.author, "organisation": str(case.service), "date": wanted.on.isoformat()}


def _distribution(case: Case, wanted: Wanted, consent: Consent) -> list[dict[str, str]]:
    to_practice = wanted.recipient == Recipient.GP
    kind = RECIPIENT_WORDS[wanted.recipient]
    return [{"kind": kind, "name": case.person.gp_practice if to_practice else kind}]


_PARTS: dict[str, Callable[[Case, Wanted, Consent], Any]] = {
    "personDemographics": _person,
    "gpPractice": _practice,
    "referral": _referral,
    "individualRequirements": _requirements,
    "socialPrescribing": _social_prescribing,
    "contacts": _contacts,
    "outcome": _outcome,
    "consent": _shared_under,
    "personCompletingRecord": _author,
    "distribution": _distribution,
}

"""What the pages of an agreement show."""

import datetime
from typing import Any

from django.urls import reverse

from governance.models import Agreement, AgreementVersion, ImpactAssessment, Service, Standing
from governance.rules import Reader


def listed(service: Service, today: datetime.date) -> list[dict[str, Any]]:
    """Every agreement of a service with what stops it and what somebody should see to."""
    found = service.agreements.select_related("sharer", "recipient")
    return [
        {
            "agreement": agreement,
            "problem": agreement.problem_on(today, Reader.IG_LEAD),
            "warnings": agreement.warnings_on(today, Reader.IG_LEAD),
            "tag": tag(agreement, today),
        }
        for agreement in found
    ]


def tag(agreement: Agreement, today: datetime.date) -> tuple[str, str]:
    """Its state in a few words, and the colour."""
    if agreement.standing == Standing.DRAFT:
        return "Draft", "red"
    if agreement.suspended_at:
        return "Suspended", "red"
    if agreement.problem_on(today):
        return "Stops loads", "red"
    if agreement.warnings_on(today):
        return "In force, see to it", "orange"
    return "In force", "green"


def of(agreement: Agreement, today: datetime.date) -> dict[str, Any]:
    """One agreement: what acts, what waits for signatures, who signed, and what happened to it."""
    found = agreement.versions.select_related("written_by", "dpia", "equality")
    versions = list(found.prefetch_related("signatures__organisation"))
    waiting = _waiting(agreement, versions)
    label, colour = tag(agreement, today)
    return {
        "agreement": agreement,
        "tag": {"text": label, "colour": colour},
        "problem": agreement.problem_on(today, Reader.IG_LEAD),
        "warnings": agreement.warnings_on(today, Reader.IG_LEAD),
        "rows": terms_in_words(agreement),
        "versions": versions,
        "acting": next((version for version in versions if version.number == agreement.version), None),
        "waiting": waiting,
        "missing": unsigned_by(agreement, waiting) if waiting else [],
        "suspensions": agreement.suspensions.select_related("by"),
    }


def _waiting(agreement: Agreement, versions: list[AgreementVersion]) -> AgreementVersion | None:
    """The version that lacks signatures: the newest, unless it is the one that acts by right."""
    newest = versions[0] if versions else None
    if newest and newest.number == agreement.version and agreement.standing == Standing.SIGNED:
        return None
    return newest


def unsigned_by(agreement: Agreement, version: AgreementVersion) -> list[str]:
    """The parties that have not signed a version."""
    signed = {signature.organisation_id for signature in version.signatures.all()}
    parties = {agreement.sharer_id: agreement.sharer, agreement.recipient_id: agreement.recipient}
    return [party.name for pk, party in parties.items() if pk not in signed]


def terms_in_words(terms: Agreement | AgreementVersion) -> list[dict[str, Any]]:
    """The terms but for the data items, each with its name; None where nothing is said."""
    return [
        {"key": "Department that sends", "value": terms.sharer_department or None},
        {"key": "Purposes", "value": terms.purpose},
        {"key": "Lawful basis, Article 6", "value": terms.get_article_6_display() or None},
        {"key": "Condition, Article 9", "value": terms.get_article_9_display() or None},
        {"key": "Duty of confidentiality", "value": terms.get_confidentiality_display() or None},
        {"key": "Who may be sent", "value": terms.reach_in_words},
        {"key": "Of which ages", "value": terms.get_age_group_display()},
        {"key": "How often", "value": terms.get_frequency_display()},
        {"key": "In force", "value": _period(terms)},
        {"key": "Review on", "value": f"{terms.review_on:%-d %B %Y}" if terms.review_on else None},
        {"key": "Data protection impact assessment", "value": dpia_in_words(terms), **_link(terms.dpia)},
        {
            "key": "Equality impact assessment",
            "value": terms.equality.title if terms.equality else None,
            **_link(terms.equality),
        },
        {"key": "People's rights", "value": terms.rights or None},
    ]


def _link(assessment: ImpactAssessment | None) -> dict[str, str]:
    if assessment is None:
        return {}
    return {"url": reverse("governance:assessment", args=[assessment.pk]), "action": "Open"}


def dpia_in_words(terms: Agreement | AgreementVersion) -> str | None:
    """Which assessment there is, or why there is none."""
    if terms.dpia:
        return terms.dpia.title
    return terms.dpia_link or (f"None: {terms.no_dpia_reason}" if terms.no_dpia_reason else None)


def differences(version: AgreementVersion, before: AgreementVersion | None) -> list[list[str | None]]:
    """What a version says otherwise than the one before it: the term, then, now."""
    if before is None:
        return []
    pairs = zip(terms_in_words(version), terms_in_words(before), strict=True)
    rows = [[now["key"], then["value"], now["value"]] for now, then in pairs if now["value"] != then["value"]]
    now, then = version.fields_in_words, before.fields_in_words
    if added := [name for name in now if name not in then]:
        rows.append(["Data items added", "–", ", ".join(added)])
    if gone := [name for name in then if name not in now]:
        rows.append(["Data items taken out", ", ".join(gone), "–"])
    return rows


def _period(terms: Agreement | AgreementVersion) -> str:
    until = f" to {terms.valid_to:%-d %B %Y}" if terms.valid_to else ", with no last day"
    return f"From {terms.valid_from:%-d %B %Y}{until}"

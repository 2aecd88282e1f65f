"""Writing agreements and their versions, signing them, stopping them and letting them act again."""

import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from governance import audit
from governance.models import (
    TERMS,
    Agreement,
    AgreementVersion,
    Organisation,
    Service,
    Standing,
    SuspensionDecision,
    User,
)
from governance.rules import RuleBroken


@transaction.atomic
def add(
    *,
    service: Service,
    title: str,
    sharer: Organisation,
    recipient: Organisation,
    by: User | None,
    standing: str = Standing.UNCHECKED,
    written_at: datetime.datetime | None = None,
    **terms: Any,
) -> Agreement:
    """An agreement under which `sharer` may send these fields to the service, with its first version.

    Args:
        standing: an unchecked one is in use at once, with a warning at each load until it is signed, which
            is what a command that sets up a feed needs. A draft stops loads until both parties have signed.
        written_at: when it was written, of one on paper that was signed before it was entered; default: now.
        terms: any of `TERMS`; at least `purpose`, `allowed_fields` and `valid_from`.

    Raises:
        RuleBroken: when the service has an agreement of that title.
    """
    if service.agreements.filter(title=title).exists():
        raise RuleBroken(f'There is an agreement called "{title}" already. Choose another title.')
    terms["allowed_fields"] = list(terms["allowed_fields"])
    agreement = Agreement.objects.create(
        service=service, title=title, sharer=sharer, recipient=recipient, standing=standing, **terms
    )
    written_at = written_at or timezone.now()
    agreement.versions.create(
        service=service, number=1, written_at=written_at, written_by=by, **agreement.terms()
    )
    changes = {
        "fields": terms["allowed_fields"],
        "valid_from": terms["valid_from"],
        "valid_to": terms.get("valid_to"),
        "standing": standing,
    }
    audit.record("agreement_added", service=service, by=by, on=agreement, changes=changes)
    return agreement


@transaction.atomic
def revise(*, agreement: Agreement, why: str, by: User, **terms: Any) -> AgreementVersion:
    """Write the next version. Signed terms go on acting until both parties have signed the new ones.

    While nobody has signed anything, the newest version acts (or, of a draft, will act).

    Args:
        terms: all of `TERMS`.

    Raises:
        RuleBroken: when nothing is different from the newest version.
    """
    agreement = _locked(agreement)
    newest = newest_version(agreement)
    changed = {name: [getattr(newest, name), terms[name]] for name in TERMS if _differs(newest, terms, name)}
    if not changed:
        raise RuleBroken("Nothing was changed, so no new version was written.")
    version = agreement.versions.create(
        service=agreement.service, number=newest.number + 1, why=why, written_by=by, **terms
    )
    if agreement.standing != Standing.SIGNED:
        _act(agreement, version)
    changes = {"version": [newest.number, version.number], **changed}
    audit.record("agreement_revised", service=agreement.service, by=by, on=agreement, changes=changes)
    return version


@transaction.atomic
def sign(
    *,
    agreement: Agreement,
    organisation: Organisation,
    name: str,
    role: str,
    signed_on: datetime.date,
    by: User,
) -> bool:
    """Record that somebody signed the newest version for a party; returns whether it acts now.

    Raises:
        RuleBroken: the organisation is no party, the day has not come, or this person's signature is there.
    """
    agreement = _locked(agreement)
    version = newest_version(agreement)
    if organisation.pk not in _parties(agreement):
        raise RuleBroken(f"{organisation} is not a party of this agreement. Choose one of the two that are.")
    if signed_on > timezone.localdate():
        raise RuleBroken("The day of the signature is in the future. Enter the day it was signed.")
    if version.signatures.filter(organisation=organisation, name__iexact=name).exists():
        raise RuleBroken(f"{name} has signed version {version.number} already.")
    row = version.signatures.create(
        service=agreement.service,
        organisation=organisation,
        name=name,
        role=role,
        signed_on=signed_on,
        recorded_by=by,
    )
    acts = _comes_into_force(agreement, version)
    changes = {"agreement": agreement.pk, "version": version.number, "in_force": acts}
    audit.record("agreement_signed", service=agreement.service, by=by, on=row, changes=changes)
    return acts


@transaction.atomic
def suspend(*, agreement: Agreement, why: str, by: User) -> None:
    """Stop every load under an agreement from now on; a load that is being stored is waited for.

    Raises:
        RuleBroken: when it is suspended already.
    """
    agreement = _locked(agreement)
    if agreement.suspended_at is not None:
        raise RuleBroken("This agreement is suspended already.")
    row = agreement.suspensions.create(
        service=agreement.service, decision=SuspensionDecision.SUSPENDED, why=why, by=by
    )
    agreement.suspended_at, agreement.suspended_by, agreement.suspended_why = row.at, by, why
    agreement.save(update_fields=["suspended_at", "suspended_by", "suspended_why"])
    audit.record("agreement_suspended", service=agreement.service, by=by, on=agreement, changes={"why": why})


@transaction.atomic
def lift(*, agreement: Agreement, why: str, by: User) -> None:
    """Let a suspended agreement act again.

    Raises:
        RuleBroken: when it is not suspended.
    """
    agreement = _locked(agreement)
    if agreement.suspended_at is None:
        raise RuleBroken("This agreement is not suspended, so there is nothing to lift.")
    agreement.suspensions.create(
        service=agreement.service, decision=SuspensionDecision.LIFTED, why=why, by=by
    )
    agreement.suspended_at = agreement.suspended_by = None
    agreement.suspended_why = ""
    agreement.save(update_fields=["suspended_at", "suspended_by", "suspended_why"])
    audit.record(
        "agreement_suspension_lifted", service=agreement.service, by=by, on=agreement, changes={"why": why}
    )


def newest_version(agreement: Agreement) -> AgreementVersion:
    """The version written last, whether it acts or not."""
    newest = agreement.versions.order_by("-number").first()
    if newest is None:  # a row from before versions were kept
        newest = agreement.versions.create(
            service=agreement.service, number=agreement.version, **agreement.terms()
        )
    return newest


def _locked(agreement: Agreement) -> Agreement:
    rows = Agreement.objects.select_for_update(of=["self"]).select_related("service")
    return rows.get(pk=agreement.pk)


def _parties(agreement: Agreement) -> set[int]:
    return {agreement.sharer_id, agreement.recipient_id}


def _differs(version: AgreementVersion, terms: dict[str, Any], name: str) -> bool:
    return bool(getattr(version, name) != terms[name])


def _comes_into_force(agreement: Agreement, version: AgreementVersion) -> bool:
    signed = set(version.signatures.values_list("organisation_id", flat=True))
    if not _parties(agreement) <= signed:
        return False
    agreement.standing = Standing.SIGNED
    _act(agreement, version)
    return True


def _act(agreement: Agreement, version: AgreementVersion) -> None:
    for name, value in version.terms().items():
        setattr(agreement, name, value)
    agreement.version = version.number
    agreement.save()

"""The organisations that a service may share information with."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from governance import audit
from governance.models import Organisation, Partner, Service, User
from governance.rules import RuleBroken


@transaction.atomic
def add(
    *, service: Service, name: str, kind: str, ods_code: str | None = None, send_to: str = "", by: User
) -> Partner:
    """Make an organisation a partner of the service; one with this ODS code or name is used as it is.

    Raises:
        RuleBroken: it is a partner already.
    """
    organisation = _organisation(name.strip(), kind, ods_code or None)
    try:
        with transaction.atomic():
            partner = service.partners.create(organisation=organisation, send_to=send_to, added_by=by)
    except IntegrityError as problem:
        raise RuleBroken(f"{organisation} is a partner already.") from problem
    changes = {"organisation": organisation.pk}
    audit.record("partner_added", service=service, by=by, on=partner, changes=changes)
    return partner


@transaction.atomic
def end(*, partner: Partner, by: User) -> Partner:
    """Offer a partner no longer, from now. What was shared with it stays in the log."""
    partner = Partner.objects.select_for_update(of=["self"]).select_related("service").get(pk=partner.pk)
    if partner.ended_at is not None:
        return partner
    partner.ended_at, partner.ended_by = timezone.now(), by
    partner.save(update_fields=["ended_at", "ended_by"])
    changes = {"ended_at": [None, partner.ended_at]}
    audit.record("partner_ended", service=partner.service, by=by, on=partner, changes=changes)
    return partner


def _organisation(name: str, kind: str, ods_code: str | None) -> Organisation:
    """Organisations are shared by all services, so one that exists keeps its name and kind."""
    if ods_code:
        found = Organisation.objects.filter(ods_code=ods_code).first()
    else:
        found = Organisation.objects.filter(name__iexact=name, kind=kind).first()
    return found or Organisation.objects.create(name=name, kind=kind, ods_code=ods_code)

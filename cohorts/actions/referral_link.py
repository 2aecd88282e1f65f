"""The addresses by which organisations refer without an account."""

import datetime

from django.db import transaction
from django.utils import timezone

from cohorts.models import ReferralLink
from cohorts.referrals import door
from governance import audit
from governance.models import Organisation, Service, User
from governance.rules import RuleBroken

LONGEST_DAYS = 366


@transaction.atomic
def make(
    *,
    service: Service,
    organisation: Organisation,
    source: str,
    expires_on: datetime.date,
    team: str = "",
    by: User,
) -> tuple[ReferralLink, str]:
    """A link and the token of its address. The token is told once: only a hash of its secret is kept.

    Raises:
        RuleBroken: the last day has passed or is more than a year away.
    """
    today = timezone.localdate()
    if expires_on < today:
        raise RuleBroken("The last day has passed. Choose today or a later day.")
    if (expires_on - today).days > LONGEST_DAYS:
        raise RuleBroken(
            "A link works for a year at most. Choose an earlier day, and make a new one in time."
        )
    token, token_hash = door.new_token(service)
    link = service.referral_links.create(
        organisation=organisation,
        source=source,
        team=team,
        token_hash=token_hash,
        expires_on=expires_on,
        made_by=by,
    )
    changes = {"organisation": organisation.pk, "expires_on": expires_on}
    audit.record("referral_link_made", service=service, by=by, on=link, changes=changes)
    return link, token


@transaction.atomic
def end(*, link: ReferralLink, by: User) -> ReferralLink:
    """Let the address open the form no longer, from now. What came by it stays, and so do its status pages."""
    link = ReferralLink.objects.select_for_update(of=["self"]).select_related("service").get(pk=link.pk)
    if link.ended_at is not None:
        return link
    link.ended_at, link.ended_by = timezone.now(), by
    link.save(update_fields=["ended_at", "ended_by"])
    changes = {"ended_at": [None, link.ended_at]}
    audit.record("referral_link_ended", service=link.service, by=by, on=link, changes=changes)
    return link

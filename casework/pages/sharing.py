"""What may be shared of a client and with whom, what was shared, and what was taken back."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from casework.models import Case, Disclosure
from casework.pages import banner, notice
from casework.pages.consents import Shown, shown
from governance import standing
from governance.actions.consent import latest
from governance.models import Consent, ConsentDecision, ConsentScope, Partner, Service

DISCLOSURES_SHOWN = 50


@dataclass(frozen=True)
class NotOffered:
    """A partner with whom nothing may be shared on the person's word, and why."""

    partner: Partner
    why: list[str]
    # The yes that ran out, to start from.
    ask_again: Consent | None


@dataclass(frozen=True)
class Sharing:
    """The page."""

    case: Case
    banner: banner.Banner
    notice: notice.Notice
    offers: list[Consent]
    not_offered: list[NotOffered]
    others: list[Shown]
    disclosures: list[Disclosure]

    @property
    def to_recall(self) -> list[Disclosure]:
        """Those whose partner has to be told that the yes was taken back."""
        return [row for row in self.disclosures if hasattr(row, "recall") and row.recall.sent_at is None]


def build(case: Case, *, today: datetime.date) -> Sharing:
    """The page of one client, fetched from `notice.cases`: four queries more."""
    decisions = latest(case.person)
    service = case.service
    partners = list(service.partners.in_use())
    return Sharing(
        case=case,
        banner=banner.from_rows(case, banner.standing_risks(case), decisions, today=today),
        notice=notice.of(case, today=today),
        offers=_offers(partners, decisions.values(), today),
        not_offered=_not_offered(partners, decisions.values(), today),
        others=shown((row for row in decisions.values() if row.partner_id is None), today=today),
        disclosures=list(of_person(service, case)[:DISCLOSURES_SHOWN]),
    )


def of_person(service: Service, case: Case) -> QuerySet[Disclosure]:
    """What was shared of the person in any episode, newest first."""
    return service.disclosures.filter(case__person=case.person_id).select_related(
        "partner__organisation", "made_by", "recall"
    )


def _offers(partners: list[Partner], rows: Iterable[Consent], today: datetime.date) -> list[Consent]:
    """The yeses that stand, to partners that are still partners."""
    known = {partner.pk for partner in partners}
    return [row for row in rows if row.partner_id in known and standing.stands(row, on=today)]


def _not_offered(partners: list[Partner], rows: Iterable[Consent], today: datetime.date) -> list[NotOffered]:
    found = []
    for partner in partners:
        asked = [row for row in rows if row.scope == ConsentScope.SHARE and row.partner_id == partner.pk]
        why = [
            f"{row.get_purpose_display()}: {standing.why_not(row, on=today)}"
            for row in asked
            if not standing.stands(row, on=today)
        ]
        if why or not asked:
            ran_out = next((row for row in asked if _has_run_out(row, today)), None)
            found.append(NotOffered(partner, why or [standing.why_not(None, on=today)], ran_out))
    return found


def _has_run_out(row: Consent, today: datetime.date) -> bool:
    return row.decision == ConsentDecision.GIVEN and not standing.stands(row, on=today)

"""What invented clients decided about their information, what they were told, and what was shared."""

import datetime
import random
import uuid
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from casework import share_sheet
from casework.actions import disclosure
from casework.models import Basis, Case, ShareChannel
from governance.actions import consent, notice, partner
from governance.models import (
    Consent,
    ConsentDecision,
    ConsentScope,
    NoticeChannel,
    NoticeGiven,
    OrganisationKind,
    Partner,
    Person,
    PrivacyNotice,
    Purpose,
    Service,
    ShareItem,
    User,
)
from hiu.demo.cast import Cast

# Share of clients who say yes to each partner, in the order of PARTNERS.
SAY_YES = (0.8, 0.6, 0.35, 0.5)
TOLD = 0.85
RUNS_OUT = 0.1
LOOKED_AT = 8
WORDS = ("Yes, as long as they stop asking me the same things.", "If it helps, yes.", "", "", "")
SAID = "Who they are, what they would see and what for; that you can say no and take it back any day."
HELPS = "Answers better to a woman. Offer a seat and some time. Does not like to be touched from behind."
ITEMS = [ShareItem.CONTACT, ShareItem.NEEDS, ShareItem.HELPS]

FULL = """Who we are. We are {service}, run by {host}.

Where we have your information from. {trust} tells us who has been to A&E often, under an agreement between us: name, date of birth, phone number, and the days of the visits.

What we use it for, and why we may. To offer you support and to learn whether it helps. It is a task in the public interest and part of health care (UK GDPR, Articles 6(1)(e) and 9(2)(h)).

Whom we tell. Nobody you did not agree to, unless the law demands it or somebody is in danger.

How long we keep it. Eight years after we last supported you. If you say no to support, we keep that you said no.

Your rights. You can see what we hold, have mistakes put right, object, and complain to us or to the Information Commissioner's Office."""
EASY = """We offer help to people who have been to A&E often.

{trust} gave us your name and number. There is an agreement that says they may.

You can say no. You can say stop.

We tell other people only if you say yes, or if somebody is in danger.

You can ask to see what we write about you."""


@dataclass(frozen=True)
class Sharing:
    """The partners of an invented service and its privacy notice."""

    partners: tuple[Partner, ...]
    notice: PrivacyNotice

    def decisions(
        self, person: Person, *, at: datetime.datetime, by: User, chance: random.Random
    ) -> list[Consent]:
        """What one client said about support, each partner, and figures; not stored yet."""

        def say(scope: str, probability: float, **more: object) -> Consent:
            is_yes = chance.random() < probability
            return Consent(
                service=by_service,
                person=person,
                scope=scope,
                decision=ConsentDecision.GIVEN if is_yes else ConsentDecision.REFUSED,
                method="phone",
                capacity="had",
                words=chance.choice(WORDS) if is_yes else "",
                told=SAID,
                decided_at=at,
                recorded_at=at,
                by=by,
                **more,
            )

        by_service = self.notice.service
        rows = [say(ConsentScope.SUPPORT, 1.0), say(ConsentScope.EVALUATION, 0.7)]
        for named, probability in zip(self.partners, SAY_YES, strict=True):
            row = say(ConsentScope.SHARE, probability, partner=named, purpose=Purpose.CARE)
            if row.decision == ConsentDecision.GIVEN:
                row.items = ITEMS
                if chance.random() < RUNS_OUT:
                    row.stands_until = timezone.localdate(at) + datetime.timedelta(days=180)
            rows.append(row)
        return rows

    def told(
        self, person: Person, *, at: datetime.datetime, by: User, chance: random.Random
    ) -> list[NoticeGiven]:
        """That most were told at first how their information is used; not stored yet."""
        if chance.random() > TOLD:
            return []
        channel = chance.choice([NoticeChannel.READ_OUT, NoticeChannel.READ_OUT, NoticeChannel.HANDED_OVER])
        return [
            NoticeGiven(
                service=self.notice.service,
                person=person,
                notice=self.notice,
                channel=channel,
                is_easy_read=True,
                given_at=at,
                given_by=by,
            )
        ]


def open_for(service: Service, cast: Cast, since: datetime.date, *, by: User) -> Sharing:
    """Partners and a privacy notice."""
    place = cast.name.split()[0]
    named = (
        (f"{place} Surgery (invented)", OrganisationKind.PRACTICE, "Safe-mail of the practice manager"),
        (cast.trust, OrganisationKind.TRUST, "A&E navigator desk"),
        (f"{place} Council (invented)", OrganisationKind.COUNCIL, "Adult social care duty desk"),
        (f"{place} Ambulance Service (invented)", OrganisationKind.AMBULANCE, "Care plan desk"),
    )
    partners = tuple(
        partner.add(service=service, name=name, kind=kind, send_to=send_to, by=by)
        for name, kind, send_to in named
    )
    words = {"service": cast.name, "host": cast.host, "trust": cast.trust}
    published = notice.publish(
        service=service,
        text=FULL.format(**words),
        easy_read=EASY.format(**words),
        published_on=since,
        by=by,
    )
    return Sharing(partners, published)


def share_some(service: Service, *, by: User) -> None:
    """Share with a few partners today; one client takes a yes back, and one share is for safety."""
    cases = service.cases.open().exclude(last_contact_at=None).select_related("person", "worker", "service")
    shared = [yes for case in cases.order_by("pk")[:LOOKED_AT] if (yes := _share_on_a_yes(case, by))]
    if not shared:
        return
    last = shared[-1]
    consent.record(
        service=service,
        person=last.person,
        scope=last.scope,
        partner=last.partner,
        purpose=last.purpose,
        decision=ConsentDecision.WITHDRAWN,
        method="phone",
        words="I do not want them to know any more.",
        capacity="had",
        by=last.by,
    )
    _share(
        cases.filter(person=shared[0].person)[0],
        by=by,
        partner=service.partners.in_use()[1],
        basis=Basis.SAFEGUARDING,
        items=[ShareItem.CONTACT],
        helps="",
        reason="Said that a visitor takes their money. Asked, and agreed that somebody should look at it.",
        authority=f"{by.name}, safeguarding lead",
    )


def _share_on_a_yes(case: Case, by: User) -> Consent | None:
    """Share with the first partner the client said yes to; None where there is none."""
    rows = consent.in_force(case.person, on=timezone.localdate()).values()
    yes = next((row for row in rows if row.scope == ConsentScope.SHARE), None)
    if yes is not None:
        told: dict[str, Any] = {
            "partner": yes.partner,
            "purpose": yes.purpose,
            "items": ITEMS,
            "helps": HELPS,
        }
        _share(case, by=case.worker or by, basis=Basis.CONSENT, **told)
    return yes


def _share(case: Case, *, items: list[str], helps: str, **told: Any) -> None:
    key = uuid.uuid4()
    seen = share_sheet.build(case, items=items, helps=helps, at=timezone.now()).hash(key)
    told |= {"items": items, "helps": helps, "key": key, "seen": seen}
    disclosure.make(case=case, channel=ShareChannel.SECURE_MAIL, **told)

"""What the pages of referrals show: the list with its clocks, one referral, and the links."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.aggregates import JSONBAgg
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject
from django.utils import timezone

from cohorts.models import PauseReason, Referral, ReferralLink
from cohorts.models.referral import ReferralQuerySet, read_steps, steps_of
from cohorts.referrals import door, rules
from cohorts.referrals.matching import identity_of, person_of
from cohorts.referrals.rules import Clock, Happened, Identity, Status, Step, clock, in_words, possible, status
from cohorts.signals import people_with_open_case
from governance import audit
from governance.models import Membership, Person, Service, User
from governance.need_to_know import NeedToKnow
from governance.permissions import role_allows
from governance.rights import stop_sentences
from governance.roles import Permission
from governance.rules import format_nhs_number

A_SEALED_RECORD = "A sealed record"
STATUS_TAGS: dict[Status, tuple[str, str]] = {
    Status.RECEIVED: ("To decide", "blue"),
    Status.ACCEPTED: ("Accepted, not contacted yet", "yellow"),
    Status.CONTACTED: ("First contact made", "green"),
    Status.DECLINED: ("Declined", "grey"),
    Status.ENDED: ("Support has ended", "grey"),
}
CONTACTED_TO_DECIDE = ("Contacted, to decide", "blue")


@dataclass(frozen=True)
class Waited:
    """The clock of a referral as a tag: in words, with a colour, and why it is paused."""

    text: str
    colour: str
    detail: str = ""


@dataclass(frozen=True)
class Row:
    """One referral in the list."""

    referral: Referral
    name: str
    clock: Waited
    status: tuple[str, str]


@dataclass(frozen=True)
class Known:
    """What a member is told before a referral is stored: whose record there is already, in sentences."""

    person: Person
    sentences: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Waiting:
    """How many referrals wait, for the lead's home."""

    undecided: int
    to_contact: int
    over: int

    @property
    def number(self) -> int:
        """How many wait, each counted once: those to decide on, and those to be in touch with."""
        return self.undecided + self.to_contact

    @property
    def in_words(self) -> str:
        """ "3 to decide, 2 to contact, 1 of them over 24 hours"."""
        parts = []
        if self.undecided:
            parts.append(f"{self.undecided} to decide")
        if self.to_contact:
            parts.append(f"{self.to_contact} to contact")
        if self.over:
            parts.append(f"{self.over} without a first contact for more than {_LIMIT}")
        return ", ".join(parts)


_LIMIT = rules.hours(rules.TIME_LIMIT)


def listed(membership: Membership, *, everything: bool) -> ReferralQuerySet:
    """Referrals for the list: all, the newest first, or those that wait, the longest first."""
    found = shown_to(membership).filter(is_in_reach=True)
    return (
        found.order_by("-received_at", "-pk") if everything else found.waiting().order_by("received_at", "pk")
    )


def in_reach(membership: Membership) -> ReferralQuerySet:
    """Referrals not taken outside the member's team; whoever decides on them has all in reach."""
    found = _with_reach(membership, membership.service.referrals.all())
    return found.filter(is_in_reach=True)


def shown_to(membership: Membership) -> ReferralQuerySet:
    """Referrals with all that a row or a page needs, and whether the member may see each.

    `is_in_reach`: not taken outside their team; `is_hidden` and `gave_reason`: sealed, and opened all the same.
    """
    service, user, now = membership.service, membership.user, timezone.now()
    sealed = service.seals.hiding_from(user).filter(person=OuterRef("person"))
    reasons = service.break_glasses.valid(user, now).filter(person=OuterRef("person"), sealed=True)
    rows = service.referrals.select_related("person", "service", "link__organisation", "organisation", "by")
    rows = _with_reach(membership, rows.with_steps())
    return rows.annotate(is_hidden=Exists(sealed), gave_reason=Exists(reasons))


def _with_reach(membership: Membership, rows: ReferralQuerySet) -> ReferralQuerySet:
    decides = role_allows(membership.role, Permission.SCREEN_CANDIDATES)
    mode = NeedToKnow.SERVICE if decides else NeedToKnow(membership.service.need_to_know)
    return rows.with_reach(membership.user, mode, timezone.localdate())


def rows(referrals: Iterable[Referral], now: datetime.datetime) -> list[Row]:
    """Referrals from `shown_to` as rows of the list."""
    return [_row(referral, now) for referral in referrals]


def look(membership: Membership, *, everything: bool, number: int, found: int) -> None:
    """Note that somebody went through the list."""
    changes = {"page": "cohorts:referrals", "all": everything, "number": number, "found": found}
    audit.look("referrals_listed", service=membership.service, by=membership.user, changes=changes)


def clocks() -> JSONBAgg:
    """What `waiting` reads of many referrals, as one value of a query that groups them."""
    return JSONBAgg(JSONObject(received_at="received_at", steps=steps_of("pk")))


def waiting(told: list[dict[str, Any]], now: datetime.datetime) -> Waiting:
    """How many referrals wait, and for what."""
    undecided = to_contact = over = 0
    for referral in told:
        steps = read_steps(referral["steps"])
        undecided += Step.ACCEPTED in possible(steps)
        to_contact += status(step.kind for step in steps) == Status.ACCEPTED
        found = clock(datetime.datetime.fromisoformat(referral["received_at"]), steps, now)
        over += found.is_over and (found.is_running or found.pause is not None)
    return Waiting(undecided, to_contact, over)


def waited(clock_now: Clock) -> Waited:
    """A clock as a tag."""
    words = in_words(clock_now)
    if clock_now.pause is not None:
        since = f"{timezone.localtime(clock_now.pause.at):%-d %B, %H:%M}"
        why = PauseReason(clock_now.pause.reason).label
        return Waited(f"Paused, {words}", "grey", f"{why}, since {since}")
    if not clock_now.is_running:
        late = ", late" if clock_now.is_over else ""
        return Waited(f"Clock {words}{late}", "orange" if clock_now.is_over else "green")
    assert clock_now.due_at is not None
    at = f"{timezone.localtime(clock_now.due_at):%-d %B, %H:%M}"
    if clock_now.is_over:
        return Waited(words, "red", f"First contact was due by {at}")
    due = f"First contact by {at}"
    return Waited(words, "yellow" if clock_now.left < rules.TIME_LIMIT / 4 else "blue", due)


def _row(referral: Referral, now: datetime.datetime) -> Row:
    steps = referral.happened
    hidden = getattr(referral, "is_hidden", False)
    name = A_SEALED_RECORD if hidden else f"{referral.first_name} {referral.last_name[:1]}."
    standing = STATUS_TAGS[status(step.kind for step in steps)]
    if Step.ACCEPTED in possible(steps) and Step.ATTEMPT not in possible(steps):
        standing = CONTACTED_TO_DECIDE
    return Row(referral, name, waited(clock(referral.received_at, steps, now)), standing)


def of_referral(referral: Referral, now: datetime.datetime, *, decides: bool) -> dict[str, Any]:
    """The page of one referral, fetched through `shown_to`; whether somebody is on a list, for whoever decides."""
    steps = referral.happened
    person = referral.person
    return {
        "row": _row(referral, now),
        "may": {step.value for step in possible(steps)},
        "about": _about(referral),
        "said": _said(referral),
        "agreed": _agreed(referral),
        "referrer": _referrer(referral),
        "history": list(referral.steps.select_related("by")),
        "differs": " and ".join(rules.differences(referral.identity, identity_of(person))),
        "stops": stop_sentences(person),
        "known": _known_here(referral) if decides else [],
        "status_token": door.status_token(referral),
    }


def known(service: Service, user: User, said: dict[str, Any]) -> Known | None:
    """Who a referral that is about to be stored is about, if they are on record; nobody whose record is sealed."""
    told = Identity(said["first_name"], said["last_name"], said["birth_date"], said["nhs_number"] or None)
    person = person_of(service, told)
    if person is None or service.seals.hiding_from(user).filter(person=person).exists():
        return None
    sentences = []
    if _has_open_case(service, person):
        sentences.append("There is an open case for this person. Talk to their worker instead.")
    for referral in service.referrals.filter(person=person).exclude(key=said["key"]).undecided():
        when = f"{timezone.localtime(referral.received_at):%-d %B %Y}"
        sentences.append(f"A referral of this person from {when} waits for a decision.")
    return Known(person, sentences)


def _known_here(referral: Referral) -> list[str]:
    """Sentences for whoever decides: what else the service has of the person."""
    service, person = referral.service, referral.person
    found = []
    if _has_open_case(service, person) and not referral.steps.filter(kind=Step.ACCEPTED).exists():
        found.append("There is an open case for this person. Decline this one as “We support them already”.")
    others = service.referrals.filter(person=person).exclude(pk=referral.pk).count()
    if others:
        found.append(f"Referred {others} time{'' if others == 1 else 's'} besides this one.")
    lists = service.candidates.filter(person=person).count()
    if lists:
        found.append(f"On {lists} list{'' if lists == 1 else 's'} of people who attend most.")
    return found


def _has_open_case(service: Service, person: Person) -> bool:
    answers = people_with_open_case.send(sender=Referral, service=service)
    return any(person.pk in (ids or ()) for _, ids in answers)


def _about(referral: Referral) -> list[dict[str, Any]]:
    number = format_nhs_number(referral.nhs_number) if referral.nhs_number else None
    born = referral.birth_date
    return [
        {"key": "Date of birth", "value": f"{born:%-d %B %Y}" if born else None},
        {"key": "NHS number", "value": number},
        {"key": "Phone", "value": referral.phone},
        {"key": "Address", "value": ", ".join(filter(None, [referral.address, referral.postcode]))},
        {"key": "How best to talk with them", "value": referral.needs},
    ]


def _said(referral: Referral) -> list[dict[str, Any]]:
    return [
        {"key": "How soon", "value": referral.get_urgency_display()},
        {"key": "Why they are referred", "value": referral.reason},
        {"key": "What they want themselves", "value": referral.wants},
        {"key": "Risks known", "value": referral.risks},
    ]


def _agreed(referral: Referral) -> list[dict[str, Any]]:
    if referral.agreed_on is None:
        return [
            {"key": "Agreed", "value": referral.get_agreed_display()},
            {"key": "Why not", "value": referral.not_asked_why},
        ]
    how = f"{referral.get_agreed_method_display()}, on {referral.agreed_on:%-d %B %Y}"
    return [
        {"key": "Agreed", "value": referral.get_agreed_display()},
        {"key": "How and when", "value": how},
        {"key": "Asked by", "value": referral.asked or referral.referrer_name},
        {"key": "In their words", "value": referral.agreed_words},
    ]


def _referrer(referral: Referral) -> list[dict[str, Any]]:
    taken = f"by {referral.by.name}" if referral.by else "from the form, by a link"
    received, logged = (timezone.localtime(at) for at in (referral.received_at, referral.logged_at))
    later = f", written down on {logged:%-d %B at %H:%M}" if (logged - received) > _SAME_TIME else ""
    who = ", ".join(filter(None, [referral.referrer_name, referral.referrer_role]))
    return [
        {"key": "From", "value": f"{referral.sent_by} ({referral.get_source_display().lower()})"},
        {"key": "Referrer", "value": who},
        {"key": "How to reach them", "value": referral.referrer_contact},
        {"key": "Received", "value": f"{received:%-d %B %Y at %H:%M}, {taken}{later}"},
    ]


_SAME_TIME = datetime.timedelta(minutes=5)


def links(service: Service, today: datetime.date) -> list[tuple[ReferralLink, bool]]:
    """Links, newest first, each with whether it works."""
    found = service.referral_links.select_related("organisation", "made_by", "ended_by")
    return [(link, link.works_on(today)) for link in found]


def clock_of(received_at: datetime.datetime, steps: list[Happened], now: datetime.datetime) -> Waited | None:
    """The running clock of a referral for other pages; None once it has stopped."""
    told = clock(received_at, steps, now)
    return waited(told) if told.is_running or told.pause else None


# What the referrer reads, and what comes next.
OUTSIDE: dict[Status, tuple[str, str, str]] = {
    Status.RECEIVED: ("Received", "blue", "We have your referral and will look at it within a day."),
    Status.ACCEPTED: ("Accepted", "green", "We have taken it on and will be in touch with the person."),
    Status.CONTACTED: ("First contact made", "green", "We have been in touch, or have tried to."),
    Status.DECLINED: ("Not taken on", "grey", ""),
    Status.ENDED: ("Support has come to its end", "grey", "You can refer again at any time."),
}

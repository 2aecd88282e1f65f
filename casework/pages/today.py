"""What a link worker sees first: whom to ring, what is due, risks before all."""

import datetime
from dataclasses import dataclass, field

from django.db.models import Count, Exists, F, JSONField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone

from casework import rules, wording
from casework.models import Case, Contact, ContactKind, ContactOutcome, HeldContact, Risk
from casework.pages import first_contact, reappearance, visit
from casework.pages.banner import risk_words, risks_of, standing_risks
from casework.pages.visit import Shown as Visit
from casework.rules import OPEN_STAGES, TAKE_BACK_WITHIN, TRANSITIONS, Stage
from cohorts.models.referral import read_steps, steps_of
from cohorts.pages.referral import Waited, clock_of
from governance.asked_once import asked_once
from governance.models import Service, User

ROWS_A_SECTION = 50
WEEK = datetime.timedelta(days=7)

_REASONS: dict[str, str] = {
    ContactOutcome.NO_ANSWER: "No answer last time. Try again.",
    ContactOutcome.NOT_ABLE: "They were not able to talk or come last time. Try again.",
    ContactOutcome.NOT_NOW: "They said not now. Ask again.",
    ContactOutcome.SAID_NO: "They said no to support. See whether the case should move to another stage.",
}


@dataclass(frozen=True)
class Row:
    """One client on the page."""

    case: Case
    due: str
    reason: str
    last_contact: str
    phone: str
    dialled: str
    risk_levels: list[str]
    # Of somebody who was referred and has not been contacted yet.
    clock: Waited | None
    # Of somebody whom another worker leads and this one helps with.
    helping: str = ""

    @property
    def name(self) -> str:
        return self.case.person.short_name


@dataclass
class Section:
    """Rows under one heading; `more` counts those left out."""

    rows: list[Row] = field(default_factory=list)
    more: int = 0

    @property
    def is_full(self) -> bool:
        return len(self.rows) == ROWS_A_SECTION


@dataclass
class Today:
    """The page."""

    # Visits that are not over: overdue ones first.
    visits: list[Visit] = field(default_factory=list)
    risks: list[tuple[Case, str]] = field(default_factory=list)
    # What to look at together: the agreed weeks, a review, what they need to read, hear or be understood.
    reviews: list[tuple[Case, str]] = field(default_factory=list)
    # Cases where some kind of contact has been missing for too long, and that nobody is to ring today anyway.
    silent: list[tuple[Case, str]] = field(default_factory=list)
    # Clients who took back a yes, where a partner has not been told yet.
    to_recall: list[Case] = field(default_factory=list)
    # People who attend again after support had ended, or was down to a light touch.
    back: list[tuple[Case, str]] = field(default_factory=list)
    ring: Section = field(default_factory=Section)
    week: Section = field(default_factory=Section)
    undated: Section = field(default_factory=Section)
    # Cases with a later date: nothing to do for them now.
    later: int = 0
    cases: int = 0
    # Contacts written on a phone that wait for the worker to put them right.
    held: int = 0


def build(service: Service, user: User, *, today: datetime.date, is_lead: bool = False) -> Today:
    """The open cases of a worker by what is due when: two queries, however many there are.

    Somebody never contacted is to be rung today, since waiting for a first call helps nobody. A lead sees whoever
    is overdue from a visit, whosever case it is.
    """
    page = Today(visits=visit.for_today(service, user, is_lead=is_lead, now=timezone.now()))
    found = _cases(service, user, today)
    page.back = [(case, reappearance.words(case)) for case in found if reappearance.told(case)]
    cases = [case for case in found if case.is_open]
    page.held = found[0].held if found else _held(service, user).count()
    for case in cases:
        standing, is_due = standing_risks(case), _is_due(case, today)
        if section := _section(page, case, today, is_due=is_due):
            if section.is_full:
                section.more += 1
            else:
                section.rows.append(_row(case, standing, today, user))
        page.risks += [
            (case, risk_words(risk, today=today)) for risk in standing if is_due or _flagged(risk, today)
        ]
        page.reviews += [(case, words) for words in _reviews(case, today)]
        silence = "" if is_due else first_contact.silence(case, today=today)
        page.silent += [(case, silence)] if silence else []
    page.to_recall = [case for case in cases if getattr(case, "to_recall", False)]
    page.ring.rows.sort(key=_urgency)
    page.cases = len(cases)
    return page


def _urgency(row: Row) -> tuple[bool, bool]:
    """Clocks that run first, then what was promised for an earlier day; the query has the rest in order."""
    return row.clock is None, row.case.next_contact_on is None


def _reviews(case: Case, today: datetime.date) -> list[str]:
    found = [first_contact.term(case).due(today)]
    asked = getattr(case, "needs_review_on", None)
    if asked and asked <= today:
        found.append("Ask again what they need to read, hear or be understood.")
    return [words for words in found if words]


@asked_once
def _cases(service: Service, user: User, today: datetime.date) -> QuerySet[Case]:
    contacts = service.contacts.filter(case=OuterRef("pk")).exclude(kind__in=rules.NO_CONTACT)
    newest = contacts.order_by("-happened_at", "-pk")
    recalls = service.recall_notices.filter(sent_at=None, disclosure__case__person=OuterRef("person_id"))
    cases = reappearance.for_board(
        service.cases.carried_by(user, today).not_sealed_from(user), service, today
    )
    cases = first_contact.annotated(cases, service).filter(
        Q(stage__in=OPEN_STAGES) | Q(is_back=True, is_carried=True)
    )
    needs = service.access_needs.filter(case__person=OuterRef("person_id")).order_by("-at", "-pk")
    return (
        cases.select_related("person")
        .with_contact_stopped()
        .annotate(
            last=Subquery(
                newest.values(found=JSONObject(kind="kind", outcome="outcome"))[:1], output_field=JSONField()
            ),
            led_by=F("worker__name"),
            to_recall=Exists(recalls),
            # The same on each row, so that it costs no query of its own.
            held=Coalesce(
                Subquery(_held(service, user).values("service").annotate(n=Count("pk")).values("n")), 0
            ),
            standing=risks_of("person_id", service),
            agreed=first_contact.agreed(service),
            needs_review_on=Subquery(needs.values("review_on")[:1]),
            referred_at=F("referral__received_at"),
            referral_steps=steps_of("referral"),
        )
        .order_by("next_contact_on", "opened_at", "pk")
    )


def _held(service: Service, user: User) -> QuerySet[HeldContact]:
    return service.held_contacts.waiting_for(user).order_by()


def _flagged(risk: Risk, today: datetime.date) -> bool:
    """Whether to say it first today even if its client is not due: it is new, or to be reviewed."""
    return timezone.localdate(risk.noted_at) == today or risk.review_on <= today


def _is_due(case: Case, today: datetime.date) -> bool:
    if case.next_contact_on is not None:
        return case.next_contact_on <= today
    coming = first_contact.next_try(case, today=today)
    again = coming is not None and coming.number > 1 and coming.on is not None and coming.on <= today
    return case.last_contact_at is None or again


def _section(page: Today, case: Case, today: datetime.date, *, is_due: bool) -> Section | None:
    """Where the case belongs; one with a later day is only counted."""
    if is_due:
        return page.ring
    if case.next_contact_on is None:
        return page.undated
    if case.next_contact_on <= today + WEEK:
        return page.week
    page.later += 1
    return None


def _row(case: Case, risks: list[Risk], today: datetime.date, user: User) -> Row:
    return Row(
        case=case,
        due=wording.due(case.next_contact_on, today=today) if case.next_contact_on else "",
        reason=_reason(case, today),
        last_contact=_last_contact_words(case, today),
        phone=case.person.phone,
        dialled="" if _is_stopped(case) else wording.dialled(case.person.phone),
        risk_levels=sorted({risk.get_level_display() for risk in risks}),
        clock=_clock(case),
        helping=_helping(case, user),
    )


def _helping(case: Case, user: User) -> str:
    led_by = getattr(case, "led_by", None)
    return f"You help {led_by} with this case." if led_by and case.worker_id != user.pk else ""


def _clock(case: Case) -> Waited | None:
    referred_at, steps = getattr(case, "referred_at", None), getattr(case, "referral_steps", [])
    return clock_of(referred_at, read_steps(steps), timezone.now()) if referred_at else None


def _is_stopped(case: Case) -> bool:
    return bool(getattr(case, "is_contact_stopped", False))


def _reason(case: Case, today: datetime.date) -> str:
    if _is_stopped(case):
        return "They asked not to be contacted. Do not ring or visit; talk to your lead about the case."
    if case.last_contact_at is None:
        return "First contact: offer support."
    if coming := first_contact.next_try(case, today=today):
        return f"Not reached yet. {coming.words}"
    return _REASONS.get(_last(case).get("outcome", ""), "")


def _last(case: Case) -> dict[str, str]:
    """How the newest contact was made and how it went; nothing where there was none."""
    return getattr(case, "last", None) or {}


def _last_contact_words(case: Case, today: datetime.date) -> str:
    last = _last(case)
    if case.last_contact_at is None or not last:
        return "No contact yet"
    words = wording.contact(ContactKind(last["kind"]).label, ContactOutcome(last["outcome"]).label)
    return f"{words}, {wording.ago(timezone.localdate(case.last_contact_at), today=today)}"


@dataclass(frozen=True)
class Receipt:
    """Two lines that say what was logged."""

    contact: Contact
    what: str
    next_words: str

    @property
    def take_back_until(self) -> datetime.datetime | None:
        """Until when it can be undone; None once it cannot."""
        until = self.contact.logged_at + TAKE_BACK_WITHIN
        return until if timezone.now() <= until else None

    @property
    def said_no(self) -> bool:
        """Whether to offer a move to another stage: the worker decides."""
        return self.contact.outcome == ContactOutcome.SAID_NO and self.contact.case.is_open

    @property
    def can_decline(self) -> bool:
        """Whether "declined" is a step of the path from here."""
        return Stage.DECLINED in TRANSITIONS[Stage(self.contact.case.stage)]


def receipt(service: Service, user: User, logged: str, *, today: datetime.date) -> Receipt | None:
    """The receipt for a contact the user has just logged; None for anything else in the address."""
    pk = wording.whole_number(logged, digits=18)
    if not pk:
        return None
    open_to_user = service.cases.not_sealed_from(user)
    own = service.contacts.filter(by=user, pk=pk, case__in=open_to_user)
    contact = own.select_related("case__person").first()
    if contact is None:
        return None
    words = wording.contact(contact.get_kind_display(), contact.get_outcome_display())
    moment = timezone.localtime(contact.happened_at)
    # As the case has it: a "not now" comes up again without a day, and a plan made since by somebody else stays.
    next_on = contact.case.next_contact_on
    return Receipt(
        contact=contact,
        what=f"{words}, {wording.ago(moment.date(), today=today)} at {moment:%H:%M}.",
        next_words=f"Next contact {wording.coming(next_on, today=today)}."
        if next_on
        else "No next contact planned.",
    )

"""Every write to a referral: received, decided, its clock paused and resumed, first contact, end of support."""

import datetime
import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from cohorts.models import Agreed, DeclineReason, Feedback, PauseReason, Referral, ReferralLink, ReferralStep
from cohorts.referrals import rules
from cohorts.referrals.matching import person_of
from cohorts.referrals.rules import Happened, Identity, Step
from cohorts.signals import person_taken_on
from governance import audit
from governance.actions import consent as consents
from governance.actions import search_keys
from governance.locks import hold_off_purge
from governance.models import Consent, ConsentDecision, ConsentMethod, ConsentScope, Person, Service, User
from governance.rules import RuleBroken
from governance.standing import Matter

NOON = datetime.time(12)
_KEY_ONCE = "cohorts_referral_key_key"
_SENT_BEFORE = (
    "A referral was sent from this form before, with other content. Open the form anew to send another one."
)


@transaction.atomic
def receive(
    *, service: Service, key: uuid.UUID, link: ReferralLink | None = None, by: User | None = None, **said: Any
) -> Referral:
    """Keep a referral, and put it to the person's record, or to a new one. The same key again keeps one.

    Either `link` or `by` is given. `said` are fields of Referral. A record that is there already is left as
    it is: what the referrer says otherwise stands on the referral.

    Raises:
        RuleBroken: it came in the future or too long ago, or the key was used for another one.
    """
    earlier = service.referrals.filter(key=key).first()
    if earlier is not None:
        return _same(earlier, link, by, said)
    rules.check_received(said.get("received_at") or timezone.now(), now=timezone.now())
    # Whoever this is found to be stays until the referral points at them.
    hold_off_purge(service.pk)
    try:
        with transaction.atomic():
            person, is_new = _person(service, said)
            referral: Referral = service.referrals.create(person=person, key=key, link=link, by=by, **said)
    except IntegrityError as problem:
        if _KEY_ONCE not in str(problem):
            raise
        # The same form, sent twice at the same moment; or its key with another service.
        earlier = service.referrals.filter(key=key).first()
        if earlier is None:
            raise RuleBroken(_SENT_BEFORE) from None
        return _same(earlier, link, by, said)
    if is_new:
        search_keys.refresh(service=service, people=[person.pk])
    changes = {"source": referral.source, "link": link.pk if link else None, "person_new": is_new}
    audit.record("referral_received", service=service, by=by, on=referral, changes=changes)
    return referral


@transaction.atomic
def accept(*, referral: Referral, note: str = "", by: User) -> ReferralStep:
    """Take the person on: tells casework inside the same transaction, as for a candidate.

    A yes that they gave to the referrer is kept as their decision on support, unless a newer one is there.

    Raises:
        RuleBroken: it was decided on before, or casework cannot open a case (the person has one, has died,
            or asked not to be contacted).
    """
    step = _add(referral, Step.ACCEPTED, by, note=note)
    # As it is under the lock: a merge may have moved it to another record since it was read.
    referral = step.referral
    service, person = referral.service, referral.person
    person_taken_on.send(sender=Referral, service=service, person=person, referral=referral, by=by)
    _keep_yes(referral, by)
    audit.record("referral_accepted", service=service, by=by, on=referral)
    return step


@transaction.atomic
def decline(*, referral: Referral, reason: str, feedback: str, note: str = "", by: User) -> ReferralStep:
    """Do not take the person on, with a coded reason for us and a sentence for the referrer.

    Raises:
        RuleBroken: it was decided on before, or reason or feedback is none of the list.
    """
    if reason not in DeclineReason.values:
        raise RuleBroken("Choose a reason for not taking this person on.")
    if feedback not in Feedback.values:
        raise RuleBroken("Choose what the referrer reads.")
    step = _add(referral, Step.DECLINED, by, reason=reason, feedback=feedback, note=note)
    changes = {"feedback": feedback}
    audit.record("referral_declined", service=referral.service, by=by, on=referral, changes=changes)
    return step


@transaction.atomic
def pause(*, referral: Referral, reason: str, note: str = "", by: User) -> ReferralStep:
    """Stop the clock for as long as nobody can be in touch. RuleBroken: it does not run, or no reason is given."""
    if reason not in PauseReason.values:
        raise RuleBroken("Choose why the clock is paused.")
    step = _add(referral, Step.PAUSED, by, reason=reason, note=note)
    audit.record("referral_clock_paused", service=referral.service, by=by, on=referral)
    return step


@transaction.atomic
def resume(*, referral: Referral, by: User) -> ReferralStep:
    """Let the clock go on. RuleBroken: it is not paused."""
    step = _add(referral, Step.RESUMED, by)
    audit.record("referral_clock_resumed", service=referral.service, by=by, on=referral)
    return step


@transaction.atomic
def attempt(*, referral: Referral, at: datetime.datetime, note: str = "", by: User) -> ReferralStep:
    """Note when somebody first tried to be in touch, reached or not.

    Raises:
        RuleBroken: it was noted before, or the time is before receipt or in the future.
    """
    rules.check_attempt(at, received_at=referral.received_at, now=timezone.now())
    step = _add(referral, Step.ATTEMPT, by, at=at, note=note)
    audit.record("referral_contacted", service=referral.service, by=by, on=referral)
    return step


@transaction.atomic
def contacted(*, referral: Referral, at: datetime.datetime, by: User) -> None:
    """A contact was logged on the case: the first one stops the clock, and nothing here stands in its way."""
    _follow(referral, Step.ATTEMPT, "referral_contacted", at=max(at, referral.received_at), by=by)


@transaction.atomic
def not_contacted(*, referral: Referral, at: datetime.datetime, by: User) -> None:
    """The contact that stopped the clock was taken back, so it runs on as if it had not been logged."""
    at = max(at, referral.received_at)
    if not referral.steps.filter(kind=Step.ATTEMPT, at=at).exists():
        return
    referral.service.referral_steps.create(referral=referral, kind=Step.UNTRIED, by=by, at=at)
    audit.record("referral_contact_taken_back", service=referral.service, by=by, on=referral)


@transaction.atomic
def end(*, referral: Referral, by: User) -> None:
    """The episode that followed it has ended, which the referrer is told without the reason."""
    _follow(referral, Step.ENDED, "referral_ended", by=by)


def _follow(referral: Referral, step: Step, event: str, *, by: User, **said: Any) -> None:
    try:
        _add(referral, step, by, **said)
    except RuleBroken:
        return
    audit.record(event, service=referral.service, by=by, on=referral)


def _add(referral: Referral, step: Step, by: User, **said: Any) -> ReferralStep:
    """Add a step if it may follow now. Of two people at once the second waits, and then reads what the first did."""
    referral = _locked(referral)
    steps = [Happened(*row) for row in referral.steps.values_list("kind", "at", "reason")]
    rules.check_possible(step, rules.standing(steps))
    added: ReferralStep = referral.service.referral_steps.create(referral=referral, kind=step, by=by, **said)
    return added


def _locked(referral: Referral) -> Referral:
    """The referral and its person as they are now, which they are until the transaction ends."""
    person = Person.objects.select_for_update(of=["self"], no_key=True).get(pk=referral.person_id)
    found = Referral.objects.select_related("service", "person").get(pk=referral.pk)
    # A merge that was waited for has moved it to another record.
    return found if found.person_id == person.pk else _locked(found)


def _same(earlier: Referral, link: ReferralLink | None, by: User | None, said: dict[str, Any]) -> Referral:
    """The referral stored before from this form, unless the form says something else now."""
    is_mine = (earlier.link, earlier.by) == (link, by)
    told = {name: value for name, value in said.items() if name != "received_at"}
    if is_mine and all(getattr(earlier, name) == value for name, value in told.items()):
        return earlier
    raise RuleBroken(_SENT_BEFORE)


def _person(service: Service, said: dict[str, Any]) -> tuple[Person, bool]:
    """Whose record it belongs to, and whether that is a new one."""
    told = Identity(said["first_name"], said["last_name"], said["birth_date"], said["nhs_number"] or None)
    found = person_of(service, told)
    if found is not None:
        return found, False
    details = {
        **{
            name: said[name]
            for name in ("first_name", "last_name", "birth_date", "phone", "address", "postcode")
        },
        "communication_needs": said["needs"],
    }
    if told.nhs_number:
        try:
            with transaction.atomic():
                return service.people.create(nhs_number=told.nhs_number, **details), True
        except IntegrityError:
            # Somebody else has this number: by a slip of the pen, or because a load brought them just now.
            found = person_of(service, told)
            if found is not None:
                return found, False
    return service.people.create(**details), True


def _keep_yes(referral: Referral, by: User) -> None:
    if referral.agreed != Agreed.YES or referral.agreed_on is None:
        return
    at = min(_moment(referral.agreed_on), referral.received_at)
    before: Consent | None = consents.latest(referral.person).get(Matter(ConsentScope.SUPPORT))
    if before is not None and before.decided_at >= at:
        return
    consents.record(
        service=referral.service,
        person=referral.person,
        scope=ConsentScope.SUPPORT,
        decision=ConsentDecision.GIVEN,
        method=ConsentMethod.REFERRER,
        words=referral.agreed_words,
        decided_at=at,
        by=by,
    )


def _moment(day: datetime.date) -> datetime.datetime:
    """Noon of a day, where only the day is known."""
    return timezone.make_aware(datetime.datetime.combine(day, NOON))

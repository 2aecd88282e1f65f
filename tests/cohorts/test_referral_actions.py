"""Referrals: received once, put to the right record, decided once, and followed to the end of support."""

import datetime
import uuid

import pytest
from django.utils import timezone

from casework.actions import case as cases
from casework.actions import contact as contacts
from cohorts.actions import referral as actions
from cohorts.models import Referral, ReferralStep
from cohorts.referrals import door, retention
from cohorts.referrals.matching import person_of
from cohorts.referrals.rules import Identity
from governance import audit, scope, search
from governance.actions import consent as consents
from governance.actions import merge
from governance.models import AuditEvent, Person
from governance.rules import RuleBroken
from tests.cohorts.referrals import said
from tests.factories.casework import CaseFactory
from tests.factories.governance import ObjectionFactory, PersonFactory
from tests.factories.referrals import ReferralFactory, ReferralLinkFactory, ReferralStepFactory
from tests.races import AT_ONCE, at_once, refusals

pytestmark = pytest.mark.django_db
BORN = datetime.date(1980, 5, 6)
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def referral(service, lead):
    return actions.receive(service=service, by=lead, **said())


def test_a_referral_brings_a_person_who_was_not_known(service, lead):
    made = actions.receive(service=service, by=lead, **said(nhs_number="9990000026", birth_date=BORN))
    person = service.people.get()
    assert made.person == person
    assert (person.full_name, person.nhs_number, person.birth_date) == ("Rosa Marsh", "9990000026", BORN)
    event = AuditEvent.objects.get(event="referral_received")
    assert event.changes == {"source": "gp", "link": None, "person_new": True}
    assert event.target_id == str(made.pk)


def test_whoever_a_referral_brought_is_found_by_name_at_once(service, lead):
    referral = actions.receive(service=service, by=lead, **said())
    found = search.find(service, referral.person.full_name, service.people)
    assert [each.person for each in found] == [referral.person_id]


def test_somebody_known_is_found_and_their_record_is_left_as_it_is(service, lead):
    known = PersonFactory(service=service, nhs_number="9990000026", last_name="Marsh", phone="01223 000000")
    made = actions.receive(service=service, by=lead, **said(nhs_number="9990000026", first_name="Rose"))
    assert made.person == known
    known.refresh_from_db()
    assert known.phone == "01223 000000"
    assert (made.first_name, made.phone) == ("Rose", "07700 900123")


def test_a_number_that_is_somebody_elses_is_not_put_to_their_record(service, lead):
    other = PersonFactory(service=service, nhs_number="9990000026", last_name="Oak", birth_date="1950-01-01")
    made = actions.receive(service=service, by=lead, **said(nhs_number="9990000026", birth_date=BORN))
    assert made.person != other
    assert (made.person.nhs_number, made.nhs_number) == (None, "9990000026")


def test_somebody_of_the_other_service_is_not_found(service, neighbour, lead):
    PersonFactory(service=neighbour, nhs_number="9990000026", last_name="Marsh")
    made = actions.receive(service=service, by=lead, **said(nhs_number="9990000026"))
    assert made.person.service == service


def test_a_merged_record_stands_for_the_one_that_stayed(service, lead):
    details = {"first_name": "Kim", "last_name": "Quay", "birth_date": datetime.date(1970, 1, 2)}
    stayed = PersonFactory(service=service, **details)
    PersonFactory(service=service, nhs_number=None, merged_into=stayed, **details)
    told = Identity("Kim", "Quay", datetime.date(1970, 1, 2), None)
    assert person_of(service, told) == stayed
    PersonFactory(service=service, **details)
    assert person_of(service, told) is None


def test_two_people_who_both_fit_are_not_guessed_between(service, lead):
    for _ in range(2):
        PersonFactory(service=service, first_name="Rosa", last_name="Marsh", birth_date=BORN, nhs_number=None)
    made = actions.receive(service=service, by=lead, **said(birth_date=BORN))
    assert service.people.count() == 3
    assert made.person.phone == "07700 900123"


def test_the_same_form_sent_twice_is_one_referral(service, lead):
    told = said()
    first = actions.receive(service=service, by=lead, **told)
    assert actions.receive(service=service, by=lead, **told) == first
    with pytest.raises(RuleBroken, match="with other content"):
        actions.receive(service=service, by=lead, **{**told, "reason": "Something else"})
    with pytest.raises(RuleBroken, match="with other content"):
        actions.receive(service=service, link=ReferralLinkFactory(service=service), **told)
    assert (Referral.objects.count(), Person.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_five_times_at_once_is_one_referral(service, lead):
    told = said()
    found = at_once(lambda: actions.receive(service=service, by=lead, **told))
    assert len({referral.pk for referral in found}) == 1
    assert (Referral.objects.count(), Person.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_several_leads_at_once_one_decides(service, lead):
    referral = ReferralFactory(service=service)
    found = at_once(lambda: actions.accept(referral=referral, by=lead))
    assert len(refusals(found)) == AT_ONCE - 1
    assert service.cases.count() == ReferralStep.objects.count() == 1


@pytest.mark.parametrize(
    "moved, sentence", [(2 * HOUR, "cannot have come in the future"), (-40 * 24 * HOUR, "31 days ago")]
)
def test_a_referral_came_lately(service, lead, moved, sentence):
    with pytest.raises(RuleBroken, match=sentence):
        actions.receive(service=service, by=lead, received_at=timezone.now() + moved, **said())
    assert not Person.objects.exists()


def test_accepting_opens_a_case_the_way_a_candidate_does(service, lead, referral):
    actions.accept(referral=referral, by=lead)
    case = service.cases.get()
    assert (case.person, case.referral, case.candidate) == (referral.person, referral, None)
    assert (case.stage, case.worker) == ("offered", None)
    assert AuditEvent.objects.get(event="referral_accepted").target_id == str(referral.pk)


def test_a_referral_read_before_a_merge_opens_the_case_on_the_record_that_stays(service, lead, referral):
    stays = PersonFactory(service=service)
    read_before = Referral.objects.select_related("person").get(pk=referral.pk)
    with scope.of(service):
        merge.merge(service=service, person=stays, merged=referral.person, by=lead)
    actions.accept(referral=read_before, by=lead)
    assert service.cases.get().person == stays
    assert {row.person for row in service.consents.all()} == {stays}


def test_the_yes_they_gave_to_the_referrer_is_kept_with_their_words(service, lead, referral):
    actions.accept(referral=referral, by=lead)
    yes = service.consents.get()
    assert (yes.scope, yes.decision, yes.method, yes.words) == ("support", "given", "referrer", "Yes please")


def test_without_a_yes_or_after_a_newer_answer_nothing_is_recorded(service, lead, referral):
    unasked = ReferralFactory(
        service=service,
        agreed="not_asked",
        agreed_on=None,
        agreed_method="",
        not_asked_why="Was not conscious",
    )
    actions.accept(referral=unasked, by=lead)
    consents.record(
        service=service,
        person=referral.person,
        scope="support",
        decision="refused",
        method="phone",
        by=lead,
    )
    actions.accept(referral=referral, by=lead)
    assert [row.decision for row in service.consents.all()] == ["refused"]


def test_a_person_with_an_open_case_is_not_taken_on_again(service, lead, referral):
    CaseFactory(service=service, person=referral.person)
    with pytest.raises(RuleBroken, match="already has an open case"):
        actions.accept(referral=referral, by=lead)
    assert not ReferralStep.objects.exists()
    assert not service.consents.exists()


def test_a_person_who_asked_not_to_be_contacted_is_not_taken_on(service, lead, referral):
    ObjectionFactory(service=service, person=referral.person, scope="contact", by=lead)
    with pytest.raises(RuleBroken, match="asked not to be contacted"):
        actions.accept(referral=referral, by=lead)
    assert not service.cases.exists()


def test_declining_keeps_the_reason_for_us_and_a_sentence_for_the_referrer(service, lead, referral):
    step = actions.decline(referral=referral, reason="end_of_life", feedback="other_service", by=lead)
    assert (step.reason, step.feedback) == ("end_of_life", "other_service")
    assert not service.cases.exists()
    event = AuditEvent.objects.get(event="referral_declined")
    assert event.changes == {"feedback": "other_service"}


@pytest.mark.parametrize("reason, feedback", [("", "ring_us"), ("no_need", ""), ("because", "ring_us")])
def test_declining_needs_both(lead, referral, reason, feedback):
    with pytest.raises(RuleBroken, match="Choose"):
        actions.decline(referral=referral, reason=reason, feedback=feedback, by=lead)


def test_a_decision_is_final(lead, referral):
    actions.decline(referral=referral, reason="no_need", feedback="ring_us", by=lead)
    with pytest.raises(RuleBroken, match="decided on before"):
        actions.accept(referral=referral, by=lead)


def test_a_pause_needs_a_reason_and_ends_once(lead, referral):
    with pytest.raises(RuleBroken, match="not paused"):
        actions.resume(referral=referral, by=lead)
    with pytest.raises(RuleBroken, match="Choose why"):
        actions.pause(referral=referral, reason="", by=lead)
    actions.pause(referral=referral, reason="custody", by=lead)
    with pytest.raises(RuleBroken, match="cannot be paused"):
        actions.pause(referral=referral, reason="custody", by=lead)
    actions.resume(referral=referral, by=lead)
    assert [step.kind for step in referral.steps.all()] == ["paused", "resumed"]


@pytest.mark.parametrize("moved, sentence", [(-HOUR, "before the referral came"), (HOUR, "in the future")])
def test_the_first_contact_lies_between_receipt_and_now(lead, referral, moved, sentence):
    with pytest.raises(RuleBroken, match=sentence):
        actions.attempt(referral=referral, at=timezone.now() + moved, by=lead)


def test_the_first_contact_logged_on_the_case_stops_the_clock(service, lead, referral):
    actions.accept(referral=referral, by=lead)
    case = service.cases.get()

    def log(kind, hours):
        at = timezone.now() - hours * HOUR
        contacts.log(case=case, key=uuid.uuid4(), kind=kind, outcome="no_answer", happened_at=at, by=lead)

    log("on_behalf", 0)
    assert not referral.steps.filter(kind="attempt").exists()
    log("call", 0)
    log("call", 0)
    assert referral.steps.get(kind="attempt").by == lead


def test_a_first_contact_taken_back_starts_the_clock_again(service, lead, referral):
    actions.accept(referral=referral, by=lead)
    case = service.cases.get()

    def waits():
        return service.referrals.waiting().filter(pk=referral.pk).exists()

    def log():
        return contacts.log(case=case, key=uuid.uuid4(), kind="call", outcome="no_answer", by=lead)

    def outside():
        return door.standing(door.status_token(referral)).status

    assert (waits(), outside()) == (True, "accepted")
    first, second = log(), log()
    assert (waits(), outside()) == (False, "contacted")
    contacts.take_back(contact=first, by=lead)
    assert not waits()
    happened = service.referrals.with_steps().get(pk=referral.pk).happened
    assert [step.at for step in happened if step.kind == "attempt"] == [second.happened_at]
    contacts.take_back(contact=second, by=lead)
    assert (waits(), outside()) == (True, "accepted")
    log()
    assert not waits()


def test_a_contact_from_before_the_referral_is_never_refused_for_it(service, lead, referral):
    actions.accept(referral=referral, by=lead)
    contacts.log(
        case=service.cases.get(),
        key=uuid.uuid4(),
        kind="call",
        outcome="reached",
        happened_at=timezone.now() - 30 * HOUR,
        by=lead,
    )
    assert referral.steps.get(kind="attempt").at == referral.received_at


def test_the_end_of_support_ends_the_referral(service, lead, referral):
    actions.accept(referral=referral, by=lead)
    cases.move(case=service.cases.get(), to="engaging", by=lead)
    assert not referral.steps.filter(kind="ended").exists()
    cases.move(case=service.cases.get(), to="moved_away", by=lead)
    assert referral.steps.get(kind="ended").reason == ""


@pytest.mark.parametrize("what", ["receive", "accept", "decline", "pause", "attempt"])
def test_nothing_is_kept_when_the_audit_fails(service, lead, referral, monkeypatch, what):
    def fail(row):
        raise OSError

    monkeypatch.setattr(audit, "sign", fail)
    told = {
        "receive": {"service": service, **said(first_name="Bob")},
        "accept": {"referral": referral},
        "decline": {"referral": referral, "reason": "no_need", "feedback": "ring_us"},
        "pause": {"referral": referral, "reason": "custody"},
        "attempt": {"referral": referral, "at": timezone.now()},
    }[what]
    with pytest.raises(OSError):
        getattr(actions, what)(by=lead, **told)
    assert (Referral.objects.count(), Person.objects.count()) == (1, 1)
    assert not ReferralStep.objects.exists()
    assert not service.cases.exists()


def test_a_declined_referral_is_deleted_in_time_with_whoever_is_known_only_from_it(service, lead):
    today = timezone.localdate()
    long_ago = timezone.now() - datetime.timedelta(days=400)
    gone = ReferralFactory(service=service, by=lead)
    client = ReferralFactory(service=service, by=lead, person=CaseFactory(service=service).person)
    late = ReferralFactory(service=service, by=lead)
    for referral, at in ((gone, long_ago), (client, long_ago), (late, timezone.now())):
        told = {"kind": "declined", "reason": "no_need", "feedback": "ring_us"}
        ReferralStepFactory(referral=referral, at=at, by=lead, **told)
    due = retention.declined(service, today, 365)
    assert set(due) == {gone, client}
    with scope.of(service):
        purged = retention.purge_declined(service, [row.pk for row in due], today, 365)
    assert (purged.rows, len(purged.people)) == (2, 1)
    assert set(service.referrals.all()) == {late}
    assert set(service.people.all()) == {client.person, late.person}


def test_a_referral_that_nobody_decides_is_deleted_in_time_too(service, lead):
    today = timezone.localdate()
    long_ago = timezone.now() - datetime.timedelta(days=400)
    gone = ReferralFactory(service=service, by=lead, received_at=long_ago)
    accepted = ReferralFactory(service=service, by=lead, received_at=long_ago)
    ReferralStepFactory(referral=accepted, kind="accepted", at=long_ago, by=lead)
    ReferralFactory(service=service, by=lead)
    assert set(retention.undecided(service, today, 365)) == {gone}
    with scope.of(service):
        assert retention.purge_undecided(service, [gone.pk, accepted.pk], today, 365).rows == 1
    assert not Person.objects.filter(pk=gone.person_id).exists()
    assert Person.objects.filter(pk=accepted.person_id).exists()


def test_a_key_that_another_service_used_is_refused_in_a_sentence(service, neighbour, lead):
    key = uuid.uuid4()
    ReferralFactory(service=neighbour, key=key)
    with pytest.raises(RuleBroken, match="sent from this form before"):
        actions.receive(service=service, by=lead, **{**said(), "key": key})

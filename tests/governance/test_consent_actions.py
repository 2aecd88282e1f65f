import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.actions import consent
from governance.actions import partner as partners
from governance.models import AuditEvent, Consent
from governance.rules import RuleBroken
from governance.signals import consent_ended
from governance.standing import Matter
from tests.factories.governance import ConsentFactory, PartnerFactory, PersonFactory

SUPPORT = Matter("support")
TODAY = timezone.localdate()
DAY = datetime.timedelta(days=1)


@pytest.fixture
def person(service):
    return PersonFactory(service=service)


@pytest.fixture
def partner(service):
    return PartnerFactory(service=service, organisation__name="Mill Road Surgery")


def record(person, by, **told):
    given = {"scope": "support", "decision": "given", "method": "phone", **told}
    return consent.record(service=by.memberships.get().service, person=person, by=by, **given)


def share(person, by, partner, **told):
    given = {"scope": "share", "partner": partner, "purpose": "care", "items": ["contact"], **told}
    return record(person, by, **given)


def in_force(person, on=TODAY):
    return list(consent.in_force(person, on=on))


def test_a_decision_is_a_row_and_the_newest_stands(person, link_worker):
    record(person, link_worker, words="Yes, please ring")
    row = record(person, link_worker, decision="withdrawn", method="spoken")
    assert consent.latest(person) == {SUPPORT: row}
    assert list(Consent.objects.values_list("decision", flat=True)) == ["withdrawn", "given"]
    changes = AuditEvent.objects.last().changes
    assert changes == {
        "scope": "support",
        "partner": None,
        "purpose": "",
        "decision": ["given", "withdrawn"],
    }


def test_each_partner_and_purpose_has_a_decision_of_its_own(person, link_worker, partner):
    yes = record(person, link_worker)
    care = share(person, link_worker, partner)
    card = share(person, link_worker, partner, purpose="crisis_card", decision="refused", items=[])
    assert consent.latest(person) == {yes.matter: yes, care.matter: care, card.matter: card}
    assert set(in_force(person)) == {care.matter, yes.matter}
    assert care.subject == "Sharing with Mill Road Surgery: their care and support"


def test_a_yes_runs_out_after_its_last_day(person, link_worker):
    record(person, link_worker, stands_until=TODAY + DAY)
    assert in_force(person, TODAY + DAY) == [SUPPORT]
    assert in_force(person, TODAY + 2 * DAY) == []


def test_the_same_said_again_within_minutes_is_one_row(person, link_worker):
    first = record(person, link_worker, words="Yes")
    assert record(person, link_worker, words="Yes") == first
    record(person, link_worker, words="Yes, really")
    assert Consent.objects.count() == 2


def test_a_decision_from_before_partners_were_named_stays_and_can_be_taken_back(person, link_worker):
    ConsentFactory(person=person, scope="share_gp")
    row = record(person, link_worker, scope="share_gp", decision="withdrawn")
    assert consent.latest(person) == {Matter("share_gp"): row}
    with pytest.raises(RuleBroken, match="Name the partner"):
        record(person, link_worker, scope="share_gp")


def test_the_audit_does_not_repeat_the_persons_words(person, link_worker):
    record(person, link_worker, words="My daughter must not know", told="Told her about the daughter")
    assert "daughter" not in str(AuditEvent.objects.get().changes)


@pytest.mark.parametrize("before", [None, "refused", "withdrawn"])
def test_only_a_yes_can_be_taken_back(person, link_worker, before):
    if before:
        ConsentFactory(person=person, decision=before)
    with pytest.raises(RuleBroken, match="nothing to take back"):
        record(person, link_worker, decision="withdrawn")


def test_a_yes_that_ran_out_can_be_taken_back(person, link_worker):
    ConsentFactory(person=person, stands_until=datetime.date(2026, 1, 6))
    record(person, link_worker, decision="withdrawn")
    assert in_force(person) == []


def test_a_clock_may_run_ahead_by_a_quarter_of_an_hour_and_no_more(person, link_worker):
    record(person, link_worker, decided_at=timezone.now() + datetime.timedelta(minutes=14))
    with pytest.raises(RuleBroken, match="in the future"):
        record(person, link_worker, decided_at=timezone.now() + datetime.timedelta(minutes=16))


def test_a_no_of_now_counts_after_a_yes_of_a_clock_that_ran_ahead(person, link_worker):
    record(person, link_worker, decided_at=timezone.now() + datetime.timedelta(minutes=14))
    no = record(person, link_worker, decision="withdrawn")
    assert consent.latest(person) == {SUPPORT: no}


def test_an_older_decision_does_not_slip_under_a_newer_one(person, link_worker):
    record(person, link_worker)
    with pytest.raises(RuleBroken, match="newer decision"):
        record(person, link_worker, decision="refused", decided_at=timezone.now() - DAY)


@pytest.mark.parametrize(
    "told", [{"capacity_note": "Could not weigh it up"}, {"best_interests": "Dr Ali"}, {}]
)
def test_lacking_capacity_needs_a_note_and_who_decided(person, link_worker, told):
    with pytest.raises(RuleBroken, match="best interests"):
        record(person, link_worker, capacity="lacked", **told)
    with pytest.raises(IntegrityError, match="consent_capacity_note"), transaction.atomic():
        ConsentFactory(person=person, capacity="lacked", **told)


def test_a_decision_in_somebodys_best_interests_says_so(person, link_worker):
    told = {"capacity": "lacked", "capacity_note": "Could not weigh it up", "best_interests": "Dr Ali, GP"}
    assert record(person, link_worker, **told).answer == "Yes, in their best interests"


def test_nobody_agrees_for_somebody_else_that_a_story_is_published(person, link_worker):
    told = {"capacity": "lacked", "capacity_note": "Could not weigh it up", "best_interests": "Dr Ali, GP"}
    with pytest.raises(RuleBroken, match="own yes"):
        record(person, link_worker, scope="publish", **told)


def test_publishing_a_story_is_apart_from_support(person, link_worker):
    record(person, link_worker)
    record(person, link_worker, scope="publish", decision="refused")
    assert in_force(person) == [SUPPORT]


@pytest.mark.parametrize(
    "told, sentence",
    [
        ({"items": []}, "Tick what may be shared"),
        ({"stands_until": TODAY - DAY}, "has passed"),
    ],
)
def test_a_yes_to_sharing_that_lacks_something_is_refused(person, link_worker, partner, told, sentence):
    with pytest.raises(RuleBroken, match=sentence):
        share(person, link_worker, partner, **told)


def test_nobody_says_yes_to_somebody_who_is_no_partner_any_more(person, link_worker, partner):
    partner = partners.end(partner=partner, by=link_worker)
    with pytest.raises(RuleBroken, match="no partner"):
        share(person, link_worker, partner)


def test_a_neighbours_partner_is_never_agreed_to(person, link_worker, neighbour):
    with pytest.raises(RuleBroken, match="another service"):
        share(person, link_worker, PartnerFactory(service=neighbour))


def test_sharing_without_a_partner_is_refused_by_the_database(person):
    with pytest.raises(IntegrityError, match="consent_sharing_is_named"), transaction.atomic():
        ConsentFactory(person=person, scope="share", purpose="care")


def test_a_neighbours_person_decides_nothing_here(neighbour, link_worker):
    with pytest.raises(RuleBroken, match="another service"):
        record(PersonFactory(service=neighbour), link_worker)


@pytest.mark.parametrize(
    "first, then, told", [("given", "withdrawn", 1), ("given", "refused", 1), ("refused", "given", 0)]
)
def test_the_end_of_a_yes_is_news(person, link_worker, first, then, told):
    heard = []

    def listen(sender, consent, **kwargs):
        heard.append(consent)

    record(person, link_worker, decision=first)
    consent_ended.connect(listen)
    try:
        record(person, link_worker, decision=then)
    finally:
        consent_ended.disconnect(listen)
    assert [row.decision for row in heard] == [then] * told


def test_nothing_is_saved_when_the_audit_fails(person, link_worker, monkeypatch):
    def fail(row):
        raise OSError("disk full")

    monkeypatch.setattr("governance.audit.sign", fail)
    with pytest.raises(OSError):
        record(person, link_worker)
    assert Consent.objects.count() == 0

"""Opening a record outside one's caseload: given for some hours, noted, and reviewed by somebody else."""

import datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from governance.actions import break_glass
from governance.models import AuditEvent, BreakGlass, BreakGlassReview
from governance.roles import Role
from governance.rules import RuleBroken
from tests.factories.governance import BreakGlassFactory, MembershipFactory, PersonFactory, SealFactory
from tests.queries import PageQueries

pytestmark = pytest.mark.django_db
MONDAY = datetime.datetime(2026, 3, 2, 10, tzinfo=datetime.UTC)


@pytest.fixture
def person(service):
    return PersonFactory(service=service, first_name="Marigold", last_name="Featherstone")


def give(person, by, **told):
    given = {"reason": "cover", "words": "Their worker is ill", **told}
    return break_glass.open(service=person.service, person=person, by=by, **given)


def review(opening, by, **told):
    return break_glass.review(opening=opening, by=by, **{"outcome": "ok", **told})


def test_a_reason_holds_for_the_hours_of_the_service(service, person, link_worker):
    service.break_glass_hours = 2
    with time_machine.travel(MONDAY, tick=False):
        row = break_glass.open(
            service=service, person=person, reason="urgent", words="Rang in distress", by=link_worker
        )
    assert row.until - row.at == datetime.timedelta(hours=2)
    event = AuditEvent.objects.get(event="reason_given")
    assert (event.target, event.target_id) == ("governance.person", str(person.pk))
    assert event.changes["reason"] == "urgent"
    assert "distress" not in str(event.changes)


def test_a_reason_sent_twice_is_one_opening_and_after_its_time_another(person, link_worker):
    with time_machine.travel(MONDAY, tick=False) as clock:
        assert give(person, link_worker) == give(person, link_worker)
        clock.shift(datetime.timedelta(hours=4))
        give(person, link_worker)
    assert BreakGlass.objects.count() == 2


def test_a_reason_given_before_the_seal_does_not_hold_for_the_sealed_record(person, link_worker):
    before = give(person, link_worker)
    SealFactory(person=person)
    after = give(person, link_worker)
    assert (before.sealed, after.sealed) == (False, True)


def test_a_shared_last_name_is_kept_with_the_opening(service):
    namesake = MembershipFactory(service=service, user__name="Fay Feather-Stone").user
    person = PersonFactory(service=service, last_name="Stone")
    assert give(person, namesake).same_last_name
    assert AuditEvent.objects.get().changes["same_last_name"] is True


@pytest.mark.parametrize(
    "told, sentence",
    [
        ({"reason": "curious"}, "Choose why"),
        ({"words": "  "}, "in a few words"),
    ],
)
def test_a_reason_needs_a_code_and_words(person, link_worker, told, sentence):
    with pytest.raises(RuleBroken, match=sentence):
        give(person, link_worker, **told)
    assert not BreakGlass.objects.exists()


def test_a_neighbours_record_cannot_be_opened_with_a_reason(neighbour, service, link_worker):
    theirs = PersonFactory(service=neighbour)
    with pytest.raises(RuleBroken, match="another service"):
        break_glass.open(service=service, person=theirs, reason="cover", words="x", by=link_worker)


def test_a_lead_reviews_once_and_never_their_own(person, link_worker, lead):
    opening, own = give(person, link_worker), give(person, lead)
    review(opening, lead)
    with pytest.raises(RuleBroken, match="reviewed this already"):
        review(opening, lead, outcome="follow_up", note="Ask them")
    with pytest.raises(RuleBroken, match="yourself"):
        review(own, lead)
    assert BreakGlassReview.objects.get().outcome == "ok"


def test_a_follow_up_says_what(person, link_worker, lead):
    with pytest.raises(RuleBroken, match="needs following up"):
        review(give(person, link_worker), lead, outcome="follow_up", note=" ")


def test_nothing_is_kept_when_the_audit_fails(person, link_worker, monkeypatch):
    def fail(row):
        raise OSError

    monkeypatch.setattr("governance.audit.sign", fail)
    with pytest.raises(OSError):
        give(person, link_worker)
    assert not BreakGlass.objects.exists()


def names_on(client):
    body = client.get(reverse("governance:openings")).content.decode()
    return [name for name in ("Wendy Worker", "Leah Lead", "Nothing to review") if f"<strong>{name}" in body]


def test_a_lead_sees_an_opening_the_next_day_and_the_ig_lead_after_two_working_days(
    person, link_worker, lead, ig_lead, as_user
):
    with time_machine.travel(MONDAY) as clock:
        opening = give(person, link_worker)
        for days, lead_sees, ig_sees in ((1, True, False), (1, True, False), (1, True, True)):
            clock.shift(datetime.timedelta(days=days))
            assert bool(names_on(as_user(lead))) is lead_sees
            assert bool(names_on(as_user(ig_lead))) is ig_sees
        review(opening, lead)
        assert names_on(as_user(lead)) == names_on(as_user(ig_lead)) == []


def test_the_ig_lead_is_told_what_still_waits_for_the_lead(person, link_worker, lead, ig_lead, as_user):
    assert "Nothing to review" in as_user(ig_lead).get(reverse("governance:openings")).content.decode()
    give(person, link_worker)
    give(person, lead)
    for lists_one in (True, False):
        body = as_user(ig_lead).get(reverse("governance:openings")).content.decode()
        assert "1 waits for the lead; you see those not reviewed within 2 working days." in body
        assert "Nothing to review" not in body
        assert ("<strong>Leah Lead" in body) is lists_one
        if lists_one:
            review(BreakGlass.objects.get(by=lead), ig_lead)
    assert "for the lead" not in as_user(lead).get(reverse("governance:openings")).content.decode()


def test_what_a_lead_opened_is_for_the_ig_lead_at_once(person, lead, ig_lead, as_user):
    SealFactory(person=person)
    opening = give(person, lead)
    assert names_on(as_user(ig_lead)) == ["Leah Lead"]
    page = reverse("governance:review_opening", args=[opening.pk])
    answer = as_user(lead).post(page, {"outcome": "ok"})
    assert "Somebody else must review it" in answer.content.decode()
    assert as_user(ig_lead).post(page, {"outcome": "ok"}).status_code == 302
    assert BreakGlassReview.objects.get().by == ig_lead


def test_the_ig_lead_reviews_without_reading_the_name(person, link_worker, lead, ig_lead, as_user):
    opening = give(person, link_worker)
    page = reverse("governance:review_opening", args=[opening.pk])
    assert "Marigold F." in as_user(lead).get(page).content.decode()
    body = as_user(ig_lead).get(page).content.decode()
    assert f"Person {person.pk}" in body
    assert "Their worker is ill" in body
    assert "Marigold" not in body


def test_the_board_says_that_there_is_something_to_review(service, lead, as_user):
    BreakGlassFactory(person__service=service)
    BreakGlassFactory(person__service=service, by=lead)
    body = as_user(lead).get(reverse("casework:board")).content.decode()
    assert "1 record was opened by somebody who said why" in body


def test_the_list_of_openings_pages_with_the_same_questions(service, lead, link_worker, as_user):
    client, asked = as_user(lead), []
    for number in (10, 200):
        person = PersonFactory(service=service)
        now = timezone.now()
        BreakGlass.objects.bulk_create(
            BreakGlass(
                service=service,
                person=person,
                reason="cover",
                words="x",
                by=link_worker,
                at=now,
                until=now + datetime.timedelta(hours=1),
            )
            for _ in range(number)
        )
        with PageQueries() as found:
            assert client.get(reverse("governance:openings")).status_code == 200
        asked.append(len(found.page))
    assert asked[0] == asked[1] <= 6


def test_another_services_lead_finds_no_opening(person, link_worker, outsider, as_user):
    opening = give(person, link_worker)
    page = reverse("governance:review_opening", args=[opening.pk])
    assert as_user(outsider).get(page).status_code == 404
    assert as_user(outsider).post(page, {"outcome": "ok"}).status_code == 404


@pytest.mark.parametrize("role", [Role.LINK_WORKER, Role.COMMISSIONER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_others_do_not_review(service, person, link_worker, as_user, role):
    opening = give(person, link_worker)
    client = as_user(MembershipFactory(service=service, role=role).user)
    for page in (
        reverse("governance:openings"),
        reverse("governance:review_opening", args=[opening.pk]),
    ):
        answer = client.get(page)
        assert answer.status_code == 403
        assert "Marigold" not in answer.content.decode()

"""First contact, what was agreed, reviews, needs, and coming back."""

import datetime

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from casework.actions import access_needs, allocation, contact, needs, preset, silence
from casework.actions import case as cases
from casework.actions import support as actions
from casework.models import AccessNeeds, Boundaries, Case, CaseReview, OriginTold
from casework.presets import read
from casework.support import Way
from governance.models import AuditEvent, Consent
from governance.rules import RuleBroken
from tests.factories.casework import CaseFactory, ContactFactory, StageChangeFactory
from tests.factories.cohorts import ActivityFactory, ExtractFactory
from tests.factories.governance import ConsentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker(link_worker, as_user):
    return as_user(link_worker)


def url(name, case):
    return reverse(f"casework:{name}", args=[case.pk])


def text(response):
    return " ".join(BeautifulSoup(response.content, "html.parser").text.split())


def days(number):
    return timezone.localdate() + datetime.timedelta(days=number)


def day(name, when):
    return {f"{name}_day": when.day, f"{name}_month": when.month, f"{name}_year": when.year}


def tried(case, link_worker, number, ago=0):
    at = timezone.now() - datetime.timedelta(days=ago)
    for _ in range(number):
        ContactFactory(case=case, by=link_worker, outcome="no_answer", happened_at=at)
    Case.objects.filter(pk=case.pk).update(last_contact_at=at)


def test_somebody_not_reached_comes_up_again_with_what_to_try_next(case, worker, link_worker):
    tried(case, link_worker, 2, ago=3)
    for page in (worker.get(case.get_absolute_url()), worker.get(reverse("casework:today"))):
        assert "Try 3 of 6. Send a text message" in text(page)


def test_a_try_that_is_not_due_yet_waits(case, worker, link_worker):
    tried(case, link_worker, 3, ago=1)
    today = text(worker.get(reverse("casework:today")))
    assert "Nobody is due today." in today
    assert "Try 4 of 6." in today


def test_after_the_last_try_it_is_enough_and_an_answer_ends_the_ladder(case, worker, link_worker):
    tried(case, link_worker, 6)
    assert "That is enough: move the case to not reached." in text(worker.get(case.get_absolute_url()))
    ContactFactory(case=case, by=link_worker, outcome="reached")
    assert "That is enough" not in text(worker.get(case.get_absolute_url()))


def test_a_not_now_without_a_day_comes_up_again_by_itself(service, case, link_worker, lead):
    told = {"case": case, "kind": "call", "outcome": "not_now", "by": link_worker}
    from uuid import uuid4

    row = contact.log(key=uuid4(), **told)
    case.refresh_from_db()
    assert (row.next_contact_on, case.next_contact_on) == (None, days(28))
    actions.set_way(service=service, way=Way(ask_again_days=60), by=lead)
    contact.log(key=uuid4(), **told)
    case.refresh_from_db()
    assert case.next_contact_on == days(60)
    contact.log(key=uuid4(), next_contact_on=days(7), **told)
    case.refresh_from_db()
    assert case.next_contact_on == days(7)


def test_where_the_number_came_from_is_answered_and_written_down(service, case, worker, link_worker):
    ActivityFactory(extract=ExtractFactory(committed=True, source__service=service), person=case.person)
    assert "I read this out" in text(worker.get(case.get_absolute_url()))
    worker.post(url("tell_origin", case))
    row = OriginTold.objects.get()
    assert "came to us from" in row.words
    assert "under an agreement called" in row.words
    page = text(worker.get(case.get_absolute_url()))
    assert f"by {link_worker.name}." in page.split("Read out on")[1]
    assert "I read this out" not in page


def test_nothing_is_written_down_where_the_records_do_not_say(case, worker):
    assert "nothing was written down" in text(worker.post(url("tell_origin", case), follow=True))
    assert not OriginTold.objects.exists()


def test_a_lead_sets_the_way_of_working(service, lead, as_user):
    client = as_user(lead)
    address = reverse("casework:way_of_working")
    form = BeautifulSoup(client.get(address).content, "html.parser")
    told = {i["name"]: i.get("value", "") for i in form.select("input[name^=after_]")}
    for select in form.select("select[name^=kind_]"):
        told[select["name"]] = select.select_one("option[selected]")["value"]
    told |= {"weeks": "6", "review_weeks": "6", "ask_again_days": "28"}
    assert "The review comes before the end." in text(client.post(address, told))
    assert client.post(address, {**told, "review_weeks": "3", "kind_2": ""}).status_code == 302
    way = service.ways_of_working.get().way
    assert (way.weeks, way.review_weeks, len(way.ladder)) == (6, 3, 5)
    assert "Support goes on for 6 weeks" in text(client.get(address))


def test_a_preset_brings_its_weeks(service):
    preset.load(service=service, preset=read.load("chelsea_westminster"), by=None)
    way = service.ways_of_working.get().way
    assert (way.weeks, way.review_weeks) == (6, 3)


@pytest.fixture
def six_weeks(service, lead):
    actions.set_way(service=service, way=Way(weeks=6, review_weeks=3), by=lead)


def test_a_review_comes_up_on_its_day_and_moves_the_end(case, worker, link_worker, six_weeks):
    Case.objects.filter(pk=case.pk).update(stage="engaging", next_contact_on=days(1))
    StageChangeFactory(case=case, stage="engaging", at=timezone.now() - datetime.timedelta(weeks=3))
    assert "A review was due on" in text(worker.get(reverse("casework:today")))
    assert "Look at the plan together." in text(worker.get(url("review", case)))
    until = days(40)
    assert "is not after today" in text(worker.post(url("review", case), day("until", days(0))))
    worker.post(url("review", case), {"words": "Steadier", **day("until", until)})
    assert CaseReview.objects.get().until == until
    assert "A review was due on" not in text(worker.get(reverse("casework:today")))
    assert f"Support until {until:%-d %B %Y}" in text(worker.get(case.get_absolute_url()))
    assert "Steadier" not in str(AuditEvent.objects.last().changes)


AGREED = {
    "ring_when": "Mondays, 9 to 5",
    "answer_within": "By the next day",
    "rhythm_days": "3",
    "calls_a_week": "5",
}


def test_what_was_agreed_is_on_the_clients_page_and_calls_are_held_against_it(case, worker, link_worker):
    assert "Write down at least one thing" in text(worker.post(url("boundaries", case), {}))
    assert "between 1 and 92" in text(worker.post(url("boundaries", case), {**AGREED, "rhythm_days": "99"}))
    assert worker.post(url("boundaries", case), AGREED).status_code == 302
    page = text(worker.get(case.get_absolute_url()))
    assert "They may ring: Mondays, 9 to 5 We answer: By the next day" in page
    week_ago = timezone.now() - datetime.timedelta(days=7)
    for _ in range(8):
        ContactFactory(case=case, by=link_worker, kind="rang", happened_at=week_ago)
    response = worker.get(url("boundaries", case))
    assert "They rang 8 times last week; agreed are at most 5." in text(response)
    assert len(BeautifulSoup(response.content, "html.parser").select("figure svg circle")) == 12
    seen = Boundaries.objects.get().pk
    worker.post(url("boundaries", case), {**AGREED, "calls_a_week": "4", "seen": seen})
    assert Boundaries.objects.count() == 2, "what was agreed before stays on record"


def test_a_case_quieter_than_agreed_is_told_on_today(case, worker, link_worker):
    actions.agree(case=case, rhythm_days=3, by=link_worker)
    seen = timezone.now() - datetime.timedelta(days=8)
    ContactFactory(case=case, by=link_worker, kind="home", happened_at=seen)
    Case.objects.filter(pk=case.pk).update(stage="active", last_contact_at=seen, next_contact_on=days(4))
    assert "You agreed to be in touch every 3 days." in text(worker.get(reverse("casework:today")))


def test_needs_are_asked_for_in_six_steps_and_stand_on_every_page(service, case, worker):
    missing = "Nobody has asked yet what they need to read, hear or be understood."
    assert missing in text(worker.get(case.get_absolute_url()))
    steps = text(worker.get(url("communication", case)))
    assert [
        name for name in ("Identify", "Record", "Flag", "Share", "Meet", "Review") if name not in steps
    ] == []
    told = {"needs": "Cannot read letters", "formats": ["easy_read", "bsl"], "met": "BSL is booked"}
    assert worker.post(url("communication", case), {**told, **day("review_on", days(365))}).status_code == 302
    case.person.refresh_from_db()
    assert (
        case.person.communication_needs == "Easy read; British Sign Language interpreter; Cannot read letters"
    )
    again = CaseFactory(service=service, person=case.person, stage="open_door")
    for row in (case, again):
        page = text(worker.get(row.get_absolute_url()))
        assert f"{case.person.communication_needs}. How we meet it: BSL is booked." in page
    assert missing not in page
    assert "letters" not in str(AuditEvent.objects.filter(event="access_needs_recorded").get().changes)


def test_somebody_who_needs_nothing_was_asked_all_the_same(case, worker, link_worker):
    access_needs.record(case=case, review_on=days(10), by=link_worker)
    assert "Asked: they need nothing special." in text(worker.get(case.get_absolute_url()))
    with pytest.raises(RuleBroken, match="within a year"):
        access_needs.record(case=case, review_on=days(0), by=link_worker)
    assert AccessNeeds.objects.count() == 1


def test_whoever_comes_back_gets_their_worker_and_what_was_agreed(service, case, worker, link_worker):
    actions.agree(case=case, ring_when="Mondays", by=link_worker)
    ConsentFactory(
        person=case.person, by=link_worker, decided_at=timezone.now() - datetime.timedelta(days=90)
    )
    Case.objects.filter(pk=case.pk).update(stage="open_door")
    page = text(worker.get(url("reopen", case)))
    assert f"{link_worker.name} supports them again" in page
    assert "They may ring: Mondays" in page
    response = worker.post(url("reopen", case), {"same_worker": "on", "keep_boundaries": "on"})
    again = service.cases.get(stage="offered")
    assert response["Location"] == again.get_absolute_url()
    assert again.worker == link_worker
    assert again.boundaries.get().ring_when == "Mondays"
    page = worker.get(again.get_absolute_url())
    assert "Ask whether each is still right" in text(page)
    asked = Consent.objects.get()
    assert f"{url('consent', again)}?again={asked.pk}" in page.content.decode()
    assert "This episode is still open." in text(worker.get(url("reopen", again), follow=True))


def test_a_worker_who_left_is_not_offered(service, case, worker, lead, as_user):
    Case.objects.filter(pk=case.pk).update(stage="open_door", worker=None)
    client = as_user(lead)
    assert "no longer carries cases here" in text(client.get(url("reopen", case)))
    client.post(url("reopen", case))
    assert service.cases.get(stage="offered").worker is None


@pytest.mark.parametrize("what", ["way", "agree", "review", "origin", "needs", "again"])
def test_nothing_is_kept_when_the_audit_fails(service, case, link_worker, audit_fails, what):
    def again():
        Case.objects.filter(pk=case.pk).update(stage="open_door")
        case.refresh_from_db()
        cases.reopen(case=case, worker=link_worker, by=link_worker)

    told = {"case": case, "by": link_worker}
    writes = {
        "way": lambda: actions.set_way(service=service, way=Way(), by=link_worker),
        "agree": lambda: actions.agree(ring_when="Mondays", **told),
        "review": lambda: actions.review(**told),
        "origin": lambda: actions.tell_origin(words="From the hospital", **told),
        "needs": lambda: access_needs.record(review_on=days(9), **told),
        "again": again,
    }
    with pytest.raises(audit_fails):
        writes[what]()
    kept = [service.ways_of_working, case.boundaries, case.reviews, case.origins_told, case.access_needs]
    assert not any(rows.exists() for rows in kept)
    assert service.cases.count() == 1


def test_long_needs_are_shown_whole(case, worker):
    told = {"needs": "n" * 300, "carer_needs": "c" * 300, "formats": ["bsl", "easy_read", "longer"]}
    worker.post(url("communication", case), {**told, **day("review_on", days(30))})
    case.person.refresh_from_db()
    assert case.person.communication_needs.startswith(
        "Easy read; British Sign Language interpreter; More time; n"
    )
    assert case.person.communication_needs.endswith("c" * 300)


def test_what_was_agreed_is_the_one_rhythm(service, case, link_worker, lead, as_user):
    actions.agree(case=case, rhythm_days=3, by=link_worker)
    case.refresh_from_db()
    assert case.rhythm == "often"
    at = timezone.now() - datetime.timedelta(days=8)
    Case.objects.filter(pk=case.pk).update(last_contact_at=at)
    silence.note_all(Case.objects.filter(pk=case.pk))
    board = as_user(lead).get(reverse("casework:board"))
    assert "You agreed to be in touch every 3 days." in text(board)
    actions.agree(case=case, ring_when="Mondays", by=link_worker)
    case.refresh_from_db()
    assert case.rhythm == ""
    assert "You agreed to be in touch" not in text(as_user(lead).get(reverse("casework:board")))


@pytest.mark.parametrize("name", ["boundaries", "review", "communication"])
def test_a_second_editor_is_told_and_nothing_is_overwritten(case, worker, name):
    told = {"ring_when": "Mondays", "words": "Steadier", "needs": "Large print", **day("review_on", days(30))}
    for sent in ({}, {"seen": ""}):
        response = worker.post(url(name, case), {**told, **sent})
    assert "Somebody else changed this while you were writing." in text(response)
    rows = {"boundaries": case.boundaries, "review": case.reviews, "communication": case.access_needs}
    assert rows[name].count() == 1


def test_two_ways_of_working_set_from_one_page_do_not_supersede_each_other(service, lead):
    actions.set_way(service=service, way=Way(), seen=None, by=lead)
    with pytest.raises(RuleBroken, match="Somebody else changed this"):
        actions.set_way(service=service, way=Way(ask_again_days=60), seen=None, by=lead)
    assert service.ways_of_working.count() == 1


def test_nothing_is_agreed_in_an_episode_that_has_ended(case, link_worker):
    Case.objects.filter(pk=case.pk).update(stage="open_door")
    with pytest.raises(RuleBroken, match="This episode has ended"):
        actions.agree(case=case, ring_when="Mondays", by=link_worker)


def test_what_somebody_needs_in_a_worker_goes_along_when_they_come_back(case, link_worker):
    told = {"language": "Polish", "gender": "woman", "skills": ["housing"], "area": "March", "travel": "far"}
    needs.set(case=case, two=True, by=link_worker, **told)
    Case.objects.filter(pk=case.pk).update(stage="open_door")
    case.refresh_from_db()
    again = cases.reopen(case=case, by=link_worker)
    row = again.needs.get()
    assert {name: getattr(row, name) for name in told} == told
    assert (row.two, Case.objects.get(pk=again.pk).travel) == (True, "far")


def test_a_worker_who_is_leaving_is_not_offered_again(service, case, worker, link_worker, lead):
    allocation.hand_over(
        service=service, leaver=link_worker, to={case.pk: lead.pk}, reason="New job", by=lead
    )
    Case.objects.filter(pk=case.pk).update(stage="open_door", worker=link_worker)
    assert "supports them again" not in text(worker.get(url("reopen", case)))
    assert worker.post(url("reopen", case)).status_code == 302
    assert service.cases.get(stage="offered").worker is None


def sent(response):
    """What a form sends when nobody touches it."""
    form = BeautifulSoup(response.content, "html.parser").select_one("form:has(input[name=seen])")
    boxes = form.select("input[name], textarea[name]")
    return {box["name"]: box.get("value", box.get_text(strip=True)) for box in boxes}


def test_another_review_takes_no_extension_back(case, worker, six_weeks):
    Case.objects.filter(pk=case.pk).update(stage="engaging", next_contact_on=days(1))
    StageChangeFactory(case=case, stage="engaging", at=timezone.now() - datetime.timedelta(weeks=5))
    worker.post(url("review", case), {**sent(worker.get(url("review", case))), **day("until", days(40))})
    worker.post(url("review", case), sent(worker.get(url("review", case))))
    assert [row.until for row in case.reviews.all()] == [days(40), days(40)]
    assert f"Support until {days(40):%-d %B %Y}" in text(worker.get(case.get_absolute_url()))


def test_without_a_fixed_end_a_review_comes_again_though_nobody_chose_a_day(case, worker):
    Case.objects.filter(pk=case.pk).update(stage="engaging", next_contact_on=days(1))
    StageChangeFactory(case=case, stage="engaging", at=timezone.now() - datetime.timedelta(weeks=20))
    assert "Left empty, it comes after 12 weeks." in text(worker.get(url("review", case)))
    assert worker.post(url("review", case), {"words": "Steadier"}).status_code == 302
    assert "A review was due on" not in text(worker.get(reverse("casework:today")))


def test_a_review_without_a_next_day_is_followed_by_one_all_the_same(service, case, worker, link_worker):
    Case.objects.filter(pk=case.pk).update(stage="engaging", next_contact_on=days(1))
    at = timezone.now().replace(hour=12) - datetime.timedelta(weeks=13)
    StageChangeFactory(case=case, stage="engaging", at=at)
    CaseReview.objects.create(service=service, case=case, at=at, by=link_worker)
    assert f"A review was due on {days(-7):%-d %B %Y}" in text(worker.get(reverse("casework:today")))

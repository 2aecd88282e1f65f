"""Nobody goes in alone where a pair is needed, and whoever does not come out is asked after."""

import datetime

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from casework.actions import case as cases
from casework.actions import risk as risks
from casework.actions import visit as visits
from casework.actions import weights
from casework.models import Contact, Visit
from casework.tasks import watch_visits
from governance.models import AuditEvent
from governance.rules import RuleBroken
from tests.factories.casework import CaseFactory, ContactFactory, RiskFactory, VisitFactory
from tests.factories.governance import MembershipFactory, SealFactory

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def worker(link_worker, as_user):
    return as_user(link_worker)


def text(response):
    return " ".join(BeautifulSoup(response.content, "html.parser").text.split())


def go_in(case, by, **told):
    return visits.plan(case=case, starts_at=None, due_back_at=timezone.now() + HOUR, by=by, **told)


GO = {"when": "now", "minutes": "60", "place": "home", "companion": "", "other_companion": ""}


def test_a_visit_alone_is_refused_while_a_pair_stands_and_with_a_second_it_is_not(
    case, worker, link_worker, lead
):
    RiskFactory(case=case, level="pair")
    address = reverse("casework:visit", args=[case.pk])
    assert "“Visit in pairs” stands for this client. Say who goes with you." in text(worker.post(address, GO))
    assert not Visit.objects.exists()
    assert worker.post(address, {**GO, "companion": lead.pk}).status_code == 302
    row = Visit.objects.get()
    assert (row.worker, row.companion, row.is_pair) == (link_worker, lead, True)
    assert row.went_in_at is not None


def test_a_risk_of_the_episode_before_still_forbids_a_visit_alone(service, case, link_worker):
    before = CaseFactory(service=service, person=case.person, stage="open_door")
    RiskFactory(case=before, level="pair")
    with pytest.raises(RuleBroken, match="Say who goes with you"):
        go_in(case, link_worker)


def test_what_happened_is_written_down_whatever_stands(case, worker):
    RiskFactory(case=case, level="no_visit")
    form = BeautifulSoup(worker.get(reverse("casework:log_contact", args=[case.pk])).content, "html.parser")
    told = {"key": form.select_one("input[name=key]")["value"], "kind": "home", "outcome": "reached"}
    address = reverse("casework:log_contact", args=[case.pk])
    assert worker.post(address, {**told, "next_contact": "none"}).status_code == 302
    assert Contact.objects.get().kind == "home"


def test_a_risk_noted_after_the_plan_stops_a_visit_at_the_door(case, link_worker):
    planned = visits.plan(
        case=case, starts_at=timezone.now() + HOUR, due_back_at=timezone.now() + 2 * HOUR, by=link_worker
    )
    RiskFactory(case=case, level="pair")
    with pytest.raises(RuleBroken, match="Say who goes with you"):
        visits.go_in(visit=planned, by=link_worker)


def test_whoever_goes_in_late_has_as_long_as_planned(case, link_worker):
    start = timezone.now() + HOUR
    planned = visits.plan(case=case, starts_at=start, due_back_at=start + HOUR, by=link_worker)
    with time_machine.travel(start + HOUR / 2, tick=False):
        gone = visits.go_in(visit=planned, by=link_worker)
        assert gone.due_back_at == start + HOUR * 1.5
        with pytest.raises(RuleBroken, match="You went in at"):
            visits.go_in(visit=planned, by=link_worker)
        with pytest.raises(RuleBroken, match="has begun"):
            visits.call_off(visit=planned, by=link_worker)


def test_a_visit_ends_once(case, worker, link_worker):
    row = go_in(case, link_worker)
    address = reverse("casework:visit_step", args=[row.pk])
    assert worker.post(address, {"step": "out"})["Location"] == reverse(
        "casework:log_contact", args=[case.pk]
    )
    assert "This visit ended at" in text(worker.post(address, {"step": "out"}, follow=True))
    assert worker.post(address, {"step": "nothing"})["Location"] == case.get_absolute_url()
    row.refresh_from_db()
    assert row.came_out_by == link_worker


def test_a_planned_visit_can_be_called_off(case, worker, link_worker):
    address = reverse("casework:visit", args=[case.pk])
    day = timezone.localdate() + datetime.timedelta(days=1)
    later = {
        "when": "later",
        "day_day": day.day,
        "day_month": day.month,
        "day_year": day.year,
        "time": "10:00",
    }
    assert "Enter the time." in text(worker.post(address, {**GO, **later, "time": ""}))
    worker.post(address, {**GO, **later})
    row = Visit.objects.get()
    assert row.went_in_at is None
    assert "goes in tomorrow at 10:00, alone" in text(worker.get(reverse("casework:today")))
    with pytest.raises(RuleBroken, match="has not begun"):
        visits.come_out(visit=row, by=link_worker)
    worker.post(reverse("casework:visit_step", args=[row.pk]), {"step": "off"})
    assert "goes in tomorrow" not in text(worker.get(reverse("casework:today")))


def test_an_overdue_visit_is_shown_to_the_worker_and_the_lead_and_noted_once(
    service, case, link_worker, lead, as_user
):
    row = go_in(case, link_worker)
    Visit.objects.filter(pk=row.pk).update(
        starts_at=timezone.now() - 2 * HOUR, due_back_at=timezone.now() - HOUR
    )
    assert "Overdue" in text(as_user(link_worker).get(reverse("casework:today")))
    leads = as_user(lead)
    assert "should have been out at" in text(leads.get(reverse("casework:today")))
    board = text(leads.get(reverse("casework:board")))
    assert f"Overdue from a visit {link_worker.name} should have been out of a visit at" in board
    assert "Featherstone" not in board.split("Overdue from a visit")[1].split("unallocated")[0]
    watch_visits()
    watch_visits()
    assert AuditEvent.objects.filter(event="visit_overdue").count() == 1
    visits.come_out(visit=row, by=lead)
    assert "Overdue" not in text(leads.get(reverse("casework:board")))


def test_nobody_is_their_own_second(case, link_worker):
    with pytest.raises(RuleBroken, match="your own second"):
        go_in(case, link_worker, companion=link_worker)


def test_no_visit_is_kept_when_the_audit_fails(case, link_worker, audit_fails):
    with pytest.raises(audit_fails):
        go_in(case, link_worker)
    assert not Visit.objects.exists()


def test_a_worker_sees_no_visit_of_somebody_else(service, worker):
    VisitFactory(case=CaseFactory(service=service, person__first_name="Otto"))
    assert "Otto" not in text(worker.get(reverse("casework:today")))


FORM = {
    "mobility-level": "none",
    "communication-level": "unknown",
    "to_self-level": "note",
    "to_self-detail": "Has talked about dying",
    "to_staff-level": "pair",
    "to_staff-detail": "A large dog",
    "from_others-level": "none",
    "source": "Liaison nurse",
    "review_on_day": "1",
    "review_on_month": "6",
    "review_on_year": "2026",
}


@time_machine.travel("2026-03-02 12:00", tick=False)
def test_the_risk_form_is_asked_for_and_what_it_finds_stands_on_every_page(case, link_worker, as_user):
    worker = as_user(link_worker)
    assert "The risk form is not filled in yet." in text(worker.get(case.get_absolute_url()))
    address = reverse("casework:risk_form", args=[case.pk])
    assert "Risk to staff: say what to know." in text(worker.post(address, {**FORM, "to_staff-detail": " "}))
    assert not case.risks.exists()
    assert worker.post(address, FORM).status_code == 302
    assert sorted(case.risks.values_list("area", "level")) == [("to_self", "note"), ("to_staff", "pair")]
    for name in ("case", "log_contact", "scores", "communication"):
        page = text(worker.get(reverse(f"casework:{name}", args=[case.pk])))
        assert "Visit in pairs: A large dog (said by: Liaison nurse; review on 1 June 2026)." in page
        assert "The risk form is not filled in yet." not in page


@time_machine.travel("2026-03-02 12:00", tick=False)
def test_a_risk_form_filled_in_again_adds_nothing_that_stands_already(case, link_worker, as_user):
    worker, address = as_user(link_worker), reverse("casework:risk_form", args=[case.pk])
    worker.post(address, FORM)
    form = BeautifulSoup(worker.get(address).content, "html.parser")
    checked = {box["name"]: box["value"] for box in form.select("input[type=radio][checked]")}
    assert checked == {"to_self-level": "note", "to_staff-level": "pair"}
    assert form.select_one("input[name=to_staff-detail]")["value"] == "A large dog"
    again = {**FORM, "to_staff-detail": "a large  DOG", "review_on_day": "2"}
    assert worker.post(address, again).status_code == 302
    assert {risk.review_on.day for risk in case.risks.all()} == {2}
    assert case.risks.count() == 2
    worker.post(address, {**FORM, "to_staff-detail": "Two large dogs"})
    assert case.risks.count() == 3


def test_a_risk_past_its_review_is_louder_and_never_gone(service, case, worker):
    RiskFactory(case=case, review_on=timezone.localdate() - datetime.timedelta(days=400))
    again = CaseFactory(service=service, person=case.person, stage="open_door")
    for row in (case, again):
        banner = BeautifulSoup(worker.get(row.get_absolute_url()).content, "html.parser").select_one(
            ".app-person-banner__late"
        )
        assert "Risk, review overdue" in banner.text
        assert "does this still stand?" in banner.text


def test_a_form_that_is_not_whole_is_not_kept(case, link_worker):
    with pytest.raises(RuleBroken, match="Mobility: choose an answer"):
        risks.fill_in(
            case=case,
            answers={},
            details={},
            source="GP",
            review_on=timezone.localdate() + HOUR * 48,
            by=link_worker,
        )


def overdue_of(case, worker, **told):
    at = timezone.now() - 2 * HOUR
    return VisitFactory(case=case, worker=worker, starts_at=at, **told)


def test_out_and_safe_waits_for_no_reason_and_no_seal(service, case, link_worker, lead, as_user):
    SealFactory(person=case.person, names=[])
    for who in (link_worker, lead):
        row = overdue_of(case, link_worker)
        response = as_user(who).post(reverse("casework:visit_step", args=[row.pk]), {"step": "out"})
        assert response["Location"] == reverse("casework:today")
        row.refresh_from_db()
        assert row.came_out_by == who


def test_a_companion_says_that_both_are_out(service, case, link_worker, as_user):
    colleague = MembershipFactory(service=service).user
    row = overdue_of(case, link_worker, companion=colleague)
    as_user(colleague).post(reverse("casework:visit_step", args=[row.pk]), {"step": "out"})
    row.refresh_from_db()
    assert row.came_out_by == colleague


def test_only_its_worker_goes_in_or_calls_off_a_visit_to_come(case, link_worker, lead, as_user):
    start = timezone.now() + HOUR
    row = visits.plan(case=case, starts_at=start, due_back_at=start + HOUR, by=link_worker)
    leads, address = as_user(lead), reverse("casework:visit_step", args=[row.pk])
    assert "only they can go in" in text(leads.post(address, {"step": "in"}, follow=True))
    assert "Ask them to call it off" in text(leads.post(address, {"step": "off"}, follow=True))
    page = text(leads.get(case.get_absolute_url()))
    assert "alone" in page
    assert "Call it off" not in page


def test_a_visit_never_begun_is_told_until_it_is_called_off(case, link_worker, lead, as_user):
    row = overdue_of(case, link_worker, went_in_at=None)
    words = "has not begun and is not called off."
    leads = as_user(lead)
    for page in (as_user(link_worker).get(reverse("casework:today")), leads.get(reverse("casework:today"))):
        assert words in text(page)
        assert "Call it off" in text(page)
    assert words in text(leads.get(reverse("casework:board")))
    leads.post(reverse("casework:visit_step", args=[row.pk]), {"step": "off"})
    assert words not in text(leads.get(reverse("casework:board")))


def test_the_end_of_an_episode_calls_planned_visits_off(case, link_worker):
    start = timezone.now() + HOUR
    row = visits.plan(case=case, starts_at=start, due_back_at=start + HOUR, by=link_worker)
    cases.move(case=case, to="died", by=link_worker)
    row.refresh_from_db()
    assert row.called_off_by == link_worker
    late = overdue_of(case, link_worker, went_in_at=None)
    with pytest.raises(RuleBroken, match="This episode has ended"):
        visits.go_in(visit=late, by=link_worker)


def test_needs_that_say_two_forbid_a_visit_alone(service, case, link_worker):
    case.service.case_needs.create(case=case, two=True, by=link_worker)
    with pytest.raises(RuleBroken, match="Always visit in twos"):
        go_in(case, link_worker)


def test_a_first_visit_at_home_is_made_by_two_where_the_service_says_so(service, case, link_worker, lead):
    weights.change(service=service, values={}, first_visits_in_pairs=True, reason="Safer", seen=0, by=lead)
    with pytest.raises(RuleBroken, match="First visits at home"):
        go_in(case, link_worker)
    visits.come_out(visit=go_in(case, link_worker, place="elsewhere"), by=link_worker)
    ContactFactory(case=case, by=link_worker, kind="home", outcome="reached")
    go_in(case, link_worker)


def test_nobody_is_in_two_visits_at_once(service, case, link_worker):
    first = go_in(case, link_worker)
    other = CaseFactory(service=service)
    start = timezone.now() + HOUR
    planned = visits.plan(case=other, starts_at=start, due_back_at=start + HOUR, by=link_worker)
    for again in (lambda: go_in(other, link_worker), lambda: visits.go_in(visit=planned, by=link_worker)):
        with pytest.raises(RuleBroken, match="You went in somewhere else"):
            again()
    visits.come_out(visit=first, by=link_worker)
    visits.go_in(visit=planned, by=link_worker)

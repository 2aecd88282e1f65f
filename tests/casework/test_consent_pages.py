"""Recording what a client decided, and taking it back."""

import datetime

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from casework.models import RecallNotice
from governance.models import Consent
from tests.casework.sharing import TODAY, share
from tests.factories.casework import CaseFactory, YesToShareFactory
from tests.factories.governance import ConsentFactory, PartnerFactory

DAY = datetime.timedelta(days=1)


@pytest.fixture
def worker(as_user, link_worker):
    return as_user(link_worker)


@pytest.fixture
def partner(service):
    return PartnerFactory(service=service, organisation__name="Mill Road Surgery")


def url(name, case):
    return reverse(f"casework:{name}", args=[case.pk])


def page(response):
    return BeautifulSoup(response.content, "html.parser")


def errors(response):
    return [a.get_text(strip=True) for a in page(response).select(".nhsuk-error-summary__list li")]


def tags(response):
    return [row.select_one(".nhsuk-tag").text for row in page(response).select(".app-row")]


SUPPORT = {
    "scope": "support",
    "decision": "given",
    "method": "spoken",
    "capacity": "had",
    "words": "Yes, please ring",
}


def sharing(named, **told):
    return {
        **SUPPORT,
        "scope": "share",
        "partner": named.pk,
        "purpose": "care",
        "items": ["contact", "helps"],
        "told": "What the surgery would see, and that you can say no",
        "words": "Yes, tell Dr Ali",
        **told,
    }


def test_a_decision_is_recorded_and_taken_back(worker, case, partner):
    worker.post(url("consent", case), sharing(partner))
    body = worker.get(url("consent", case)).content.decode()
    assert "Sharing with Mill Road Surgery: their care and support" in body
    assert "Yes, tell Dr Ali" in body
    assert "Phone number and address; what helps them, in plain words" in body
    yes = Consent.objects.get()
    response = worker.post(url("take_back", yes), {"method": "phone", "capacity": "had", "words": "Stop it"})
    assert response["Location"] == url("sharing", case)
    assert tags(worker.get(url("consent", case))) == ["Took it back"]
    assert Consent.objects.count() == 2


def test_what_was_said_before_can_still_be_read(worker, case):
    worker.post(url("consent", case), SUPPORT)
    assert "Earlier decisions" not in worker.get(url("consent", case)).content.decode()
    worker.post(url("consent", case), {**SUPPORT, "decision": "refused", "words": "I changed my mind"})
    earlier = page(worker.get(url("consent", case))).select_one("main details").get_text(" ", strip=True)
    assert "Support from this service. Said yes" in earlier
    assert "Yes, please ring" in earlier
    assert "I changed my mind" not in earlier


def test_taking_back_is_one_tap_from_the_yes(worker, case):
    yes = YesToShareFactory(person=case.person)
    for name in ("case", "consent", "sharing"):
        assert url("take_back", yes) in worker.get(url(name, case)).content.decode()


def test_taking_back_makes_the_letter_to_the_partner(worker, case, link_worker):
    yes = YesToShareFactory(person=case.person, by=link_worker)
    share(yes, case, link_worker)
    worker.post(url("take_back", yes), {"method": "phone", "capacity": "had"})
    notice = RecallNotice.objects.get()
    assert notice.get_absolute_url() in worker.get(url("sharing", case)).content.decode()


def test_a_decision_from_before_partners_were_named_is_shown_and_can_be_taken_back(worker, case):
    old = ConsentFactory(person=case.person, scope="share_gp")
    body = worker.get(url("consent", case)).content.decode()
    assert "Sharing with the GP practice" in body
    assert "Ask again for each partner by name" in body
    assert 'value="share_gp"' not in body
    worker.post(url("take_back", old), {"method": "phone", "capacity": "had"})
    assert tags(worker.get(url("consent", case))) == ["Took it back"]


def test_a_yes_that_ran_out_asks_to_be_asked_again_with_what_it_was_about(worker, case, partner):
    yes = YesToShareFactory(person=case.person, partner=partner, items=["needs"], stands_until=TODAY - DAY)
    again = f"{url('consent', case)}?again={yes.pk}"
    for name in ("case", "consent", "sharing"):
        body = worker.get(url(name, case)).content.decode()
        assert again in body
    form = page(worker.get(again))
    chosen = {box["name"]: box["value"] for box in form.select("form [checked]")}
    assert chosen == {
        "scope": "share",
        "partner": str(partner.pk),
        "purpose": "care",
        "items": "needs",
        "capacity": "had",
    }


def test_support_that_ran_out_is_said_in_the_banner(worker, case):
    ConsentFactory(person=case.person, stands_until=TODAY - DAY)
    banner = page(worker.get(url("case", case))).select_one(".app-person-banner").get_text()
    assert "ran out" in banner
    assert "Ask again" in banner


def test_a_decision_of_another_day_keeps_its_day(worker, case):
    day = TODAY - 3 * DAY
    on = {f"decided_on_{part}": getattr(day, part) for part in ("day", "month", "year")}
    worker.post(url("consent", case), {**SUPPORT, **on})
    row = Consent.objects.get()
    assert (row.decided_on, timezone.localdate(row.recorded_at)) == (day, TODAY)
    words = f"written down {TODAY:%-d %B %Y}"
    assert words in page(worker.get(url("consent", case))).get_text()
    worker.post(url("consent", case), {**SUPPORT, "decision": "refused"})
    assert words in page(worker.get(url("consent", case))).get_text()


def test_a_note_on_capacity_is_kept_and_shown(worker, case):
    told = {"capacity": "lacked", "capacity_note": "Could not weigh it up", "best_interests": "Dr Ali, GP"}
    worker.post(url("consent", case), {**SUPPORT, **told})
    body = worker.get(url("consent", case)).content.decode()
    assert "Yes, in their best interests" in body
    assert "Decided in their best interests by Dr Ali, GP: Could not weigh it up" in body


def test_a_note_on_capacity_that_does_not_matter_is_not_kept(worker, case):
    worker.post(url("consent", case), {**SUPPORT, "capacity_note": "typed by mistake"})
    assert Consent.objects.get().capacity_note == ""


@pytest.mark.parametrize(
    "told, sentences",
    [
        ({"scope": ""}, ["Choose what the decision is about."]),
        ({"scope": "share_gp"}, ["Choose what the decision is about."]),
        ({"decision": "maybe"}, ["Choose what the person decided."]),
        ({"method": ""}, ["Choose how they said it."]),
        ({"capacity": ""}, ["Choose whether they could decide this for themselves."]),
        (
            {"capacity": "lacked"},
            ["Write how you judged that they lacked capacity.", "Enter who decided in their best interests."],
        ),
        ({"partner": ""}, ["Choose with whom it may be shared."]),
        ({"purpose": ""}, ["Choose what it is shared for."]),
        ({"items": []}, ["Tick what may be shared."]),
        ({"told": ""}, ["Write what you told them. A yes to this rests on it."]),
        (
            {"stands_until_day": 1, "stands_until_month": 2, "stands_until_year": 2020},
            ["The last day of the yes has passed. Choose today or a later day, or leave it empty."],
        ),
    ],
)
def test_a_decision_that_cannot_be_is_refused(worker, case, partner, told, sentences):
    response = worker.post(url("consent", case), sharing(partner, **told))
    assert sorted(errors(response)) == sorted(sentences)
    assert "Yes, tell Dr Ali" in response.content.decode()
    assert Consent.objects.count() == 0


def test_a_no_to_sharing_needs_no_list_of_what(worker, case, partner):
    worker.post(url("consent", case), sharing(partner, decision="refused", told="", items=["contact"]))
    row = Consent.objects.get()
    assert (row.decision, row.items) == ("refused", [])


def test_a_neighbours_partner_cannot_be_chosen(worker, case, neighbour):
    stranger = PartnerFactory(service=neighbour, organisation__name="Harbour Clinic")
    assert "Harbour Clinic" not in worker.get(url("consent", case)).content.decode()
    response = worker.post(url("consent", case), sharing(stranger))
    assert errors(response) == ["Choose with whom it may be shared."]


def test_a_story_is_a_decision_of_its_own(worker, case):
    worker.post(url("consent", case), {**SUPPORT, "scope": "publish", "told": "Where it will stand"})
    assert "Publishing their story, without their name" in worker.get(url("consent", case)).content.decode()


def test_a_second_press_records_one_decision(worker, case, partner):
    for _ in range(2):
        worker.post(url("consent", case), sharing(partner))
    yes = Consent.objects.get()
    for _ in range(2):
        worker.post(url("take_back", yes), {"method": "phone", "capacity": "had"})
    assert Consent.objects.filter(decision="withdrawn").count() == 1


def test_what_was_not_given_cannot_be_taken_back(worker, case):
    no = ConsentFactory(person=case.person, decision="refused", decided_at=timezone.now())
    response = worker.post(url("take_back", no), {"method": "phone", "capacity": "had"})
    assert "nothing to take back" in errors(response)[0]


def test_a_decision_of_somebody_without_a_case_has_no_page(worker, service):
    yes = ConsentFactory(person__service=service)
    assert worker.get(url("take_back", yes)).status_code == 404
    CaseFactory(service=service, person=yes.person)
    assert worker.get(url("take_back", yes)).status_code == 200

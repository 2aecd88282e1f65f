"""Instruments as data: which ship, how they are scored, and a service's own words."""

import datetime
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from casework.actions import assessment, instrument
from casework.actions.assessment import Goal
from casework.models import Assessment, Instrument
from governance.models import AuditEvent
from governance.rules import RuleBroken

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 3, 1)
ON = {"scored_on_day": "1", "scored_on_month": "3", "scored_on_year": "2026"}


@pytest.fixture
def shipped(db) -> dict[str, Instrument]:
    return {name: instrument.load(name=name)[0] for name in instrument.names()}


@pytest.fixture
def worker(link_worker, as_user):
    return as_user(link_worker)


def page(response):
    return BeautifulSoup(response.content, "html.parser")


def test_every_shipped_instrument_says_whose_it_is_and_on_what_terms(shipped):
    assert {"chaos-score", "ons4", "ucla-3", "goals"} <= set(shipped)
    assert all(row.attribution and row.licence and row.intro for row in shipped.values())
    slots = {name for name, row in shipped.items() if row.is_slot}
    assert {"wemwbs", "eq-5d-5l", "pam", "outcomes-star"} <= slots
    for name in slots:
        assert not shipped[name].items.exists(), "wording under licence is not ours to keep"
        assert shipped[name].owner_url.startswith("https://")
    assert [instrument.load(name=name)[1] for name in instrument.names()] == [False] * len(shipped)


def test_each_value_of_a_question_with_words_has_its_own(shipped):
    items = [item for row in shipped.values() for item in row.items.all()]
    assert all(len(item.anchors) in (0, len(item.values)) for item in items)


def test_loneliness_adds_three_and_leaves_the_direct_question_beside(shipped, case, link_worker):
    told = {"case": case, "instrument": shipped["ucla-3"], "scored_on": DAY, "by": link_worker}
    answers = {"companionship": 3, "left-out": 2, "isolated": 2}
    assert assessment.score(answers={**answers, "lonely": 5}, **told).total == 7
    assert assessment.score(answers=answers, **told).total == 7
    assert assessment.score(answers={"companionship": 3, "lonely": 5}, **told).total is None


def test_well_being_is_never_added_up(shipped, case, link_worker):
    row = assessment.score(
        case=case,
        instrument=shipped["ons4"],
        answers=dict.fromkeys(["satisfied", "worthwhile", "happy", "anxious"], 5),
        scored_on=DAY,
        by=link_worker,
    )
    assert row.total is None
    assert row.answers.count() == 4


def test_only_the_chaos_score_weighs_a_case(shipped, case, link_worker):
    told = {"case": case, "scored_on": DAY, "by": link_worker}
    answers = {"companionship": 3, "left-out": 3, "isolated": 3}
    assessment.score(instrument=shipped["ucla-3"], answers=answers, **told)
    case.refresh_from_db()
    assert case.chaos_total is None


def test_goals_keep_the_persons_words_and_are_offered_again(shipped, case, link_worker, worker):
    told = {"case": case, "instrument": shipped["goals"], "scored_on": DAY, "by": link_worker}
    with pytest.raises(RuleBroken, match="Goal 1: write the goal down, in the person's own words"):
        assessment.score(answers={"goal-1": 1}, **told)
    goals = {"goal-1": Goal("Walk the dog on the beach", 3)}
    row = assessment.score(answers={"goal-1": 1}, goals=goals, **told)
    assert row.total == 60
    assert "beach" not in str(AuditEvent.objects.last().changes)
    form = page(worker.get(reverse("casework:score", args=[case.pk]) + "?with=goals"))
    assert form.select_one("input[name=goal-goal-1]")["value"] == "Walk the dog on the beach"


def test_a_goal_is_kept_before_anybody_can_say_how_far_it_was_reached(shipped, case, worker):
    address = reverse("casework:score", args=[case.pk]) + "?with=goals"
    assert "Answer at least one question" in page(worker.post(address, {**ON, "goal-goal-1": " "})).text
    told = {**ON, "goal-goal-1": "Walk the dog", "goal-goal-2": "See my sister", "matters-goal-2": "3"}
    assert worker.post(address, told).status_code == 302
    assert Assessment.objects.get().total is None
    scores = reverse("casework:scores", args=[case.pk])
    found = page(worker.get(scores))
    assert "2 goals written down, not looked back at yet" in found.text
    assert not found.select("figure")
    form = page(worker.get(address))
    assert form.select_one("input[name=goal-goal-2]")["value"] == "See my sister"
    # One of them is looked back at, and the other is not lost.
    assert worker.post(address, {**told, "item-goal-1": "1"}).status_code == 302
    newest = Assessment.objects.first()
    assert newest.total == 60
    assert list(newest.answers.values_list("words", "value", "weight")) == [
        ("Walk the dog", 1, 1),
        ("See my sister", None, 3),
    ]


def test_the_direct_question_stands_beside_the_sum_and_has_a_trend(shipped, case, link_worker, worker):
    told = {"case": case, "instrument": shipped["ucla-3"], "scored_on": DAY, "by": link_worker}
    answers = {"companionship": 3, "left-out": 2, "isolated": 2, "lonely": 4}
    assessment.score(answers=answers, **told)
    found = page(worker.get(reverse("casework:scores", args=[case.pk])))
    beside = "7 of 9, often read as lonely; How often do you feel lonely? 4 (some of the time)"
    assert beside in " ".join(found.text.split())
    assert [t.text for t in found.select("figure svg title")][1].startswith("How often do you feel lonely?")


@pytest.mark.parametrize(
    "key, value",
    [("licence", "Anything goes"), ("scoring", "mean"), ("bands", []), ("items", [])],
)
def test_a_version_that_says_something_else_is_refused(shipped, monkeypatch, key, value):
    told = instrument._read("ucla-3")
    monkeypatch.setattr(instrument, "_read", lambda name: {**told, key: value})
    word = "questions" if key == "items" else key
    with pytest.raises(
        RuleBroken, match=f"is stored with other content: {word}. Give the file a new version"
    ):
        instrument.load(name="ucla-3")


def test_of_an_instrument_under_licence_the_total_only_is_entered(shipped, case, worker):
    address = reverse("casework:score", args=[case.pk]) + "?with=wemwbs"
    assert "on the owner's own form" in page(worker.get(address)).text
    refused = worker.post(address, {"total": "71", **ON})
    assert "A total of WEMWBS (Warwick-Edinburgh) lies between 14 and 70." in page(refused).text
    assert worker.post(address, {"total": "x", **ON}).status_code == 200
    assert worker.post(address, {"total": "42", **ON}).status_code == 302
    assert Assessment.objects.get().total == Decimal(42)


def test_an_instrument_is_scored_as_what_it_is(shipped, case, link_worker):
    told = {"case": case, "scored_on": DAY, "by": link_worker}
    with pytest.raises(RuleBroken, match="Enter the total only"):
        assessment.score(instrument=shipped["pam"], answers={"a": 1}, **told)
    with pytest.raises(RuleBroken, match="Answer them; the total follows"):
        assessment.enter_total(instrument=shipped["ons4"], total=Decimal(1), **told)


def test_the_page_of_scores_has_a_picture_and_a_table(shipped, case, link_worker, worker):
    told = {"case": case, "instrument": shipped["ons4"], "by": link_worker}
    assessment.score(answers={"happy": 2, "anxious": 9}, scored_on=DAY - datetime.timedelta(days=90), **told)
    assessment.score(answers={"happy": 8}, scored_on=DAY, **told)
    assessment.enter_total(
        case=case, instrument=shipped["swemwbs"], total=Decimal("21.54"), scored_on=DAY, by=link_worker
    )
    found = page(worker.get(reverse("casework:scores", args=[case.pk])))
    assert len(found.select("figure svg")) == 5
    assert next(t.text for t in found.select("figure svg title")).startswith("Overall, how satisfied")
    assert "8 (high)" in found.text
    assert "9 (high anxiety)" in found.text
    assert "Not answered" in found.text
    assert "21.54" in found.text
    unused = found.find("h2", string="Not used yet").find_next("ul")
    assert len(unused.select("li")) == len(shipped) - 2


def test_an_instrument_nobody_knows_is_not_found(shipped, case, worker):
    assert worker.get(reverse("casework:score", args=[case.pk]) + "?with=mood").status_code == 404


def wording_of(response):
    return {i["name"]: i["value"] for i in page(response).select("form[novalidate] input[name*='-']")}


def test_a_lead_puts_the_chaos_score_into_own_words_and_old_scores_keep_theirs(
    shipped, service, case, lead, link_worker, as_user, worker
):
    chaos = shipped["chaos-score"]
    old = assessment.score(case=case, instrument=chaos, answers={"housing": 4}, scored_on=DAY, by=link_worker)
    address = reverse("casework:wording")
    client = as_user(lead)
    told = wording_of(client.get(address))
    assert len(told) == 30
    assert "Nothing was changed" in page(client.post(address, told)).text
    assert client.post(address, {**told, "label-housing": "Where they live"}).status_code == 302
    own = service.instruments.get()
    assert (own.slug, own.version, own.made_by) == ("chaos-score", chaos.version + 1, lead)
    assert own.items.get(code="housing").values == chaos.items.get(code="housing").values
    assert old.answers.get().item.label == "Housing"
    assert "Where they live" in page(worker.get(reverse("casework:score", args=[case.pk]))).text
    assert client.post(address, {**told, "label-housing": ""}).status_code == 200
    assert client.post(address, {**told, "label-housing": "Home"}).status_code == 302
    assert service.instruments.order_by("-version").first().version == chaos.version + 2
    assert "in your own words" in page(client.get(reverse("casework:instruments"))).text


def test_wording_that_others_compare_stays_as_it_is(shipped, service, lead):
    with pytest.raises(RuleBroken, match="is fixed"):
        instrument.reword(instrument=shipped["ons4"], service=service, words={}, by=lead)


def test_a_new_wording_is_not_kept_when_the_audit_fails(shipped, service, lead, audit_fails):
    words = {"housing": {"label": "Where they live"}}
    with pytest.raises(audit_fails):
        instrument.reword(instrument=shipped["chaos-score"], service=service, words=words, by=lead)
    assert not service.instruments.exists()

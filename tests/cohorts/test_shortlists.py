"""The lead's view of who would benefit, the line, and taking on everybody above it."""

import pytest
import time_machine
from django.urls import reverse

from cohorts.actions import shortlist
from cohorts.models import BenefitView, Candidate, Screening, Shortlist, ShortlistSignature
from cohorts.pages import shortlist as pages
from governance import audit
from governance.models import AuditEvent, Person
from governance.roles import Role
from governance.rules import RuleBroken
from tests.factories.casework import CapacityFactory
from tests.factories.cohorts import CandidateFactory, CohortListFactory, CohortRuleFactory, ScreeningFactory
from tests.factories.governance import MembershipFactory, ObjectionFactory, PersonFactory
from tests.queries import PageQueries

pytestmark = pytest.mark.django_db
TIERS = [{"name": "Lower", "from": 5, "to": 9}, {"name": "Higher", "from": 10}]


@pytest.fixture
def cohort_list(service):
    return CohortListFactory(rule=CohortRuleFactory(service=service, tiers=TIERS), selected=4)


@pytest.fixture
def people(service, cohort_list):
    """Four on the list: Ann and Bea in the higher tier, Cal and Dee in the lower."""
    return {
        name: CandidateFactory(
            cohort_list=cohort_list,
            person=PersonFactory(service=service, first_name=name, last_name="Ash", sex=sex),
            rank=rank,
            count=count,
            age=age,
        )
        for rank, (name, count, age, sex) in enumerate(
            (("Ann", 30, 40, "F"), ("Bea", 12, 70, "F"), ("Cal", 6, 20, "M"), ("Dee", 5, None, "")), start=1
        )
    }


@pytest.fixture
def second_lead(service):
    return MembershipFactory(service=service, role=Role.HIU_LEAD).user


def list_url(cohort_list):
    return reverse("cohorts:list", args=[cohort_list.pk])


def names_on(body: str) -> list[str]:
    # With the initial: three letters alone are in a random token of the page now and then.
    shown = (name for name in ("Ann", "Bea", "Cal", "Dee") if f"{name} A." in body)
    return sorted(shown, key=lambda name: body.index(f"{name} A."))


# Likely to benefit


def test_the_newest_word_stands_and_the_others_stay(service, lead, people, as_user):
    url = reverse("cohorts:screen", args=[people["Ann"].pk])
    client = as_user(lead)
    client.post(url, {"benefit": "3", "note": "In hospital until May"})
    client.post(url, {"benefit": "1", "note": "Asked for help"})
    said = list(BenefitView.objects.values_list("benefit", "note"))
    assert said == [(1, "Asked for help"), (3, "In hospital until May")]
    assert AuditEvent.objects.filter(event="candidate_benefit_said").count() == 2
    body = client.get(reverse("cohorts:candidate", args=[people["Ann"].pk])).content.decode()
    assert body.index("Likely to benefit: Asked for help") < body.index("Better later: In hospital until May")


def test_a_word_from_a_card_brings_the_lead_back_to_their_place(lead, cohort_list, people, as_user):
    url = reverse("cohorts:screen", args=[people["Ann"].pk])
    response = as_user(lead).post(f"{url}?show=undecided&tier=Higher&order=benefit&page=2", {"benefit": "2"})
    assert response["Location"] == (
        f"{list_url(cohort_list)}?show=undecided&tier=Higher&page=2&order=benefit#people"
    )
    assert not Screening.objects.exists()


@pytest.mark.parametrize("form", [{"benefit": "9"}, {"benefit": ""}, {"benefit": "1", "note": "x" * 301}])
def test_a_word_that_is_none_of_the_three_is_sent_back(lead, people, as_user, form):
    body = as_user(lead).post(reverse("cohorts:screen", args=[people["Ann"].pk]), form).content.decode()
    assert "nhsuk-error-message" in body
    assert not BenefitView.objects.exists()
    with pytest.raises(RuleBroken, match="how likely support"):
        shortlist.say_benefit(candidate=people["Ann"], benefit=9, by=lead)


# Which people, in which order


@pytest.mark.parametrize(
    "said, expected",
    [
        ({}, ["Ann", "Bea", "Cal", "Dee"]),
        ({"tier": "Lower"}, ["Cal", "Dee"]),
        ({"tier": "Higher"}, ["Ann", "Bea"]),
        ({"age": "under-25"}, ["Cal"]),
        ({"age": "65"}, ["Bea"]),
        ({"age": "unknown"}, ["Dee"]),
        ({"benefit": "1"}, ["Cal"]),
        ({"benefit": "not-said"}, ["Ann", "Bea", "Dee"]),
        ({"order": "benefit"}, ["Cal", "Ann", "Bea", "Dee"]),
        ({"order": "newest"}, ["Bea", "Ann", "Cal", "Dee"]),
        ({"tier": "nowhere", "age": "x", "order": "x", "page": "x"}, ["Ann", "Bea", "Cal", "Dee"]),
    ],
)
def test_the_board_shows_the_people_and_the_order_that_were_asked_for(
    lead, cohort_list, people, as_user, said, expected
):
    shortlist.say_benefit(candidate=people["Cal"], benefit=1, note="Keen", by=lead)
    Candidate.objects.filter(pk=people["Bea"].pk).update(last_on="2026-06-29")
    body = as_user(lead).get(list_url(cohort_list), said).content.decode()
    assert names_on(body) == expected
    assert ("Likely to benefit: Keen" in body) == ("Cal" in expected)


@pytest.mark.parametrize(
    "today, said",
    [
        ("2026-07-25", "35 days ago<"),
        ("2026-07-26", "36 days ago: <strong>re-check before you call</strong>"),
    ],
)
def test_each_card_says_how_old_its_newest_attendance_is(lead, cohort_list, people, as_user, today, said):
    with time_machine.travel(f"{today}T12:00Z"):
        body = as_user(lead).get(list_url(cohort_list), {"tier": "Higher"}).content.decode()
    assert body.count(said) == 2
    assert body.count("Tier: Higher") == 2


def test_how_long_it_tends_to_last_is_said_of_groups_with_its_source(lead, cohort_list, people, as_user):
    body = as_user(lead).get(list_url(cohort_list)).content.decode()
    assert "55 in 100" in body
    assert "British Red Cross" in body
    assert "It says nothing about one person" in body
    page = as_user(lead).get(reverse("cohorts:candidate", args=[people["Ann"].pk])).content.decode()
    assert "55 in 100" not in page


@pytest.mark.parametrize("said", [{}, {"tier": "Lower", "order": "benefit", "benefit": "not-said"}])
def test_250_candidates_take_six_queries_however_they_are_shown(service, lead, cohort_list, as_user, said):
    everyone = Person.objects.bulk_create(
        PersonFactory.build(service=service, nhs_number=None) for _ in range(250)
    )
    Candidate.objects.bulk_create(
        CandidateFactory.build(service=service, cohort_list=cohort_list, person=person, rank=rank)
        for rank, person in enumerate(everyone, start=1)
    )
    cohort_list.selected = 250
    cohort_list.save()
    client = as_user(lead)
    with PageQueries() as captured:
        assert client.get(list_url(cohort_list), said).status_code == 200
    assert len(captured.page) <= 6
    beyond = client.get(list_url(cohort_list), {"tier": "Lower", "page": "99"})
    assert beyond.context["page"].number == 13
    with PageQueries() as captured:
        client.get(reverse("cohorts:line", args=[cohort_list.pk]), {"places": "25"})
    assert len(captured.page) <= 11


# The line


def test_the_line_begins_with_the_free_places_of_the_team(
    service, lead, link_worker, cohort_list, people, as_user
):
    assert pages.free_places(service) is None
    CapacityFactory(service=service, worker=link_worker, contracted_hours="18.75", by=lead)
    free = pages.free_places(service)
    assert free == 7  # 30 points, 4 to a case that nobody has scored
    body = as_user(lead).get(reverse("cohorts:line", args=[cohort_list.pk])).content.decode()
    assert "room for about 7 more cases" in body


def test_the_line_shows_who_is_above_and_whom_it_leaves_below(lead, cohort_list, people, as_user):
    shortlist.say_benefit(candidate=people["Dee"], benefit=1, by=lead)
    response = as_user(lead).get(reverse("cohorts:line", args=[cohort_list.pk]), {"places": "2"})
    above, below = ([each["name"] for each in response.context[side]] for side in ("above", "below"))
    assert above == ["Dee A.", "Ann A."]
    assert below == ["Bea A.", "Cal A."]
    body = response.content.decode()
    assert "Deprivation (IMD 2019): not supplied." in body
    assert "Ethnicity: not supplied." in body
    assert AuditEvent.objects.filter(event="list_opened").exists()


def test_a_lead_sets_the_mix_by_hand(lead, cohort_list, people, as_user):
    said = {"places": "4", "tier_0": "0", "tier_1": "2", "mix": "1"}
    response = as_user(lead).get(reverse("cohorts:line", args=[cohort_list.pk]), said)
    assert [each["name"] for each in response.context["above"]] == ["Cal A.", "Dee A."]


@pytest.mark.parametrize("places", ["", "many", "-1", "1001"])
def test_places_that_are_no_number_are_sent_back(lead, cohort_list, people, as_user, places):
    response = as_user(lead).get(reverse("cohorts:line", args=[cohort_list.pk]), {"places": places})
    assert "Enter a whole number from 0 to 1,000" in response.content.decode()


def test_who_has_died_or_asked_not_to_be_contacted_takes_no_place(
    service, lead, cohort_list, people, as_user
):
    Person.objects.filter(pk=people["Ann"].person_id).update(died_on="2026-07-01")
    ObjectionFactory(person=people["Bea"].person)
    response = as_user(lead).get(reverse("cohorts:line", args=[cohort_list.pk]), {"places": "9"})
    assert [each["name"] for each in response.context["above"]] == ["Cal A.", "Dee A."]
    assert "2 not counted here" in response.content.decode()


def post_line(client, cohort_list, *candidates, **more):
    form = {"candidate": [c.pk for c in candidates], **more}
    return client.post(reverse("cohorts:line", args=[cohort_list.pk]), form, follow=True)


def test_everyone_above_the_line_is_taken_on_at_once(service, lead, cohort_list, people, as_user):
    response = post_line(as_user(lead), cohort_list, people["Ann"], people["Dee"])
    assert "2 people are taken on" in response.content.decode()
    assert {case.person.first_name for case in service.cases.all()} == {"Ann", "Dee"}
    assert ShortlistSignature.objects.get().taken_on
    assert AuditEvent.objects.get(event="shortlist_signed").changes == {"people": 2}


def test_with_a_second_signature_nobody_is_taken_on_before_it(
    service, lead, second_lead, cohort_list, people, as_user
):
    body = post_line(as_user(lead), cohort_list, people["Ann"], needs_second="1").content.decode()
    assert "A colleague signs before anybody is taken on" in body
    assert "Sign and take them on" not in body
    assert not service.cases.exists()
    sign = reverse("cohorts:sign", args=[cohort_list.pk])
    own = as_user(lead).post(sign, {"sign": "1"}, follow=True).content.decode()
    assert "You put this shortlist forward. Somebody else has to sign it." in own
    listed = as_user(second_lead).get(list_url(cohort_list)).content.decode()
    assert "A shortlist of this list waits for a signature." in listed
    signed = as_user(second_lead).post(sign, {"sign": "1"}, follow=True).content.decode()
    assert "Signed: 1 taken on." in signed
    assert service.cases.get().person.first_name == "Ann"
    again = as_user(second_lead).post(sign, {"sign": "1"}, follow=True).content.decode()
    assert "No shortlist of this list waits for a signature." in again


def test_a_shortlist_that_is_put_aside_takes_nobody_on(service, lead, cohort_list, people, as_user):
    post_line(as_user(lead), cohort_list, people["Ann"], needs_second="1")
    second = post_line(as_user(lead), cohort_list, people["Bea"]).content.decode()
    assert "A shortlist of this list waits for a signature. Sign it or put it aside first." in second
    as_user(lead).post(reverse("cohorts:sign", args=[cohort_list.pk]), {"aside": "1"})
    assert not service.cases.exists()
    post_line(as_user(lead), cohort_list, people["Bea"])
    assert service.cases.get().person.first_name == "Bea"


def test_all_of_a_shortlist_or_nobody(service, lead, second_lead, cohort_list, people):
    made = shortlist.propose(
        cohort_list=cohort_list,
        candidates=[people["Ann"].pk, people["Bea"].pk],
        needs_second=True,
        by=lead,
    )
    ScreeningFactory(candidate=people["Bea"], by=lead)
    with pytest.raises(RuleBroken, match="decided not to take this person on"):
        shortlist.sign(shortlist=made, by=second_lead)
    assert not service.cases.exists()
    assert not ShortlistSignature.objects.exists()


@pytest.mark.parametrize("who", ["decided", "neighbour", "nobody"])
def test_who_cannot_be_put_forward_is_said(service, neighbour, lead, cohort_list, people, as_user, who):
    if who == "decided":
        ScreeningFactory(candidate=people["Ann"], by=lead)
    chosen = {
        "decided": [people["Ann"]],
        "neighbour": [CandidateFactory(cohort_list__rule__service=neighbour)],
        "nobody": [],
    }[who]
    body = post_line(as_user(lead), cohort_list, *chosen).content.decode()
    said = (
        "Nobody is above the line"
        if who == "nobody"
        else "Somebody above the line was decided on a moment ago"
    )
    assert said in body
    assert not Shortlist.objects.exists()


def test_nothing_is_kept_when_the_audit_fails(service, lead, cohort_list, people, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("no audit")

    monkeypatch.setattr(audit, "record", broken)
    with pytest.raises(RuntimeError):
        shortlist.propose(cohort_list=cohort_list, candidates=[people["Ann"].pk], needs_second=False, by=lead)
    with pytest.raises(RuntimeError):
        shortlist.say_benefit(candidate=people["Ann"], benefit=1, by=lead)
    assert not Shortlist.objects.exists()
    assert not BenefitView.objects.exists()


def test_a_neighbours_lead_finds_no_line(outsider, cohort_list, people, as_user):
    for name in ("cohorts:line", "cohorts:sign"):
        url = reverse(name, args=[cohort_list.pk])
        client = as_user(outsider)
        response = client.post(url) if name == "cohorts:sign" else client.get(url)
        assert response.status_code == 404

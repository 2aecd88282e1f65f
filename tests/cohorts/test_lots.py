"""Among people with as many attendances chance may decide who comes first: once, and so that it can be checked."""

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from cohorts.actions import lots as actions
from cohorts.actions import shortlist
from cohorts.lists.lots import InDraw, draw
from cohorts.models import LotsDrawn
from governance.models import AuditEvent
from governance.rules import RuleBroken
from tests.factories.cohorts import CandidateFactory, CohortListFactory, ScreeningFactory
from tests.factories.governance import PersonFactory

COUNTS = [9, 7, 7, 7, 7, 5, 5, 3]


def in_draw(counts):
    return [InDraw(candidate=100 + n, rank=n + 1, count=count) for n, count in enumerate(counts)]


@given(st.lists(st.integers(3, 9), max_size=30), st.integers(0, 2**62))
def test_only_equals_change_places_and_every_place_is_held_once(counts, seed):
    everyone = in_draw(sorted(counts, reverse=True))
    places = draw(everyone, seed)
    after = {each.candidate: places.get(each.candidate, each.rank) for each in everyone}
    assert sorted(after.values()) == [each.rank for each in everyone]
    by_place = sorted(everyone, key=lambda each: after[each.candidate])
    assert [each.count for each in by_place] == [each.count for each in everyone]
    assert places == draw(everyone, seed)


def test_every_order_of_equals_is_as_likely():
    firsts = [
        min(draw(in_draw([7, 7, 7]), seed).items(), key=lambda pair: pair[1])[0] for seed in range(3000)
    ]
    for candidate in (100, 101, 102):
        # Three standard errors of a share of a third in 3,000.
        assert firsts.count(candidate) == pytest.approx(1000, abs=78)


@pytest.fixture
def cohort_list(service):
    return CohortListFactory(rule__service=service, selected=len(COUNTS))


@pytest.fixture
def candidates(service, cohort_list):
    return [
        CandidateFactory(
            cohort_list=cohort_list,
            person=PersonFactory(service=service, first_name=f"P{n}"),
            rank=n + 1,
            count=count,
        )
        for n, count in enumerate(COUNTS)
    ]


def counts_of(cohort_list):
    return list(cohort_list.candidates.order_by("rank").values_list("count", flat=True))


@pytest.mark.django_db
def test_lots_are_drawn_stored_and_can_be_drawn_again_by_anybody(lead, cohort_list, candidates, monkeypatch):
    before = in_draw(COUNTS)
    before = [InDraw(row.pk, each.rank, each.count) for row, each in zip(candidates, before, strict=True)]
    monkeypatch.setattr(actions.secrets, "randbelow", lambda most: 7)
    drawn = actions.draw(cohort_list=cohort_list, by=lead)
    assert drawn.people == 6
    assert counts_of(cohort_list) == COUNTS
    expected = {each.candidate: each.rank for each in before} | draw(before, drawn.seed)
    assert dict(cohort_list.candidates.values_list("pk", "rank")) == expected
    assert expected != {each.candidate: each.rank for each in before}
    changes = AuditEvent.objects.get(event="lots_drawn").changes
    assert changes == {"people": 6, "seed": 7}


@pytest.mark.django_db
def test_whoever_was_decided_on_keeps_their_place(lead, cohort_list, candidates):
    decided = candidates[2]
    ScreeningFactory(candidate=decided, by=lead)
    assert actions.draw(cohort_list=cohort_list, by=lead).people == 5
    decided.refresh_from_db()
    assert decided.rank == 3


@pytest.mark.django_db
def test_the_line_follows_the_lots(lead, cohort_list, candidates, as_user):
    client, line = as_user(lead), reverse("cohorts:line", args=[cohort_list.pk])
    assert "Draw lots" in client.get(line, {"places": "3"}).content.decode()
    body = client.post(reverse("cohorts:draw_lots", args=[cohort_list.pk]), follow=True).content.decode()
    assert "Lots are drawn among 6 people" in body
    response = client.get(line, {"places": "3"})
    above = [each["candidate"].pk for each in response.context["above"]]
    assert above == list(cohort_list.candidates.order_by("rank").values_list("pk", flat=True)[:3])
    body = response.content.decode()
    assert f"{lead.name} drew them for 6 people" in body
    assert reverse("cohorts:draw_lots", args=[cohort_list.pk]) not in body


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("drawn before", "has drawn lots for this list already"),
        ("a shortlist waits", "waits for a signature"),
        ("nobody ties", "There is nothing to draw"),
    ],
)
def test_what_cannot_be_drawn_is_said(lead, cohort_list, candidates, as_user, case, sentence):
    if case == "drawn before":
        actions.draw(cohort_list=cohort_list, by=lead)
    elif case == "a shortlist waits":
        shortlist.propose(cohort_list=cohort_list, candidates=[candidates[0].pk], needs_second=True, by=lead)
    else:
        for candidate in candidates:
            cohort_list.candidates.filter(pk=candidate.pk).update(count=50 + candidate.rank)
    held = list(cohort_list.candidates.order_by("pk").values_list("rank", flat=True))
    with pytest.raises(RuleBroken, match=sentence):
        actions.draw(cohort_list=cohort_list, by=lead)
    page = as_user(lead).post(reverse("cohorts:draw_lots", args=[cohort_list.pk]), follow=True)
    assert sentence in page.content.decode()
    assert list(cohort_list.candidates.order_by("pk").values_list("rank", flat=True)) == held
    assert LotsDrawn.objects.count() == (case == "drawn before")

"""Extracts follow a merge: what comes under the number of the emptied record is the other's."""

import datetime

import pytest
from django.urls import reverse

from cohorts.actions import screening, shortlist
from cohorts.models import ActivityCount, Screening
from cohorts.pages import shortlist as line
from cohorts.signals import person_taken_on
from governance import scope
from governance.actions import merge as merging
from governance.models import Person
from governance.rules import RuleBroken
from tests.cohorts.extracts import ANN, BOB, feed, load_rows, row
from tests.factories.cohorts import CandidateFactory, CohortListFactory, ScreeningFactory
from tests.factories.governance import ObjectionFactory, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def inside(service):
    """As a request is: in the scope of the service."""
    with scope.of(service):
        yield


def merged(service, lead):
    ann, bob = (Person.objects.get(nhs_number=number) for number in (ANN, BOB))
    return merging.merge(service=service, person=ann, merged=bob, by=lead)


def test_attendances_under_either_number_are_of_the_record_that_stays(service, lead):
    source = feed(service)
    load_rows(source, row("a1"), row("b1", BOB, last="Ashe"))
    merge = merged(service, lead)
    extract = load_rows(source, row("a1"), row("b1", BOB, last="Ashe"), row("b2", BOB, last="Ashe"))
    assert (extract.rows_new, extract.rows_changed, extract.people_new) == (1, 0, 0)
    assert merge.person.activities.count() == 3
    merging.separate(merge=merge, by=lead)
    assert (merge.person.activities.count(), merge.merged.activities.count()) == (2, 1)
    again = load_rows(
        source, row("b2", BOB, last="Ashe"), row("b1", BOB, last="Ashe"), row("b3", BOB, last="Ashe")
    )
    assert again.rows_changed == 1
    assert merge.merged.activities.count() == 3


def test_counts_of_both_numbers_are_added_up(service, lead):
    source = feed(service, profile="people")
    header = "NHS number,Name,A&E attendances in the last 12 months"
    day = datetime.date(2026, 3, 31)
    load_rows(source, f"{ANN},Ann Ash,4", f"{BOB},Ann Ashe,5", header=header, as_at=day)
    merge = merged(service, lead)
    assert ActivityCount.objects.filter(person=merge.person).count() == 1
    later = datetime.date(2026, 6, 30)
    load_rows(source, f"{ANN},Ann Ash,6", f"{BOB},Ann Ashe,7", header=header, as_at=later)
    assert ActivityCount.objects.get(person=merge.person, as_at=later).count == 13


@pytest.fixture
def left_behind(service, lead):
    """The candidate of a record that was merged into another on the same list, who asked not to be contacted."""
    cohort_list = CohortListFactory(rule__service=service, selected=2)
    stays, gone = (
        CandidateFactory(
            cohort_list=cohort_list,
            rank=rank,
            person=PersonFactory(service=service, first_name=name, last_name="Ash"),
        )
        for rank, name in enumerate(("Anna", "Anne"), start=1)
    )
    ObjectionFactory(person=gone.person)
    merging.merge(service=service, person=stays.person, merged=gone.person, by=lead)
    return gone


@pytest.mark.parametrize("said", [{"decision": "accept"}, {"decision": "decline", "reason": "objected"}])
def test_a_candidate_that_a_merge_left_behind_is_not_decided_on(left_behind, lead, said):
    with pytest.raises(RuleBroken, match="decide on the record that stays"):
        screening.decide(candidate=left_behind, by=lead, **said)
    assert not Screening.objects.exists()


def test_a_candidate_read_before_it_moved_along_is_looked_at_again(service, lead):
    stays = PersonFactory(service=service)
    candidate = CandidateFactory(cohort_list__rule__service=service, person=PersonFactory(service=service))
    merging.merge(service=service, person=stays, merged=candidate.person, by=lead)
    with pytest.raises(RuleBroken, match="was merged with another one"):
        screening.decide(candidate=candidate, decision="accept", by=lead)


def test_no_case_is_opened_for_an_emptied_record(service, lead, left_behind):
    # As a view holds it that read the person before the merge.
    left_behind.person.merged_into = None
    with pytest.raises(RuleBroken, match="Open the case on the record that stays"):
        person_taken_on.send(sender=None, service=service, person=left_behind.person, by=lead)
    assert not service.cases.exists()


def test_who_was_left_behind_is_on_no_card_no_line_and_in_no_count(service, lead, as_user, left_behind):
    cohort_list = left_behind.cohort_list
    page = as_user(lead).get(reverse("cohorts:list", args=[cohort_list.pk]))
    [card] = page.context["page"].object_list
    assert card.candidate.person.first_name == "Anna"
    assert {each["label"]: each["count"] for each in page.context["filters"]}["To decide"] == 1
    assert left_behind.pk not in line.board(service, lead, cohort_list).candidates
    with pytest.raises(RuleBroken, match="Look at the line again"):
        shortlist.propose(cohort_list=cohort_list, candidates=[left_behind.pk], needs_second=True, by=lead)
    ScreeningFactory(candidate=card.candidate, decision="decline", reason="objected")
    assert "Screened" in as_user(lead).get(reverse("cohorts:lists")).content.decode()


def test_what_was_decided_before_the_merge_is_shown_on(service, lead, as_user):
    cohort_list = CohortListFactory(rule__service=service, selected=2)
    stays, gone = (CandidateFactory(cohort_list=cohort_list, rank=rank) for rank in (1, 2))
    ScreeningFactory(candidate=gone, decision="decline", reason="no_capacity")
    merging.merge(service=service, person=stays.person, merged=gone.person, by=lead)
    page = as_user(lead).get(reverse("cohorts:list", args=[cohort_list.pk]), {"show": "declined"})
    assert [card.candidate for card in page.context["page"].object_list] == [gone]
    assert [each["count"] for each in page.context["filters"]] == [1, 0, 1, 2]

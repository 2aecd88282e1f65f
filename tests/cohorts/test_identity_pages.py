"""The pages on which a lead decides whether two are the same person."""

import datetime

import pytest
from django.urls import reverse

from cohorts import proposing
from cohorts.actions import cohort_list, identity
from cohorts.models import SameDecision, Shape, UnmatchedRow
from governance.identity.compare import Likeness
from governance.models import AuditEvent, Person, PersonMerge
from governance.roles import Role
from tests.factories.casework import CaseFactory
from tests.factories.cohorts import (
    ActivityCountFactory,
    CandidateFactory,
    CohortListFactory,
    CohortRuleFactory,
    UnmatchedRowFactory,
)
from tests.factories.governance import MembershipFactory, PersonFactory, SealFactory, UserFactory
from tests.queries import PageQueries
from tests.signed_in import signed_in

pytestmark = pytest.mark.django_db
ASH = {"first_name": "Ann", "last_name": "Ash", "birth_date": datetime.date(1980, 5, 6)}
PAGE = reverse("cohorts:same_people")


@pytest.fixture
def membership(service):
    return MembershipFactory(service=service, role=Role.HIU_LEAD)


@pytest.fixture
def lead(membership):
    return signed_in(membership.user)


@pytest.fixture
def ann(service):
    return PersonFactory(service=service, postcode="PL1 1AA", **ASH)


@pytest.fixture
def rows(extract):
    return UnmatchedRowFactory(extract=extract, **ASH)


def question(person, of):
    query = f"rows={of.handle}" if isinstance(of, UnmatchedRow) else f"record={of.pk}"
    return f"{reverse('cohorts:same_person', args=[person.pk])}?{query}"


def asked(service, user=None):
    return proposing.questions(service, user or UserFactory()).questions


def test_rows_like_somebody_are_listed_with_reasons_and_that_is_noted(lead, ann, rows):
    page = lead.get(PAGE).content.decode()
    assert question(ann, rows) in page
    assert "Dates of birth are the same." in page
    assert AuditEvent.objects.filter(event="same_people_listed").count() == 1


def test_rows_like_nobody_are_counted(service, lead, rows):
    assert "1 more row without a usable NHS number is like nobody here" in lead.get(PAGE).content.decode()


def test_both_stand_side_by_side_and_both_are_noted_as_opened(service, lead, ann):
    other = PersonFactory(service=service, nhs_number=None, **ASH)
    page = lead.get(question(ann, other)).content.decode()
    assert "First names are the same." in page
    assert "nothing: the other record is empty" in page
    opened = AuditEvent.objects.filter(event="record_opened").values_list("target_id", flat=True)
    assert sorted(opened) == sorted([str(ann.pk), str(other.pk)])


def test_rows_of_the_same_person_become_attendances(lead, ann, rows):
    response = lead.post(question(ann, rows), {"answer": "same"}, follow=True)
    assert f"1 row now count for {ann.full_name}" in response.content.decode()
    assert ann.activities.get().started_on == datetime.date(2026, 6, 1)
    assert SameDecision.objects.get().answer == "same"


def test_records_of_the_same_person_are_merged_and_separated_again(service, lead, ann):
    other = PersonFactory(service=service, nhs_number=None, phone="07700 900123", **ASH)
    Person.objects.filter(pk=ann.pk).update(phone="")
    case = CaseFactory(service=service, person=other)
    page = lead.get(question(ann, other)).content.decode()
    assert "1 of its cases" in page
    assert "what it lacks: phone" in page
    response = lead.post(question(other, ann), {"answer": "same"}, follow=True)
    merge = PersonMerge.objects.get()
    assert (merge.person, merge.merged) == (ann, other)
    assert "1 of its cases" in response.content.decode()
    case.refresh_from_db()
    assert case.person == ann
    address = reverse("cohorts:merge", args=[merge.pk])
    assert "Say why these are two people" in lead.post(address, {}).content.decode()
    lead.post(address, {"reason": "They are sisters"})
    case.refresh_from_db()
    ann.refresh_from_db()
    assert (case.person, ann.phone) == (other, "")
    assert asked(service) == []
    assert "They are sisters" in lead.get(address).content.decode()


@pytest.mark.parametrize("answer", ["different", "later"])
def test_different_is_never_asked_again_and_later_goes_to_the_end(service, lead, ann, rows, answer):
    twice = PersonFactory(service=service, nhs_number=None, **ASH)
    for person, of in [(ann, rows), (ann, twice), (twice, rows)]:
        lead.post(question(person, of), {"answer": answer})
    left = asked(service)
    if answer == "different":
        assert left == []
        assert (
            "different people. That is not asked again"
            in lead.post(question(ann, rows), {"answer": "same"}).content.decode()
        )
    else:
        assert [each.is_put_off for each in left] == [True, True]


def test_after_different_the_next_likely_one_is_asked_about(service, lead, ann, rows):
    next_one = PersonFactory(service=service, **{**ASH, "last_name": "Ashe"})
    assert [each.person for each in asked(service) if each.rows] == [ann]
    lead.post(question(ann, rows), {"answer": "different"})
    assert [each.person for each in asked(service) if each.rows] == [next_one]


def test_a_mistaken_digit_finds_who_it_is(service, extract):
    ann = PersonFactory(service=service, nhs_number="9990000026", first_name="Ann", last_name="Birch")
    details = {"first_name": "Ann", "last_name": "Ash", "birth_date": None, "sent_number": "9990000027"}
    UnmatchedRowFactory(extract=extract, **details)
    Person.objects.filter(pk=ann.pk).update(last_name="Ashe")
    [found] = asked(service)
    assert found.person == ann


def test_rows_of_a_list_in_which_somebody_has_counts_cannot_be_given_to_them(lead, ann, extract):
    extract.as_at, extract.source.shape = datetime.date(2026, 3, 31), Shape.PEOPLE
    extract.save()
    extract.source.save()
    rows = UnmatchedRowFactory(extract=extract, **ASH)
    assert "Same person</button>" in lead.get(question(ann, rows)).content.decode()
    ActivityCountFactory(person=ann, extract=extract, as_at=extract.as_at)
    page = lead.get(question(ann, rows)).content.decode()
    assert "already has counts in the same list" in page
    assert "Same person</button>" not in page


def test_where_there_are_too_many_those_who_share_most_are_looked_at(monkeypatch, service, extract, rows):
    monkeypatch.setattr(proposing, "MOST_PAIRS", 1)
    PersonFactory(service=service, **{**ASH, "first_name": "Zoe", "last_name": "Alder"})
    ann = PersonFactory(service=service, **ASH)
    assert [each.person for each in asked(service)] == [ann]


def test_a_date_of_birth_alone_crowds_nobody_out(monkeypatch, service, extract):
    monkeypatch.setattr(proposing, "MOST_PAIRS", 1)
    PersonFactory(service=service, **{**ASH, "first_name": "Zoe", "last_name": "Quill"})
    details = {"nhs_number": "9990000026", "first_name": "Ann", "last_name": "Ashe", "birth_date": None}
    ann = PersonFactory(service=service, **details)
    UnmatchedRowFactory(extract=extract, sent_number="9990000027", **ASH)
    assert [each.person for each in asked(service)] == [ann]


def test_nobody_of_a_sealed_record_is_shown(service, membership, lead, ann, rows):
    SealFactory(person=ann, service=service)
    assert asked(service, membership.user) == []
    assert lead.get(question(ann, rows)).status_code == 403


def test_what_was_answered_meanwhile_is_not_asked(service, lead, ann, rows):
    identity.rows_are_of(
        service=service, handle=rows.handle, person=ann, likeness=Likeness(), by=UserFactory()
    )
    response = lead.get(question(ann, rows), follow=True)
    assert "nothing left to decide" in response.content.decode()


def test_an_answer_that_is_none_is_a_sentence(lead, ann, rows):
    page = lead.post(question(ann, rows), {"answer": "perhaps"}).content.decode()
    assert "Choose whether this is the same person." in page


def test_records_that_cannot_be_merged_say_why(service, lead, ann):
    other = PersonFactory(service=service, nhs_number=None, **ASH)
    for person in (ann, other):
        CaseFactory(service=service, person=person)
    page = lead.get(question(ann, other)).content.decode()
    assert "Bring one of them to its end" in page
    assert "merge the records" not in page
    assert "Bring one of them" in lead.post(question(ann, other), {"answer": "same"}).content.decode()


def test_a_neighbours_rows_and_records_are_not_found(service, neighbour, lead, ann):
    theirs = UnmatchedRowFactory(extract__source__service=neighbour, **ASH)
    stranger = PersonFactory(service=neighbour, **ASH)
    assert asked(service) == []
    assert lead.get(question(ann, stranger)).status_code == 404
    assert lead.get(question(ann, theirs)).status_code == 302


def test_a_place_on_the_same_list_leads_to_the_record_that_stays(service, lead, ann):
    other = PersonFactory(service=service, nhs_number=None, **ASH)
    stays = CandidateFactory(service=service, person=ann, cohort_list=CohortListFactory(service=service))
    merged = CandidateFactory(
        service=service, person=other, cohort_list=stays.cohort_list, rank=stays.rank + 1
    )
    lead.post(question(ann, other), {"answer": "same"})
    response = lead.get(reverse("cohorts:candidate", args=[merged.pk]))
    assert response["Location"] == reverse("cohorts:candidate", args=[stays.pk])


def test_a_merged_record_is_never_a_candidate_whatever_stayed_with_it(service, attends):
    """Counts of one source and day cannot move where the other record has its own."""
    stays, merged = attends(6), attends(6)
    rule = CohortRuleFactory(service=service, count=5)
    Person.objects.filter(pk=merged.pk).update(merged_into=stays)
    built = cohort_list.build(service=service, rule=rule, as_at=datetime.date(2026, 6, 30), by=None)
    assert [each.person for each in built.candidates.all()] == [stays]


def test_the_list_asks_as_many_queries_for_many_as_for_few(service, lead, extract, ann):
    def more(number):
        for _ in range(number):
            UnmatchedRowFactory(extract=extract, **ASH)

    def asks():
        with PageQueries() as found:
            assert lead.get(PAGE).status_code == 200
        return len(found.page)

    more(2)
    few = asks()
    more(12)
    assert asks() == few <= 14

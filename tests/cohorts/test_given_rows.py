"""Rows without an NHS number that a decision gave to somebody: taken back, and given to a new person."""

import datetime

import pytest
from django.urls import reverse

from cohorts import proposing, undoing
from cohorts.actions import given, identity
from cohorts.models import Activity, ActivityCount, LocalNumber, SameDecision, UnmatchedRow
from governance import audit, scope
from governance.identity.compare import Likeness
from governance.models import AuditEvent, Person
from governance.roles import Role
from governance.rules import RuleBroken
from tests.cohorts.extracts import ANN, BOB
from tests.cohorts.test_unmatched_rows import load, load_people, people_list, row, take_back, trust
from tests.factories.casework import CaseFactory
from tests.factories.cohorts import CandidateFactory, CohortListFactory, CohortRuleFactory
from tests.factories.governance import MembershipFactory, PersonFactory, SealFactory
from tests.queries import PageQueries
from tests.signed_in import signed_in

pytestmark = pytest.mark.django_db
ASH = {"first_name": "Ann", "last_name": "Ash", "birth_date": datetime.date(1980, 5, 6)}
WHY = "They are sisters"


@pytest.fixture
def source(service):
    return trust(service)


@pytest.fixture
def lead(service):
    return MembershipFactory(service=service, role=Role.HIU_LEAD).user


@pytest.fixture
def ann(service):
    return PersonFactory(service=service, nhs_number=ANN, **ASH)


def of_same_sender(source):
    other = trust(source.service, slug="other")
    other.organisation = source.organisation
    other.save()
    return other


def bob(key):
    return row(key, BOB, first="Bob", last="Birch", born="1970-01-01")


def give(person, lead, handle=None):
    handle = handle or UnmatchedRow.objects.filter(person=None).latest("row").handle
    identity.rows_are_of(service=person.service, handle=handle, person=person, likeness=Likeness(), by=lead)
    return SameDecision.objects.latest("pk")


def back(decision, lead):
    with scope.of(decision.service, by=lead):
        return given.take_back(decision=decision, why=WHY, by=lead)


def merge(person, other, lead):
    with scope.of(person.service, by=lead):
        identity.records_are_one(
            service=person.service, person=person, other=other, likeness=Likeness(), by=lead
        )


def waiting():
    return UnmatchedRow.objects.filter(person=None).count()


# Taken back


def test_rows_taken_back_wait_again_without_what_was_stored_as_them(source, ann, lead):
    load(source, row("a1", "", local="H7"), row("a2", "", local="H7", on="2026-01-09"), bob("b1"))
    decision = give(ann, lead)
    load(source, row("a3", "", local="H7", on="2026-02-01"), bob("b2"))
    assert ann.activities.count() == 3
    done = back(decision, lead)
    assert (done.answer, done.why, waiting()) == ("different", WHY, 3)
    assert not ann.activities.exists()
    assert not LocalNumber.objects.filter(number="H7").exists()
    [event] = AuditEvent.objects.filter(event="rows_taken_back")
    assert event.changes == {"decision": done.pk, "took_back": decision.pk, "rows": 3, "removed": 3}


def test_they_are_never_given_or_proposed_to_the_same_person_again(source, ann, lead):
    load(source, row("a1", "", local="H7"), bob("b1"))
    back(give(ann, lead), lead)
    load(source, row("a2", "", local="H7"), row("a3", ANN, local="H7"), bob("b2"))
    assert waiting() == 2
    assert not [each for each in proposing.questions(source.service, lead).questions if each.person == ann]
    with pytest.raises(RuleBroken, match="different people"):
        give(ann, lead)


def test_rows_of_other_files_given_by_the_number_it_taught_wait_again_too(service, source, ann, lead):
    other = of_same_sender(source)
    load(source, row("a1", "", local="H7"), bob("b1"))
    decision = give(ann, lead)
    load(other, row("c1", "", local="H7"), bob("d1"))
    assert ann.activities.count() == 2
    back(decision, lead)
    assert (ann.activities.count(), waiting()) == (0, 2)


def test_rows_given_by_a_decision_of_their_own_stay(service, source, ann, lead):
    other = of_same_sender(source)
    load(source, row("a1", "", local="H7"), bob("b1"))
    load(other, row("c1", "", local="H7"), bob("d1"))
    first, _ = [give(ann, lead, each.handle) for each in UnmatchedRow.objects.order_by("extract_id")]
    back(first, lead)
    assert [str(each.source.slug) for each in ann.activities.all()] == ["other"]
    assert LocalNumber.objects.filter(number="H7", person=ann).exists()


def test_what_a_later_file_says_of_the_event_stays_and_its_undo_does_not_bring_the_mistake_back(
    source, ann, lead
):
    load(source, row("a1", ""), bob("b1"))
    decision = give(ann, lead)
    newer = load(source, row("a1", BOB, first="Bob", on="2026-01-03"))
    back(decision, lead)
    assert Activity.objects.filter(person__nhs_number=BOB).count() == 2
    take_back(newer)
    assert not ann.activities.exists()
    assert waiting() == 1


def test_an_event_that_a_later_file_tells_with_the_number_stays(source, ann, lead):
    load(source, row("a1", ""), bob("b1"))
    decision = give(ann, lead)
    newer = load(source, row("a1", ANN))
    assert newer.rows_duplicate == 1
    back(decision, lead)
    assert ann.activities.count() == 1


def test_undoing_the_file_that_told_it_again_leaves_the_event_to_the_decision(source, ann, lead):
    load(source, row("a1", ""), bob("b1"))
    decision = give(ann, lead)
    take_back(load(source, row("a1", ANN)))
    assert ann.activities.count() == 1
    back(decision, lead)
    assert not ann.activities.exists()


def test_counts_are_taken_back_too(service, ann, lead):
    load_people(people_list(service), f"{BOB},Bob Birch,1970-01-01,9,", ",Ann Ash,1980-05-06,3,H7")
    back(give(ann, lead), lead)
    assert waiting() == 1
    assert ActivityCount.objects.get().person.nhs_number == BOB


def test_a_record_merged_since_is_separated_first(service, source, ann, lead):
    load(source, row("a1", ""), bob("b1"))
    twin = PersonFactory(service=service, nhs_number=None, **ASH)
    decision = give(twin, lead)
    merge(ann, twin, lead)
    decision.refresh_from_db()
    with pytest.raises(RuleBroken, match="Separate the two records first"):
        back(decision, lead)


def test_nothing_is_taken_back_twice_or_without_the_audit(source, ann, lead, monkeypatch):
    load(source, row("a1", ""), bob("b1"))
    decision = give(ann, lead)

    def fails(*args, **kwargs):
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(audit, "record", fails)
        with pytest.raises(RuntimeError):
            back(decision, lead)
    assert ann.activities.count() == 1
    back(decision, lead)
    with pytest.raises(RuleBroken, match="taken back meanwhile"):
        back(decision, lead)


def test_the_page_says_what_goes_and_what_stays(service, source, ann, lead):
    load(source, row("a1", "", local="H7"), bob("b1"))
    decision = give(ann, lead)
    built = CohortListFactory(service=service, rule=CohortRuleFactory(service=service))
    CandidateFactory(person=ann, cohort_list=built)
    CaseFactory(service=service, person=ann)
    client, address = signed_in(lead), reverse("cohorts:given", args=[decision.pk])
    assert address in client.get(reverse("cohorts:given_rows")).content.decode()
    page = client.get(address).content.decode()
    for words in (
        "1 row waits again",
        "1 attendance or count of this person goes",
        "number H7",
        "Build it again",
    ):
        assert words in page
    assert "an open case of this person" in page
    assert "Say why these rows" in client.post(address, {"why": ""}).content.decode()
    page = client.post(address, {"why": WHY}, follow=True).content.decode()
    assert "Taken back" in page
    assert WHY in page
    assert "No rows are with this person" in client.get(address).content.decode()


def test_nobody_of_a_sealed_record_stands_in_the_list(source, ann, lead):
    load(source, row("a1", ""), bob("b1"))
    decision = give(ann, lead)
    SealFactory(person=ann, service=source.service)
    client = signed_in(lead)
    assert "Ann Ash" not in client.get(reverse("cohorts:given_rows")).content.decode()
    assert client.get(reverse("cohorts:given", args=[decision.pk])).status_code == 403


# A new person


def make(source, lead):
    handle = UnmatchedRow.objects.filter(person=None).latest("row").handle
    return identity.rows_are_of_nobody_here(service=source.service, handle=handle, by=lead)


def test_rows_of_nobody_we_know_become_a_person_whom_later_rows_find(source, lead):
    load(source, row("a1", "", postcode="PL1 1AA"), bob("b1"))
    person = make(source, lead)
    assert (person.full_name, person.nhs_number, person.postcode) == ("Ann Ash", None, "PL1 1AA")
    assert person.activities.count() == 1
    assert person.search_keys.exists()
    load(source, row("a2", "", postcode="PL1 1AA", on="2026-02-02"), bob("b2"))
    assert (person.activities.count(), waiting()) == (2, 0)
    assert AuditEvent.objects.filter(event="person_made_of_rows").count() == 1


def test_a_record_with_a_number_is_asked_about_and_merged(source, lead):
    load(source, row("a1", ""), bob("b1"))
    person = make(source, lead)
    load(source, row("a2", ANN, on="2026-02-02"))
    ann = Person.objects.get(nhs_number=ANN)
    [question] = proposing.questions(source.service, lead).questions
    assert {question.person, question.other} == {person, ann}
    merge(ann, person, lead)
    assert ann.activities.count() == 2


def test_somebody_like_them_is_answered_first(source, ann, lead):
    load(source, row("a1", ""), bob("b1"))
    with pytest.raises(RuleBroken, match="may be of Ann Ash"):
        make(source, lead)


def test_rows_like_a_sealed_record_are_shown_to_nobody_it_is_sealed_from_and_make_no_double(
    source, ann, lead
):
    load(source, row("a1", "", local="H7"), bob("b1"))
    SealFactory(person=ann, service=source.service)
    client = signed_in(lead)
    assert proposing.questions(source.service, lead).without == []
    assert "Ash" not in client.get(reverse("cohorts:unknown_rows")).content.decode()
    answer = client.get(f"{reverse('cohorts:new_person')}?rows={UnmatchedRow.objects.get().handle}")
    assert answer["Location"] == reverse("cohorts:unknown_rows")
    with pytest.raises(RuleBroken, match="cannot decide about these rows") as refused:
        make(source, lead)
    assert "Ash" not in str(refused.value)


def test_past_the_most_pairs_nobody_known_becomes_a_double(source, ann, lead, monkeypatch):
    PersonFactory(service=source.service, nhs_number=None, first_name="Cy", last_name="Cole", postcode="PL2 2BB",
                  birth_date=datetime.date(1990, 2, 3))  # fmt: skip
    cole = row("c1", "", first="Cy", last="Cole", born="1990-02-03", postcode="PL2 2BB")
    load(source, cole, row("d1", "", first="Di", last="Zwick", born="1999-01-01"), row("a1", ""), bob("b1"))
    monkeypatch.setattr(proposing, "MOST_PAIRS", 1)
    asked = proposing.questions(source.service, lead)
    assert [each.person.first_name for each in asked.questions] == ["Cy"]
    assert [each.name for each in asked.without] == ["Di Zwick"]
    with pytest.raises(RuleBroken, match="may be of Ann Ash"):
        make(source, lead)


def test_a_person_made_of_rows_goes_with_them(source, lead):
    load(source, row("a1", ""), bob("b1"))
    person = make(source, lead)
    back(SameDecision.objects.get(), lead)
    assert not Person.objects.filter(pk=person.pk).exists()
    assert waiting() == 1
    again = make(source, lead)
    assert again.activities.count() == 1


def test_a_person_made_of_rows_who_is_known_by_more_stays(service, source, lead):
    load(source, row("a1", ""), bob("b1"))
    person = make(source, lead)
    CaseFactory(service=service, person=person)
    back(SameDecision.objects.get(), lead)
    assert not person.activities.exists()
    assert Person.objects.filter(pk=person.pk).exists()


def test_undoing_the_extract_takes_a_person_made_of_its_rows(source, lead):
    extract = load(source, row("a1", ""), bob("b1"))
    make(source, lead)
    assert undoing.consequences(extract).people == 2
    with scope.of(source.service, by=lead):
        take_back(extract)
    assert not Person.objects.exists()


def test_an_undo_takes_nobody_who_is_known_by_more_than_its_rows(service, source, lead):
    load(source, row("a1", "", local="H7"), bob("b1"))
    person = make(source, lead)
    newer = load(source, row("a2", "", local="H7", on="2026-02-02"), bob("b2"))
    assert person.activities.count() == 2
    assert undoing.consequences(newer).people == 0
    with scope.of(service, by=lead):
        take_back(newer)
    assert person.activities.count() == 1


def test_a_list_that_goes_with_an_undo_keeps_nobody_made_of_its_rows(service, source, lead):
    extract = load(source, row("a1", ""), bob("b1"))
    person = make(source, lead)
    listed = CohortListFactory(rule=CohortRuleFactory(service=service), service=service)
    CandidateFactory(cohort_list=listed, person=person)
    would = undoing.consequences(extract)
    assert (would.people, would.lists) == (2, [listed])
    with scope.of(service, by=lead):
        take_back(extract)
    assert not Person.objects.exists()


def test_the_pages_lead_from_rows_like_nobody_to_a_new_person(source, lead):
    load(source, row("a1", "", local="H7"), bob("b1"))
    client = signed_in(lead)
    assert reverse("cohorts:unknown_rows") in client.get(reverse("cohorts:same_people")).content.decode()
    address = f"{reverse('cohorts:new_person')}?rows={UnmatchedRow.objects.get().handle}"
    assert address in client.get(reverse("cohorts:unknown_rows")).content.decode()
    page = client.get(address).content.decode()
    assert "6 May 1980" in page
    assert "2 January 2026, North (row 2)" in page
    page = client.post(address, follow=True).content.decode()
    assert "Ann Ash is a person of this service now. 1 row counts for them." in page
    assert client.get(address)["Location"] == reverse("cohorts:unknown_rows")


def test_the_lists_ask_as_many_queries_for_many_as_for_few(source, ann, lead):
    client = signed_in(lead)

    def asks(number, start):
        places = range(start, start + number)
        load(source, *[row(f"a{n}", "", local=f"H{n}") for n in places], bob("b1"))
        for handle in list(UnmatchedRow.objects.filter(person=None).values_list("handle", flat=True)):
            give(ann, lead, handle)
        load(source, *[row(f"c{n}", "", last=f"Zw{n}", born="1999-01-01") for n in places], bob("b1"))
        found = []
        for name in ("given_rows", "unknown_rows"):
            with PageQueries() as queries:
                assert client.get(reverse(f"cohorts:{name}")).status_code == 200
            found.append(len(queries.page))
        UnmatchedRow.objects.filter(person=None).delete()
        return found

    assert asks(1, 0) == asks(8, 10)

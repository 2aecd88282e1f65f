import pytest

from casework.actions import case as cases
from casework.models import Case, StageChange
from cohorts.models import Screening
from cohorts.signals import people_with_open_case, person_taken_on
from governance.models import AuditEvent
from governance.rules import RuleBroken
from tests.factories.casework import CaseFactory
from tests.factories.governance import PersonFactory


@pytest.fixture
def person(service):
    return PersonFactory(service=service)


def test_a_new_case_is_offered_and_carried_by_nobody(service, person, lead):
    case = cases.open(service=service, person=person, by=lead)
    assert (case.stage, case.worker, case.index_date, case.next_contact_on) == ("offered", None, None, None)
    assert [(row.stage, row.by) for row in case.stages.all()] == [("offered", lead)]
    event = AuditEvent.objects.get()
    assert (event.event, event.target_id, event.changes) == (
        "case_opened",
        str(case.pk),
        {"person": [None, person.pk]},
    )


def test_a_person_has_one_open_case_at_a_time(service, person, lead):
    cases.open(service=service, person=person, by=lead)
    with pytest.raises(RuleBroken, match="already has an open case"):
        cases.open(service=service, person=person, by=lead)
    assert Case.objects.count() == 1


def test_somebody_who_comes_back_has_a_second_episode(service, person, lead):
    first = CaseFactory(service=service, person=person, stage="open_door")
    second = cases.reopen(case=first, by=lead)
    first.refresh_from_db()
    assert (first.stage, second.stage, second.person) == ("open_door", "offered", person)


def test_an_open_episode_is_not_opened_again(case, lead):
    with pytest.raises(RuleBroken, match="still open"):
        cases.reopen(case=case, by=lead)


def test_nobody_who_has_died_is_offered_support(service, lead):
    person = PersonFactory(service=service, died_on="2026-02-01")
    person.refresh_from_db()
    with pytest.raises(RuleBroken, match=r"died on 1 February 2026\. Do not get in touch"):
        cases.open(service=service, person=person, by=lead)


def test_nobody_whose_case_ended_by_death_is_offered_support_again(case, lead):
    cases.move(case=case, to="died", by=lead)
    case.refresh_from_db()
    with pytest.raises(RuleBroken, match=r"has died\. Do not get in touch"):
        cases.reopen(case=case, by=lead)
    with pytest.raises(RuleBroken, match=r"has died\. Do not get in touch"):
        cases.open(service=case.service, person=case.person, by=lead)


def test_a_neighbours_person_has_no_case_here(service, neighbour, lead):
    with pytest.raises(RuleBroken, match="another service"):
        cases.open(service=service, person=PersonFactory(service=neighbour), by=lead)


def test_a_case_moves_with_a_row_for_each_step(case, link_worker):
    cases.move(case=case, to="engaging", by=link_worker)
    cases.move(case=case, to="active", reason="We agreed a plan", by=link_worker)
    case.refresh_from_db()
    assert case.stage == "active"
    assert list(case.stages.values_list("stage", "reason")) == [
        ("active", "We agreed a plan"),
        ("engaging", ""),
    ]
    assert AuditEvent.objects.last().changes == {"stage": ["engaging", "active"]}


def test_a_step_cannot_be_skipped(case, link_worker):
    with pytest.raises(RuleBroken, match="cannot go from offered to active"):
        cases.move(case=case, to="active", by=link_worker)
    case.refresh_from_db()
    assert (case.stage, StageChange.objects.count()) == ("offered", 0)


def test_a_stale_page_cannot_skip_a_step(case, link_worker):
    stale = Case.objects.get(pk=case.pk)
    cases.move(case=case, to="engaging", by=link_worker)
    with pytest.raises(RuleBroken, match="cannot go from engaging to offered"):
        cases.move(case=stale, to="offered", by=link_worker)


@pytest.mark.parametrize("end", ["declined", "not_reached", "moved_away", "died"])
def test_an_ended_episode_waits_for_no_contact(case, link_worker, end):
    Case.objects.filter(pk=case.pk).update(next_contact_on="2026-03-09")
    cases.move(case=case, to=end, by=link_worker)
    case.refresh_from_db()
    assert case.next_contact_on is None


def test_nothing_is_saved_when_the_audit_fails(service, person, case, lead, audit_fails):
    with pytest.raises(audit_fails):
        cases.open(service=service, person=person, by=lead)
    with pytest.raises(audit_fails):
        cases.move(case=case, to="engaging", by=lead)
    case.refresh_from_db()
    assert (Case.objects.count(), StageChange.objects.count(), case.stage) == (1, 0, "offered")


@pytest.fixture
def taken_on(service, lead):
    """What is told of an accepted candidate."""
    from tests.factories.cohorts import CandidateFactory

    candidate = CandidateFactory(cohort_list__service=service)
    return {"service": service, "person": candidate.person, "candidate": candidate, "by": lead}


def test_an_accepted_candidate_has_a_case(taken_on):
    person_taken_on.send(sender=Screening, **taken_on)
    case = taken_on["candidate"].case
    assert (case.person, case.stage) == (taken_on["person"], "offered")
    assert case.stages.get().by == taken_on["by"]


def test_accepting_a_client_again_is_refused(taken_on):
    CaseFactory(service=taken_on["service"], person=taken_on["person"])
    with pytest.raises(RuleBroken, match="already has an open case"):
        person_taken_on.send(sender=Screening, **taken_on)


def test_cohorts_is_told_who_has_an_open_case(service, neighbour, case):
    CaseFactory(service=service, stage="open_door")
    CaseFactory(service=neighbour)
    answers = [ids for _, ids in people_with_open_case.send(sender=None, service=service)]
    assert answers == [{case.person_id}]

"""Cases go 8 years after the last contact, with all that hangs on them."""

import json

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError

from casework.models import Case
from governance import holdings
from governance.actions import retention
from governance.models import AuditEvent, Objection, Person, PurgeRun
from tests.factories import casework, cohorts, governance
from tests.factories.referrals import ReferralFactory
from tests.purging import TODAY, attended, finished_case, moment, unselected

pytestmark = pytest.mark.django_db


def purge(service, **told):
    return retention.purge(service=service, by=None, today=TODAY, **told)["cases"]


@pytest.mark.parametrize("last_contact, purged", [("2018-11-26", 1), ("2018-11-27", 0)])
def test_a_case_goes_eight_years_after_the_last_contact(service, last_contact, purged):
    finished_case(service, last_contact=last_contact)
    assert purge(service).purged == purged


def test_everything_of_the_person_goes(service):
    case = finished_case(service)
    outcome = purge(service)
    assert (outcome.people, outcome.found) == (1, 0)
    left = {m._meta.label: holdings.rows(m, [case.person_id]).count() for m in holdings.paths(Person)}
    assert {label: number for label, number in left.items() if number} == {}
    assert not apps.get_model("casework.AssessmentAnswer").objects.exists()


def test_an_open_case_of_the_person_keeps_the_old_one(service):
    case = finished_case(service)
    casework.CaseFactory(service=service, person=case.person)
    assert purge(service).due == 0


@pytest.mark.parametrize("what", ["contact", "stage"])
def test_whatever_was_done_later_counts_as_the_last_contact(service, what):
    case = finished_case(service)
    if what == "contact":
        casework.ContactFactory(case=case, happened_at=moment("2020-01-01"))
    else:
        casework.StageChangeFactory(case=case, at=moment("2020-01-01"))
    assert purge(service).due == 0


def test_nobody_goes_before_their_26th_birthday(service):
    finished_case(service, birth_date="2000-11-27")
    finished_case(service, birth_date="2000-11-26")
    finished_case(service, birth_date=None)
    assert purge(service).purged == 2


def test_a_mental_health_stream_keeps_20_years_or_10_after_a_death(service, ig_lead):
    finished_case(service, last_contact="2014-01-01")
    finished_case(service, last_contact="2014-01-01", died_on="2016-11-01")
    retention.set_time(
        service=service, record_class="cases", number=20, reason="Part of the trust", by=ig_lead
    )
    assert purge(service).purged == 1
    assert Person.objects.get().died_on is None


def test_who_is_still_on_a_list_keeps_only_what_lists_know(service):
    case = finished_case(service)
    current = cohorts.CohortListFactory(rule__service=service)
    cohorts.CandidateFactory(cohort_list=current, person=case.person)
    attended(service, case.person, "2026-10-01")
    outcome = purge(service)
    assert (outcome.purged, outcome.people) == (1, 0)
    assert (Case.objects.count(), case.person.candidacies.count(), case.person.activities.count()) == (
        0,
        1,
        1,
    )
    assert not case.person.consents.exists()


def test_an_objection_outlives_the_case(service):
    case = finished_case(service)
    governance.ObjectionFactory(person=case.person)
    assert (purge(service).purged, Objection.objects.count(), Case.objects.count()) == (1, 1, 0)


def test_a_hold_keeps_a_case(service):
    case = finished_case(service)
    governance.LegalHoldFactory(person=case.person)
    outcome = purge(service)
    assert (outcome.due, outcome.held, outcome.purged, Case.objects.count()) == (1, 1, 0, 1)


def test_another_services_cases_are_untouched(service, neighbour):
    finished_case(service)
    finished_case(neighbour)
    purge(service)
    assert Case.objects.get().service == neighbour


@pytest.mark.parametrize("number", [7, 31])
def test_a_time_outside_the_limits_is_refused(service, ig_lead, number):
    with pytest.raises(Exception, match="Enter from 8 to 30 years"):
        retention.set_time(service=service, record_class="cases", number=number, reason="x", by=ig_lead)


def test_a_changed_time_is_on_record(service, ig_lead):
    retention.set_time(service=service, record_class="cases", number=10, reason="Local policy", by=ig_lead)
    assert AuditEvent.objects.get().changes["number"] == [8, 10]


def test_the_command_counts_for_a_machine(service, capsys):
    finished_case(service, last_contact="2010-01-01")
    unselected(service)
    call_command("purge_expired", "--dry-run", "--json")
    found = json.loads(capsys.readouterr().out)["by_class"]
    assert {"due", "purged", "held"} <= set(found["cases"])
    assert (found["cases"]["due"], found["cases"]["purged"], found["unselected_candidates"]["due"]) == (
        1,
        0,
        1,
    )
    assert found["audit"]["due"] == found["reports"]["due"] == 0
    assert Case.objects.count() == 1


def test_the_command_applies_the_schedule_and_says_so(service, capsys):
    finished_case(service, last_contact="2010-01-01")
    call_command("purge_expired", "--service", service.slug)
    out = capsys.readouterr().out
    assert "Cases: 1 due, 1 removed, 0 held. 1 people; searched" in out
    assert PurgeRun.objects.get().purged == 1


def test_the_command_knows_which_services_there_are(service):
    with pytest.raises(CommandError, match="Services here: fenland"):
        call_command("purge_expired", "--service", "nowhere")


def test_one_class_that_fails_keeps_no_other_back(service, neighbour, monkeypatch):
    from governance.retention import classes

    for place in (service, neighbour):
        finished_case(place, last_contact="2010-01-01")
        unselected(place)

    def broken(*args):
        raise RuntimeError("no")

    failing = next(each for each in classes() if each.key == "unselected_candidates")
    monkeypatch.setitem(vars(failing), "purge", broken)
    with pytest.raises(RuntimeError):
        retention.purge_all(today=TODAY)
    assert not Case.objects.exists()


def test_the_nightly_task_does_the_same(service, settings):
    from governance.tasks import purge_expired

    assert settings.CELERY_BEAT_SCHEDULE["purge-expired"]["task"] == purge_expired.name
    finished_case(service, last_contact="2010-01-01")
    purge_expired()
    assert not Case.objects.exists()


def test_a_new_referral_keeps_the_record_it_was_put_to(service):
    case = finished_case(service)
    referral = ReferralFactory(service=service, person=case.person, received_at=moment("2026-11-25"))
    assert purge(service).due == 0
    assert service.referrals.get() == referral

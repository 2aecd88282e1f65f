import datetime
import uuid

import pytest
import time_machine
from django.utils import timezone

from governance.actions import incident as actions
from governance.models import AuditEvent, Incident
from governance.models.insert_only import RowIsFinal
from governance.rules import RuleBroken
from tests.factories.incidents import IncidentFactory, IncidentStepFactory, IncidentTriageFactory

NOW = datetime.datetime(2026, 3, 3, 9, tzinfo=datetime.UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _morning():
    with time_machine.travel(NOW, tick=False):
        yield


def report(service, by, **told):
    given = {"key": uuid.uuid4(), "kind": "data", "words": "A letter went next door", **told}
    return actions.report(service=service, by=by, **given)


def triage(incident, by, **told):
    given = {"breach": "notify", "reason": "Read by a stranger", "harm": "low", "aware_at": incident.aware_at}
    return actions.triage(incident=incident, by=by, **given | told)


def state(incident):
    return Incident.objects.with_state().get(pk=incident.pk)


def test_what_somebody_tells_is_stored_and_on_record_without_its_words(service, link_worker):
    row = report(service, link_worker, case_number=12)
    assert (row.aware_at, row.reported_by, row.case_number) == (NOW, link_worker, 12)
    event = AuditEvent.objects.get()
    assert (event.event, event.changes) == ("incident_reported", {"kind": "data"})


def test_a_press_repeated_is_one_incident(service, link_worker):
    key = uuid.uuid4()
    assert report(service, link_worker, key=key) == report(service, link_worker, key=key)
    assert Incident.objects.count() == 1


def test_other_words_or_another_teller_under_the_same_key_are_not_lost_silently(service, link_worker, lead):
    key = uuid.uuid4()
    report(service, link_worker, key=key)
    for by, words in ((link_worker, "Two letters"), (lead, "A letter went next door")):
        with pytest.raises(RuleBroken, match="sent before"):
            report(service, by, key=key, words=words)


def test_the_time_noticed_cannot_lie_in_the_future(service, link_worker):
    with pytest.raises(RuleBroken, match="has not come yet"):
        report(service, link_worker, aware_at=NOW + datetime.timedelta(hours=1))


def test_a_decision_is_a_row_and_the_newest_stands(service, ig_lead):
    incident = IncidentFactory(service=service)
    triage(incident, ig_lead)
    earlier = incident.aware_at - datetime.timedelta(hours=5)
    triage(incident, ig_lead, breach="no", reason="It was empty", aware_at=earlier, harm="none")
    found = state(incident)
    assert (found.breach, found.harm, found.aware) == ("no", "none", earlier)
    assert incident.triages.count() == 2
    assert AuditEvent.objects.last().changes["breach"] == ["notify", "no"]
    assert "empty" not in str(AuditEvent.objects.last().changes)


def test_a_report_to_the_ico_needs_its_reference(service, ig_lead):
    incident = IncidentTriageFactory(incident__service=service).incident
    with pytest.raises(RuleBroken, match="reference"):
        actions.step(incident=incident, kind="ico", by=ig_lead)
    earlier = NOW - datetime.timedelta(hours=3)
    row = actions.step(incident=incident, kind="ico", reference="IC-123", done_at=earlier, by=ig_lead)
    assert (row.done_at, row.at) == (earlier, NOW)
    assert state(incident).reported
    assert not state(incident).clock_runs


def test_an_incident_ends_with_what_was_learned_and_can_be_opened_again(service, ig_lead):
    incident = IncidentTriageFactory(incident__service=service, breach="unlikely").incident
    actions.step(incident=incident, kind="finished", words="Check the number of the house", by=ig_lead)
    assert (state(incident).finished, state(incident).learned) == (True, "Check the number of the house")
    for refused in (
        lambda: triage(incident, ig_lead),
        lambda: actions.step(incident=incident, kind="action", words="More", by=ig_lead),
    ):
        with pytest.raises(RuleBroken, match="is finished"):
            refused()
    actions.step(incident=incident, kind="reopened", by=ig_lead, words="It happened again")
    assert not state(incident).finished


def test_a_breach_that_must_be_reported_does_not_end_before(service, ig_lead):
    incident = IncidentTriageFactory(incident__service=service).incident
    with pytest.raises(RuleBroken, match="must be reported first"):
        actions.step(incident=incident, kind="finished", words="Learned", by=ig_lead)


def test_only_clocks_that_run_are_found_with_the_nearest_first(service):
    late = IncidentFactory(service=service)
    soon = IncidentFactory(service=service, aware_at=late.aware_at - datetime.timedelta(hours=1))
    IncidentTriageFactory(incident__service=service, breach="no")
    reported = IncidentTriageFactory(incident__service=service).incident
    IncidentStepFactory(incident=reported, kind="dspt", reference="D-1")
    assert list(service.incidents.with_clock()) == [soon, late]


def test_no_row_about_an_incident_is_edited(service):
    incident = IncidentFactory(service=service)
    for row in (incident, IncidentTriageFactory(incident=incident), IncidentStepFactory(incident=incident)):
        with pytest.raises(RowIsFinal):
            row.save()


def test_nothing_is_saved_when_the_audit_fails(service, link_worker, monkeypatch):
    def fail(row):
        raise OSError("disk full")

    monkeypatch.setattr("governance.audit.sign", fail)
    with pytest.raises(OSError):
        report(service, link_worker)
    assert Incident.objects.count() == 0
    assert timezone.now() == NOW

"""Requests for a copy, corrections, objections and opt-outs."""

import datetime

import pytest

from casework.models import Contact
from governance import audit, texts
from governance.actions import rights
from governance.copy.gather import gather
from governance.models import AuditEvent, Correction, FreeText, Objection, OptOut, SubjectRequest
from governance.rights import left_out_of_evaluation, not_to_be_contacted, objections, opt_out
from governance.rules import RuleBroken
from tests.factories.casework import CaseFactory, ContactFactory
from tests.factories.governance import ObjectionFactory, OptOutFactory, PersonFactory

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 1, 31)
NOTE = "Her sister Joan is worried. Joan rang twice."


@pytest.fixture
def person(service):
    return PersonFactory(service=service)


@pytest.fixture
def note(service, person, link_worker):
    case = CaseFactory(service=service, person=person)
    return ContactFactory(case=case, by=link_worker, note=NOTE)


@pytest.fixture
def request_(service, person, note, ig_lead):
    return rights.open_request(
        service=service, person=person, received_on=DAY, identity="Passport seen", by=ig_lead
    )


def text_of(request):
    return request.texts.get(row_model="casework.contact")


def decide(request, by, decision="keep", **told):
    for text in request.texts.all():
        rights.decide_text(text=text, decision=decision, by=by, **told)


def released_note(person):
    section = next(s for s in gather(person).sections if s.key == "casework.contact")
    return next(cell.value for cell in section.rows[0] if cell.name == "note")


def test_a_request_is_due_in_one_calendar_month(request_):
    assert request_.due_on == datetime.date(2026, 2, 28)


def test_a_person_has_one_open_request_however_often_the_button_is_pressed(
    service, person, request_, ig_lead
):
    with pytest.raises(RuleBroken, match="not answered yet"):
        rights.open_request(service=service, person=person, received_on=DAY, identity="x", by=ig_lead)
    assert SubjectRequest.objects.count() == 1


def test_another_services_person_has_no_request_here(neighbour, service, ig_lead):
    with pytest.raises(RuleBroken, match="another service"):
        rights.open_request(
            service=service,
            person=PersonFactory(service=neighbour),
            received_on=DAY,
            identity="x",
            by=ig_lead,
        )


@pytest.mark.parametrize("to, problem", [("2026-02-28", "a day after"), ("2026-05-01", "Two more months")])
def test_time_is_extended_by_two_months_at_most(request_, ig_lead, to, problem):
    with pytest.raises(RuleBroken, match=problem):
        rights.extend(request=request_, to=datetime.date.fromisoformat(to), reason="Complex", by=ig_lead)


def test_an_extension_keeps_its_reason(request_, ig_lead):
    rights.extend(request=request_, to=datetime.date(2026, 4, 30), reason="Five episodes", by=ig_lead)
    request_.refresh_from_db()
    assert (request_.answer_by, request_.extension_reason) == (datetime.date(2026, 4, 30), "Five episodes")


def test_every_text_somebody_wrote_waits_to_be_looked_through(request_):
    assert ("casework.contact", "note") in [(t.row_model, t.row_field) for t in request_.texts.all()]
    assert all(text.is_open for text in request_.texts.all())


def test_a_copy_is_not_released_while_a_text_waits(request_, ig_lead):
    with pytest.raises(RuleBroken, match="Look through them first"):
        rights.release(request=request_, by=ig_lead)


def test_asking_somebody_is_no_decision_yet(request_, ig_lead):
    decide(request_, ig_lead, "ask", reason="Asking the link worker")
    with pytest.raises(RuleBroken, match="wait"):
        rights.release(request=request_, by=ig_lead)


def test_a_text_nobody_looked_through_is_withheld(person, note):
    assert released_note(person) == texts.NOT_REVIEWED
    assert gather(person).withheld == 1


def test_a_text_is_given_out_as_it_is(person, request_, ig_lead):
    decide(request_, ig_lead)
    assert released_note(person) == NOTE
    assert gather(person).withheld == 0


def test_words_are_taken_out_every_time_they_stand_there(person, request_, ig_lead):
    rights.decide_text(
        text=text_of(request_), decision="cut", cut="sister joan\nJoan", reason="Somebody else", by=ig_lead
    )
    assert released_note(person) == "Her [removed] is worried. [removed] rang twice."


def test_words_that_are_not_there_are_refused(request_, ig_lead):
    with pytest.raises(RuleBroken, match="does not stand in the text"):
        rights.decide_text(text=text_of(request_), decision="cut", cut="Jane", reason="x", by=ig_lead)


def test_taking_out_needs_a_reason_and_words(request_, ig_lead):
    with pytest.raises(RuleBroken, match="Say why"):
        rights.decide_text(text=text_of(request_), decision="whole", by=ig_lead)
    with pytest.raises(RuleBroken, match="Write the words"):
        rights.decide_text(text=text_of(request_), decision="cut", reason="x", by=ig_lead)


def test_a_whole_text_is_left_out(person, request_, ig_lead):
    rights.decide_text(text=text_of(request_), decision="whole", reason="All about Joan", by=ig_lead)
    assert released_note(person) == texts.LEFT_OUT


def test_a_text_written_after_the_decisions_keeps_the_copy_back(person, note, request_, ig_lead):
    decide(request_, ig_lead)
    ContactFactory(case=note.case, note="New")
    with pytest.raises(RuleBroken, match="1 text waits"):
        rights.release(request=request_, by=ig_lead)
    assert rights.list_texts(request=request_, by=ig_lead) == 1


def test_a_release_is_on_record_and_final(request_, ig_lead):
    decide(request_, ig_lead)
    rights.release(request=request_, by=ig_lead)
    assert AuditEvent.objects.get(event="subject_request_released").target_id == str(request_.pk)
    with pytest.raises(RuleBroken, match="released already"):
        rights.release(request=request_, by=ig_lead)


def test_a_second_person_is_somebody_who_decided_nothing(request_, ig_lead, lead):
    decide(request_, ig_lead)
    with pytest.raises(RuleBroken, match="Ask somebody else"):
        rights.second(request=request_, by=ig_lead)
    rights.second(request=request_, by=lead)
    request_.refresh_from_db()
    assert request_.seconded_by == lead


def test_nothing_is_decided_when_the_audit_fails(request_, ig_lead, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(audit, "record", broken)
    with pytest.raises(RuntimeError):
        decide(request_, ig_lead)
    assert not FreeText.objects.exclude(decision="").exists()


def test_a_copy_names_who_did_what_and_in_which_file_the_person_came(service, person, note, lead):
    from tests.factories.cohorts import ActivityFactory, ExtractFactory, SourceFactory

    source = SourceFactory(service=service, name="Fenland A&E")
    extract = ExtractFactory(source=source, committed=True, original_name="others-too.csv")
    ActivityFactory(extract=extract, person=person, complaint="chest pain")
    rights.correct(person=person, field="phone", value="01234 000000", reason="Told us", by=lead)
    sections = {section.key: section for section in gather(person).sections}
    shown = [cell.value for row in sections["from.cohorts.extract"].rows for cell in row]
    assert "Fenland A&E" in shown
    assert "others-too.csv" not in shown
    events = [cell.value for row in sections["governance.auditevent"].rows for cell in row]
    assert {"Person corrected", lead.name} <= set(events)


def test_a_copy_holds_nobody_elses_rows(service, person, note):
    other = CaseFactory(service=service, person=PersonFactory(service=service))
    ContactFactory(case=other, note="Not yours")
    section = next(s for s in gather(person).sections if s.key == "casework.contact")
    assert len(section.rows) == 1 < Contact.objects.count()


def test_a_correction_keeps_what_was_held_before(person, ig_lead):
    was = person.birth_date
    rights.correct(
        person=person, field="birth_date", value="1981-05-17", reason="Passport", told="The trust", by=ig_lead
    )
    row = Correction.objects.get()
    assert (row.before, row.after, row.told) == (str(was), "1981-05-17", "The trust")
    person.refresh_from_db()
    assert person.birth_date == datetime.date(1981, 5, 17)
    assert "1981" not in str(AuditEvent.objects.get(event="person_corrected").changes)


@pytest.mark.parametrize(
    "field, value, problem",
    [
        ("nhs_number", "9990000018", "Ask the sender"),
        ("service", "1", "Ask the sender"),
        ("birth_date", "yesterday", "date"),
        ("birth_date", "2999-01-01", "future"),
        ("sex", "X", "valid choice"),
        ("postcode", "far too long a postcode", "at most 10"),
    ],
)
def test_what_cannot_be_right_is_refused_in_words(person, ig_lead, field, value, problem):
    with pytest.raises(RuleBroken, match=problem):
        rights.correct(person=person, field=field, value=value, reason="x", by=ig_lead)
    assert not Correction.objects.exists()


def test_the_same_correction_twice_is_one(person, ig_lead):
    rights.correct(person=person, field="phone", value="1", reason="x", by=ig_lead)
    with pytest.raises(RuleBroken, match="held already"):
        rights.correct(person=person, field="phone", value="1", reason="x", by=ig_lead)


def test_the_newest_decision_on_an_objection_stands(person, service, ig_lead):
    for decision in ("pending", "upheld"):
        rights.object_to(person=person, scope="contact", decision=decision, by=ig_lead)
    assert [row.decision for row in objections(person)] == ["upheld"]
    assert not_to_be_contacted(service) == [person.pk]
    rights.object_to(person=person, scope="contact", decision="withdrawn", by=ig_lead)
    assert not_to_be_contacted(service) == []
    assert Objection.objects.count() == 3


def test_going_on_needs_a_reason_and_taking_back_something_to_take_back(person, ig_lead):
    with pytest.raises(RuleBroken, match="Say why"):
        rights.object_to(person=person, scope="contact", decision="declined", by=ig_lead)
    with pytest.raises(RuleBroken, match="nothing to take back"):
        rights.object_to(person=person, scope="contact", decision="withdrawn", by=ig_lead)


def test_what_evaluation_leaves_out_and_what_it_does_not(service):
    people = [PersonFactory(service=service) for _ in range(5)]
    OptOutFactory(person=people[0])
    ObjectionFactory(person=people[1], scope="processing", decision="pending")
    ObjectionFactory(person=people[2], scope="contact")
    OptOutFactory(person=people[3])
    OptOutFactory(person=people[3], opted_out=False, checked_on=datetime.date(2026, 2, 1))
    assert left_out_of_evaluation(service) == [people[0].pk, people[1].pk]
    assert not_to_be_contacted(service) == [people[1].pk, people[2].pk]


def test_the_same_opt_out_is_one_row(person, ig_lead):
    for _ in range(2):
        rights.record_opt_out(person=person, opted_out=True, source="mesh", checked_on=DAY, by=ig_lead)
    assert OptOut.objects.count() == 1
    assert opt_out(person).opted_out


def test_an_opt_out_is_not_known_before_its_day(person, ig_lead):
    with pytest.raises(RuleBroken, match="future"):
        rights.record_opt_out(
            person=person, opted_out=True, source="mesh", checked_on=datetime.date(2999, 1, 1), by=ig_lead
        )

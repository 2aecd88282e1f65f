"""999 calls, conveyances, admissions and outpatients, and what the service says codes mean, from file to activity."""

import pytest
from django.core.exceptions import ValidationError

from cohorts.actions import code as actions
from cohorts.models import Activity
from cohorts.pipeline.admissions import EMERGENCY
from governance import audit
from governance.models import AuditEvent
from governance.models.insert_only import RowIsFinal
from governance.rules import RuleBroken
from tests.cohorts.extracts import ANN, BOB, feed, load_rows
from tests.factories.cohorts import CodeMeaningFactory

pytestmark = pytest.mark.django_db
WARD, SHORT_STAY = "306706006", "1066331000000109"
ECDS_HEADER = "TOKEN_PERSON_ID,EPIKEY,ARRIVAL_DATE,ARRIVAL_TIME,ARRIVAL_MODE,DISCHARGE_DESTINATION,ACUITY,DEPARTMENT_TYPE"


def ecds(service, *lines, slug="ecds"):
    source = service.sources.filter(slug=slug).first() or feed(service, "ecds", slug=slug)
    return load_rows(source, *lines, header=ECDS_HEADER, name=f"{len(lines)}{hash(lines)}.csv")


@pytest.mark.parametrize(
    "profile, header, line, measure",
    [
        (
            "calls_999",
            "Call number,NHS number,Call date,Call time,Reason for call",
            f"C1,{ANN},2026-01-02,1030,Fall",
            "call_999",
        ),
        (
            "ambulance_conveyances",
            "Incident number,NHS number,Conveyance date and time,Conveyed to",
            f"C1,{ANN},2026-01-02 10:30,North",
            "conveyance",
        ),
        (
            "outpatients",
            "Appointment ID,NHS number,APPTDATE,Appointment time,ATTENDED",
            f"C1,{ANN},2026-01-02,10:30,3",
            "outpatient",
        ),
        (
            "admissions",
            "SUSSPELLID,NEWNHSNO,ADMIDATE,Admission time,ADMIMETH",
            f"C1,{ANN},2026-01-02,10:30,21",
            "nel",
        ),
    ],
)
def test_a_source_of_another_measure_loads_like_any_other(service, profile, header, line, measure):
    extract = load_rows(feed(service, profile), line, header=header)
    assert (extract.status, extract.rows_new, extract.rows_rejected) == ("committed", 1, 0)
    event = Activity.objects.get()
    assert (event.measure, event.person.nhs_number) == (measure, ANN)
    assert f"{event.started_on} {event.started_at_time}" == "2026-01-02 10:30:00"


@pytest.mark.parametrize("method", [*sorted(EMERGENCY), "2A", "21.0", "11", "12", "81", "99", "", "banana"])
def test_only_emergency_methods_are_non_elective_admissions(service, method):
    extract = load_rows(
        feed(service, "admissions"),
        f"S1,{ANN},2026-01-02,{method}",
        header="Spell number,NHS number,Admission date,Admission method",
    )
    is_emergency = method.casefold().removesuffix(".0") in EMERGENCY
    assert (Activity.objects.filter(measure="nel").count(), extract.rows_rejected) == (
        is_emergency,
        not is_emergency,
    )


def test_episodes_of_one_stay_are_one_admission(service):
    rows = [f"S1,{ANN},2026-01-02,21", f"S1,{ANN},2026-01-02,21", f"S2,{BOB},2026-01-02,2D"]
    extract = load_rows(
        feed(service, "admissions"), *rows, header="Spell number,NHS number,Admission date,Admission method"
    )
    assert (extract.rows_new, extract.rows_duplicate) == (2, 1)


def test_a_ward_as_destination_is_no_admission_by_itself(service):
    """NEL comes from admissions; an attendance that ended on a ward stays an attendance."""
    ecds(service, f"a,1,2026-01-02,10:30,1048031000000100,{WARD},1064911000000105,01")
    event = Activity.objects.get()
    assert (event.measure, event.admitted, event.disposal) == ("ae", True, "Ward")
    assert (event.arrival_mode, event.acuity, event.department_type) == ("ambulance", "2", "1")
    assert event.get_acuity_display() == "Very urgent"


def test_what_the_service_says_of_a_code_counts_from_the_next_file_on(service, lead):
    ecds(service, f"a,1,2026-01-02,10:30,,{SHORT_STAY},,")
    assert Activity.objects.get().admitted is None
    said = {"code_set": "ecds", "field": "disposal", "code": SHORT_STAY, "says": "Short-stay ward"}
    actions.say(
        service=service, by=lead, means="Short-stay ward", admits=True, reason="As the trust counts", **said
    )
    ecds(service, f"a,2,2026-01-03,10:30,,{SHORT_STAY},,")
    assert list(Activity.objects.order_by("started_on").values_list("admitted", flat=True)) == [None, True]
    actions.take_back(service=service, code_set="ecds", field="disposal", code=SHORT_STAY, by=lead)
    ecds(service, f"a,3,2026-01-04,10:30,,{SHORT_STAY},,")
    assert list(Activity.objects.order_by("started_on").values_list("admitted", flat=True)) == [
        None,
        True,
        None,
    ]
    assert set(
        AuditEvent.objects.filter(event__startswith="code_meaning").values_list("event", flat=True)
    ) == {
        "code_meaning_said",
        "code_meaning_taken_back",
    }


def test_a_neighbour_s_word_on_a_code_counts_only_there(service, neighbour):
    CodeMeaningFactory(service=neighbour, code=SHORT_STAY, admits=True)
    assert service.code_meanings.in_force("ecds") == ()
    assert [meaning.admits for meaning in neighbour.code_meanings.in_force("ecds")] == [True]


@pytest.mark.parametrize(
    "change, says",
    [
        ({"code_set": "icd"}, 'There is no code list "icd"'),
        ({"field": "site"}, '"site" has no codes here'),
        (
            {"field": "arrival_mode", "means": "camel"},
            "Arrival mode cannot be “camel”. Choose one of: ambulance, own, police, other.",
        ),
        ({"field": "attendance_category", "means": "second"}, "Attendance category cannot be “second”"),
    ],
)
def test_a_meaning_that_cannot_be_is_refused(service, change, says):
    given = {
        "code_set": "ecds",
        "field": "disposal",
        "code": "1",
        "says": "X",
        "means": "X",
        "reason": "Y",
        **change,
    }
    with pytest.raises(RuleBroken) as caught:
        actions.say(service=service, by=None, **given)
    assert says in str(caught.value)
    assert not service.code_meanings.exists()


def test_days_the_wrong_way_round_are_refused_by_the_database_s_own_sentence(service):
    given = {"code_set": "ecds", "field": "disposal", "code": "1", "says": "X", "means": "X", "reason": "Y"}
    with pytest.raises(ValidationError, match="The first day is after the last"):
        actions.say(service=service, by=None, first_day="2026-04-01", last_day="2026-03-31", **given)


def test_what_was_said_of_a_code_is_never_edited(service):
    said = CodeMeaningFactory(service=service)
    said.says = "Something else"
    with pytest.raises(RowIsFinal):
        said.save()


def test_taking_back_what_nobody_said_is_refused(service, lead):
    with pytest.raises(RuleBroken, match="says nothing of its own"):
        actions.take_back(service=service, code_set="ecds", field="disposal", code="1", by=lead)


def test_nothing_is_said_of_a_code_when_the_audit_fails(service, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("no audit")

    monkeypatch.setattr(audit, "record", broken)
    given = {"code_set": "ecds", "field": "disposal", "code": "1", "says": "X", "means": "X", "reason": "Y"}
    with pytest.raises(RuntimeError):
        actions.say(service=service, by=None, **given)
    assert not service.code_meanings.exists()


def test_a_file_whose_dates_decide_their_order_says_so_in_its_remarks(service):
    source = feed(service, "admissions")
    header = "Spell number,NHS number,Admission date,Admission method"
    extract = load_rows(source, f"S1,{ANN},01/13/2026,21", f"S2,{ANN},02/03/2026,21", header=header)
    assert extract.remarks == [
        "Dates are read with the month first: row 2 of “Admission date” has 01/13/2026. 1 date shows it."
    ]
    refused = load_rows(source, f"S3,{ANN},02/03/2026,21", header=header, name="next.csv")
    assert (refused.status, refused.rows_kept) == ("refused", 0)
    assert refused.problem.startswith(
        "Every date in this file can be read with the day first or with the month first"
    )

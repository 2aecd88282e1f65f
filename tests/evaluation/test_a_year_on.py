"""A year of what a service does every day goes by, and a frozen report still comes out again: or the cause is named."""

import datetime

import pandas as pd
import pytest
import time_machine

from cohorts.actions import undo
from cohorts.models import (
    REPORTED,
    Activity,
    CohortRule,
    Extract,
    ReplacedRow,
    SameDecision,
    Source,
    UnmatchedRow,
)
from cohorts.retention import FILES
from evaluation import people, reach
from evaluation.actions import report as reports
from evaluation.evidence import midnight
from evaluation.frozen import manifest
from evaluation.known import records
from evaluation.known.events import events
from evaluation.known.moment import known_at
from evaluation.known.rows import rows
from evaluation.models import KpiChoice, Report
from evaluation.quarters import parse
from evaluation.run_charts.months import supported_spans
from governance import scope
from governance.actions import consent as consents
from governance.actions import merge, retention, rights
from governance.erasure import erase
from governance.models import Organisation, Person, PurgeRun, Service, User
from governance.rules import RuleBroken
from tests.cohorts.areas import load, write
from tests.evaluation.conftest import COVERED_TO, FROZEN, LATER, Grown, at
from tests.evaluation.later import a_year_on, corrected_later, storing
from tests.evaluation.test_people import case_through
from tests.factories.cohorts import (
    ActivityFactory,
    CandidateFactory,
    CohortListFactory,
    ExtractFactory,
    SourceFactory,
    UnmatchedRowFactory,
)
from tests.factories.evaluation import UnitCostFactory
from tests.factories.governance import ObjectionFactory, PersonFactory

pytestmark = pytest.mark.django_db
QUARTER = parse("2026-Q3")
AFTER = midnight(QUARTER.following.first_day)
KNOWN = known_at(FROZEN)
SOON = FROZEN + datetime.timedelta(days=30)
# When the files of what came soon after are past their thirty days.
PURGED = SOON + datetime.timedelta(days=60)


@pytest.fixture(autouse=True)
def in_scope(service):
    """As whoever works there is, which a merge asks for."""
    with scope.of(service):
        yield


def people_known(service: Service, known: datetime.datetime) -> pd.DataFrame:
    out = records.left_out(service, known=known)
    return people.people_table(service, cut=COVERED_TO, after=AFTER, known=known, left_out=out)


def undo_refused(extract: Extract) -> None:
    extract.refresh_from_db()
    with pytest.raises(RuleBroken, match="is not kept any more: it was deleted with the file"):
        undo.ask(extract=extract, by=None, ring=False)


def put_right(person: Person, field: str, value: str, by: User) -> None:
    rights.correct(person=person, field=field, value=value, reason="They told us", by=by)


def what_was_corrected(grown: Grown, lead: User) -> None:
    """By later extracts whose files are gone, and by hand."""
    accepted = [case.person for case in grown.cases["accepted"]]
    with time_machine.travel(SOON, tick=False):
        late = corrected_later(grown, at=SOON, started_on=COVERED_TO, disposal="Sent home")
        with storing(late):
            Person.objects.filter(pk__in=[person.pk for person in accepted[:9]]).update(
                sex="M", ethnicity="Z", postcode="QX1 1AB", birth_date="1950-01-01", phone="01632 960001"
            )
    with time_machine.travel(SOON + datetime.timedelta(days=1), tick=False):
        corrected_later(grown, at=SOON + datetime.timedelta(days=1), person=grown.cases["declined"][0].person)
        for person in accepted[9:18]:
            for field, value in [("sex", "M"), ("postcode", "QX1 1AB"), ("died_on", "2026-01-05")]:
                put_right(person, field, value, lead)
        put_right(grown.cases["declined"][9].person, "moved_on", "2026-02-05", lead)
    with time_machine.travel(PURGED, tick=False):
        outcome = retention.purge(service=grown.service, by=None)[FILES]
    assert outcome.purged == 3
    assert not Extract.objects.filter(file_deleted_at=None).exists()


def what_was_written_down_late(grown: Grown, lead: User) -> None:
    accepted = grown.cases["accepted"]
    for number, case in enumerate(accepted[18:26]):
        consents.record(
            service=grown.service,
            person=case.person,
            scope="evaluation",
            decision="refused" if number % 2 else "given",
            method="phone",
            decided_at=at(COVERED_TO),
            by=lead,
        )
    for _ in range(8):
        event = ActivityFactory(extract=grown.extract, person=accepted[26].person, started_on=COVERED_TO)
        UnmatchedRowFactory(
            extract=grown.extract, person=event.person, matched_at=LATER, event=event.pk, problem="no_number"
        )
    retention.purge(service=grown.service, by=None)
    assert UnmatchedRow.objects.count() == 8


def what_was_set_anew(grown: Grown) -> None:
    User.objects.update(name="Somebody Else")
    Person.objects.update(first_name="Someone", last_name="Else")
    Service.objects.filter(pk=grown.service.pk).update(name="Another name")
    Source.objects.update(name="Another feed", coverage="listed")
    Organisation.objects.update(name="Another trust")
    SourceFactory(service=grown.service, name="A second hospital", measure="ae")
    UnitCostFactory(service=grown.service, measure="ae", valid_from=datetime.date(2026, 6, 1), amount="999")
    KpiChoice.objects.create(service=grown.service, kpi_set="stockport", first_quarter="2026-Q1")
    rule = CohortRule.objects.get()
    newer = CohortListFactory(service=grown.service, rule=rule, as_at=COVERED_TO, built_at=LATER)
    CandidateFactory(cohort_list=newer, person=grown.cases["accepted"][27].person)


def test_after_a_year_of_all_of_it_every_figure_and_word_comes_out_again(grown, lead, tmp_path, monkeypatch):
    load(write(tmp_path, "lsoa11_code,IMD_decile", "E01000001,1", "E01000002,9"))
    load(write(tmp_path, "pcds,lsoa11", "QX1 1AA,E01000001", "QX1 1AB,E01000002"))
    Person.objects.update(sex="F", ethnicity="A", postcode="QX1 1AA", birth_date="1980-01-01")
    accepted, declined = grown.cases["accepted"], grown.cases["declined"]
    objecting = accepted[33].person
    ObjectionFactory(person=objecting, scope="evaluation", decision="upheld", at=FROZEN)
    wrong = merge.merge(
        service=grown.service, person=accepted[30].person, merged=declined[30].person, by=lead
    )
    frozen = reports.freeze(service=grown.service, quarter=QUARTER, by=lead)
    what_was_corrected(grown, lead)
    with time_machine.travel(LATER, tick=False):
        merge.separate(merge=wrong, by=lead)
        ObjectionFactory(person=objecting, scope="evaluation", decision="withdrawn", at=LATER)
        for one, other in [(accepted[31], declined[31]), (declined[32], accepted[32])]:
            merge.merge(service=grown.service, person=one.person, merged=other.person, by=lead)
        what_was_written_down_late(grown, lead)
        what_was_set_anew(grown)
    again = a_year_on()
    assert (again.differences, again.reasons) == ([], [])
    # Figures of today are others, so that the same did not come of nothing having happened.
    now = people_known(grown.service, known_at(LATER))
    assert now["died_on"].notna().sum() == 9
    assert now["refused"].sum() == 4
    monkeypatch.setattr(manifest, "code_of", lambda root: "another")
    manifest.software.cache_clear()
    newer_code = a_year_on()
    manifest.software.cache_clear()
    assert newer_code.identical
    assert newer_code.reasons == ["Software: the code that makes the figures is not the same now."]
    assert Report.objects.get().sha256 == frozen.sha256


def test_what_takes_people_out_still_changes_a_report_and_is_named(grown, lead, tmp_path):
    reports.freeze(service=grown.service, quarter=QUARTER, by=lead)
    with time_machine.travel(LATER, tick=False):
        for case in grown.cases["accepted"][:8]:
            ObjectionFactory(person=case.person, scope="evaluation", decision="upheld", at=LATER)
        PurgeRun.objects.create(
            service=grown.service, record_class="unselected_candidates", due=9, purged=9, held=0, people=9
        )
        load(write(tmp_path, "lsoa11_code,IMD_decile", "E01000001,1"))
        person = grown.people[0]
        SameDecision.objects.create(
            service=grown.service,
            person=person,
            handle="0" * 32,
            answer="different",
            why="A twin",
            by=lead,
            at=LATER,
        )
    again = a_year_on()
    assert not again.identical
    assert again.reasons[-4:] == [
        "A setting is not the same now: files of areas.",
        "The retention schedule removed people, or what was kept of them, since: People on a list who were not taken on.",
        "Rows without an NHS number that had been given to somebody were taken back since.",
        "Somebody opted out or objected since, and is in no figure that is computed from then on.",
    ]


def seen(service: Service) -> tuple[dict[str, str], dict[str, int]]:
    """The group of each person at the moment of freezing, and on how many days they were supported."""
    told = people_known(service, KNOWN)
    spans = supported_spans(service, after=AFTER, known=KNOWN)
    return dict(zip(told["person"], told["group"], strict=True)), spans["person"].value_counts().to_dict()


def test_records_merged_or_separated_since_are_as_they_were(service, lead):
    with time_machine.travel(FROZEN, tick=False):
        one, other = (
            case_through(
                service, "offered", last, stage=last, person__service=service, person__nhs_number=number
            )
            for last, number in [("declined", "9990000018"), ("engaging", "9990000026")]
        )
        before = seen(service)
    with time_machine.travel(LATER, tick=False):
        done = merge.merge(service=service, person=one.person, merged=other.person, by=lead)
        assert seen(service) == before
        merge.separate(merge=done, by=lead)
        assert seen(service) == before
    assert before[0] == {str(one.person_id): "declined", str(other.person_id): "accepted"}


def test_whoever_was_taken_for_somebody_who_opted_out_is_left_out_with_them(service, lead):
    person, merged, apart = (PersonFactory(service=service) for _ in range(3))
    with time_machine.travel(FROZEN, tick=False):
        done = merge.merge(service=service, person=person, merged=apart, by=lead)
    with time_machine.travel(LATER, tick=False):
        merge.separate(merge=done, by=lead)
        merge.merge(service=service, person=apart, merged=merged, by=lead)
        ObjectionFactory(person=apart, scope="evaluation", decision="upheld")
        assert records.left_out(service, known=KNOWN) == sorted([person.pk, merged.pk, apart.pk])
        assert records.left_out(service, known=known_at(LATER)) == sorted([merged.pk, apart.pk])


def test_details_are_asked_back_through_everything_that_changed_them(service, lead):
    """An extract, a correction, what a merge filled in, and what a separation took away."""
    person, other = (
        PersonFactory(service=service, sex=sex, postcode="", birth_date=born, died_on=None)
        for sex, born in [("F", "1980-01-01"), ("M", None)]
    )
    lent = PersonFactory(service=service, ethnicity="A")
    with time_machine.travel(FROZEN, tick=False):
        earlier = merge.merge(service=service, person=person, merged=lent, by=lead)
    seen_then = {"sex": "F", "birth_date": datetime.date(1980, 1, 1), "ethnicity": "A", "died_on": None}
    late = ExtractFactory(source__service=service, committed=True, committed_at=SOON)
    with storing(late):
        Person.objects.filter(pk=person.pk).update(birth_date="1950-02-02", sex="O")
    with time_machine.travel(PURGED, tick=False):
        retention.purge(service=service, by=None)
        put_right(person, "sex", "M", lead)
        put_right(person, "died_on", "2026-03-04", lead)
    with time_machine.travel(LATER, tick=False):
        merge.separate(merge=earlier, by=lead)
        merge.merge(service=service, person=other, merged=person, by=lead)
    now = {row.pop("pk"): row for row in Person.objects.values("pk", *seen_then)}
    assert now[person.pk] == {
        "sex": "M",
        "birth_date": datetime.date(1950, 2, 2),
        "ethnicity": "",
        "died_on": datetime.date(2026, 3, 4),
    }
    assert now[other.pk]["died_on"] == datetime.date(2026, 3, 4)
    then = records.details_then(service, now, known=KNOWN)
    assert then[person.pk] == seen_then
    assert then[other.pk] == {"sex": "M", "birth_date": None, "ethnicity": "", "died_on": None}


def test_what_changed_of_a_record_separated_since_does_not_matter_where_it_lent_nothing(service, lead):
    person, other = (PersonFactory(service=service, sex="F") for _ in range(2))
    with time_machine.travel(FROZEN, tick=False):
        done = merge.merge(service=service, person=person, merged=other, by=lead)
    with time_machine.travel(LATER, tick=False):
        merge.separate(merge=done, by=lead)
        put_right(other, "sex", "M", lead)
    assert records.details_then(service, {person.pk: {"sex": "F"}}, known=KNOWN) == {person.pk: {"sex": "F"}}


def test_a_row_that_was_given_to_another_by_a_merge_and_by_an_extract_is_whose_it_was_first(service, lead):
    source = SourceFactory(service=service)
    extract = ExtractFactory(source=source, committed=True)
    first, second, third = (PersonFactory(service=service) for _ in range(3))
    event = ActivityFactory(extract=extract, person=first)
    with time_machine.travel(SOON, tick=False):
        merge.merge(service=service, person=second, merged=first, by=lead)
    late = ExtractFactory(source=source, committed=True, committed_at=PURGED)
    with storing(late):
        Activity.objects.filter(pk=event.pk).update(person=third, extract=late)
    asked = {"people": [first.pk, second.pk, third.pk], "sources": [source.pk], "cut": COVERED_TO}
    owners = [
        [
            person
            for person, _, _ in events(service, rows(service, [], asked["sources"], known=known), **asked)
        ]
        for known in (KNOWN, SOON + datetime.timedelta(days=1), known_at(LATER))
    ]
    assert owners == [[first.pk], [second.pk], [third.pk]]


def test_what_stays_of_a_replaced_row_is_what_a_report_reads():
    assert set(reach.FIELDS) == set(REPORTED[Person._meta.db_table])


def test_only_what_a_report_reads_stays_of_what_an_extract_replaced(grown, lead):
    with time_machine.travel(SOON, tick=False):
        late = corrected_later(grown, at=SOON, started_on=COVERED_TO, disposal="Sent home")
        with storing(late):
            Person.objects.filter(pk=grown.people[0].pk).update(sex="M", phone="01632 960001")
            Person.objects.filter(pk=grown.people[1].pk).update(phone="01632 960001")
            Source.objects.update(name="Renamed")
    assert ReplacedRow.objects.count() == 11
    with time_machine.travel(PURGED, tick=False):
        retention.purge(service=grown.service, by=None)
    kept = list(ReplacedRow.objects.values_list("table", "before"))
    assert len(kept) == 9
    assert {name for _, before in kept for name in before} == {"extract_id", "started_on", "sex"}
    undo_refused(late)
    person = grown.people[0]
    assert ReplacedRow.objects.filter(person=person).exists()
    erase(Person, [person.pk])
    assert not ReplacedRow.objects.filter(person=person).exists()

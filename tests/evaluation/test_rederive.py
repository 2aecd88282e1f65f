"""A frozen report worked out again a year later: the same to the digit, or each difference and why."""

import datetime
import io
import json
import uuid
from dataclasses import asdict

import pytest
import time_machine
from django.core.management import CommandError, call_command

from casework.actions import contact as contacts
from cohorts.models import Activity, CohortRule, Extract, ReplacedRow, Source
from evaluation import evidence
from evaluation.actions import report as reports
from evaluation.frozen import manifest
from evaluation.frozen.rederive import rederive
from evaluation.models import KpiChoice, Report
from evaluation.quarters import parse
from evaluation.render import csv, html, pdf, xlsx
from evaluation.scorecard import sets
from governance.models import Organisation, Person, Service, User
from tests.evaluation.conftest import COVERED_TO, FROZEN, LATER, at
from tests.evaluation.later import a_year_on, corrected_later
from tests.factories.cohorts import (
    ActivityFactory,
    CohortListFactory,
    ExtractFactory,
    SourceFactory,
    UnmatchedRowFactory,
)
from tests.factories.evaluation import UnitCostFactory

pytestmark = pytest.mark.django_db


def drawn(report: Report) -> dict[str, bytes]:
    return {
        "html": html.document(report).encode(),
        "pdf": pdf.draw(report),
        "csv": csv.draw(report),
        "xlsx": xlsx.draw(report),
    }


def command(**options: object) -> str:
    told = io.StringIO()
    call_command("rederive_report", service="fenland", quarter="2026-Q3", stdout=told, **options)
    return told.getvalue()


def test_a_year_on_the_same_comes_out_and_no_name_changes_a_byte(grown, lead):
    frozen = reports.freeze(service=grown.service, quarter=parse("2026-Q3"), by=lead)
    before = drawn(frozen)
    with time_machine.travel(LATER, tick=False):
        Person.objects.update(first_name="Someone", last_name="Else", phone="01632 960001")
        User.objects.update(name="Somebody Else")
        Service.objects.filter(pk=grown.service.pk).update(name="Another name")
        late = ExtractFactory(source=grown.extract.source, committed=True, committed_at=LATER)
        for day in (COVERED_TO, LATER.date()):
            ActivityFactory(extract=late, person=grown.people[0], started_on=day)
        UnitCostFactory(
            service=grown.service, measure="ae", valid_from=datetime.date(2026, 6, 1), amount="999"
        )
        rule = CohortRule.objects.get()
        CohortListFactory(service=grown.service, rule=rule, as_at=COVERED_TO, built_at=LATER)
        KpiChoice.objects.create(service=grown.service, kpi_set="stockport", first_quarter="2026-Q1")
        found = Report.objects.select_related("service").get()
        again = rederive(found)
        assert again.differences == []
        assert again.reasons == []
        assert command() == "Identical: every figure and every word came out again.\n"
        assert drawn(found) == before


def test_an_attendance_deleted_since_is_named_with_the_figures_it_changed(grown, lead):
    report = reports.freeze(service=grown.service, quarter=parse("2026-Q3"), by=lead)
    person = grown.cases["accepted"][0].person
    # A handful, so that a rounded count must move.
    gone = Activity.objects.filter(person=person, started_on__lte=COVERED_TO).values("pk")[:8]
    Activity.objects.filter(pk__in=gone).delete()
    again = rederive(report)
    assert not again.identical
    assert again.reasons == ["Rows were changed, added or deleted since: activity (A&E attendances)."]
    changed = {difference.where[1] for difference in again.differences if len(difference.where) > 2}
    assert "A&E attendances: rates before and after" in changed
    with pytest.raises(SystemExit, match="1"):
        command()
    told = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("rederive_report", service="fenland", quarter="2026-Q3", json=True, stdout=told)
    answer = json.loads(told.getvalue())
    assert answer["identical"] is False
    assert {"where", "then", "now"} == set(answer["differences"][0])


def test_what_else_changed_is_told_a_sentence_each(grown, lead):
    report = reports.freeze(service=grown.service, quarter=parse("2026-Q3"), by=lead)
    kept = json.loads(json.dumps(report.manifest))
    kept["software"] |= {"code": "another", "pandas": "1.0"}
    kept["extracts"]["987654"] = "0" * 64
    kept["settings"]["rule"] = "Top 250 (version 1)"
    found = rederive(
        Report(
            service=grown.service,
            quarter="2026-Q3",
            snapshot=report.snapshot,
            manifest=kept,
            frozen_at=report.frozen_at,
            pk=report.pk,
        )
    )
    assert found.identical
    assert found.reasons == [
        "Software: the code that makes the figures is not the same now.",
        "Software: pandas 1.0 is not the same now.",
        "Extract 987654 is not stored any more.",
        "A setting is not the same now: rule.",
    ]


def test_the_manifest_holds_no_count_and_nobody(grown, lead):
    kept = reports.freeze(service=grown.service, quarter=parse("2026-Q3"), by=lead).manifest
    assert set(kept["rows"]) >= {"activity: ae", "scores", "cases and contacts"}
    assert {len(value) for value in kept["rows"].values()} == {64}
    assert "Zephyrine" not in json.dumps(kept)
    assert kept["settings"]["unit_costs"][0]["amount"] == "182.50"
    assert "people left out" not in kept["rows"]
    assert kept["settings"]["seed"] == 20263
    assert kept["settings"]["disclosure"] == {"threshold": 7, "base": 5}
    assert kept["extracts"] == {str(grown.extract.pk): grown.extract.sha256}


def test_a_quarter_without_a_report_is_refused(service):
    with pytest.raises(CommandError, match="has no report for 2026-Q3"):
        command()


def test_sources_are_taken_as_they_were_set(grown, lead):
    reports.freeze(service=grown.service, quarter=parse("2026-Q3"), by=lead)
    Source.objects.update(name="Renamed", coverage="listed")
    Organisation.objects.update(name="Renamed trust")
    SourceFactory(service=grown.service, name="A second hospital", measure="ae")
    again = a_year_on()
    assert (again.differences, again.reasons) == ([], [])


def test_what_a_later_extract_corrected_is_read_as_it_was(grown, lead):
    reports.freeze(service=grown.service, quarter=parse("2026-Q3"), by=lead)
    corrected_later(grown, disposal="Sent home", started_on=COVERED_TO)
    corrected_later(grown, person=grown.cases["declined"][0].person)
    again = a_year_on()
    assert (again.differences, again.reasons) == ([], [])


def test_where_an_older_version_kept_nothing_of_what_was_corrected_the_extract_is_named(grown, lead):
    reports.freeze(service=grown.service, quarter=parse("2026-Q3"), by=lead)
    late = corrected_later(grown, disposal="Sent home")
    ReplacedRow.objects.all().delete()
    Extract.objects.filter(pk=late.pk).update(file_deleted_at=LATER)
    again = a_year_on()
    assert not again.identical
    assert again.reasons == [
        "Rows were changed, added or deleted since: activity (A&E attendances).",
        f"Extract {late.pk} corrected rows since, and what they were before is not kept any more.",
    ]


def test_contacts_logged_or_taken_back_later_and_rows_matched_later_are_as_they_were(grown, lead):
    first = grown.cases["accepted"][1]
    mistaken = contacts.log(
        case=first,
        key=uuid.uuid4(),
        kind="call",
        outcome="no_answer",
        by=lead,
        happened_at=at(first.index_date - datetime.timedelta(days=60)),
        late_reason="Found in the diary",
    )
    reports.freeze(service=grown.service, quarter=parse("2026-Q3"), by=lead)
    with time_machine.travel(FROZEN + datetime.timedelta(minutes=1), tick=False):
        contacts.take_back(contact=mistaken, by=lead)
    for case in grown.cases["accepted"][:1] + grown.cases["declined"][:1]:
        with time_machine.travel(LATER, tick=False):
            contacts.log(
                case=case,
                key=uuid.uuid4(),
                kind="call",
                outcome="reached",
                by=lead,
                happened_at=at(case.index_date - datetime.timedelta(days=60)),
                late_reason="Found in the diary",
            )
    for _ in range(8):
        event = ActivityFactory(extract=grown.extract, person=first.person, started_on=COVERED_TO)
        UnmatchedRowFactory(extract=grown.extract, person=first.person, matched_at=LATER, event=event.pk)
    again = a_year_on()
    assert (again.differences, again.reasons) == ([], [])


def test_what_was_stored_within_the_second_of_freezing_is_known_to_every_part(grown):
    within = FROZEN + datetime.timedelta(milliseconds=300)
    late = ExtractFactory(source=grown.extract.source, committed=True, committed_at=within)
    chosen = KpiChoice.objects.create(
        service=grown.service, kpi_set="stockport", first_quarter="2026-Q1", chosen_at=within
    )
    found = evidence.gather(grown.service, parse("2026-Q3"), frozen_at=FROZEN)
    assert found.kpi_choice == chosen
    assert late.pk in found.extract_ids


def test_targets_are_kept_as_they_were(grown, lead):
    KpiChoice.objects.create(service=grown.service, kpi_set="stockport", first_quarter="2026-Q1")
    reports.freeze(service=grown.service, quarter=parse("2026-Q3"), by=lead)
    kept = Report.objects.get().manifest["settings"]["targets"]
    assert kept["first_quarter"] == "2026-Q1"
    assert kept["set"] == json.loads(json.dumps(asdict(sets.shipped("stockport"))))
    assert a_year_on().reasons == []


@pytest.mark.parametrize("name", ["evaluation/scorecard/sets/stockport.toml", "casework/rules.py"])
def test_the_fingerprint_of_the_code_covers_targets_and_rules_of_others(tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text("one")
    before = manifest.code_of(tmp_path)
    path.write_text("two")
    assert manifest.code_of(tmp_path) != before

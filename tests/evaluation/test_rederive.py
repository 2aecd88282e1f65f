"""A frozen report worked out again a year later: the same to the digit, or each difference and why."""

import datetime
import io
import json

import pytest
import time_machine
from django.core.management import CommandError, call_command

from cohorts.models import Activity, Source
from evaluation.actions import report as reports
from evaluation.frozen.rederive import rederive
from evaluation.models import Report
from evaluation.quarters import parse
from evaluation.render import csv, html, pdf, xlsx
from governance.models import Organisation, Person, Service, User
from tests.evaluation.conftest import COVERED_TO, LATER
from tests.factories.cohorts import ActivityFactory, ExtractFactory
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
    manifest = reports.freeze(service=grown.service, quarter=parse("2026-Q3"), by=lead).manifest
    assert set(manifest["rows"]) >= {"activity: ae", "scores", "cases and contacts"}
    assert {len(value) for value in manifest["rows"].values()} == {64}
    assert "Zephyrine" not in json.dumps(manifest)
    assert manifest["settings"]["unit_costs"][0]["amount"] == "182.50"
    assert manifest["settings"]["seed"] == 20263
    assert manifest["settings"]["disclosure"] == {"threshold": 7, "base": 5}
    assert manifest["extracts"] == {str(grown.extract.pk): grown.extract.sha256}


def test_a_quarter_without_a_report_is_refused(service):
    with pytest.raises(CommandError, match="has no report for 2026-Q3"):
        command()


def test_a_renamed_source_is_words_and_not_a_figure(grown, lead):
    report = reports.freeze(service=grown.service, quarter=parse("2026-Q3"), by=lead)
    Source.objects.update(name="Renamed")
    Organisation.objects.update(name="Renamed trust")
    differing = {difference.where[0] for difference in rederive(report).differences}
    assert differing == {"What was covered and received"}

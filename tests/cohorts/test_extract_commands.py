"""make_extract, add_source and load_extract, as people and programs call them."""

import datetime
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cohorts.models import Activity, Extract, Source
from cohorts.pipeline.profile import load
from governance.models import Agreement, AuditEvent
from tests.cohorts.extracts import HEADER, feed, row
from tests.cohorts.test_pipeline_read import lock, make_workbook
from tests.factories.governance import AgreementFactory, OrganisationFactory

pytestmark = pytest.mark.django_db


def run(*arguments):
    out = io.StringIO()
    call_command(*map(str, arguments), stdout=out, stderr=io.StringIO())
    return out.getvalue()


def run_json(*arguments):
    text = run(*arguments, "--json")
    assert text.count("\n") == 1
    return json.loads(text)


def written(folder, *lines, name="extract.csv"):
    path = folder / name
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    return path


def test_make_extract_says_what_it_made(tmp_path):
    path = tmp_path / "made.csv"
    result = run_json("make_extract", path, "--rows", 200, "--seed", 3, "--messy")
    assert result["rows"] == 200
    assert set(result) >= {"rows", "people", "defects"}
    assert sum(result["defects"].values()) == pytest.approx(16, abs=6)
    assert len(path.read_text().splitlines()) == 201
    assert "200 rows about" in run("make_extract", path, "--rows", 200, "--seed", 3)


def test_make_extract_refuses_what_it_cannot_write(tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        run("make_extract", tmp_path / "nowhere" / "x.csv", "--rows", 5, "--seed", 1)
    with pytest.raises(CommandError, match="at least 1"):
        run("make_extract", tmp_path / "x.csv", "--rows", 0, "--seed", 1)


def test_add_source_takes_the_mapping_of_a_profile_and_writes_an_agreement_for_it(service):
    result = run_json("add_source", "--service", "fenland", "--source", "hes", "--profile", "hes_ae")
    source = Source.objects.get(slug="hes")
    assert result == {
        "source": "hes",
        "profile": "hes_ae",
        "columns": load("hes_ae").file_columns,
        "cannot_be_derived": [
            "Acuity absent: how urgent attendances were cannot be computed.",
            "Postcode absent: area and deprivation cannot be computed.",
        ],
    }
    assert source.columns == result["columns"]
    assert (source.service, source.identifier, source.organisation) == (service, "pseudonym", service.host)
    assert set(source.agreement.allowed_fields) >= {"pseudonym", "attendance_id", "arrived_on", "admitted"}
    assert AuditEvent.objects.filter(event="agreement_added").exists()


def test_add_source_again_gives_a_feed_a_new_mapping(service, tmp_path):
    run("add_source", "--service", "fenland", "--source", "ours", "--profile", "attendances")
    own = tmp_path / "ours.toml"
    own.write_text('[columns]\nnhs_number = "N"\narrived_on = "D"\n')
    assert run_json("add_source", "--service", "fenland", "--source", "ours", "--profile", own)[
        "columns"
    ] == {
        "N": "nhs_number",
        "D": "arrived_on",
    }
    assert Source.objects.count() == 1


def test_add_source_takes_an_agreement_and_a_sender_by_name(service):
    trust = OrganisationFactory(ods_code="RX1")
    agreement = AgreementFactory(service=service, title="Quarterly list", sharer=trust)
    base = ("add_source", "--service", "fenland", "--source", "q", "--profile", "people")
    run(*base, "--agreement", "Quarterly list")
    assert Source.objects.get().agreement == agreement
    assert Source.objects.get().organisation == trust
    with pytest.raises(CommandError, match='no agreement called "Other"'):
        run(*base[:4], "r", *base[5:], "--agreement", "Other")
    with pytest.raises(CommandError, match="no organisation with the ODS code"):
        run(*base[:4], "r", *base[5:], "--organisation", "XYZ")


def test_add_source_uses_an_agreement_that_names_everything(service):
    fields = [*load("people").columns, "first_name", "last_name"]
    agreement = AgreementFactory(
        service=service, allowed_fields=fields, valid_from=datetime.date(2020, 1, 1), valid_to=None
    )
    run("add_source", "--service", "fenland", "--source", "q", "--profile", "people")
    assert Source.objects.get().agreement == agreement
    assert Agreement.objects.count() == 1


def test_add_source_says_what_it_does_not_know(service):
    with pytest.raises(CommandError, match='no service called "nowhere"'):
        run("add_source", "--service", "nowhere", "--source", "x", "--profile", "hes_ae")
    with pytest.raises(CommandError, match='There is no profile "x"'):
        run("add_source", "--service", "fenland", "--source", "x", "--profile", "x")


def test_load_extract_stores_and_counts(service, tmp_path):
    feed(service)
    path = written(tmp_path, row("A1"), row("A2"), row("A2"), row("A3", "123"))
    result = run_json("load_extract", path, "--source", "attendances")
    assert result["status"] == "committed"
    assert [result[f"rows_{n}"] for n in ("read", "kept", "duplicate", "rejected")] == [4, 2, 1, 1]
    assert result["reject_reasons"] == {"nhs_number_length": 1}
    assert (result["people_new"], result["people_matched"], result["columns_dropped"]) == (1, 0, [])
    assert Path(result["rejects_file"]).is_file()
    assert result["seconds"] > 0
    assert Activity.objects.count() == 2
    assert result["extract"] == Extract.objects.get().pk


def test_load_extract_the_second_time_does_nothing(service, tmp_path):
    feed(service)
    path = written(tmp_path, row("A1"))
    run("load_extract", path, "--source", "attendances")
    again = run_json("load_extract", path, "--source", "attendances")
    assert [again[f"rows_{n}"] for n in ("read", "kept", "duplicate", "rejected")] == [1, 0, 1, 0]
    assert Extract.objects.count() == 1


def test_a_dry_run_shows_the_same_and_stores_nothing(service, tmp_path, django_capture_on_commit_callbacks):
    feed(service)
    path = written(tmp_path, row("A1"), row("A2", "123"))
    with django_capture_on_commit_callbacks(execute=True):
        result = run_json("load_extract", path, "--source", "attendances", "--dry-run")
    assert (result["status"], result["rows_kept"], result["rows_rejected"]) == ("withdrawn", 1, 1)
    assert Path(result["rejects_file"]).is_file()
    assert Activity.objects.count() == 0
    assert run_json("load_extract", path, "--source", "attendances")["status"] == "committed"


def test_load_extract_takes_the_password_from_the_environment(service, tmp_path, monkeypatch):
    feed(service)
    rows = [["NHS number", "Arrival date"], ["9990000026", "2026-01-02"]]
    path = lock(make_workbook(tmp_path / "plain.xlsx", rows), "open sesame")
    with pytest.raises(CommandError, match="has a password"):
        run("load_extract", path, "--source", "attendances")
    with pytest.raises(CommandError, match="no variable LIST_PASSWORD"):
        run("load_extract", path, "--source", "attendances", "--password-env", "LIST_PASSWORD")
    monkeypatch.setenv("LIST_PASSWORD", "open sesame")
    result = run_json("load_extract", path, "--source", "attendances", "--password-env", "LIST_PASSWORD")
    assert result["rows_kept"] == 1


def test_load_extract_reads_counts_of_people_as_at_a_day(service, tmp_path):
    feed(service, "people")
    path = tmp_path / "people.csv"
    path.write_text("NHS number,A&E attendances in the last 12 months\n9990000026,12\n")
    run("load_extract", path, "--source", "people", "--as-at", "2026-06-30")
    assert Extract.objects.get().activity_counts.get().as_at == datetime.date(2026, 6, 30)
    with pytest.raises(CommandError, match='"June" is not a date'):
        run("load_extract", path, "--source", "people", "--as-at", "June")


@pytest.mark.parametrize(
    "content, says",
    [(b"", "This file is empty"), (b"Site,Arrival date\nA,2026-01-02\n", "no column for the NHS number")],
)
def test_load_extract_refuses_in_a_sentence(service, tmp_path, content, says):
    feed(service)
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=says):
        run("load_extract", path, "--source", "attendances")


def test_load_extract_says_what_it_does_not_know(service, neighbour, tmp_path):
    path = written(tmp_path, row("A1"))
    with pytest.raises(CommandError, match='There is no source "x"'):
        run("load_extract", path, "--source", "x")
    feed(service)
    feed(neighbour)
    with pytest.raises(CommandError, match="Add --service and one of"):
        run("load_extract", path, "--source", "attendances")
    text = run("load_extract", path, "--source", "attendances", "--service", "harbour")
    assert "1 rows read, 1 kept (1 new, 0 changed)" in text
    with pytest.raises(CommandError, match="cannot be read"):
        run("load_extract", tmp_path / "gone.csv", "--source", "attendances", "--service", "harbour")

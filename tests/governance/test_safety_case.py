import hashlib
import io
import json
import re
from pathlib import Path

import pypdf
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from governance import printing
from governance.roles import Role
from governance.safety import document, log
from tests.factories.governance import MembershipFactory


@pytest.fixture
def auditor(service, as_user):
    return as_user(MembershipFactory(service=service, role=Role.AUDITOR).user)


def printed(out, capsys, *extra):
    call_command("safety_case", "--out", str(out), *extra)
    return capsys.readouterr().out


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.IG_LEAD, Role.AUDITOR, Role.SERVICE_MANAGER])
def test_who_answers_for_the_service_reads_every_hazard(service, as_user, role):
    client = as_user(MembershipFactory(service=service, role=role).user)
    body = client.get(reverse("governance:safety")).content.decode()
    shipped = log.shipped()
    assert [hazard.id for hazard in shipped.hazards if f'id="{hazard.id}"' not in body] == []
    assert f"Version {shipped.version}" in body


def test_the_pdf_holds_every_hazard_with_its_tests_and_says_its_version(auditor):
    response = auditor.get(reverse("governance:safety_file"))
    assert response["Content-Disposition"] == 'attachment; filename="safety-case-v1.pdf"'
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(response.content)).pages)
    shipped = log.shipped()
    assert f"{shipped.issued_on:%-d %B %Y}" in text
    assert [hazard.id for hazard in shipped.hazards if hazard.id not in text] == []
    assert "test_tampering_is_found_and_named" in re.sub(r"\s", "", text)


def test_without_pango_the_page_says_so_and_the_address_leads_back(auditor, monkeypatch):
    monkeypatch.setattr(printing, "why_not", lambda: printing.MISSING)
    document.pdf.cache_clear()
    assert printing.MISSING in auditor.get(reverse("governance:safety")).content.decode()
    assert auditor.get(reverse("governance:safety_file"))["Location"] == reverse("governance:safety")


def test_the_command_writes_the_case_and_prints_one_object(tmp_path, capsys):
    told = json.loads(printed(tmp_path / "out", capsys, "--json"))
    assert (told["version"], told["hazards"]) == (log.shipped().version, len(log.shipped().hazards))
    for file in told["files"]:
        assert hashlib.sha256(Path(file["path"]).read_bytes()).hexdigest() == file["sha256"]
    assert {Path(file["path"]).suffix for file in told["files"]} == {".html", ".json", ".pdf"}
    rows = json.loads((tmp_path / "out/safety-case-v1.json").read_text())["hazards"]
    assert rows[0]["after"] == {"severity": "major", "likelihood": "very_low", "rating": 2}


def test_the_command_speaks_in_words(tmp_path, capsys):
    said = printed(tmp_path, capsys)
    assert "Clinical safety case of HIU casework, version 1" in said


def test_the_same_log_gives_the_same_page(tmp_path):
    assert document.html(log.shipped()) == document.html(log.read())
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', document.html(log.shipped())) == []


def test_a_log_that_is_not_in_order_is_refused_and_nothing_written(tmp_path, monkeypatch):
    path = tmp_path / "hazards.toml"
    path.write_text(log.FILE.read_text().replace("test_tampering_is_found", "test_tampering_is_lost"))
    monkeypatch.setattr(log.read, "__defaults__", (path,))
    with pytest.raises(CommandError, match=r"H17 names .*test_tampering_is_lost.*does not exist"):
        call_command("safety_case", "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(CommandError, match="Choose another folder"):
        call_command("safety_case", "--out", str(tmp_path / "file/out"))

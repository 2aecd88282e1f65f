"""Files with a password: opened at the door, and the password is kept nowhere."""

import io
import zipfile

import openpyxl
import pytest
import pyzipper
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from msoffcrypto.format.ooxml import OOXMLFile

from cohorts.actions import extract as actions
from cohorts.models import Activity, Extract, ExtractStatus
from cohorts.pipeline.problems import Unreadable
from tests.cohorts.extracts import HEADER, csv_file, feed, row

pytestmark = pytest.mark.django_db
PASSWORD = "Fens & £3 of Eels"
CSV = "\n".join([HEADER, row("A1"), row("A2")]) + "\n"


def workbook() -> bytes:
    book = openpyxl.Workbook()
    for line in CSV.splitlines():
        book.active.append(line.split(","))
    plain, locked = io.BytesIO(), io.BytesIO()
    book.save(plain)
    plain.seek(0)
    OOXMLFile(plain).encrypt(PASSWORD, locked)
    return locked.getvalue()


def aes_zip(name: str = "january.csv", content: bytes = CSV.encode(), password: str = PASSWORD) -> bytes:
    file = io.BytesIO()
    with pyzipper.AESZipFile(
        file, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES
    ) as archive:
        archive.setpassword(password.encode())
        archive.writestr(name, content)
    return file.getvalue()


def plain_zip(**files: str | bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return file.getvalue()


@pytest.fixture
def source(service):
    return feed(service)


def load(source, content: bytes, name: str, password: str | None = PASSWORD) -> Extract:
    upload = ContentFile(content, name=name)
    return actions.load(service=source.service, source=source, upload=upload, by=None, password=password)


@pytest.mark.parametrize(
    "name, content",
    [
        ("january.xlsx", workbook()),
        ("january.zip", aes_zip()),
        ("january.zip", aes_zip("january.xlsx", workbook())),
        ("january.zip", plain_zip(january__csv=CSV)),
    ],
    ids=["workbook", "AES zip", "locked workbook in a locked zip", "zip without a password"],
)
def test_a_locked_file_is_loaded_and_its_password_is_nowhere(source, name, content, settings):
    extract = load(source, content, name)
    assert (extract.status, extract.rows_new, extract.original_name) == (ExtractStatus.COMMITTED, 2, name)
    for file in settings.MEDIA_ROOT.rglob("*"):
        assert file.is_dir() or PASSWORD.encode() not in file.read_bytes()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract::text FROM cohorts_extract extract")
        assert PASSWORD not in str(cursor.fetchall())


def test_a_zip_locked_the_old_way_is_opened(source, tmp_path):
    """ZipCrypto; Python writes none, so this file was made by Info-ZIP's zip."""
    import shutil
    import subprocess

    if not shutil.which("zip"):
        pytest.skip("zip is not installed")
    (tmp_path / "january.csv").write_text(CSV)
    subprocess.run(["zip", "-q", "-P", "eels", "january.zip", "january.csv"], cwd=tmp_path, check=True)
    extract = load(source, (tmp_path / "january.zip").read_bytes(), "january.zip", "eels")
    assert extract.rows_new == 2


def test_the_same_list_locked_anew_is_known_again(source):
    load(source, aes_zip(), "january.zip")
    with pytest.raises(actions.AlreadyLoaded):
        load(source, aes_zip(password="another"), "again.zip", "another")
    with pytest.raises(actions.AlreadyLoaded):
        load(source, CSV.encode(), "plain.csv")


TYPE_IT = "This file has a password. Type it in; we do not keep it."
WRONG = "The password does not open this file. Check it with the sender and type it again."
BOMB = plain_zip(january__csv=bytes(20_000_000))


@pytest.mark.parametrize(
    "content, password, sentence",
    [
        (aes_zip(), None, TYPE_IT),
        (aes_zip(), "", TYPE_IT),
        (aes_zip(), "eels", WRONG),
        (BOMB, None, "This file opens to more than 100 times its size, so we stopped. Ask for it unzipped."),
        (plain_zip(), None, "This zip file is empty. Ask the sender for it again."),
        (
            plain_zip(a__csv="a", b__csv="b"),
            None,
            "This zip file holds 2 files. Take them out and upload them one by one.",
        ),
        (
            plain_zip(inner__zip=plain_zip(january__csv=CSV)),
            None,
            "This is a zip file or another kind of document, not an Excel workbook. Unzip it first.",
        ),
        (
            plain_zip(january__pdf=b"%PDF-1.7"),
            None,
            "This is a PDF document, not an Excel (.xlsx) or CSV file.",
        ),
        (
            aes_zip()[:-90] + b"\0" * 20 + aes_zip()[-70:],
            PASSWORD,
            "This workbook is damaged or was cut short on its way.",
        ),
    ],
    ids=["no password", "blank", "wrong", "bomb", "empty", "two files", "zip in zip", "other", "damaged"],
)
def test_what_cannot_be_opened_is_said_and_nothing_is_left(source, settings, content, password, sentence):
    with pytest.raises(Unreadable) as caught:
        load(source, content, "january.zip", password)
    assert str(caught.value).startswith(sentence)
    assert [file for file in settings.MEDIA_ROOT.rglob("*") if file.is_file()] == []
    assert not Extract.objects.exists()


def test_a_directory_that_lies_about_sizes_opens_to_no_more_than_it_says(source):
    content = bytearray(BOMB)
    size = (20_000_000).to_bytes(4, "little")
    while (at := content.find(size)) >= 0:
        content[at : at + 4] = (1000).to_bytes(4, "little")
    with pytest.raises(Unreadable, match="This zip file is damaged"):
        load(source, bytes(content), "january.zip")


def test_the_page_takes_a_locked_zip(source, lead, as_user):
    browser, address = as_user(lead), reverse("cohorts:upload")
    form = {"source": source.pk, "password": "eels"}
    refused = browser.post(address, {**form, "file": ContentFile(aes_zip(), name="january.zip")})
    assert WRONG in refused.content.decode()
    assert "eels" not in refused.content.decode()
    taken = browser.post(
        address, {**form, "password": PASSWORD, "file": ContentFile(aes_zip(), name="january.zip")}
    )
    assert taken["Location"] == reverse("cohorts:extract", args=[Extract.objects.get().pk])


def test_the_command_takes_the_password_from_the_environment(source, tmp_path, monkeypatch, capsys):
    file = tmp_path / "january.zip"
    file.write_bytes(aes_zip())
    monkeypatch.setenv("FILE_PASSWORD", "eels")
    with pytest.raises(CommandError, match="does not open"):
        call_command("load_extract", str(file), "--source", source.slug, "--password-env", "FILE_PASSWORD")
    monkeypatch.setenv("FILE_PASSWORD", PASSWORD)
    call_command("load_extract", str(file), "--source", source.slug, "--password-env", "FILE_PASSWORD")
    assert Activity.objects.count() == 2


def test_a_plain_file_needs_no_password(source):
    assert (
        actions.load(service=source.service, source=source, upload=csv_file(row("A1")), by=None).rows_new == 1
    )


@pytest.mark.parametrize(
    "name, content",
    [
        ("january.zip", aes_zip()),
        ("january.zip", aes_zip("january.xlsx", workbook())),
        ("j.zip", plain_zip(a__csv=CSV)),
    ],
)
def test_a_zip_shows_its_first_rows_on_the_page_of_columns(lead, source, as_user, name, content):
    client, address = as_user(lead), reverse("cohorts:source", args=[source.pk])
    sent = {"step": "sample", "password": PASSWORD}
    page = client.post(address, sent | {"sample": SimpleUploadedFile(name, content)}).content.decode()
    assert "Check them, then save." in page
    assert PASSWORD not in page
    assert not Extract.objects.exists()


@pytest.mark.parametrize(
    "content, password, said",
    [
        (aes_zip(), "", "This file has a password."),
        (aes_zip(), "wrong", "The password does not open this file."),
        (plain_zip(a__csv=CSV, b__csv=CSV), "", "This zip file holds 2 files."),
        (b"PK\x05\x06" + b"\0" * 18, "", "This zip file is empty."),
    ],
)
def test_a_zip_that_cannot_be_shown_gets_a_sentence(lead, source, as_user, content, password, said):
    sent = {"step": "sample", "password": password, "sample": SimpleUploadedFile("a.zip", content)}
    page = as_user(lead).post(reverse("cohorts:source", args=[source.pk]), sent).content.decode()
    assert said in page

"""What a file really is, by its first bytes, whatever its name says."""

import codecs
import re
import zipfile
from enum import StrEnum
from pathlib import Path

from cohorts.pipeline.problems import Unreadable

SAVE_AS = "In Excel choose File, Save As, and pick Excel Workbook (.xlsx) or CSV UTF-8 (.csv)."

_TEXT_ENDINGS = {".csv", ".tsv", ".psv", ".ssv", ".txt", ".tab", ".dat", ""}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_SIGNATURES = (
    (b"%PDF", "a PDF document"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"{\\rtf", "a Word document"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "a database"),
    (b"\0\x01\0\0Standard ", "a database"),
    (b"\xfd7zXZ", "a compressed file"),
    (b"II*\0", "a picture"),
    (b"MM\0*", "a picture"),
    (b"$FL2", "an SPSS file"),
)
_WEB_PAGE = (b"<!doctype", b"<html", b"<table", b"<meta", b"<head", b"<body", b"<div")
_JSON = re.compile(rb"\{\s*\"|\[\s*[{\[\"]")
# A part of the archive, and what it shows the file to be.
_ARCHIVES = (
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a presentation"),
    ("index/document.iwa", "a file of Apple's Numbers"),
)


class FileKind(StrEnum):
    TEXT = "text"
    WORKBOOK = "workbook"
    OLE = "ole"  # either a locked workbook or the old .xls; only opening it tells


def recognise(path: Path, name: str) -> FileKind:
    """Which reader the file needs.

    Raises:
        Unreadable: for an empty file, and for everything that is no CSV text and no workbook.
    """
    with path.open("rb") as file:
        head = file.read(65536)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Unreadable("This file is empty. Save the list again and check that it has rows before sending.")
    if head.startswith(_OLE):
        return FileKind.OLE
    if head.startswith(_ZIP):
        _check_zip(path)
        _check_ending(name, workbook=True)
        return FileKind.WORKBOOK
    _check_not_something_else(head)
    _check_ending(name, workbook=False)
    return FileKind.TEXT


def encoding_of(head: bytes) -> str:
    """The encoding the first bytes show: UTF-16 in its forms, else UTF-8 (with single bytes of cp1252 let in)."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:4096]
    if len(sample) >= 4 and sample[1::2].count(0) > len(sample) // 4:
        return "utf-16-le"
    if len(sample) >= 4 and sample[0::2].count(0) > len(sample) // 4:
        return "utf-16-be"
    return "utf-8-sig"


def _check_not_something_else(head: bytes) -> None:
    for signature, words in _SIGNATURES:
        if head.startswith(signature):
            raise Unreadable(f"This is {words}, not an Excel (.xlsx) or CSV file. {SAVE_AS}")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200]
    for is_it, words in (
        (start[:9].lower().startswith(_WEB_PAGE), "a web page"),
        (start.startswith(b"<?xml"), "an XML file"),
        (_JSON.match(start), "a JSON file"),
    ):
        if is_it:
            raise Unreadable(f"This is {words}, not an Excel (.xlsx) or CSV file. {SAVE_AS}")
    if encoding_of(head) == "utf-8-sig" and _looks_binary(head):
        raise Unreadable(f"This is not an Excel (.xlsx) or CSV file. {SAVE_AS}")


def _looks_binary(head: bytes) -> bool:
    control = sum(head.count(byte) for byte in range(32) if byte not in (9, 10, 12, 13))
    return control > max(8, len(head) // 50)


def _check_ending(name: str, *, workbook: bool) -> None:
    ending = Path(name).suffix.lower()
    if workbook and ending in _TEXT_ENDINGS - {""}:
        raise Unreadable(
            f"This file is called {ending} but is an Excel workbook. Change the end of its name to .xlsx."
        )
    if not workbook and ending in {".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"}:
        raise Unreadable(
            f"This file is called {ending} but is not an Excel workbook. "
            "If it is a CSV file, change the end of its name to .csv. Otherwise: " + SAVE_AS
        )


def _check_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unreadable(
            "This workbook is damaged or was cut short on its way. Open it in Excel, save it again and send it again."
        ) from error
    lower = {entry.lower() for entry in names}
    for part, words in _ARCHIVES:
        if part in lower:
            raise Unreadable(f"This is {words}, not an Excel (.xlsx) or CSV file. {SAVE_AS}")
    if "xl/vbaproject.bin" in lower or any(entry.startswith("xl/macrosheets/") for entry in lower):
        raise Unreadable(
            "Files with macros are not accepted. In Excel choose File, Save As, Excel Workbook (.xlsx)."
        )
    if "xl/workbook.bin" in lower:
        raise Unreadable(f"Binary workbooks (.xlsb) are not accepted. {SAVE_AS}")
    if "content.xml" in lower:
        raise Unreadable(f"OpenDocument files (.ods) are not accepted. {SAVE_AS}")
    if not any(entry.endswith("workbook.xml") for entry in lower):
        raise Unreadable(
            f"This is a zip file or another kind of document, not an Excel workbook. Unzip it first. {SAVE_AS}"
        )

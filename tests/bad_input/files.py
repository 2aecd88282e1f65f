"""Makers of small files: workbooks, archives, old Office containers."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter
from msoffcrypto.format.ooxml import OOXMLFile

NHS = "9434765919"
OTHER = "9434765870"
HEADER = "NHS number,Arrival date,Arrival time"


def text(*lines: str, header: str = HEADER, end: str = "\n", encoding: str = "utf-8") -> bytes:
    return (end.join([header, *lines]) + end).encode(encoding)


def workbook(
    rows: Sequence[Sequence[Any]],
    touch: Callable[[Any, Any], None] = lambda book, sheet: None,
    **options: Any,
) -> bytes:
    """A workbook of one sheet; `touch` may do more to it."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, **options})
    sheet = book.add_worksheet("Data")
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    touch(book, sheet)
    book.close()
    return out.getvalue()


def added(content: bytes, parts: dict[str, bytes]) -> bytes:
    """The workbook with more parts in it."""
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def rewritten(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part changed; a part that becomes nothing is left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            data = change(old.read(part)) if part == name else old.read(part)
            if data:
                new.writestr(part, data)
    return out.getvalue()


def swollen(content: bytes, size: int) -> bytes:
    """The workbook with a part whose directory says that it opens to that many bytes."""
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b"<x/>")
        archive.filelist[-1].file_size = size
    return out.getvalue()


def archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return out.getvalue()


def locked(content: bytes, password: str) -> bytes:
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(content)).encrypt(password, out)
    return out.getvalue()


def ole(stream: str) -> bytes:
    """An old Office container with one stream of that name: a .doc, an .xls or an e-mail by its kind."""
    free, end, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", free) * 108
    chain = [fat, end, *range(3, 10), end]
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff")
    entries = _entry("Root Entry", 5, child=1, start=end, size=0) + _entry(
        stream, 2, child=free, start=2, size=4096
    )
    return header + table + entries.ljust(512, b"\0") + bytes(4096)


def _entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    free = 0xFFFFFFFF
    about = struct.pack("<HBBIII", len(raw), kind, 1, free, free, child)
    return raw.ljust(64, b"\0") + about + bytes(36) + struct.pack("<IQ", start, size)


def gzip(data: bytes) -> bytes:
    return b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + zlib.compress(data)

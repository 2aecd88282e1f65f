"""Files that are not what they say, that are locked, old or dangerous, or that swell."""

from collections.abc import Iterator

from tests.bad_input import files
from tests.bad_input.door import Case
from tests.bad_input.files import NHS, added, archive, locked, ole, rewritten, swollen, text, workbook

GOOD = workbook([["NHS number", "Arrival date"], [NHS, "2026-01-02"]])
SHEET = "xl/worksheets/sheet1.xml"
_CUT = len(GOOD) // 2


def something_else() -> Iterator[tuple[str, str, bytes]]:
    yield "pdf named csv", "list.csv", b"%PDF-1.7\n1 0 obj\n"
    yield "pdf named xlsx", "list.xlsx", b"%PDF-1.7\n1 0 obj\n"
    yield "windows program", "list.csv", b"MZ\x90\0" + bytes(300)
    yield "windows program named xlsx", "list.xlsx", b"MZ\x90\0" + bytes(300)
    yield "linux program", "list.csv", b"\x7fELF\x02\x01\x01" + bytes(300)
    yield "png picture", "scan.csv", b"\x89PNG\r\n\x1a\n" + bytes(40)
    yield "jpeg picture", "scan.xlsx", b"\xff\xd8\xff\xe0" + bytes(40)
    yield "gif picture", "scan.csv", b"GIF89a" + bytes(40)
    yield "tiff picture", "scan.csv", b"II*\0" + bytes(40)
    yield "web page named xls", "report.xls", b"<html><table><tr><td>NHS number</td></tr></table></html>"
    yield "web page named csv", "report.csv", b"<!DOCTYPE html>\n<html></html>"
    yield "web page after a blank line", "report.csv", b"\r\n\r\n<TABLE><TR></TR></TABLE>"
    yield "sign-in page saved as csv", "report.csv", b"<head><title>Sign in</title></head>"
    yield "xml spreadsheet of 2003", "list.xls", b'<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas"/>'
    yield "xml message", "list.csv", b'<?xml version="1.0"?>\n<message/>'
    yield "json list", "list.csv", b'[{"NHS number": "9434765919"}]'
    yield "json object", "list.csv", b'{"rows": [1, 2]}'
    yield "json of a sheet on the web", "list.xlsx", b'{"url": "x", "doc_id": "y"}'
    yield "rich text", "letter.csv", b"{\\rtf1\\ansi Dear all}"
    yield "word document", "letter.xlsx", archive({"word/document.xml": b"<w/>", "[Content_Types].xml": b""})
    yield "word document named docx", "letter.docx", archive({"word/document.xml": b"<w/>"})
    yield "presentation", "slides.pptx", archive({"ppt/presentation.xml": b"<p/>"})
    yield "sheet of an apple computer", "list.numbers", archive({"Index/Document.iwa": b"x"})
    yield "zip of a csv", "list.xlsx", archive({"list.csv": text(f"{NHS},2026-01-02,")})
    yield "zip of nothing", "list.xlsx", archive({})
    yield "zip in a zip", "list.xlsx", archive({"inner.zip": archive({"a.csv": b"a"})})
    yield "java program", "list.xlsx", archive({"META-INF/MANIFEST.MF": b"x"})
    yield "gzip", "list.csv", files.gzip(b"NHS number\n")
    yield "seven zip", "list.csv", b"7z\xbc\xaf\x27\x1c" + bytes(60)
    yield "rar", "list.csv", b"Rar!\x1a\x07\0" + bytes(60)
    yield "xz", "list.csv", b"\xfd7zXZ\0" + bytes(60)
    yield "parquet", "list.csv", b"PAR1" + bytes(60)
    yield "sqlite", "list.csv", b"SQLite format 3\0" + bytes(60)
    yield "access database", "list.csv", b"\0\x01\0\0Standard Jet DB\0" + bytes(60)
    yield "spss", "list.csv", b"$FL2@(#) SPSS DATA FILE" + bytes(60)
    yield "random bytes", "list.csv", bytes(range(32)) * 40
    yield "random bytes named xlsx", "list.xlsx", bytes(range(32)) * 40
    yield "csv named xlsx", "list.xlsx", text(f"{NHS},2026-01-02,")
    yield "csv named xls", "list.xls", text(f"{NHS},2026-01-02,")
    yield "csv named ods", "list.ods", text(f"{NHS},2026-01-02,")
    yield "workbook named csv", "list.csv", GOOD
    yield "workbook named txt", "list.txt", GOOD
    yield "workbook in capitals named CSV", "LIST.CSV", GOOD


def empty() -> Iterator[tuple[str, str, bytes]]:
    yield "no byte", "list.csv", b""
    yield "no byte named xlsx", "list.xlsx", b""
    yield "one line end", "list.csv", b"\n"
    yield "spaces and tabs", "list.csv", b"  \t \r\n  "
    yield "only a byte order mark", "list.csv", b"\xef\xbb\xbf"
    yield "only a byte order mark of utf-16", "list.csv", b"\xff\xfe"
    yield "only nul", "list.csv", bytes(5000)
    yield "one letter", "list.csv", b"a"
    yield "one comma", "list.csv", b","
    yield "only commas", "list.csv", b",,,\n,,,\n"
    yield "header only", "list.csv", text()
    yield "header only and blank lines", "list.csv", text("", "", ",,", "")
    yield "header only workbook", "list.xlsx", workbook([["NHS number", "Arrival date"]])
    yield "empty workbook", "list.xlsx", workbook([])
    yield "workbook of spaces", "list.xlsx", workbook([[" ", " "], [" "]])
    yield "everything on a hidden sheet", "list.xlsx", workbook([], _hide_data)


def _hide_data(book, sheet) -> None:
    hidden = book.add_worksheet("Old")
    hidden.write_row(0, 0, ["NHS number", "Arrival date"])
    hidden.write_row(1, 0, [NHS, "2026-01-02"])
    hidden.hide()


def damaged() -> Iterator[tuple[str, str, bytes]]:
    yield "workbook cut in half", "list.xlsx", GOOD[:_CUT]
    yield "workbook without its end", "list.xlsx", GOOD[:-30]
    yield "zip signature alone", "list.xlsx", b"PK\x03\x04"
    yield "zip signature and text", "list.xlsx", b"PK\x03\x04 not a zip at all"
    yield "initials that look like a zip", "list.csv", b"PK,NHS number,Arrival date\n"
    yield "sheet that is no xml", "list.xlsx", rewritten(GOOD, SHEET, lambda data: b"not xml")
    yield "sheet cut short", "list.xlsx", rewritten(GOOD, SHEET, lambda data: data[: len(data) // 2])
    yield "sheet missing", "list.xlsx", rewritten(GOOD, SHEET, lambda data: b"")
    yield "workbook part missing", "list.xlsx", rewritten(GOOD, "xl/workbook.xml", lambda data: b"")
    yield "shared strings missing", "list.xlsx", rewritten(GOOD, "xl/sharedStrings.xml", lambda data: b"")
    yield "relations missing", "list.xlsx", rewritten(GOOD, "xl/_rels/workbook.xml.rels", lambda data: b"")
    yield "styles that are no xml", "list.xlsx", rewritten(GOOD, "xl/styles.xml", lambda data: b"<<<")
    yield "bad check sum", "list.xlsx", GOOD[:60] + bytes([GOOD[60] ^ 0xFF]) + GOOD[61:]


def old_and_risky() -> Iterator[tuple[str, str, bytes]]:
    yield "old excel", "list.xls", ole("Workbook")
    yield "older excel", "list.xls", ole("Book")
    yield "old excel named xlsx", "list.xlsx", ole("Workbook")
    yield "old excel named csv", "list.csv", ole("Workbook")
    yield "old word", "letter.doc", ole("WordDocument")
    yield "old presentation", "slides.ppt", ole("PowerPoint Document")
    yield "e-mail of outlook", "mail.msg", ole("__properties_version1.0")
    yield "old container cut short", "list.xls", ole("Workbook")[:700]
    yield "signature of an old container alone", "list.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    yield "macros", "list.xlsm", added(GOOD, {"xl/vbaProject.bin": b"x"})
    yield "macros named xlsx", "list.xlsx", added(GOOD, {"xl/vbaProject.bin": b"x"})
    yield "macros in other letters", "list.xlsx", added(GOOD, {"XL/VBAPROJECT.BIN": b"x"})
    yield "sheet macros of excel 4", "list.xlsm", added(GOOD, {"xl/macrosheets/sheet1.xml": b"<m/>"})
    yield "binary workbook", "list.xlsb", archive({"xl/workbook.bin": b"x"})
    yield "binary workbook named xlsx", "list.xlsx", archive({"xl/workbook.bin": b"x"})
    yield "open document", "list.ods", archive({"content.xml": b"<o/>", "mimetype": b"x"})
    yield "open document named xlsx", "list.xlsx", archive({"content.xml": b"<o/>"})


def bombs() -> Iterator[tuple[str, str, bytes]]:
    yield "opens to a gigabyte", "list.xlsx", swollen(GOOD, 1024**3)
    yield "opens to 201 megabytes", "list.xlsx", swollen(GOOD, 201 * 1024**2)
    yield "packed far too tightly", "list.xlsx", swollen(GOOD, 20 * 1024**2)
    yield "two thousand parts", "list.xlsx", added(GOOD, {f"xl/media/{n}": b"" for n in range(2000)})
    yield "a cell at the far corner", "list.xlsx", workbook([["NHS number"]], _far_corner)
    yield "a range that lies", "list.xlsx", rewritten(GOOD, SHEET, _lying_range)
    yield "entities that grow", "list.xlsx", rewritten(GOOD, "xl/sharedStrings.xml", _laughs)
    yield "entity that reads a file", "list.xlsx", rewritten(GOOD, "xl/sharedStrings.xml", _reads_a_file)
    yield (
        "a cell of 32,767 characters",
        "list.xlsx",
        workbook([["NHS number", "Arrival date"], [NHS, "x" * 32_767]]),
    )
    yield "a cell of 2 million characters", "list.csv", text(f"{NHS},{'9' * 2_000_000},")
    yield "three thousand columns", "list.csv", text(header=",".join(f"c{n}" for n in range(3000)))


def _far_corner(book, sheet) -> None:
    sheet.write(1_048_575, 16_383, 1)


def _lying_range(data: bytes) -> bytes:
    return data.replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1:XFD1048576"')


def _laughs(data: bytes) -> bytes:
    steps = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doc = f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY l0 "ha">{steps}]>'.encode()
    return doc + data[data.index(b"<sst") :].replace(b"<t>NHS number</t>", b"<t>&l9;</t>")


def _reads_a_file(data: bytes) -> bytes:
    doc = b'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    return doc + data[data.index(b"<sst") :].replace(b"<t>NHS number</t>", b"<t>&f;</t>")


def locks() -> Iterator[Case]:
    shut = locked(GOOD, "open sesame")
    yield Case("locked, no password", "list.xlsx", shut)
    yield Case("locked, blank password", "list.xlsx", shut, password="")
    yield Case("locked, wrong password", "list.xlsx", shut, password="open says me")
    yield Case("locked, password with a space after it", "list.xlsx", shut, password="open sesame ")
    yield Case("locked, password in capitals", "list.xlsx", shut, password="OPEN SESAME")
    yield Case("locked, very long password", "list.xlsx", shut, password="x" * 5000)
    yield Case("locked, cut short", "list.xlsx", shut[: len(shut) // 2], password="open sesame")
    inside = locked(added(GOOD, {"xl/vbaProject.bin": b"x"}), "word")
    yield Case("locked, with macros inside", "list.xlsx", inside, password="word")
    yield Case("locked zip bomb", "list.xlsx", locked(swollen(GOOD, 1024**3), "word"), password="word")
    yield Case("rights management", "list.xlsx", ole("EncryptedPackage"), password="word")
    yield Case("zip with a password", "list.zip", _locked_zip())


def _locked_zip() -> bytes:
    """A zip whose one entry says that it is encrypted."""
    made = bytearray(archive({"list.csv": text(f"{NHS},2026-01-02,")}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        made[made.index(signature) + at] |= 1
    return bytes(made)


def cases() -> Iterator[Case]:
    for group in (something_else, empty, damaged, old_and_risky, bombs):
        for name, file, content in group():
            yield Case(name, file, content)
    yield from locks()

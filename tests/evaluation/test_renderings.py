"""One snapshot, four renderings: they agree, name nobody, run nothing and fetch nothing."""

import csv as csv_file
import datetime
import http.server
import io
import re
import sys
import threading
import zipfile

import openpyxl
import pypdf
import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.models import Case
from evaluation import blocks, disclosure
from evaluation.actions import report as reports
from evaluation.models import Report
from evaluation.quarters import parse
from evaluation.render import csv, html, pdf, xlsx
from governance.inert import inert
from governance.models import Person, Service
from tests.evaluation.conftest import at
from tests.factories.casework import CaseFactory, ContactFactory
from tests.factories.evaluation import snapshot_of
from tests.factories.governance import PersonFactory

QUARTER = parse("2026-Q3")
CANARIES = [
    "Zephyrine",
    "Quagmire",
    "9990000018",
    "999 000 0018",
    "918273645",
    "817263549",
    "Canary Wharf",
    "ZZ99 9ZZ",
    "01632",
    "1971-03-17",
    "17 March 1971",
    "was in",
]


@pytest.fixture
def frozen(grown, lead) -> Report:
    """A report of a service in which one person can be named in every way there is."""
    person = PersonFactory(
        pk=817263549,
        service=grown.service,
        nhs_number="9990000018",
        first_name="Zephyrine",
        last_name="Quagmire",
        birth_date=datetime.date(1971, 3, 17),
        address="1 Canary Wharf",
        postcode="ZZ99 9ZZ",
        phone="01632 960001",
    )
    case = CaseFactory(
        pk=918273645,
        service=grown.service,
        person=person,
        opened_at=at(datetime.date(2026, 8, 3)),
        index_date=datetime.date(2026, 8, 4),
    )
    ContactFactory(case=case, happened_at=at(datetime.date(2026, 8, 4)), note="Zephyrine was in")
    return reports.freeze(service=grown.service, quarter=QUARTER, by=lead)


def made(text: str, **cell: object) -> Report:
    """A report that was never stored, with the same words wherever somebody can type."""
    content = snapshot_of(text, "2026-Q3")
    number = disclosure.Disclosed("−12%", -12.0)
    row = blocks.row(text, [text, number], note=text, group=text, measure=text)
    columns = [blocks.words_column("Source", figure="source"), blocks.column("Fall", figure="fall, percent")]
    table = blocks.table("typed", "Typed", first="What", columns=columns, rows=[row], how=text)
    content["sections"].append(blocks.section("typed", "Typed", [blocks.text(text), table]))
    frozen_at = datetime.datetime(2026, 10, 5, 9, 30, tzinfo=datetime.UTC)
    service = Service(slug="fenland", name=text)
    return Report(service=service, quarter="2026-Q3", snapshot=content, sha256="0" * 64, frozen_at=frozen_at)


def unpacked(content: bytes) -> str:
    """Every part of a workbook, hidden ones and properties too."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "\n".join(parts.read(name).decode() for name in parts.namelist())


def everything_in_pdf(content: bytes) -> str:
    """Text, document information, XMP metadata and every decoded stream."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    found = [page.extract_text() for page in reader.pages]
    found.append(str(reader.metadata))
    for number in range(1, len(reader.xref[0]) + 1):
        thing = reader.get_object(number)
        found.append(str(thing))
        if hasattr(thing, "get_data"):
            found.append(thing.get_data().decode("latin-1"))
    return "\n".join(found)


def drawn(report: Report) -> dict[str, bytes]:
    return {
        "csv": csv.draw(report),
        "xlsx": xlsx.draw(report),
        "html": html.document(report).encode(),
        "pdf": pdf.draw(report),
    }


def rows(report: Report) -> list[dict[str, str]]:
    text = csv.draw(report).decode("utf-8-sig")
    return list(csv_file.DictReader(io.StringIO(text, newline="")))


@pytest.mark.django_db
def test_nobody_is_in_any_rendering(frozen):
    files = drawn(frozen)
    texts = {
        "csv": files["csv"].decode("utf-8-sig"),
        "xlsx": unpacked(files["xlsx"]),
        "html": files["html"].decode(),
        "pdf": everything_in_pdf(files["pdf"]),
    }
    assert Case.objects.filter(pk=918273645).exists()
    for kind, text in texts.items():
        assert "Fenland HIU service" in text, kind
        assert [canary for canary in CANARIES if canary in text] == [], kind


@pytest.mark.django_db
def test_renderings_come_from_the_frozen_copy_alone(frozen, django_assert_num_queries):
    before = drawn(frozen)
    Person.objects.update(first_name="Someone", last_name="Else")
    Case.objects.update(stage="died")
    report = Report.objects.select_related("service", "release").get()
    with django_assert_num_queries(0):
        again = drawn(report)
    assert {kind: again[kind] == before[kind] for kind in before} == dict.fromkeys(before, True)


@pytest.mark.django_db
def test_every_figure_is_the_same_in_every_rendering(frozen):
    tables = [table for _, table in blocks.tables(frozen.snapshot)]
    page = BeautifulSoup(html.document(frozen), "html.parser").find_all("table")
    sheets = openpyxl.load_workbook(io.BytesIO(xlsx.draw(frozen))).worksheets[1:]
    assert len(page) == len(sheets) == len(tables) > 12
    in_csv = [line for line in rows(frozen) if line["section"] != "report"]
    for table, drawn_table, sheet in zip(tables, page, sheets, strict=True):
        lines = drawn_table.tbody.find_all("tr")
        for at_row, (row, line) in enumerate(zip(table["rows"], lines, strict=True), start=4):
            for place, cell in enumerate(row["cells"]):
                shown = line.find_all(["th", "td"])[place + 1]
                [heading.extract() for heading in shown.find_all(class_="nhsuk-table__heading")]
                assert shown.get_text().strip() == cell["text"]
                in_sheet = sheet.cell(at_row, place + 2).value
                tidy = in_csv.pop(0)["value"]
                if cell["value"] is None:
                    assert in_sheet == cell["text"]
                else:
                    assert in_sheet == cell["value"] == float(tidy)
    assert in_csv == []


@pytest.mark.django_db
def test_each_chart_has_its_table_under_it_and_a_name(frozen):
    document = BeautifulSoup(html.document(frozen), "html.parser")
    charts = document.find_all("svg")
    assert len(charts) == 6
    for chart in charts:
        assert chart.find_next("table") is not None
        assert chart.title.get_text()
        assert document.find(id=chart["aria-labelledby"].split()[0]) is chart.title
    ids = [tag["id"] for tag in document.find_all(id=True)]
    assert len(ids) == len(set(ids))


@pytest.mark.django_db
def test_the_pdf_is_a4_and_numbered(frozen):
    reader = pypdf.PdfReader(io.BytesIO(pdf.draw(frozen)))
    assert reader.metadata.title == "Fenland HIU service: report for July to September 2026"
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [595, 842]
    assert f"Page 1 of {len(reader.pages)}" in reader.pages[0].extract_text()
    assert "Fenland HIU service, report for July to September 2026" in reader.pages[1].extract_text()


def tagged(node: object, into: list[dict]) -> list[dict]:
    """Every element of the structure tree of a PDF."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for each in node:
            tagged(each, into)
    elif isinstance(node, dict):
        into.append(node)
        tagged(node.get("/K"), into)
    return into


def test_the_pdf_says_it_is_pdf_ua_and_carries_what_a_screen_reader_needs():
    reader = pypdf.PdfReader(io.BytesIO(pdf.draw(made("Fenland"))))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert 'pdfuaid:part="1"' in root["/Metadata"].get_data().decode()
    assert {page["/Tabs"] for page in reader.pages} == {"/S"}
    tags = tagged(root["/StructTreeRoot"]["/K"], [])
    assert [each["/Alt"] for each in tags if each.get("/S") == "/Figure"] == ["People offered support"]
    assert sum(each.get("/S") == "/H1" for each in tags) == 1
    heads = {each["/ID"] for each in tags if each.get("/S") == "/TH"}
    cells = [each for each in tags if each.get("/S") == "/TD"]
    assert cells
    assert all(set(each["/A"]["/Headers"]) <= heads and each["/A"]["/Headers"] for each in cells)
    (leaf,) = root["/StructTreeRoot"]["/IDTree"]["/Kids"]
    names = leaf.get_object()["/Names"]
    assert list(names[::2]) == sorted(heads)
    assert {each.get_object()["/S"] for each in names[1::2]} == {"/TH"}


# What somebody may type and a spreadsheet may run.
DANGEROUS = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", " ", "\t", "\u200b", "\ufeff", "\u00a0"]),
        st.sampled_from(["=", "+", "-", "@", "＝", "＋", "－", "＠", "http://", "mailto:", "|"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["C"]), max_size=30),
    ),
)


@given(DANGEROUS)
@settings(max_examples=150, deadline=None)
def test_words_in_the_workbook_stay_words(text):
    book = openpyxl.load_workbook(io.BytesIO(xlsx.draw(made(text))))
    sheet = book.worksheets[-1]
    assert (sheet["A4"].value, sheet["B4"].value, sheet["D4"].value) == (text, text, text)
    assert (sheet["C4"].value, sheet["C4"].data_type) == (-12, "n")
    cells = [cell for each in book.worksheets for line in each.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert [cell for cell in cells if cell.hyperlink] == []


@given(DANGEROUS)
@settings(max_examples=300, deadline=None)
def test_words_in_the_csv_file_stay_words_and_numbers_stay_numbers(text):
    lines = [line for line in rows(made(text)) if line["section"] == "Typed"]
    assert [line["value"] for line in lines] == [inert(text), "-12"]
    for line in lines:
        for word in (line["group"], line["measure"], line["note"]):
            assert word.lstrip()[:1] not in ("=", "+", "-", "@", "＝", "＋", "－", "＠", "|")
            assert word in (text, "'" + text)


@pytest.mark.parametrize(
    "text", ["=1+1", '=cmd|"/C calc"!A0', " =1", "\t=1", "@SUM(A1)", "＝1+1", "\u200b=1"]
)
def test_a_formula_gets_a_quote_mark(text):
    assert inert(text) == "'" + text


@pytest.mark.parametrize("text", ["A&E", "1+1", "–", "O’Brien", ""])
def test_harmless_words_stay_as_they_are(text):
    assert inert(text) == text


def test_what_is_typed_is_escaped_on_the_page():
    document = html.document(made('<script>alert(1)</script>"{{ x }}'))
    assert "<script" not in document
    assert "&lt;script&gt;" in document


def test_the_same_snapshot_gives_the_same_bytes():
    assert drawn(made("Fenland")) == drawn(made("Fenland"))


@pytest.fixture
def trap():
    """A web server that notes who asks."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


FETCHES = [
    '<img src="{}/a">',
    '<img srcset="{}/b 2x">',
    '<link rel="stylesheet" href="{}/c">',
    '<link rel="attachment" href="{}/d">',
    "<style>@import url({}/e)</style>",
    "<style>body {{ background: url({}/f) }}</style>",
    "<style>@font-face {{ font-family: x; src: url({}/g) }} body {{ font-family: x }}</style>",
    '<object data="{}/h"></object>',
    '<embed src="{}/i">',
    '<svg xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="{}/j"/></svg>',
    '<a rel="attachment" href="file:///etc/hostname">k</a><img src="file:///etc/hostname">',
]


@pytest.mark.parametrize("payload", FETCHES)
def test_drawing_a_pdf_fetches_nothing(trap, payload):
    address, asked = trap
    document = f"<html lang=en><title>x</title><body>{payload.format(address)}</body></html>"
    content = pdf.from_html(document, identifier="x")
    assert content.startswith(b"%PDF")
    assert asked == []
    assert not pypdf.PdfReader(io.BytesIO(content)).attachments


def test_the_trap_notes_who_asks(trap):
    import urllib.request

    address, asked = trap
    urllib.request.urlopen(f"{address}/seen").close()
    assert asked == ["/seen"]


def test_a_server_without_pango_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    pdf.why_not.cache_clear()
    try:
        assert "the Pango library is not installed" in pdf.why_not()
        with pytest.raises(pdf.CannotDraw):
            pdf.draw(made("Fenland"))
    finally:
        pdf.why_not.cache_clear()


def test_the_document_has_no_address_to_fetch():
    document = html.document(made("Fenland"))
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', document) == []
    assert "@import" not in document

"""Files as people send them: read with the row numbers they see, or refused in a sentence."""

import csv
import datetime
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile

from cohorts.pipeline import delimited, open_workbook, workbook
from cohorts.pipeline.read import Unreadable, open_table
from tests.cohorts.pipeline import shared, write


def read(path, *, name=None, password=None, expected=()):
    """(header, [(row, cells)], [(row, problem)]) of a whole file."""
    with open_table(path, name=name or path.name, password=password, expected=expected) as table:
        found, broken = [], []
        for block in table.blocks(range(len(table.header))):
            found += list(zip(block.rows.tolist(), map(list, block.frame.rows()), strict=True))
            broken += [(row.row, row.problem) for row in block.broken]
        return table.header, found, broken


def refusal(path, **options):
    with pytest.raises(Unreadable) as caught:
        read(path, **options)
    return caught.value.sentence


def make_workbook(path, rows, sheets=()):
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Data")
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
        for name in sheets:
            book.add_worksheet(name)
    return path


TWO_ROWS = "Name,Town\nZoë,Ely\nO’Brien,March\n"
READ = (["Name", "Town"], [(2, ["Zoë", "Ely"]), (3, ["O’Brien", "March"])], [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_every_encoding_of_a_spreadsheet_export_is_read(tmp_path, encoding):
    assert read(write(tmp_path, TWO_ROWS, encoding=encoding)) == READ


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_usual_delimiter_is_found(tmp_path, delimiter):
    assert read(write(tmp_path, TWO_ROWS.replace(",", delimiter))) == READ


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(tmp_path, end):
    assert read(write(tmp_path, TWO_ROWS.replace("\n", end))) == READ


def test_single_bytes_of_windows_among_utf8_are_read(tmp_path):
    path = tmp_path / "mixed.csv"
    path.write_bytes("Name,Town\nZoë,".encode() + "Orléans".encode("cp1252") + b"\n")
    assert read(path)[1] == [(2, ["Zoë", "Orléans"])]


def test_rows_keep_the_numbers_of_excel_where_cells_hold_line_breaks(tmp_path):
    path = write(tmp_path, 'a,b\n"one\ntwo",2\n\n3,4\n')
    assert read(path)[1] == [(2, ["one\ntwo", "2"]), (4, ["3", "4"])]


def test_a_ragged_row_is_set_aside_with_its_number(tmp_path):
    path = write(tmp_path, "a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,2,3,,,\n")
    _, found, broken = read(path)
    assert found == [(2, ["1", "2", "3"]), (5, ["1", "2", "3"])]
    assert broken == [
        (3, "it has 2 cells and the heading row has 3"),
        (4, "it has 4 cells and the heading row has 3"),
    ]


def test_a_character_that_is_no_text_sets_its_row_aside(tmp_path):
    _, found, broken = read(write(tmp_path, "a,b\n1,\x002\n3,4\n"))
    assert found == [(3, ["3", "4"])]
    assert broken == [(2, "it holds a character that is no text (NUL)")]


def test_blank_lines_are_no_rows(tmp_path):
    assert read(write(tmp_path, "a,b\n1,2\n\n,\n3,4\n\n\n"))[1] == [(2, ["1", "2"]), (5, ["3", "4"])]


def test_an_unclosed_quote_names_its_row(tmp_path):
    sentence = refusal(write(tmp_path, 'a,b\n1,2\n3,"4\n5,6\n7,8\n'))
    assert sentence.startswith("Row 3: the quote mark is not closed.")


def test_a_quote_inside_a_cell_is_a_quote(tmp_path):
    assert read(write(tmp_path, 'a,b\n5" pipe,2\n6" pipe,"say ""no"""\n'))[1] == [
        (2, ['5" pipe', "2"]),
        (3, ['6" pipe', 'say "no"']),
    ]


def test_leading_zeros_live(tmp_path):
    assert read(write(tmp_path, "id,b\n0620,1\n"))[1] == [(2, ["0620", "1"])]


def test_the_heading_row_is_found_under_title_rows(tmp_path):
    path = write(tmp_path, "Top 250 list\nPrepared 1 July,,\n\nNHS No.,Arrival,Site\n1,2,3\n")
    header, found, _ = read(path, expected=["NHS no", "Site"])
    assert header == ["NHS No.", "Arrival", "Site"]
    assert found == [(5, ["1", "2", "3"])]


def test_of_two_heading_rows_the_one_with_known_names_is_taken(tmp_path):
    header, found, _ = read(
        write(tmp_path, "Person,,Visit\nNHS number,Name,Date\n1,2,3\n"), expected=["NHS number", "Date"]
    )
    assert header == ["NHS number", "Name", "Date"]
    assert found == [(3, ["1", "2", "3"])]


def test_nameless_and_repeated_columns_get_names(tmp_path):
    assert read(write(tmp_path, "Date,,Date\n1,2,3\n"))[0] == ["Date", "column 2", "Date (2)"]


def test_a_file_without_headings_is_refused(tmp_path):
    assert "no heading row" in refusal(write(tmp_path, "1,2,3\n4,5,6\n"))


@pytest.mark.parametrize(
    "content, name, says",
    [
        (b"", "a.csv", "This file is empty"),
        (b"\n", "a.csv", "This file is empty"),
        (b"%PDF-1.7 ...", "a.csv", "a PDF document"),
        (b"%PDF-1.7 ...", "a.xlsx", "a PDF document"),
        (b"MZ\x90\x00" + bytes(200), "a.csv", "a program"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "a.xls", "a web page"),
        (b"\x89PNG\r\n\x1a\n", "a.csv", "a picture"),
        (b"PK\x03\x04 not a zip at all", "a.xlsx", "damaged or was cut short"),
        (b"a,b\n1,2\n", "a.xlsx", "called .xlsx but is not an Excel workbook"),
        (bytes(range(32)) * 40, "a.csv", "This is not an Excel (.xlsx) or CSV file"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(tmp_path, content, name, says):
    path = tmp_path / "upload"
    path.write_bytes(content)
    assert says in refusal(path, name=name)


def test_a_workbook_is_read_with_its_own_row_numbers(tmp_path):
    rows = [
        ["Quarterly list"],
        [],
        ["NHS number", "Date"],
        [9434765919, "2026-01-02"],
        ["", ""],
        ["0620", 45000],
    ]
    header, found, _ = read(make_workbook(tmp_path / "a.xlsx", rows), expected=["NHS number"])
    assert header == ["NHS number", "Date"]
    assert found == [(4, ["9434765919", "2026-01-02"]), (6, ["0620", "45000"])]


def test_dates_of_a_workbook_come_in_iso_form(tmp_path):
    path = tmp_path / "dates.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["id", "day"])
    book.active.append(["1", datetime.date(2026, 2, 3)])
    book.active.append(["2", datetime.datetime(2026, 2, 3, 14, 30)])
    book.save(path)
    assert [cells[1] for _, cells in read(path)[1]] == ["2026-02-03", "2026-02-03 14:30:00"]


def test_the_sheet_with_known_names_is_taken(tmp_path):
    path = tmp_path / "sheets.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Notes").write_row(0, 0, ["Please", "read"])
        hidden = book.add_worksheet("Old")
        hidden.write_row(0, 0, ["NHS number", "Date", "Site"])
        hidden.hide()
        book.add_worksheet("Data").write_column(0, 0, ["NHS number", "1"])
    with open_table(path, name="sheets.xlsx", expected=["NHS number"]) as table:
        assert (table.sheet, table.header) == ("Data", ["NHS number"])


def test_an_empty_workbook_is_refused(tmp_path):
    assert "No visible sheet" in refusal(make_workbook(tmp_path / "a.xlsx", []))


def test_macros_are_refused(tmp_path):
    path = make_workbook(tmp_path / "a.xlsm", [["a"], [1]])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    assert "Files with macros are not accepted" in refusal(path)


def test_a_workbook_that_swells_is_refused_before_it_is_opened(tmp_path):
    path = make_workbook(tmp_path / "a.xlsx", [["a"], [1]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", bytes(210 * 1024 * 1024))
    assert "opens to more than 200 MB" in refusal(path)


def test_a_workbook_that_is_packed_too_tightly_is_refused(tmp_path):
    path = make_workbook(tmp_path / "a.xlsx", [["a"], [1]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", bytes(20 * 1024 * 1024))
    assert "more than 100 times its size" in refusal(path)


def test_a_workbook_of_too_many_parts_is_refused(tmp_path):
    path = make_workbook(tmp_path / "a.xlsx", [["a"], [1]])
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(workbook.ENTRIES):
            archive.writestr(f"xl/media/{number}.txt", b"")
    assert "more than 2,000 parts" in refusal(path)


def test_a_sheet_that_asks_for_too_much_memory_harms_nothing_but_itself(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write(1_048_575, 16_383, 1)
    assert "more memory or time than we allow" in refusal(path)


def lock(path: Path, password: str) -> Path:
    locked = path.with_name("locked.xlsx")
    with path.open("rb") as plain, locked.open("wb") as out:
        OOXMLFile(plain).encrypt(password, out)
    return locked


def test_a_locked_workbook_opens_with_its_password(tmp_path):
    path = lock(make_workbook(tmp_path / "a.xlsx", [["a", "b"], ["1", "2"]]), "open sesame")
    assert read(path, password="open sesame")[1] == [(2, ["1", "2"])]
    assert "has a password. Type it in" in refusal(path)
    assert "password does not open this file" in refusal(path, password="open says me")


def test_the_opened_copy_of_a_locked_workbook_is_gone(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    path = lock(make_workbook(tmp_path / "a.xlsx", [["a", "b"], ["1", "2"]]), "word")
    read(path, password="word")
    assert os.listdir(tmp_path / "scratch") == []


def test_the_reader_of_workbooks_runs_without_anything_of_ours(tmp_path):
    """It has little memory to live in, so it must pull in neither pandas nor Django."""
    path = make_workbook(tmp_path / "a.xlsx", [["a", "b"], ["1", True]])
    program = [sys.executable, "-I", open_workbook.__file__, str(path), "[]"]
    done = subprocess.run(program, capture_output=True, check=True, cwd=tmp_path)
    about, *lines = done.stdout.decode().split("\n")
    assert json.loads(about) == {"sheet": "Data", "height": 2, "calendar": "1900"}
    assert lines == ["a,b", "1,TRUE", ""]


# A file that begins with U+FEFF says by it how it is encoded, so it is no part of the first cell.
cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=12)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=12), st.integers(20, 400))
def test_what_the_csv_module_writes_comes_back(tmp_path, rows, block):
    """The quick path and the careful path agree with Python's own csv module, whatever the block size."""
    text = io.StringIO()
    csv.writer(text).writerows([["one", "two", "three"], *rows])
    data = text.getvalue().encode()
    expected = [
        (number, row)
        for number, row in enumerate(csv.reader(io.StringIO(text.getvalue(), newline="")), start=1)
        if number > 1 and any(row)
    ]
    before, delimited.BLOCK_BYTES = delimited.BLOCK_BYTES, block
    try:
        stream = io.BytesIO(data.split(b"\r\n", 1)[1])
        found = []
        for part in delimited.blocks(stream, start=b"", delimiter=",", width=3, keep=[0, 1, 2], first_row=2):
            assert part.broken == []
            found += list(zip(part.rows.tolist(), map(list, part.frame.rows()), strict=True))
    finally:
        delimited.BLOCK_BYTES = before
    assert found == expected


def test_none_of_the_messy_files_of_others_ends_in_anything_but_rows_or_a_sentence():
    folder = shared("messy_files")
    refused, opened, sentences = [], [], []
    for path in sorted(p for p in folder.glob("*/*") if p.is_file()):
        try:
            read(path)
        except Unreadable as problem:
            refused.append(path.name)
            sentences.append(problem.sentence)
        else:
            opened.append(path.name)
    assert {"empty.csv", "vba.xlsm", "date.xls", "pass_protected.xlsb", "complex.html"} <= set(refused)
    assert {"test_utf16_big.csv", "mac_newlines.csv", "bad.csv", "simple.ssv", "deaths.xlsx"} <= set(opened)
    assert all(sentence.endswith(".") for sentence in sentences)

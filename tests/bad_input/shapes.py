"""Tables that are laid out, encoded or delimited in ways nobody asked for."""

import datetime
from collections.abc import Iterator
from typing import Any

from tests.bad_input.door import EVERYTHING, Case, layout
from tests.bad_input.files import HEADER, NHS, OTHER, text, workbook

ROW = f"{NHS},2026-01-02,10:30"
HEADING = ["NHS number", "Arrival date"]
GOOD_ROW = [NHS, "2026-01-02"]


def layouts() -> Iterator[tuple[str, str, bytes]]:
    yield "no heading row", "list.csv", text(f"{OTHER},2026-01-03,11:00", header=ROW)
    yield "no heading row in a workbook", "list.xlsx", workbook([GOOD_ROW, GOOD_ROW])
    yield "heading row far down", "list.csv", text(ROW, header="\n".join([*["Notes"] * 60, HEADER]))
    yield (
        "column missing: nhs number",
        "list.csv",
        text("2026-01-02,10:30", header="Arrival date,Arrival time"),
    )
    yield "column missing: arrival date", "list.csv", text(f"{NHS},10:30", header="NHS number,Arrival time")
    yield "columns renamed", "list.csv", text(f"{NHS},2026-01-02", header="Identifier,Came on")
    yield "columns in another language", "list.csv", text(f"{NHS},2026-01-02", header="Numéro,Date d'arrivée")
    yield "very many wrong columns", "list.csv", text(header=",".join(f"FIELD_{n}" for n in range(200)))
    yield "very long heading", "list.csv", text(f"{NHS},2026-01-02", header=f"{'x' * 900},Arrival date")
    yield (
        "heading that is a formula",
        "list.csv",
        text(f"{NHS},2026-01-02", header="=NHS number,Arrival date"),
    )
    yield "headings as numbers", "list.csv", text("1,2,3", header="2024,2025,2026")
    yield (
        "one row for each person instead",
        "list.csv",
        text(f"{NHS},12", header="NHS number,A&E attendances"),
    )
    yield "short row", "list.csv", text(ROW, NHS)
    yield "long row", "list.csv", text(ROW, f"{ROW},more,and more")
    yield "cell with a comma and no quotes", "list.csv", text(f"{NHS},2026-01-02,10,30")
    yield "total row at the foot", "list.csv", text(ROW, "Total,1,")
    yield "signature at the foot", "list.csv", text(ROW, "Prepared by the BI team,,")
    yield "page number at the foot", "list.csv", text(ROW, "Page 1 of 1")
    yield "heading row again in the middle", "list.csv", text(ROW, HEADER, ROW)
    yield "sub-heading between rows", "list.csv", text(ROW, "Over 65s,,", ROW)
    yield (
        "pivot table",
        "list.xlsx",
        workbook([["Row Labels", "Count of NHS number"], ["North", 12], ["Grand Total", 12]]),
    )
    yield "merged cells over rows", "list.xlsx", workbook([HEADING, GOOD_ROW, ["", "2026-01-03"]])
    yield "the list on its side", "list.csv", text("Arrival date,2026-01-02", header=f"NHS number,{NHS}")
    yield (
        "title rows and a wrong heading",
        "list.csv",
        text(ROW, header="High users, Q1,\n,,\nNumber,Date,Time"),
    )
    yield (
        "data starts in column C",
        "list.xlsx",
        workbook([["", "", *HEADING], ["", "", "123", "2026-01-02"]]),
    )
    yield (
        "error values of excel",
        "list.xlsx",
        workbook([HEADING, ["#N/A", "#REF!"], ["#VALUE!", "2026-01-02"]]),
    )
    yield "formula without a result", "list.xlsx", workbook([HEADING, ["=A9", "2026-01-02"]])
    yield "truth values", "list.xlsx", workbook([HEADING, [True, False]])


def encodings() -> Iterator[tuple[str, str, bytes]]:
    yield "quote mark not closed", "list.csv", text(ROW, f'{NHS},"2026-01-02,10:30', ROW)
    yield (
        "quote mark not closed in the heading",
        "list.csv",
        text(ROW, header='NHS number,"Arrival date,Arrival time'),
    )
    yield "quote mark not closed in the last row", "list.csv", text(ROW, f'"{NHS},2026-01-02,10:30')
    yield "text after a closing quote", "list.csv", text(f'"{NHS}"x,2026-01-02,10:30')
    yield "nul in a cell", "list.csv", text(f"{NHS},2026\0-01-02,10:30")
    yield "nul in every cell", "list.csv", text(f"\0{NHS},\0,\0", f"{NHS},\0,")
    yield "utf-16 cut in half of a letter", "list.csv", text("123,2026-01-02,", encoding="utf-16")[:-1]
    yield "utf-16 without a mark", "list.csv", text("123,2026-01-02,", encoding="utf-16-le")
    yield "windows letters in a date", "list.csv", text(f"{NHS},2 février 2026,", encoding="cp1252")
    yield "broken utf-8 in a number", "list.csv", text(f"{NHS},2026-01-02,").replace(b"943", b"\xff\xfe9")
    yield "semicolons in a comma file", "list.csv", text(f"{NHS};2026-01-02;10:30")
    yield "tabs in a comma file", "list.csv", text(f"{NHS}\t2026-01-02\t10:30")
    yield "old mac line ends", "list.csv", text("123,2026-01-02,10:30", end="\r")
    yield "blank column in the heading", "list.csv", text(f",{NHS}", header=",Arrival date")
    yield "single quotes", "list.csv", text(f"'{NHS}','2026-01-02','10:30'")
    yield "spaces for columns", "list.txt", text(f"{NHS}  2026-01-02", header="NHS number  Arrival date")
    yield "fixed width", "list.txt", b"NHSNUMBER ARRIVAL   \n943476591920260102\n"
    yield (
        "line of dashes under the heading",
        "list.txt",
        text("-----|-----", f"{NHS}|2026-01-02", header="NHS number|Arrival date"),
    )
    yield (
        "an e-mail",
        "mail.csv",
        b"From: bi@trust.example\nTo: hiu@trust.example\nSubject: List\n\nPlease find attached.\n",
    )
    yield "a program in text", "load.csv", b"SELECT nhs_number FROM attendances\nWHERE arrival > now();\n"


def agreed() -> Iterator[Case]:
    """What an agreement does not name cannot be read, however right the file is."""
    content = text(ROW)
    yield Case("agreement without nhs number", "list.csv", content, allowed=EVERYTHING - {"nhs_number"})
    yield Case("agreement without arrival date", "list.csv", content, allowed=EVERYTHING - {"arrived_on"})
    yield Case("agreement of nothing", "list.csv", content, allowed=set())
    one = layout("odi_hospital_ae")
    whole = text("a1,2026-01-02 10:30:00", header="Health Service ID,Arrival Time")
    yield Case(
        "agreement without the time of a date and time",
        "l.csv",
        whole,
        one,
        allowed=EVERYTHING - {"arrived_time"},
    )
    people = text(f"{NHS},12", header="NHS number,A&E attendances in the last 12 months")
    listed = layout("people")
    yield Case("agreement without the count", "list.csv", people, listed, allowed=EVERYTHING - {"ae_count"})
    yield Case("attendances sent to a source of people", "list.csv", content, listed)
    yield Case("pseudonyms wanted, nhs numbers sent", "list.csv", content, layout("hes_ae"))


def calendars() -> Iterator[Case]:
    """Days of spreadsheets in both calendars, and what cannot be one."""

    def dated(book: Any, sheet: Any) -> None:
        sheet.write_datetime(
            2, 1, datetime.datetime(2026, 1, 3), book.add_format({"num_format": "dd/mm/yyyy"})
        )

    yield Case("day number of the far future", "l.xlsx", workbook([HEADING, [NHS, 68000]]))
    yield Case("day number below five digits", "l.xlsx", workbook([HEADING, [NHS, 4500]]))
    yield Case("day number as text in a csv", "l.csv", text(f"{NHS},46024,"))
    yield Case(
        "day number in the wrong calendar", "l.xlsx", workbook([HEADING, [NHS, 46024]], date_1904=True)
    )
    yield Case(
        "day numbers and dates together", "l.xlsx", workbook([HEADING, [NHS, 46024], [NHS, ""]], dated)
    )
    said = layout("attendances", day_numbers="1904")
    yield Case("day number said to be of 1904", "l.csv", text(f"{NHS},44562,0.4375", f"{NHS},46024,"), said)
    yield Case("29 february 1900", "l.csv", text(f"{NHS},29/02/1900,"))
    yield Case("time above one day", "l.xlsx", workbook([[*HEADING, "Arrival time"], [*GOOD_ROW, 1.5]]))


def cases() -> Iterator[Case]:
    for group in (layouts, encodings):
        for name, file, content in group():
            yield Case(name, file, content)
    yield from agreed()
    yield from calendars()

"""Cells that are wrong, in rows that are otherwise right."""

from collections.abc import Iterator

from tests.bad_input.door import Case, layout
from tests.bad_input.files import NHS, text

NUMBERS = {
    "blank": "",
    "spaces": "   ",
    "null": "NULL",
    "n/a": "N/A",
    "not known": "Not known",
    "a dash": "-",
    "one digit": "9",
    "eight digits": "94347659",
    "nine digits": "943476591",
    "nine digits with spaces": "943 476 591",
    "eleven digits": "94347659190",
    "twelve digits": "943476591900",
    "two numbers in a cell": "9434765919 9434765870",
    "two numbers with a slash": "9434765919/9434765870",
    "wrong check digit": "9434765918",
    "digits swapped": "9434756919",
    "the example of the documentation": "9991234560",
    "noughts": "0000000000",
    "nines": "9999999999",
    "ones": "1111111111",
    "one to nine": "1234567890",
    "letter o for nought": "943476591O",
    "letters before it": "NHS9434765919",
    "hospital number": "RX1-004521",
    "name": "Ann Ash",
    "cut short by excel": "9.43E+09",
    "cut short with a comma": '"9,43E+09"',
    "power of ten": "9.434765919E9",
    "thousands": '"9,434,765,919"',
    "half a number": "9434765919.5",
    "negative": "-9434765919x",
    "plus in front": "+9434765919",
    "formula": "=9434765919",
    "formula of text": '"=""9434765919"""',
    "hash signs": "##########",
    "full width digits": "９４３４７６５９１９",
    "arabic digits": "٩٤٣٤٧٦٥٩١٩",
    "scottish, no such day": "3213000017",
    "a date": "02/01/2026",
    "script": "<script>alert(1)</script>",
    "database command": "'; DROP TABLE people; --",
    "template": "{{ 7 * 7 }}",
    "right-to-left mark": "\u202e9195674349",
    "very long": "9" * 5000,
}
DATES = {
    "blank": "",
    "null": "NULL",
    "31 february": "31/02/2026",
    "29 february of no leap year": "29/02/2025",
    "31 april": "31/04/2026",
    "day nought": "00/01/2026",
    "day 32": "32/01/2026",
    "month nought": "2026-00-02",
    "month 13": "2026-13-01",
    "both above 12": "13/13/2026",
    "year alone": "2026",
    "month and year": "01/2026",
    "month in words alone": "January 2026",
    "quarter": "Q1 2026",
    "yesterday": "yesterday",
    "question marks": "??/01/2026",
    "year of three digits": "02/01/202",
    "year of five digits": "02/01/20266",
    "month that is none": "02 Foo 2026",
    "day of the week": "Friday",
    "tomorrow": "2026-07-02",
    "next century": "2126-01-02",
    "before 1900": "1899-12-31",
    "year one": "0001-01-01",
    "day number": "45000",
    "nought": "0",
    "negative": "-1",
    "eight digits that are no day": "20261301",
    "time alone": "10:30",
    "two dates": "02/01/2026 - 03/01/2026",
    "formula": "=TODAY()",
    "script": "<img src=x onerror=alert(1)>",
    "hour 25 with it": "2026-01-02 25:00",
}
TIMES = {
    "24:00": "24:00",
    "2400": "2400",
    "24:00:00": "24:00:00",
    "25:10": "25:10",
    "minute 60": "12:60",
    "second 61": "12:30:61",
    "words": "half past nine",
    "hours alone": "9h",
    "five digits": "12345",
    "negative": "-10:30",
    "minute 99 without a colon": "1299",
    "a date": "02/01/2026",
    "dots": "10.30",
    "script": "<b>10:30</b>",
}
BIRTHS = {
    "no such day": "31/02/1980",
    "two digits of a year": "01/02/35",
    "before 1900": "1850-01-01",
    "not yet born": "2030-01-01",
    "born after the arrival": "2026-01-03",
    "year alone": "1980",
    "words": "seventies",
    "day number": "29221",
}
AGES = {
    "over 120": "121",
    "negative": "-1",
    "words": "old",
    "a coded age": "7001",
    "half": "42.5",
    "a date": "02/01/1980",
}
COUNTS = {
    "negative": "-3",
    "words": "many",
    "half": "2.5",
    "blank": "",
    "date": "02/01/2026",
    "more than": ">5",
    "too big": "99999999999",
}
METHODS = {
    "planned": "11",
    "waiting list": "12",
    "birth": "82",
    "transfer": "81",
    "not known": "99",
    "blank": "",
    "no code": "77",
    "words": "Emergency",
}


def numbers() -> Iterator[Case]:
    for name, value in NUMBERS.items():
        yield Case(f"nhs number: {name}", "list.csv", text(f"{value},2026-01-02,"))


def moments() -> Iterator[Case]:
    for name, value in DATES.items():
        yield Case(f"arrival: {name}", "list.csv", text(f"{NHS},{value},"))
    for name, value in TIMES.items():
        yield Case(f"time: {name}", "list.csv", text(f"{NHS},2026-01-02,{value}"))
    for name, value in BIRTHS.items():
        content = text(f"{NHS},2026-01-02,{value}", header="NHS number,Arrival date,Date of birth")
        yield Case(f"birth: {name}", "list.csv", content)


def orders() -> Iterator[Case]:
    """The order of day and month: one for a whole file, or none."""
    lines = {
        "fits both": ["03/04/2026", "05/06/2026"],
        "fits both, one row": ["03/04/2026"],
        "mixed": ["25/04/2026", "04/25/2026"],
        "mixed three to one": ["25/04/2026", "26/04/2026", "27/04/2026", "04/25/2026"],
        "month first": ["04/25/2026", "03/04/2026"],
        "month first with an odd row": ["04/25/2026"] * 20 + ["25/04/2026"],
        "day first with an odd row": ["25/04/2026"] * 20 + ["04/25/2026"],
        "same both ways": ["03/03/2026"],
        "fits both, with dashes": ["03-04-2026"],
        "fits both, two digits": ["03/04/26"],
    }
    for name, dates in lines.items():
        yield Case(f"order: {name}", "list.csv", text(*(f"{NHS},{date}," for date in dates)))
    said = layout("attendances", date_order="day_first")
    yield Case("order: said to be day first", "list.csv", text(f"{NHS},04/25/2026,"), said)
    said = layout("attendances", date_order="month_first")
    yield Case(
        "order: said to be month first", "list.csv", text(f"{NHS},25/04/2026,", f"{NHS},04/13/2026,"), said
    )
    births = text(f"{NHS},2026-01-02,03/04/1980", header="NHS number,Arrival date,Date of birth")
    yield Case("order: only births fit both", "list.csv", births)


def figures() -> Iterator[Case]:
    for name, value in AGES.items():
        yield Case(
            f"age: {name}",
            "list.csv",
            text(f"{NHS},2026-01-02,{value}", header="NHS number,Arrival date,Age"),
            _with_age(),
        )
    people = layout("people")
    for name, value in COUNTS.items():
        content = text(f'{NHS},"{value}"', header="NHS number,A&E attendances in the last 12 months")
        yield Case(f"count: {name}", "list.csv", content, people)
    admissions = layout("admissions")
    for name, value in METHODS.items():
        content = text(f"{NHS},2026-01-02,{value}", header="NHS number,Admission date,Admission method")
        yield Case(f"admission method: {name}", "list.csv", content, admissions)


def _with_age():
    found = layout("attendances")
    found.columns["Age"] = "age"
    return found


def codes() -> Iterator[Case]:
    """Codes nobody knows: the row is kept, the cell is not supplied, and it is said."""
    header = "NHS number,Arrival date,Arrival mode,Sex,Minutes in the department,Cost"
    for name, cells in {
        "arrival mode": "by camel,,,",
        "arrival mode of a form": "99,,,",
        "sex": ",7,,",
        "minutes": ",,long,",
        "negative minutes": ",,-5,",
        "cost": ",,,free",
        "negative cost": ",,,-12.50",
        "enormous cost": ",,,999999999999",
        "not a number": ",,NaN.0,inf",
    }.items():
        yield Case(f"code: {name}", "list.csv", text(f"{NHS},2026-01-02,{cells}", header=header))
    ecds = text(
        "abc,2026-01-02,1048999000000109,12345", header="TOKEN_PERSON_ID,ARRIVAL_DATE,ARRIVAL_MODE,ACUITY"
    )
    yield Case("code: of no ecds list", "list.csv", ecds, layout("ecds"))
    cut = text("abc,2026-01-02,1.04803E+15", header="TOKEN_PERSON_ID,ARRIVAL_DATE,ARRIVAL_MODE")
    yield Case("code: cut short by excel", "list.csv", cut, layout("ecds"))


def pseudonyms() -> Iterator[Case]:
    for name, value in {"blank": "", "null": "NULL", "too long": "x" * 65}.items():
        content = text(f"{value},2026-01-02", header="TOKEN_PERSON_ID,ARRIVAL_DATE")
        yield Case(f"pseudonym: {name}", "list.csv", content, layout("ecds"))


HOSTILE = {
    "formula of a command": "\"=cmd|'/C calc'!A0\"",
    "formula after a space": '" =1+1"',
    "formula with @": "@SUM(1;1)",
    "full width equals sign": "＝1+1",
    "script": "<script>alert(1)</script>",
    "template": "{{ settings.SECRET_KEY }}{% debug %}",
    "right-to-left": "\u202egnissim",
    "zero width": "a\u200bb",
    "emoji": "\U0001f691\U0001f3fd",
    "ten thousand letters": "x" * 10_000,
    "path": "../../etc/passwd",
    "backslashes for copy": "\\N\\.\\t",
    "database command": "'); DROP TABLE governance_person; --",
}
SLIPPED = {
    "nhs number as arrival": "2026-01-02,9434765919",
    "nhs number with spaces as arrival": "9434765870,943 476 5919",
    "name as arrival": f"{NHS},Ann Ash",
}


def hostile() -> Iterator[Case]:
    """Text that would do harm elsewhere is text here; it is kept, or rejected without being obeyed."""
    header = "NHS number,Arrival date,Presenting complaint,Last name"
    for name, value in HOSTILE.items():
        yield Case(f"hostile: {name}", "list.csv", text(f"{NHS},2026-01-02,{value},{value}", header=header))
        yield Case(f"hostile arrival: {name}", "list.csv", text(f"{NHS},{value},,", header=header))
    for name, cells in SLIPPED.items():
        yield Case(f"slipped: {name}", "list.csv", text(f"{cells},"))
    yield Case("hostile file name", '../../a\r\nb".csv', text(f"{NHS},2026-01-02,"))


def several() -> Iterator[Case]:
    yield Case("everything wrong in one row", "list.csv", text("123,31/02/2026,24:00"))
    yield Case("three bad rows", "list.csv", text(*["9434765918,2026-01-02,"] * 3))


def cases() -> Iterator[Case]:
    for group in (numbers, moments, orders, figures, codes, pseudonyms, hostile, several):
        yield from group()

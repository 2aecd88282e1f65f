"""The order of day and month: one for a file, from its own dates, and never row by row."""

import datetime

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from cohorts.pipeline import clock, date_order, moments
from cohorts.pipeline.cells import objects
from cohorts.pipeline.date_order import DAY_FIRST, MONTH_FIRST, Evidence, read_so, shows
from cohorts.pipeline.fields import DATA_ITEMS
from cohorts.pipeline.problems import Unreadable
from cohorts.pipeline.profile import Conventions
from cohorts.pipeline.run import check_file
from tests.cohorts.pipeline import NHS, TODAY, layout, write

COLUMNS = {
    "NHS number": "nhs_number",
    "Arrived": "arrived_at",
    "Born": "birth_date",
    "Time": "arrived_time",
    "Day": "arrived_on",
}


def load(path, **conventions):
    """What the whole check makes of a file: its events and the sentence about its dates."""
    frames = []
    summary = check_file(
        path,
        name=path.name,
        layout=layout(COLUMNS, **conventions),
        allowed={item.name for item in DATA_ITEMS},
        today=TODAY,
        rejects_path=path.with_suffix(".rejects"),
        sink=frames.append,
    )
    days = [day for frame in frames for day in list(frame["started_on"])]
    times = [at for frame in frames if "started_at_time" in frame for at in list(frame["started_at_time"])]
    return days, times, summary


def csv(folder, *lines, header="NHS number,Day"):
    return write(folder, "\n".join([header, *lines]) + "\n")


@pytest.mark.parametrize(
    "text, order",
    [
        ("25/04/2026", DAY_FIRST),
        ("25.04.2026 10:30", DAY_FIRST),
        ("04/25/2026", MONTH_FIRST),
        ("4/25/26 9:05", MONTH_FIRST),
        ("03/04/2026", "both"),
        ("03-04-26", "both"),
        ("03/03/2026", ""),
        ("2026-04-03", ""),
        ("3 Apr 2026", ""),
        ("31/02/2026", ""),
        ("13/13/2026", ""),
        ("", ""),
        ("03/04/2026 - 05/04/2026", ""),
    ],
)
def test_one_date_shows_an_order_or_nothing(text, order):
    assert shows(text) == order


@given(st.dates(datetime.date(1901, 1, 1), datetime.date(2099, 12, 31)))
def test_a_day_above_twelve_always_shows_its_order(day):
    expected = DAY_FIRST if day.day > 12 else "both" if day.day != day.month else ""
    assert shows(day.strftime("%d/%m/%Y")) == expected
    assert shows(day.strftime("%m/%d/%Y")) == expected.replace("day", "month")


def test_a_file_with_the_month_first_is_read_so_in_every_row(tmp_path):
    days, _, summary = load(csv(tmp_path, f"{NHS},03/04/2026", f"{NHS},04/25/2026"))
    assert days == ["2026-03-04", "2026-04-25"]
    assert summary.date_order == (
        "Dates are read with the month first: row 3 of “Day” has 04/25/2026. 1 date shows it."
    )


def test_a_date_of_birth_shows_the_order_too_and_is_not_repeated(tmp_path):
    path = csv(tmp_path, f"{NHS},03/04/2026,12/31/1980", header="NHS number,Day,Born")
    days, _, summary = load(path)
    assert days == ["2026-03-04"]
    assert summary.date_order == "Dates are read with the month first: row 2 of “Born”. 1 date shows it."


def test_twelve_hour_clocks_of_month_first_files_are_read(tmp_path):
    path = csv(tmp_path, f"{NHS},4/25/2026 2:05 PM", f"{NHS},4/3/2026 12:30 AM", header="NHS number,Arrived")
    days, times, _ = load(path)
    assert (days, times) == (["2026-04-25", "2026-04-03"], ["14:05:00", "00:30:00"])


def test_a_file_whose_dates_all_fit_both_orders_is_refused_until_somebody_says(tmp_path):
    path = csv(tmp_path, f"{NHS},03/04/2026", f"{NHS},05/06/2026")
    with pytest.raises(
        Unreadable, match=r"with the day first or with the month first: row 2 of “Day” has 03/04"
    ):
        load(path)
    assert load(path, date_order=DAY_FIRST)[0] == ["2026-04-03", "2026-06-05"]
    assert load(path, date_order=MONTH_FIRST)[0] == ["2026-03-04", "2026-05-06"]
    assert load(path, formats={"arrived_on": "%m/%d/%Y"})[0] == ["2026-03-04", "2026-05-06"]


def test_the_whole_file_is_looked_through_before_it_is_refused(tmp_path, monkeypatch):
    """The first block of a long file sorted by day may show nothing; a later one may."""
    monkeypatch.setattr("cohorts.pipeline.delimited.BLOCK_BYTES", 60)
    monkeypatch.setattr("cohorts.pipeline.read._HEAD_BYTES", 60)
    path = csv(tmp_path, *[f"{NHS},03/04/2026"] * 40, f"{NHS},04/25/2026")
    days, _, summary = load(path)
    assert set(days) == {"2026-03-04", "2026-04-25"}
    assert "row 42 of “Day” has 04/25/2026" in summary.date_order


def test_one_odd_row_among_many_is_rejected_and_more_than_that_is_a_mixed_file():
    def evidence(day, month):
        found = Evidence()
        found.take(
            "arrived_on", "Day", range(2, 2 + day + month), ["25/04/2026"] * day + ["04/25/2026"] * month
        )
        return found

    assert (evidence(20, 1).order, evidence(1, 20).order) == (DAY_FIRST, MONTH_FIRST)
    assert "20 dates show it, and 1 cannot be read so." in evidence(20, 1).sentence
    assert evidence(19, 1).is_mixed
    assert "mixes two orders of dates: row 2" in evidence(19, 1).problem
    assert Evidence().problem == Evidence().sentence == ""


def test_dates_that_need_no_decision_ask_for_none(tmp_path):
    days, _, summary = load(csv(tmp_path, f"{NHS},2026-04-03", f"{NHS},3 Apr 2026", f"{NHS},03/03/2026"))
    assert (days, summary.date_order) == (["2026-04-03", "2026-04-03", "2026-03-03"], "")


def test_an_order_that_was_chosen_outweighs_patterns_that_say_the_other():
    stored = Conventions(formats={"arrived_on": ["%Y-%m-%d", "%d/%m/%Y"], "birth_date": ["%d/%m/%Y"]})
    chosen = read_so(stored, {"date_order": MONTH_FIRST, "day_numbers": "1904"})
    assert chosen.formats == {"arrived_on": ["%Y-%m-%d"]}
    assert (chosen.date_order, chosen.day_numbers) == (MONTH_FIRST, "1904")
    assert read_so(stored, {"code_set": "ecds"}).formats == stored.formats
    assert date_order.with_order(stored, DAY_FIRST, ["arrived_on"]) is stored


@pytest.mark.parametrize("is_1904, number", [(False, 46024), (True, 44562)])
def test_day_numbers_of_a_workbook_are_counted_as_the_workbook_counts(tmp_path, is_1904, number):
    path = tmp_path / "days.xlsx"
    with xlsxwriter.Workbook(str(path), {"date_1904": is_1904}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["NHS number", "Day", "Time"])
        sheet.write_row(1, 0, [NHS, number, 0.4375])
        sheet.write(2, 0, NHS)
        sheet.write_datetime(
            2, 1, datetime.datetime(2026, 1, 2), book.add_format({"num_format": "dd/mm/yyyy"})
        )
        sheet.write(2, 2, 1430)
    days, times, _ = load(path)
    assert (days, times) == (["2026-01-02", "2026-01-02"], ["10:30:00", "14:30:00"])


def test_a_dated_cell_of_a_1904_workbook_is_the_day_that_excel_shows(tmp_path):
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(["NHS number", "Arrived"])
    book.active.append([NHS, datetime.datetime(2026, 1, 2, 14, 30)])
    book.save(tmp_path / "mac.xlsx")
    days, times, _ = load(tmp_path / "mac.xlsx")
    assert (days, times) == (["2026-01-02"], ["14:30:00"])


@pytest.mark.parametrize("system, number", [("1900", "46024"), ("1904", "44562")])
def test_day_numbers_in_a_text_file_are_read_once_somebody_says_so(tmp_path, system, number):
    path = csv(tmp_path, f"{NHS},{number}.4375", header="NHS number,Arrived")
    assert load(path)[2].reject_reasons == {"arrival_not_a_date": 1}
    days, times, _ = load(path, day_numbers=system)
    assert (days, times) == (["2026-01-02"], ["10:30:00"])


def test_both_calendars_agree_on_the_day_that_one_calls_1462_more():
    found = [
        moments.parse(objects([n]), (), serials=s).days[0] for n, s in (("46024", "1900"), ("44562", "1904"))
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "written, fractions, plain",
    [
        ("2026-01-02 14:30:00", False, "14:30:00"),
        ("1899-12-31T09:05:00.000", False, "09:05:00"),
        ("1430.0", False, "1430"),
        ("0.5", True, "12:00:00"),
        ("0.999999", True, "23:59:59"),
        (".25", True, "06:00:00"),
        ("0.5", False, "0.5"),
        ("10:30", True, "10:30"),
        ("half past", True, "half past"),
    ],
)
def test_times_in_disguise_become_times(written, fractions, plain):
    assert clock.plain_times([written], fractions=fractions) == [plain]


@pytest.mark.parametrize("written, kept", [("0905", "09:05:00"), ("905", "09:05:00"), ("5", "00:05:00"), ("9:05 AM", "09:05:00"), ("2:30 pm", "14:30:00"), ("0905.0", "09:05:00")])  # fmt: skip
def test_hhmm_and_twelve_hour_times_are_read(tmp_path, written, kept):
    path = csv(tmp_path, f"{NHS},2026-01-02,{written}", header="NHS number,Day,Time")
    assert load(path)[1] == [kept]

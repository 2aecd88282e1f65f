"""Each service, from nothing: its preset, an extract made for it, and exactly the people its own rule names."""

import datetime
from dataclasses import dataclass
from itertools import count

import pytest

from casework.actions import preset as presets
from casework.presets import read
from cohorts.actions import cohort_list as lists
from cohorts.models import Activity
from tests.cohorts.extracts import HEADER, feed, load_rows
from tests.factories.cohorts import CandidateFactory, CohortListFactory, ScreeningFactory

pytestmark = pytest.mark.django_db

JUNE_30 = "2026-06-30"
NUMBERS = ("9990000018", "9990000026", "9990000034", "9990000042", "9990000050", "9990000069", "9990000077",
           "9990000085", "9990000093", "9990000107", "9990000115", "9990000123")  # fmt: skip
_keys = count(1)


@dataclass(frozen=True)
class Goes:
    """So many attendances, one every `every` days back from `last`; of them so many ended in admission."""

    times: int
    last: str = "2026-06-20"
    admitted: int = 0
    born: str = "1980-05-06"
    every: int = 1
    at: str = "10:30"

    def lines(self, name: str, number: str) -> list[str]:
        newest = datetime.date.fromisoformat(self.last)
        return [
            f"K{next(_keys)},{number},{name},Ash,{self.born},{newest - datetime.timedelta(days=n * self.every)},"
            f"{self.at},North,{'Admitted' if n < self.admitted else 'Home'}"
            for n in range(self.times)
        ]


ADULT, CHILD = "2008-06-30", "2008-07-01"  # exactly 18 on the day of the list, and a day short of it
OVER_18, EXACTLY_18 = "2007-06-30", "2007-07-01"  # 19 on that day, and still 18
AGES = {"Adult": Goes(30, born=ADULT), "Child": Goes(30, born=CHILD)}
YEAR_FIRST, YEAR_BEFORE = "2025-07-01", "2025-06-30"
QUARTER_FIRST, QUARTER_BEFORE = "2026-03-31", "2026-03-30"  # exactly 3 months ago is not within 3 months
WEEKS_FIRST, WEEKS_BEFORE = "2026-04-08", "2026-04-07"  # the 84 days to 30 June

LISTS = [
    (
        "starter_pack", "starter-pack-top-250", JUNE_30,
        {
            "Six": Goes(6), "Five": Goes(5), "Child": Goes(6, born=CHILD), "Adult": Goes(6, born=ADULT),
            "Within": Goes(6, QUARTER_FIRST), "Before": Goes(6, QUARTER_BEFORE),
        },
        "Six Adult Within",
    ),
    ("cambridgeshire_peterborough", "cp-ten-in-a-year", JUNE_30,
     {"Dave": Goes(10, "2026-01-20", every=20), "Nine": Goes(9), **AGES}, "Dave Adult"),
    ("trent", "trent-seven-in-a-year", JUNE_30,
     {"Seven": Goes(7), "Six": Goes(6), "Over": Goes(7, born=OVER_18), "Exactly": Goes(7, born=EXACTLY_18)},
     "Seven Over"),
    ("rightcare", "rightcare-top-50", JUNE_30,
     {"One": Goes(1, YEAR_FIRST), "None": Goes(1, YEAR_BEFORE), **AGES}, "One Adult"),
    ("red_cross", "red-cross-five-in-a-year", JUNE_30, {"Five": Goes(5), "Four": Goes(4), **AGES}, "Five Adult"),
    (
        "east_kent", "east-kent-250", JUNE_30,
        {
            "Six": Goes(6), "Five": Goes(5), "Spread": Goes(12, every=30),
            "Within": Goes(6, QUARTER_FIRST, every=0), "Before": Goes(6, QUARTER_BEFORE), **AGES,
        },
        "Six Within Adult",
    ),
    ("east_kent", "east-kent-18-to-25", JUNE_30,
     {"Young": Goes(6, born="2000-07-01"), "Older": Goes(6, born="2000-06-30"), **AGES}, "Young Adult"),
    ("kernow", "kernow-top-50", JUNE_30, {"One": Goes(1), **AGES}, "One Adult"),
    (
        "southport_formby", "southport-50", JUNE_30,
        {
            "Both": Goes(4, admitted=2), "Once": Goes(4, admitted=1), "Three": Goes(3, admitted=3),
            "Over": Goes(4, admitted=2, born=OVER_18), "Exactly": Goes(4, admitted=2, born=EXACTLY_18),
        },
        "Both Over",
    ),
    (
        "stockport", "stockport-12-weeks", JUNE_30,
        {
            "Six": Goes(6), "Five": Goes(5), "Within": Goes(6, WEEKS_FIRST, every=0),
            "Quarter": Goes(6, WEEKS_BEFORE, every=0), "Year": Goes(12, every=30), **AGES,
        },
        "Six Within Adult",
    ),
    ("stockport", "stockport-overview", JUNE_30,
     {"Six": Goes(6, YEAR_FIRST, every=0), "Before": Goes(6, YEAR_FIRST), "Year": Goes(12, every=30), **AGES},
     "Six Year Adult"),
    ("starter_pack_service_2", "service-2-more-than-ten", JUNE_30,
     {"Eleven": Goes(11), "Ten": Goes(10), **AGES}, "Eleven Adult"),
    ("starter_pack_service_3", "service-3-12-weeks", JUNE_30,
     {"Six": Goes(6), "Five": Goes(5), "Quarter": Goes(6, WEEKS_BEFORE, every=0), **AGES}, "Six Adult"),
    # 29 February is a day like others: the year to it begins on 1 March.
    (
        "red_cross", "red-cross-five-in-a-year", "2024-02-29",
        {
            "Leap": Goes(5, "2024-02-29", every=0), "First": Goes(5, "2023-03-01", every=0),
            "Before": Goes(5, "2023-02-28", every=0),
            "Born": Goes(5, "2024-02-20", born="2006-02-28"), "Later": Goes(5, "2024-02-20", born="2006-03-01"),
        },
        "Leap First Born",
    ),
    # The hour that happens twice is two attendances; the hour that never is, is taken as it was written.
    (
        "red_cross", "red-cross-five-in-a-year", JUNE_30,
        {
            "Autumn": Goes(5, "2025-10-26", every=0, at="01:30"),
            "Spring": Goes(5, "2026-03-29", every=0, at="01:30"),
        },
        "Autumn Spring",
    ),
]  # fmt: skip


def load_extract(service, people):
    lines = [
        line
        for number, (name, goes) in zip(NUMBERS, people.items(), strict=False)
        for line in goes.lines(name, number)
    ]
    return load_rows(feed(service), *lines, header=HEADER)


def named(cohort_list) -> set[str]:
    return set(cohort_list.candidates.values_list("person__first_name", flat=True))


@pytest.mark.parametrize(
    "preset, slug, as_at, people, expected", LISTS, ids=[f"{slug}-{as_at}" for _, slug, as_at, *_ in LISTS]
)
def test_its_own_rule_names_exactly_these_people(service, preset, slug, as_at, people, expected):
    presets.load(service=service, preset=read.load(preset), by=None)
    extract = load_extract(service, people)
    assert extract.rows_rejected == 0
    assert Activity.objects.count() == sum(goes.times for goes in people.values())
    rule = service.cohort_rules.get(slug=slug)
    built = lists.build(service=service, rule=rule, as_at=datetime.date.fromisoformat(as_at), by=None)
    assert named(built) == set(expected.split())
    assert built.considered == built.selected + sum(built.excluded.values())


def test_every_preset_with_a_rule_is_in_the_table():
    asked = {preset for preset, *_ in LISTS}
    assert asked == {name for name in read.names() if any(p.kind == "rule" for p in read.load(name).parts)}


@pytest.mark.parametrize("name", ["chelsea_westminster", "blackpool_2014", "starter_pack_service_1"])
def test_where_no_rule_was_printed_none_is_made_up(service, name):
    preset = read.load(name)
    presets.load(service=service, preset=preset, by=None)
    assert not service.cohort_rules.exists()
    assert any("rule" in line or "no list" in line for line in preset.not_yet)


@pytest.mark.parametrize("slug", ["kernow-999-top-50"])
def test_the_list_of_the_ambulance_trust_counts_its_calls(service, slug):
    presets.load(service=service, preset=read.load("kernow"), by=None)
    load_rows(feed(service), *Goes(2).lines("Hospital", NUMBERS[0]))
    calls = feed(service, slug="ambulance")
    calls.measure = "call_999"
    calls.save()
    load_rows(calls, *Goes(2).lines("Ambulance", NUMBERS[1]), name="calls.csv")
    rule = service.cohort_rules.get(slug=slug)
    built = lists.build(service=service, rule=rule, as_at=datetime.date(2026, 6, 30), by=None)
    assert named(built) == {"Ambulance"}


@pytest.mark.parametrize(
    "reason, at, left_out",
    [
        ("end_of_life", "2024-01-01", True),
        ("acute_episode", "2026-05-01", True),
        ("acute_episode", "2026-03-01", False),
    ],
)
def test_stockport_leaves_out_whom_its_lead_screened_out_by_these_reasons(service, reason, at, left_out):
    presets.load(service=service, preset=read.load("stockport"), by=None)
    load_extract(service, {"Six": Goes(6)})
    person = service.people.get(first_name="Six")
    before = CandidateFactory(cohort_list=CohortListFactory(rule__service=service), person=person)
    ScreeningFactory(candidate=before, reason=reason, at=f"{at}T12:00Z")
    rule = service.cohort_rules.get(slug="stockport-12-weeks")
    built = lists.build(service=service, rule=rule, as_at=datetime.date(2026, 6, 30), by=None)
    assert built.excluded == ({reason: 1} if left_out else {})


def test_the_list_is_longer_than_what_is_taken_on(service):
    """250 names are the rule of the list; 25 to 30 of them are taken on, which is no part of the rule."""
    preset = read.load("east_kent")
    presets.load(service=service, preset=preset, by=None)
    assert service.cohort_rules.get(slug="east-kent-250").top_n == 250
    caseload = next(part.content for part in preset.parts if part.kind == "caseload")
    assert (caseload[0]["from"], caseload[0]["to"]) == (25, 30)


def test_the_tiers_of_a_preset_come_with_its_rule(service):
    presets.load(service=service, preset=read.load("red_cross"), by=None)
    names = [tier["name"] for tier in service.cohort_rules.get().tiers]
    assert names == ["5 to 9", "10 to 15", "16 and more"]

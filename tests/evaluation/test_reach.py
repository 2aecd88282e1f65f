"""Who was reached: counted by group, with those of whom nobody knows it, and withheld where people are few."""

import datetime
from dataclasses import replace

import pytest

from cohorts.models import Activity
from evaluation import blocks
from evaluation.evidence import gather
from evaluation.quarters import parse
from evaluation.reach import ETHNICITIES, ethnic_group, quintile
from evaluation.sections import reach
from governance.models import Person
from tests.cohorts.areas import load, write
from tests.evaluation.conftest import FROZEN, grow

ASIAN, BLACK, MIXED, WHITE, OTHER = ETHNICITIES
QUARTER = parse("2026-Q3")


@pytest.mark.parametrize(
    "given, group",
    [
        ("A", WHITE),
        ("c", WHITE),
        ("A*", WHITE),
        ("R", ASIAN),
        ("S", OTHER),
        ("Z", ""),
        ("", ""),
        ("Not stated", ""),
        ("White and Asian", MIXED),
        ("Any other White background", WHITE),
        ("Black British", BLACK),
        ("British Bangladeshi", ASIAN),
        ("Any other ethnic group", OTHER),
        ("42", ""),
    ],
)
def test_codes_and_words_become_one_of_five_groups(given, group):
    assert ethnic_group(given) == group


def test_two_tenths_make_a_fifth():
    assert [quintile(each) for each in (1, 2, 3, 10, None)] == [
        "1 (most deprived)", "1 (most deprived)", "2", "5 (least deprived)", "",
    ]  # fmt: skip


def table(section, key):
    found = next(b for b in section["blocks"] if b["kind"] == "table" and b["key"] == key)
    return {row["label"]: [cell["text"] for cell in row["cells"]] for row in found["rows"]}


@pytest.mark.django_db
def test_each_step_is_counted_in_each_group(service, october, tmp_path):
    load(write(tmp_path, "lsoa11_code,IMD_decile", "E01000001,1", "E01000002,4"))
    load(write(tmp_path, "pcds,lsoa11", "QX1 1AA,E01000001", "QX1 1AB,E01000002"))
    grown = grow(service, accepted=20, declined=12, not_reached=10)
    women = [case.person_id for cases in grown.cases.values() for case in cases[:9]]
    Person.objects.filter(pk__in=women).update(
        sex="F", postcode="QX1 1AB", birth_date=datetime.date(1980, 1, 1)
    )
    evidence = gather(service, QUARTER, frozen_at=FROZEN)
    section = reach.build(evidence)

    sexes = table(section, "reach_sex")
    assert [sexes["Women"][:3], sexes["Not known"][:3]] == [["25", "20", "10"], ["15", "15", "10"]]
    assert sexes["Everybody"][:3] == ["40", "30", "20"]
    assert table(section, "reach_imd_2019")["2"][0] == "25"
    assert table(section, "reach_age")["45 to 54"][0] == "25"
    said = str(section)
    assert "IMD 2019" in said
    assert (
        "Not supplied of anybody, so not shown: deprivation of the area in fifths (IMD 2025); ethnic group."
        in said
    )
    assert "a change and not an effect of the service" in said

    steps = reach._steps(evidence, 365)
    fewer = set()
    for case in grown.cases["accepted"]:
        days = [
            (on - case.index_date).days
            for on in Activity.objects.filter(person=case.person).values_list("started_on", flat=True)
        ]
        if sum(0 < day < 365 for day in days) < sum(-365 <= day <= 0 for day in days):
            fewer.add(str(case.person_id))
    assert steps[reach.FEWER_STEP] == fewer
    assert len(steps[reach.FOLLOWED_STEP]) == 20


@pytest.mark.django_db
def test_who_died_in_the_window_is_not_counted_as_better(service, october):
    grown = grow(service, accepted=9)
    gone = grown.cases["accepted"][0]
    Person.objects.filter(pk=gone.person_id).update(died_on=gone.index_date + datetime.timedelta(days=200))
    steps = reach._steps(gather(service, QUARTER, frozen_at=FROZEN), 365)
    assert str(gone.person_id) in steps[reach.ACCEPTED_STEP]
    assert str(gone.person_id) not in steps[reach.FOLLOWED_STEP] | steps[reach.FEWER_STEP]


@pytest.mark.django_db
def test_of_fewer_than_8_people_nothing_is_shown(service, october):
    grow(service, accepted=7)
    section = reach.build(gather(service, QUARTER, frozen_at=FROZEN))
    assert [each["text"] for each in section["blocks"]] == [
        "Withheld: fewer than 8 people have been offered support so far."
    ]


@pytest.mark.django_db
def test_what_could_be_taken_off_an_earlier_report_is_withheld_with_the_reason(service, october):
    grown = grow(service, accepted=20, declined=12)
    Person.objects.filter(pk__in=[each.pk for each in grown.people]).update(sex="F")
    evidence = gather(service, QUARTER, frozen_at=FROZEN)
    about = ("Who was reached, by sex", "Women", reach.ACCEPTED_STEP, "")
    section = reach.build(replace(evidence, withheld=frozenset({about})))
    assert table(section, "reach_sex")["Women"][:3] == ["30", "30", "*"]
    found = next(b for b in section["blocks"] if b["kind"] == "table" and b["key"] == "reach_sex")
    assert found["rows"][0]["note"].startswith("Withheld, because it could be taken off an earlier report")
    assert blocks.suppressed_cells([section])

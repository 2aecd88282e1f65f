"""The negative control: which attendances are for injuries, and when a source says enough to count them."""

import datetime

import pandas as pd
import pytest

from cohorts.models import Activity
from evaluation import coverage
from evaluation.evidence import gather
from evaluation.impact.run import impact
from evaluation.impact.tables import NEGATIVE_CONTROL
from evaluation.injuries import gather as injuries
from evaluation.injuries import shipped
from evaluation.known.moment import known_at
from evaluation.known.rows import rows
from evaluation.people import for_window, with_index_dates
from evaluation.quarters import parse, seed_of
from evaluation.sections import comparators
from tests.evaluation.conftest import FROZEN
from tests.evaluation.two_years import COVERED_FROM, DAY, plant
from tests.factories.cohorts import ActivityFactory, ExtractFactory
from tests.factories.governance import PersonFactory

QUARTER = parse("2026-Q3")
CUT = QUARTER.last_day


@pytest.mark.parametrize(
    "complaint",
    ["127278005", " 127279002 ", "Broken wrist", "Hand injury", "Sprained ankle", "FRACTURE of tibia", "Sports injury",
     "Injury of lower limb", "Dislocated shoulder"],
)  # fmt: skip
def test_what_is_an_injury_that_support_cannot_bring_about(complaint):
    assert shipped().counts(complaint)


@pytest.mark.parametrize(
    "complaint",
    ["", "248062006", "Self-harm", "Head injury", "Skull fracture", "Fall", "Laceration", "Limb pain", "Chest pain",
     "Hand injury, intoxicated", "Arm injury after assault", "Handover", "Road traffic accident", "Farm injury"],
)  # fmt: skip
def test_what_is_none(complaint):
    assert not shipped().counts(complaint)


def attended(extract, person, complaint, times, day=datetime.date(2025, 3, 1)):
    for n in range(times):
        ActivityFactory(extract=extract, person=person, complaint=complaint, started_on=day + n * DAY)


def control(service, people):
    known = known_at(FROZEN)
    feeds = coverage.feeds(service, known=known)
    covered = coverage.covered("ae", feeds, cut=CUT)
    stored = rows(service, feeds, covered.sources, known=known)
    return injuries.gather(service, people, covered, stored, cut=CUT)


@pytest.fixture
def extract(service, october):
    return ExtractFactory(source__service=service, committed=True, period_from=COVERED_FROM, period_to=CUT)


@pytest.mark.django_db
@pytest.mark.parametrize("silent, enough", [(5, True), (6, False)])
def test_a_source_must_say_of_four_in_five_what_they_came_with(service, extract, silent, enough):
    person = PersonFactory(service=service)
    attended(extract, person, "Broken wrist", 3)
    attended(extract, person, "Chest pain", 17)
    attended(extract, person, "", silent)
    # Somebody else's are not looked at.
    attended(extract, PersonFactory(service=service), "Broken leg", 2)
    answer = control(service, [person.pk])
    assert len(answer.rows) == (3 if enough else 0)
    assert answer.why_not == ("" if enough else injuries.NOT_SAID)
    if enough:
        assert set(answer.rows["person"]) == {str(person.pk)}
        assert set(answer.rows["measure"]) == {NEGATIVE_CONTROL}


@pytest.mark.django_db
def test_a_year_in_which_it_said_nothing_is_no_year_without_injuries(service, extract):
    person = PersonFactory(service=service)
    attended(extract, person, "Broken wrist", 200, day=datetime.date(2025, 1, 1))
    attended(extract, person, "", 19, day=datetime.date(2024, 1, 1))
    assert control(service, [person.pk]).why_not == ""
    attended(extract, person, "", 20, day=datetime.date(2024, 3, 1))
    assert control(service, [person.pk]).why_not == injuries.NOT_SAID


@pytest.mark.django_db
def test_no_source_and_no_injury_are_said(service, extract):
    person = PersonFactory(service=service)
    attended(extract, person, "Chest pain", 20)
    assert control(service, [person.pk]).why_not == injuries.NONE_FOUND
    service.extracts.all().update(status="withdrawn")
    assert control(service, [person.pk]).why_not == injuries.NOT_COVERED


@pytest.mark.django_db
def test_the_report_holds_the_headline_against_them_as_the_two_tables_do(service, october):
    planted = plant(service)
    evidence = gather(service, QUARTER, frozen_at=FROZEN)
    ours = evidence.checks("ae", 365)
    marked = planted.events[planted.events["complaint"].map(shipped().counts)]
    activity = [planted.events.assign(measure="ae"), marked.assign(measure=NEGATIVE_CONTROL)]
    both = pd.concat(activity, ignore_index=True)[["person", "measure", "on"]]
    drawn = with_index_dates(planted.tables()[0].assign(refused=False, known_by=0), seed_of(QUARTER))
    given = for_window(drawn, evidence.coverage["ae"], 365)
    theirs = impact(given, both, window_days=365, seed=seed_of(QUARTER))
    assert ours["negative_control"] == theirs["negative_control"]
    assert ours["negative_control"]["shown"]
    assert NEGATIVE_CONTROL not in set(evidence.activity["measure"])

    (table,) = comparators.checks(evidence, "ae", 365)
    placebo, against = table["rows"]
    assert [cell["state"] for cell in against["cells"]] == ["shown"] * 3
    assert against["note"] == comparators.FITS
    assert placebo["label"] == comparators.PLACEBO
    # Of the list of one year earlier nobody has two years of history.
    assert placebo["note"] == comparators.NO_HISTORY
    assert "Emergency Care Data Set" in table["how"]


@pytest.mark.django_db
def test_without_complaints_the_row_says_that_they_are_not_supplied(service, october):
    plant(service)
    Activity.objects.update(complaint="")
    evidence = gather(service, QUARTER, frozen_at=FROZEN)
    (table,) = comparators.checks(evidence, "ae", 365)
    row = table["rows"][1]
    assert row["note"].startswith("Not supplied: a source says of too few attendances")
    assert {cell["state"] for cell in row["cells"]} == {"not_supplied"}


@pytest.mark.parametrize(
    "raw, note, states",
    [
        ({"lo": 0.8, "hi": 1.2, "observed": 30}, comparators.FITS, {"shown"}),
        ({"lo": 0.5, "hi": 0.9, "observed": 30}, comparators.BELOW, {"shown"}),
        ({"lo": 1.1, "hi": 1.9, "observed": 30}, comparators.ABOVE, {"shown"}),
        ({"lo": 0.5, "hi": 0.9, "observed": 7}, comparators.FEW_EVENTS, {"suppressed"}),
    ],
)
def test_what_a_check_means_and_that_few_events_are_withheld(raw, note, states):
    blank = dict.fromkeys(
        (
            "expected",
            "avoided",
            "avoided_lo",
            "avoided_hi",
            "reduction_percent",
            "reduction_lo",
            "reduction_hi",
        )
    )
    row = comparators._row(
        "A check", {"shown": True, "n": 60, "n_comparator": 90, "rate_ratio": 0.8, **blank, **raw}
    )
    assert row["note"] == note
    assert {cell["state"] for cell in row["cells"]} == states

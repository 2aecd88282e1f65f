"""The estimates of a service on the command line: fit to leave, and the same as those of the report."""

import datetime
import io
import json

import pytest
from django.core.management import CommandError, call_command

from evaluation.evidence import gather
from evaluation.impact.release import release
from evaluation.quarters import parse, seed_of
from governance.models import AuditEvent
from tests.evaluation.conftest import COVERED_TO, FROZEN, grow

pytestmark = pytest.mark.django_db
QUARTER = parse("2026-Q3")


@pytest.fixture
def service_with_a_year(service, october):
    return grow(service, accepted=60, declined=40, not_reached=12, only_listed=80, attending=True).service


def run(service, *extra, months=12):
    out = io.StringIO()
    call_command("evaluate_impact", "--service", service.slug, "--window-months", months, *extra, stdout=out)
    return out.getvalue()


def told(service, *extra, months=12):
    return json.loads(run(service, "--json", *extra, months=months))


def test_it_prints_what_the_report_rests_on(service_with_a_year):
    seed = seed_of(QUARTER)
    printed = told(service_with_a_year, "--seed", str(seed))
    evidence = gather(service_with_a_year, QUARTER, frozen_at=FROZEN)
    made = {**evidence.impacts["ae", 365], **evidence.checks("ae", 365)}
    expected = json.loads(json.dumps(release(made)))
    assert printed["estimates"] == expected["estimates"]
    assert printed["groups"] == expected["groups"]
    assert set(printed) == {*expected, "over_time"}
    assert {
        "change",
        "observed_expected",
        "offer_itt",
        "offer_cace",
        "accepted_vs_declined",
        "matched",
        "model_rtm",
    } == set(printed["estimates"])


def test_a_comparator_is_asked_for_by_its_word(service_with_a_year):
    asked = {
        "none": {"change"},
        "declined": {"accepted_vs_declined"},
        "waiting": {"observed_expected", "offer_itt", "offer_cace"},
        "matched": {"matched"},
    }
    for comparator, keys in asked.items():
        assert set(told(service_with_a_year, "--comparator", comparator)["estimates"]) == keys


def test_days_choose_people_by_when_they_were_first_offered_support(service_with_a_year):
    cases = service_with_a_year.cases.filter(stage="tapering")
    middle = sorted(cases.values_list("index_date", flat=True))[30]
    early = told(service_with_a_year, "--to", str(middle - datetime.timedelta(days=1)))
    late = told(service_with_a_year, "--from", str(middle))
    both = told(service_with_a_year)
    n = [each["groups"]["accepted"]["n"] for each in (early, late, both)]
    assert (n[0] + n[1], n[2]) == (60, 60)
    # Whoever was not approached is compared with whenever they were listed.
    assert {each["groups"]["not_approached"]["n"] for each in (early, late)} == {80}


def test_without_json_it_speaks(service_with_a_year):
    said = run(service_with_a_year)
    assert "Observed against expected (people: 60): rate ratio" in said
    assert "with no service at all a list like this one falls by about" in said
    assert "No three months without an attendance yet, accepted (people: 60)" in said


def test_a_window_the_data_do_not_reach_shows_nothing_but_is_an_answer(service, october):
    grown = grow(service, accepted=9)
    grown.extract.period_to = COVERED_TO - datetime.timedelta(days=460)
    grown.extract.save()
    printed = told(service)
    assert not printed["estimates"]["observed_expected"]["shown"]


def test_a_measure_nobody_sends_is_a_sentence(service_with_a_year):
    with pytest.raises(CommandError, match="So nothing can be said of the measure 'nel'"):
        told(service_with_a_year, "--measure", "nel")


def test_wrong_days_are_a_sentence(service_with_a_year):
    with pytest.raises(CommandError, match="--from 2026-02-01 is later than --to 2026-01-01"):
        told(service_with_a_year, "--from", "2026-02-01", "--to", "2026-01-01")
    with pytest.raises(CommandError, match="is not a date"):
        told(service_with_a_year, "--from", "February")
    with pytest.raises(CommandError, match="no service"):
        call_command("evaluate_impact", "--service", "nowhere", "--window-months", 3)


def test_it_stores_nothing(service_with_a_year):
    before = AuditEvent.objects.count()
    told(service_with_a_year)
    assert AuditEvent.objects.count() == before

"""The targets and the assessments of a service, in its report and on the page where it chooses."""

import datetime
import json

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from casework.actions import instrument as instruments
from casework.models import Assessment, AssessmentAnswer, Instrument
from evaluation import snapshot
from evaluation.actions import kpi_choice
from evaluation.evidence import gather
from evaluation.models import KpiChoice
from evaluation.quarters import parse
from evaluation.scorecard import sets
from evaluation.scorecard.sets import KpiProblem
from evaluation.sections import outcomes, scorecard
from governance.models import AuditEvent
from tests.evaluation.conftest import FROZEN, at
from tests.factories.governance import ConsentFactory

pytestmark = pytest.mark.django_db

QUARTER = parse("2026-Q3")
TARGETS = reverse("evaluation:targets")
FIRST, LATER, AFTER = datetime.date(2025, 12, 1), datetime.date(2026, 6, 1), datetime.date(2026, 10, 2)


def score(case, slug: str, day: datetime.date, total: int | None = None, **answers: int) -> None:
    instrument = Instrument.objects.get(service=None, slug=slug)
    made = Assessment.objects.create(
        service=case.service,
        case=case,
        instrument=instrument,
        scored_on=day,
        total=total,
        by=case.worker,
        at=at(day),
    )
    items = {item.code: item for item in instrument.items.all()}
    AssessmentAnswer.objects.bulk_create(
        AssessmentAnswer(assessment=made, item=items[code], value=value) for code, value in answers.items()
    )


@pytest.fixture
def scored(grown):
    """Of 60 who accepted: 30 less lonely, 10 the same, 10 asked once, 10 never."""
    for name in ("ucla-3", "ons4"):
        instruments.load(name=name)
    for number, case in enumerate(grown.cases["accepted"][:50]):
        score(case, "ucla-3", FIRST, 8)
        if number < 40:
            score(case, "ucla-3", LATER, 5 if number < 30 else 8)
        # Of after the quarter: not part of its report.
        score(case, "ucla-3", AFTER, 9)
    for case in grown.cases["accepted"][:25]:
        score(case, "ons4", FIRST, satisfied=3, happy=5)
        score(case, "ons4", LATER, satisfied=6, happy=5)
    return grown


def rows(section: dict, key: str) -> dict[str, dict[str, str]]:
    table = next(block for block in section["blocks"] if block.get("key") == key)
    labels = [column["label"] for column in table["columns"]]
    return {
        row["label"]: {
            **dict(zip(labels, [cell["text"] for cell in row["cells"]], strict=True)),
            "note": row["note"],
        }
        for row in table["rows"]
    }


def test_a_report_measures_the_targets_its_service_chose(scored, lead):
    kpi_choice.choose(service=scored.service, kpi_set="red_cross", first_quarter=parse("2026-Q1"), by=lead)
    evidence = gather(scored.service, QUARTER, frozen_at=FROZEN)
    found = rows(scorecard.build(evidence), "scorecard")
    lonely = found["2.1 People who are less lonely"]
    assert [lonely[k] for k in ("To reach", "Result", "Reached", "Numerator", "Denominator", "Missing")] == [
        "66%",
        "Pass",
        "75%",
        "30",
        "40",
        "20",
    ]
    fall = found["1.2 A&E attendances: fewer by"]
    assert fall["Result"] in ("Pass", "Fail")
    assert "95% interval" in fall["note"]
    assert "Uncontrolled" in fall["note"]
    assert found["1.1 Emergency admissions: fewer by"]["Result"] == "Not known"
    assert found["1.1 Emergency admissions: fewer by"]["Reached"] == "not supplied"
    referrals = found["5.1 New referrals in the quarter"]
    assert (referrals["To reach"], referrals["In the end"], referrals["Result"]) == ("35", "30", "Fail")
    assert found["3.1 People who say the experience was good"]["Result"] == "Not known"

    went = rows(outcomes.build(evidence), "outcomes_people")
    assert went["Loneliness (UCLA-3, 3 to 9)"] == {
        "Asked twice or more": "40",
        "Better": "30",
        "The same": "10",
        "Worse": "0",
        "Asked once": "10",
        "Never asked": "10",
        "note": "",
    }
    means = rows(outcomes.build(evidence), "outcomes_means")
    assert means["Loneliness (UCLA-3, 3 to 9)"]["Change"] == "−2.2"
    assert means["Satisfied with life (ONS4, 0 to 10)"]["Change"] == "+3.0"
    assert "Worthwhile" not in json.dumps(went)


@pytest.mark.parametrize(
    "exact, observed, result",
    [(39.5, 400, "Fail"), (39.999, 400, "Fail"), (40.0, 400, "Pass"), (60.0, 5, "Not known")],
)
def test_a_fall_is_judged_by_the_exact_number_where_it_is_shown(grown, exact, observed, result):
    evidence = gather(grown.service, QUARTER, frozen_at=FROZEN)
    estimates = evidence.impacts["ae", 365]["estimates"]["accepted_vs_declined"]
    estimates.update(reduction_percent=exact, observed=observed)
    kpi = next(each for each in sets.shipped("red_cross").kpis if each.counts == "fall:ae")
    row = scorecard._row(evidence, kpi, 40)
    assert row["cells"][2]["text"] == result
    assert row["cells"][3]["text"] == ("*" if result == "Not known" else "40%")


def test_scores_of_people_who_said_no_to_evaluation_are_not_read(scored):
    for case in scored.cases["accepted"][:12]:
        ConsentFactory(
            service=scored.service,
            person=case.person,
            scope="evaluation",
            decision="refused",
            decided_at=at(FIRST),
        )
    evidence = gather(scored.service, QUARTER, frozen_at=FROZEN)
    assert evidence.outcomes["loneliness"].both == 28


def test_a_report_stands_without_targets_without_pounds_and_without_a_score(service, october):
    content = snapshot.build(service, QUARTER, frozen_at=FROZEN)
    keys = [section["key"] for section in content["sections"]]
    assert "scorecard" not in keys
    assert "nobody has been asked" in json.dumps(content)
    assert "£" not in json.dumps(content["sections"], ensure_ascii=False)


def test_targets_are_not_measured_before_their_first_quarter(service, lead, october):
    kpi_choice.choose(service=service, kpi_set="red_cross", first_quarter=parse("2026-Q4"), by=lead)
    section = scorecard.build(gather(service, QUARTER, frozen_at=FROZEN))
    assert "count from 2026-Q4" in section["blocks"][0]["text"]


def test_the_newest_choice_stands_and_none_is_a_choice(service, lead, as_user, october):
    client = as_user(lead)
    assert "measured by no targets" in client.get(TARGETS).content.decode()
    client.post(TARGETS, {"kpi_set": "red_cross", "first_quarter": "2026-Q3"})
    page = client.get(TARGETS).content.decode()
    assert "measured by the British Red Cross targets, from July to September 2026 on" in page
    assert "15, 32, 35, 35, 30, 30, 30, 30, then 30" in page
    client.post(TARGETS, {"kpi_set": "none", "first_quarter": "2026-Q3"})
    assert "measured by no targets" in client.get(TARGETS).content.decode()
    assert KpiChoice.objects.count() == 2
    assert [event.event for event in AuditEvent.objects.all()] == ["kpi_set_chosen"] * 2


@pytest.mark.parametrize(
    "told, sentence",
    [
        ({"first_quarter": "2026-Q3"}, "Choose a set of targets, or none."),
        ({"kpi_set": "tea", "first_quarter": "2026-Q3"}, "Choose one of the sets shown, or none."),
        ({"kpi_set": "none", "first_quarter": "soon"}, "is not a quarter"),
        ({"kpi_set": "none"}, "Enter the first quarter"),
    ],
)
def test_a_choice_that_makes_no_sense_is_said(service, lead, as_user, told, sentence):
    page = BeautifulSoup(as_user(lead).post(TARGETS, told).content, "html.parser").get_text()
    assert sentence in page
    assert not KpiChoice.objects.exists()


def test_a_set_that_is_not_there_is_refused(service, lead):
    with pytest.raises(KpiProblem, match="There is no set of targets 'tea'"):
        kpi_choice.choose(service=service, kpi_set="tea", first_quarter=QUARTER, by=lead)

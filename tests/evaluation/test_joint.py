"""Value, cost and what is left of it, drawn together from the same people."""

import datetime
import uuid
from dataclasses import replace

import pytest

from cohorts.models import Activity
from evaluation.evidence import gather
from evaluation.impact.bootstrap import CannotDraw
from evaluation.quarters import parse
from evaluation.sections import costs
from evaluation.sections.joint import CHANCE, _chance, joint
from evaluation.sections.wording import CONTROLLED, HEADLINE, Comparison
from tests.evaluation.conftest import COVERED_FROM, COVERED_TO, FROZEN, grow
from tests.factories.cohorts import ExtractFactory, SourceFactory
from tests.factories.evaluation import RunningCostFactory, UnitCostFactory

pytestmark = pytest.mark.django_db
DAY = datetime.date(2025, 1, 1)
BOTH = ["ae", "conveyance"]


@pytest.fixture
def evidence(service, october):
    """People who were not approached attend as well; every second attendance came by ambulance."""
    grow(service, accepted=40, declined=25, only_listed=70, attending=True)
    source = SourceFactory(service=service, measure="conveyance")
    extract = ExtractFactory(
        source=source,
        committed=True,
        period_from=COVERED_FROM,
        period_to=COVERED_TO,
        committed_at=FROZEN - datetime.timedelta(days=2),
    )
    brought = [*Activity.objects.order_by("person", "started_on")][::2]
    for each in brought:
        each.pk, each.measure, each.source, each.extract = uuid.uuid4(), "conveyance", source, extract
    Activity.objects.bulk_create(brought)
    UnitCostFactory(service=service, measure="ae", amount=273, valid_from=DAY)
    UnitCostFactory(service=service, measure="conveyance", amount=459, valid_from=DAY)
    RunningCostFactory(service=service, name="Whole service", amount=900_000, valid_from=DAY)
    RunningCostFactory(service=service, name="One visit", amount=100, valid_from=DAY)
    return gather(service, parse("2026-Q3"), frozen_at=FROZEN)


def rows_of(block):
    return {row["label"]: [cell["value"] for cell in row["cells"]] for row in block["rows"]}


def test_both_measures_are_drawn_together_beside_every_running_cost(evidence):
    (block,) = joint(evidence, BOTH, 365)
    rows = rows_of(block)
    saving, low, high = rows["Value"]
    assert low < saving < high
    # Limits added up as if both were high or low together are wider.
    apart = [rows_of(joint(evidence, [each], 365)[0])["Value"] for each in BOTH]
    assert saving == pytest.approx(sum(each[0] for each in apart), abs=101)
    assert high - low < sum(each[2] - each[1] for each in apart)
    assert rows["Whole service. Net saving"] == pytest.approx(
        [each - 900_000 for each in rows["Value"]], abs=101
    )
    ratio = rows["One visit. Benefit-cost ratio (saving ÷ cost)"]
    assert ratio == pytest.approx([each / 100 for each in rows["Value"]], abs=1.01)
    shares = {row["label"]: row["cells"][0]["text"] for row in block["rows"]}
    assert shares[f"Whole service. {CHANCE}"] == "under 1%"
    assert shares[f"One visit. {CHANCE}"] == "over 99%"
    assert "with seed 20263" in block["how"]
    # Worked out again it is the same to the digit, and it stands in the section of costs.
    assert block in costs.build(evidence)["blocks"]


def test_limits_are_moved_by_as_much_as_the_figure_was_rounded(evidence):
    found = evidence.impacts["ae", 365]["estimates"]["observed_expected"]
    printed = 5 * round(found["avoided"] / 5)
    rows = {}
    for more in (-2, 0, 2):
        found["avoided"] = printed + more
        rows[more] = rows_of(joint(evidence, ["ae"], 365)[0])["Value"]
    for more in (-2, 2):
        assert rows[more][0] == rows[0][0]
        for limit in (1, 2):
            assert rows[more][limit] == pytest.approx(rows[0][limit] - 273 * more, abs=101)


@pytest.mark.parametrize(
    "draws_above, said",
    [
        (2000, "over 99%"),
        (1999, "over 99%"),
        (1980, "99%"),
        (1000, "50%"),
        (20, "1%"),
        (1, "under 1%"),
        (0, "under 1%"),
    ],
)
def test_draws_make_nothing_certain(draws_above, said):
    assert str(_chance(draws_above / 2000)) == said


def approached_only(study):
    kept = study.people["group"] != "not_approached"
    tables = {name: getattr(study, name)[kept].reset_index(drop=True) for name in ("people", "windows")}
    return replace(study, **tables)


def test_where_nothing_can_be_drawn_a_sentence_says_why(evidence):
    few = {key: approached_only(study) for key, study in evidence.studies.items()}
    (block,) = joint(replace(evidence, studies=few), BOTH, 365)
    assert block["text"].startswith(
        "All together, drawn from the same people: not shown. A&E attendances: Fewer than 50"
    )
    evidence.impacts["ae", 365]["groups"]["accepted"]["events_post"] = 5
    (block,) = joint(evidence, BOTH, 365)
    assert "not shown. A&E attendances: Too few events" in block["text"]


def test_an_error_that_is_no_reason_is_not_taken_for_one(evidence, monkeypatch):
    def wrong(*_, **__):
        raise ValueError("something else")

    monkeypatch.setattr("evaluation.sections.joint.bootstrap.avoided", wrong)
    with pytest.raises(ValueError, match="something else"):
        joint(evidence, BOTH, 365)


def test_all_together_is_over_the_months_of_the_tables_above(evidence, monkeypatch):
    """Also where a measure that is not added up is only known for a shorter time."""
    asked = []
    monkeypatch.setattr(costs, "joint", lambda _, measures, days: asked.append((measures, days)) or [])
    bases = {each: Comparison(HEADLINE, 182) for each in (*BOTH, "call_999")}
    costs._joint(evidence, bases)
    assert asked == [(BOTH, 182)]
    assert costs._joint(evidence, {**bases, "ae": Comparison(HEADLINE, 365)}) == []
    assert costs._joint(evidence, {"ae": Comparison(CONTROLLED, 365)}) == []


def test_page_one_takes_the_limits_of_all_together_and_names_measures_months_and_every_cost(evidence):
    (block,) = joint(evidence, BOTH, 365)
    text = {row["label"]: [cell["text"] for cell in row["cells"]] for row in block["rows"]}
    said = costs.in_short(evidence)
    saving, low, high = text["Value"]
    assert said.startswith(
        "Estimated value of the difference in A&E attendances and ambulance conveyances over 12 months, observed "
        f"against expected, at the unit costs of this report: {saving} (95% interval {low} to {high}). It is not cash"
    )
    for name, cost in (("Whole service", "£900,000"), ("One visit", "£100")):
        ratio, ratio_low, ratio_high = text[f"{name}. Benefit-cost ratio (saving ÷ cost)"]
        assert (
            f"The whole running cost of 12 months ({name}) is {cost}: benefit-cost ratio {ratio} ({ratio_low} to {ratio_high})"
            in said
        )
    assert "not yet clear" not in said


def test_page_one_says_what_is_not_clear_and_what_was_added_up(evidence, monkeypatch):
    monkeypatch.setattr(costs, "together", refuse)
    assert "The limits are those of the measures added up. It is not cash" in costs.in_short(evidence)
    for measure in BOTH:
        evidence.impacts[measure, 365]["estimates"]["observed_expected"]["avoided_lo"] = -10.0
    for cost in evidence.running_costs.values():
        cost.amount = 30_000
    said = costs.in_short(evidence)
    assert "It is not yet clear: the interval includes no value at all. It is not cash released." in said
    assert said.count("; whether the value is above the cost is not yet clear.") == 2


def refuse(*_):
    raise CannotDraw("nothing to draw")

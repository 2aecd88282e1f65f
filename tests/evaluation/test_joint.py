"""Value, cost and what is left of it, drawn together from the same people."""

import datetime
import uuid
from dataclasses import replace

import pytest

from cohorts.models import Activity
from evaluation.evidence import gather
from evaluation.quarters import parse
from evaluation.sections import costs
from evaluation.sections.joint import CHANCE, joint
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
    (block,) = joint(evidence, BOTH)
    rows = rows_of(block)
    saving, low, high = rows["Value"]
    assert low < saving < high
    # Limits added up as if both were high or low together are wider.
    apart = [rows_of(joint(evidence, [each])[0])["Value"] for each in BOTH]
    assert saving == pytest.approx(sum(each[0] for each in apart), abs=101)
    assert high - low < sum(each[2] - each[1] for each in apart)
    assert rows["Whole service. Net saving"] == pytest.approx(
        [each - 900_000 for each in rows["Value"]], abs=101
    )
    ratio = rows["One visit. Benefit-cost ratio (saving ÷ cost)"]
    assert ratio == pytest.approx([each / 100 for each in rows["Value"]], abs=1.01)
    assert rows[f"Whole service. {CHANCE}"][0] == 0
    assert rows[f"One visit. {CHANCE}"][0] > 90
    assert "with seed 20263" in block["how"]
    # Worked out again it is the same to the digit, and it stands in the section of costs.
    assert block in costs.build(evidence)["blocks"]


def test_nothing_is_drawn_where_a_measure_has_no_comparison_or_no_cost(evidence):
    assert joint(evidence, []) == []
    assert joint(replace(evidence, unit_costs={}), BOTH) == []
    few = evidence.people[evidence.people["group"] != "not_approached"]
    assert joint(replace(evidence, people=few), BOTH) == []

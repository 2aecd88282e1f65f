"""Costs as they are entered: by hand, from a schedule, and what is asked when a value jumps."""

import datetime
import io
import json

import pytest
from bs4 import BeautifulSoup
from django.core.management import CommandError, call_command
from django.urls import reverse

from evaluation.evidence import gather
from evaluation.models import RunningCost, UnitCost
from evaluation.quarters import parse
from evaluation.sections import costs
from governance.models import AuditEvent
from tests.evaluation.conftest import FROZEN
from tests.evaluation.test_money import SCHEDULE
from tests.factories.evaluation import RunningCostFactory, UnitCostFactory

pytestmark = pytest.mark.django_db

UNIT = reverse("evaluation:unit_costs")
TAKE_OVER = reverse("evaluation:unit_cost_schedule")
RUNNING = reverse("evaluation:running_costs")
DAY = {"valid_from_day": "1", "valid_from_month": "4", "valid_from_year": "2026"}
COST = {"measure": "ae", "amount": "182.50", "price_year": "2025/26", "source": "Trust finance", **DAY}
YEAR = {"name": "Lead and one link worker", "amount": "98000", "source": "Contract of 2026", **DAY}


def text_of(response) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text().split())


def test_a_cost_that_jumps_is_asked_about_and_stored_once_confirmed(service, lead, as_user):
    UnitCostFactory(service=service, measure="ae", amount=100, valid_from=datetime.date(2025, 4, 1))
    client = as_user(lead)
    page = client.post(UNIT, COST)
    assert "£182.50 is 82% more than the £100.00 before it" in text_of(page)
    assert UnitCost.objects.count() == 1
    assert BeautifulSoup(page.content, "html.parser").find("input", {"name": "sure"})
    client.post(UNIT, {**COST, "sure": "on"})
    assert UnitCost.objects.filter(amount="182.50").count() == 1
    assert AuditEvent.objects.get().changes["confirmed"] is True


def test_nobody_is_asked_about_a_first_cost_or_a_small_step(service, lead, as_user):
    client = as_user(lead)
    assert not BeautifulSoup(client.get(UNIT).content, "html.parser").find("input", {"name": "sure"})
    client.post(UNIT, COST)
    client.post(UNIT, {**COST, "amount": "190", "valid_from_year": "2027"})
    assert UnitCost.objects.count() == 2


@pytest.mark.parametrize(
    "told, sentence",
    [
        ({"clinician_minutes": "45"}, "Enter where the minutes come from."),
        ({"minutes_source": "Rota"}, "Enter the minutes, or leave their source empty too."),
        ({"clinician_minutes": "0", "minutes_source": "Rota"}, "Leave the minutes empty"),
        ({"clinician_minutes": "-5", "minutes_source": "Rota"}, "whole number"),
        ({"clinician_minutes": "long", "minutes_source": "Rota"}, "whole number"),
        ({"clinician_minutes": "99999999", "minutes_source": "Rota"}, "less than or equal"),
    ],
)
def test_minutes_come_with_a_source(service, lead, as_user, told, sentence):
    assert sentence in text_of(as_user(lead).post(UNIT, {**COST, **told}))
    assert not UnitCost.objects.exists()


def test_national_averages_are_taken_over_once(service, lead, as_user):
    client = as_user(lead)
    assert "£2,595.43" in text_of(client.get(TAKE_OVER))
    response = client.post(TAKE_OVER, {"schedule": "ncc_2023_24"}, follow=True)
    assert "4 costs are added." in text_of(response)
    assert "had all of these costs already" in text_of(
        client.post(TAKE_OVER, {"schedule": "ncc_2023_24"}, follow=True)
    )
    cost = UnitCost.objects.get(measure="ae")
    assert (str(cost.amount), cost.price_year, cost.valid_from.year) == ("272.97", "2023/24", 2023)
    assert "National Cost Collection 2023/24" in cost.source


def test_every_average_that_jumps_is_named_before_any_is_stored(service, lead, as_user):
    for measure, amount in (("ae", 100), ("nel", 20_000)):
        UnitCostFactory(service=service, measure=measure, amount=amount, valid_from=datetime.date(2020, 4, 1))
    client = as_user(lead)
    page = text_of(client.post(TAKE_OVER, {"schedule": "ncc_2023_24"}))
    assert "£272.97 is 173% more" in page
    assert "£2,595.43 is 87% less" in page
    assert UnitCost.objects.count() == 2
    client.post(TAKE_OVER, {"schedule": "ncc_2023_24", "sure": "on"})
    assert UnitCost.objects.count() == 6


def test_a_cost_of_that_day_with_another_value_is_not_replaced(service, lead, as_user):
    UnitCostFactory(service=service, measure="ae", amount=270, valid_from=datetime.date(2023, 4, 1))
    page = text_of(as_user(lead).post(TAKE_OVER, {"schedule": "ncc_2023_24"}))
    assert "There is a cost of this measure from 1 April 2023 already" in page
    assert UnitCost.objects.count() == 1


def test_the_command_loads_another_year_and_asks_about_jumps(service, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(SCHEDULE)
    UnitCostFactory(service=service, measure="ae", amount=100, valid_from=datetime.date(2020, 4, 1))
    options = {"service": service.slug, "json": True}
    with pytest.raises(CommandError, match="181% more") as refused:
        call_command("load_unit_costs", str(path), **options)
    assert refused.value.returncode == 1
    out = io.StringIO()
    call_command("load_unit_costs", str(path), sure=True, stdout=out, **options)
    assert json.loads(out.getvalue()) == {
        "schedule": "mine",
        "added": {"ae": "281.10"},
        "valid_from": "2024-04-01",
    }


def test_the_command_says_what_it_cannot_use(service, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(SCHEDULE.replace('"ae"', '"tea"'))
    with pytest.raises(CommandError, match="'tea', which is not a measure"):
        call_command("load_unit_costs", str(path), service=service.slug)
    with pytest.raises(CommandError, match="is not a date") as refused:
        call_command("load_unit_costs", str(path), service=service.slug, valid_from="soon")
    assert refused.value.returncode == 2


def test_a_running_cost_is_kept_with_its_source(service, lead, as_user):
    client = as_user(lead)
    assert "no net saving and no return" in text_of(client.get(RUNNING))
    page = text_of(client.post(RUNNING, YEAR, follow=True))
    assert "Contract of 2026" in page
    assert "£98,000.00" in page
    assert AuditEvent.objects.get().event == "running_cost_added"


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"amount": "0"}, "The cost of a year must be more than £0."),
        ({"amount": "a lot"}, "Enter the cost as a number of pounds such as 98000."),
        ({"source": ""}, "Enter where the cost comes from"),
        ({"name": ""}, "Enter what the cost is of."),
    ],
)
def test_a_running_cost_that_makes_no_sense_is_said(service, lead, as_user, wrong, sentence):
    assert sentence in text_of(as_user(lead).post(RUNNING, {**YEAR, **wrong}))
    assert not RunningCost.objects.exists()


def test_a_running_cost_that_jumps_or_repeats_is_not_stored(service, lead, as_user):
    client = as_user(lead)
    client.post(RUNNING, YEAR)
    assert "from 1 April 2026 already" in text_of(client.post(RUNNING, YEAR))
    later = {**YEAR, "amount": "9800", "valid_from_year": "2027"}
    assert "£9,800.00 is 90% less than the £98,000.00 before it" in text_of(client.post(RUNNING, later))
    assert RunningCost.objects.count() == 1


def section(service) -> dict:
    return costs.build(gather(service, parse("2026-Q3"), frozen_at=FROZEN))


def tables(found: dict) -> dict[str, dict]:
    return {block["key"]: block for block in found["blocks"] if block["kind"] == "table"}


def values(table: dict) -> dict[str, list]:
    return {row["label"]: [cell["value"] for cell in row["cells"]] for row in table["rows"]}


def test_the_running_cost_stands_beside_the_value_with_both_ratios(grown):
    day = datetime.date(2025, 4, 1)
    RunningCostFactory(service=grown.service, name="Whole pilot", amount=80_000, valid_from=day)
    RunningCostFactory(service=grown.service, name="Service alone", amount=70_000, valid_from=day)
    UnitCostFactory(
        service=grown.service,
        measure="ae",
        amount=200,
        clinician_minutes=30,
        minutes_source="Rota",
        valid_from=day,
    )
    found = tables(section(grown.service))
    saving, low, high = values(found["value"])["A&E attendances"][-3:]
    for table, cost in (("return_1", 70_000), ("return_2", 80_000)):
        rows = values(found[table])
        assert rows["Running cost"][0] == cost
        assert rows["Net saving"] == [saving - cost, low - cost, high - cost]
        roi = rows["Return on investment (net saving ÷ cost)"]
        bcr = rows["Benefit-cost ratio (saving ÷ cost)"]
        assert roi == pytest.approx([100 * (each - cost) / cost for each in (saving, low, high)], abs=0.51)
        assert bcr == pytest.approx([each / cost for each in (saving, low, high)], abs=0.0051)
    assert found["return_2"]["rows"][1]["note"] == "£80,000 a year × 12 ÷ 12 months = £80,000"
    events = values(found["value"])["A&E attendances"][1]
    assert values(found["hours"])["A&E attendances"][1] == events / 2
    people, each, *_ = values(found["value_by_head"])["A&E attendances"]
    assert each == pytest.approx(saving / people, abs=6)


def test_no_return_is_given_where_no_comparison_stands(service, october):
    UnitCostFactory(service=service, measure="ae", valid_from=datetime.date(2025, 1, 1))
    RunningCostFactory(service=service)
    found = section(service)
    assert tables(found) == {}
    assert "What a fall without a comparator is worth, nobody can say." in found["blocks"][0]["text"]
    assert "£" not in json.dumps(found)

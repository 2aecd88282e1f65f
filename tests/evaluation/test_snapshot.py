"""What is in a frozen report, and what can never be."""

import datetime
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cohorts.models import Activity
from evaluation import blocks, snapshot
from evaluation.actions import report as reports
from evaluation.evidence import gather
from evaluation.models import Report, UnitCost
from evaluation.quarters import QuarterProblem, parse
from evaluation.sections import costs, impact, summary, wording
from governance import audit
from governance.models import AuditEvent, Consent, Person
from governance.models.insert_only import RowIsFinal
from tests.evaluation.conftest import FROZEN, grow
from tests.factories.cohorts import ActivityFactory, ExtractFactory, SourceFactory
from tests.factories.evaluation import RunningCostFactory, UnitCostFactory
from tests.factories.governance import ConsentFactory

pytestmark = pytest.mark.django_db

QUARTER = parse("2026-Q3")
COUNTS = {"people", "events", "events before", "events after", "cases", "contacts", "people who accepted"}


def build(service) -> dict:
    return snapshot.build(service, QUARTER, frozen_at=FROZEN)


def cells(content: dict, table: str) -> dict[tuple[str, str], dict]:
    """Cells of one table by row label and column label."""
    found = next(block for _, block in blocks.tables(content) if block["key"] == table)
    return {
        (row["label"], column["label"]): cell
        for row in found["rows"]
        for column, cell in zip(found["columns"], row["cells"], strict=True)
    }


def words(content: dict) -> str:
    return json.dumps(content, ensure_ascii=False)


def test_completeness_comes_before_any_figure(grown):
    content = build(grown.service)
    assert content["sections"][0]["key"] == "completeness"
    coverage = cells(content, "coverage")
    assert coverage["A&E attendances", "Days covered"]["text"] == "1 January 2024 to 30 September 2026"
    assert coverage["999 calls", "Days covered"]["state"] == "not_supplied"
    assert "5 days before this report was frozen" in words(content)


def test_the_flow_goes_from_list_to_answer(grown):
    people = {row: cell["text"] for (row, _), cell in cells(build(grown.service), "flow").items()}
    assert people == {
        "Listed or referred": "155",
        "Not offered support yet": "20",
        "Offered support": "135",
        "Accepted": "60",
        "Declined": "55",
        "Not reached": "10",
        "No answer yet": "10",
    }


@pytest.mark.parametrize("group", ["accepted", "declined"])
def test_events_before_and_after_agree_with_a_count_by_hand(grown, group):
    before = after = 0
    for case in grown.cases[group]:
        for day in Activity.objects.filter(person=case.person).values_list("started_on", flat=True):
            distance = (day - case.index_date).days
            before += -365 <= distance <= 0
            after += 0 < distance < 365
    shown = cells(build(grown.service), "rates_ae")
    label = f"12 months, {group}"
    assert abs(shown[label, "Events before"]["value"] - before) <= 2.5
    assert abs(shown[label, "Events after"]["value"] - after) <= 2.5
    assert shown[label, "Rate after"]["value"] == pytest.approx(after / len(grown.cases[group]), abs=0.06)


def test_the_comparison_carries_an_interval_and_its_caveat(grown):
    content = build(grown.service)
    found = cells(content, "accepted_vs_declined_ae")
    ratio, lo, hi = (found["12 months", label]["value"] for label in ("Rate ratio", "95% from", "95% to"))
    # Planted: 6/14 against 10/14, which is 0.6.
    assert lo < 0.6 < hi < 1
    assert lo < ratio < hi
    assert "People who decline may differ from people who accept." in words(content)


def test_beside_it_stands_what_was_to_be_expected_and_what_a_gap_means(compared):
    content = build(compared.service)
    found = cells(content, "expected_ae")
    for row in ("Observed against expected", "By the offer, those who accepted"):
        ratio, lo, hi = (found[row, label]["value"] for label in ("Rate ratio", "95% from", "95% to"))
        # Planted: 6 a year against the 10 of those whom nobody approached.
        assert lo < 0.6 < hi < 1
        assert lo < ratio < hi
    assert found["Observed against expected", "Compared with"]["value"] == 120
    assert found["By the offer, everybody approached", "People"]["value"] == 125
    assert "They agree within what chance explains." in words(content)


def test_too_few_who_were_not_approached_is_said(grown):
    assert "Against what was to be expected: not shown. Fewer than 50 people who were listed" in words(
        build(grown.service)
    )


@pytest.mark.parametrize(
    "ratio, shown, said",
    [
        (0.7, "both", "They agree within what chance explains."),
        (0.95, "both", "Trust the figure by the offer."),
        (0.95, "declined", "people who declined had a course of their own"),
        (0.7, "offer", "They agree within what chance explains."),
        (0.7, "neither", ""),
    ],
)
def test_a_gap_between_the_comparisons_is_put_into_words(ratio, shown, said):
    others = [{"shown": shown in ("both", each), "lo": 0.5, "hi": 0.9} for each in ("offer", "declined")]
    meaning = wording.meaning({"shown": True, "rate_ratio": ratio}, *others, by_chance=True)
    assert said in meaning
    assert bool(meaning) is bool(said)


def in_short(content: dict) -> str:
    section = next(s for s in content["sections"] if s["key"] == "summary")
    return " ".join(section["blocks"][1]["items"])


@pytest.fixture
def compared(service, october):
    """Enough people whom nobody approached for the headline, with a cost of one and a cost of the service."""
    UnitCostFactory(service=service, measure="ae", valid_from=datetime.date(2025, 1, 1))
    RunningCostFactory(service=service, valid_from=datetime.date(2025, 1, 1))
    return grow(service, accepted=60, declined=55, not_reached=10, only_listed=120, attending=True)


def test_page_one_leads_with_observed_against_expected_and_sets_the_others_beside_it(compared):
    content = build(compared.service)
    said = in_short(content)
    shown = cells(content, "expected_ae")["Observed against expected", "Rate ratio"]["text"]
    assert "A&E attendances, over 12 months: people who accepted had " in said
    assert "fewer than expected (95% interval" in said
    assert f"rate ratio {shown})" in said
    assert "Expected is what people on the same lists had who were not approached" in said
    assert "Beside it, by the offer " in said
    assert "against people who declined " in said
    assert "They agree within what chance explains." in said


def test_the_money_rests_on_the_headline_and_says_what_the_others_would_come_to(compared):
    content = build(compared.service)
    avoided = cells(content, "value")["A&E attendances", "Events avoided"]["value"]
    fall = cells(content, "expected_ae")
    assert (
        fall["Observed against expected", "People"]
        == cells(content, "value_by_head")["A&E attendances", "People"]
    )
    value = cells(content, "value")["A&E attendances", "Value"]
    assert value["value"] == round(avoided * float(UnitCost.objects.get().amount), -2)
    assert f"at the unit costs of this report: {value['text']} (95% interval" in in_short(content)
    assert "It is not cash released." in in_short(content)
    assert "benefit-cost ratio" in in_short(content)
    table = next(b for _, b in blocks.tables(content) if b["key"] == "value")
    assert table["caption"] == "Estimated value. Observed against expected"
    assert "the same would come to: by the offer £" in words(content)
    assert "Do not compare totals" not in words(content)


def test_without_enough_people_to_expect_from_the_report_falls_back_and_says_so(grown):
    content = build(grown.service)
    said = in_short(content)
    assert "than expected had they changed as people who declined did" in said
    assert "What was to be expected cannot be shown. Fewer than 50 people who were listed" in said
    assert "People who declined may differ from people who accepted." in said
    table = next(b for _, b in blocks.tables(content) if b["key"] == "value")
    assert table["caption"] == "Estimated value. Compared with people who declined"


def test_every_change_without_comparator_says_so_with_the_natural_fall(grown):
    content = build(grown.service)
    table = next(b for _, b in blocks.tables(content) if b["key"] == "change_ae")
    assert "Uncontrolled" in table["caption"]
    for row in table["rows"]:
        assert row["note"].startswith(
            "Uncontrolled; with no service at all a list like this one falls by about"
        )


def test_with_too_few_who_declined_everything_is_uncontrolled(service, october):
    UnitCostFactory(service=service, measure="ae", valid_from=datetime.date(2025, 1, 1))
    grow(service, accepted=30, declined=5)
    content = build(service)
    section = next(s for s in content["sections"] if s["key"] == "impact")
    warning = next(block for block in section["blocks"] if block["kind"] == "warning")
    assert warning["heading"] == "Uncontrolled"
    assert "Fewer than 8 people who declined have enough follow-up: nothing is shown." in warning["text"]
    assert "falls by about" in warning["text"]
    rates = next(b for _, b in blocks.tables(content) if b["key"] == "rates_ae")
    assert "uncontrolled" in rates["caption"]
    assert "uncontrolled" in rates["charts"][0]["title"]
    assert rates["rows"][0]["note"].startswith("Uncontrolled;")
    found = cells(content, "accepted_vs_declined_ae")
    assert {cell["state"] for (_, label), cell in found.items() if label != "Accepted"} == {"suppressed"}


def test_with_8_to_19_people_there_are_counts_but_no_rates(service, october):
    grow(service, accepted=15, declined=15)
    shown = cells(build(service), "rates_ae")
    assert shown["12 months, accepted", "People"]["text"] == "15"
    assert shown["12 months, accepted", "Events before"]["state"] == "shown"
    assert shown["12 months, accepted", "Rate before"]["state"] == "suppressed"


def test_pounds_need_a_comparator(service, october):
    UnitCostFactory(service=service, measure="ae", valid_from=datetime.date(2025, 1, 1))
    grow(service, accepted=30, declined=5)
    content = build(service)
    assert "value" not in {block["key"] for _, block in blocks.tables(content)}
    assert "A fall without a comparator is not worth anything that can be named." in words(content)


def test_pounds_are_printed_events_times_a_sourced_cost_and_no_cash(grown):
    content = build(grown.service)
    row = {label: cell for (_, label), cell in cells(content, "value").items()}
    cost = UnitCost.objects.get()
    assert row["Value"]["value"] == round(row["Events avoided"]["value"] * float(cost.amount), -2)
    assert "not cashable" in words(content)
    assert "Do not compare totals" in words(content)
    assert cells(content, "unit_costs")["A&E attendances", "Source"]["text"] == cost.source
    assert "It is not cash released" in words(content)


@pytest.mark.parametrize("group, when", [("accepted", "events_pre"), ("declined", "events_post")])
def test_a_ratio_is_withheld_with_any_count_behind_it(grown, group, when):
    evidence = gather(grown.service, QUARTER, frozen_at=FROZEN)
    assert wording.estimate(evidence, "ae", 365, "accepted_vs_declined")["shown"]
    evidence.impacts["ae", 365]["groups"][group][when] = 7
    estimate = wording.estimate(evidence, "ae", 365, "accepted_vs_declined")
    shown = wording.disclosed_estimate(estimate)
    assert estimate["reason"].startswith("Too few events")
    assert {key for key, number in shown.items() if number.state == "shown"} == {
        "n",
        "n_comparator",
        "observed",
    }
    assert wording.best_window(evidence, "ae") == 273


def test_a_report_without_any_extract_stands_and_says_not_supplied(service, october):
    content = build(service)
    assert "No extract covers the people of this service yet" in words(content)
    assert "without activity before and after, nothing can be compared" in words(content)
    assert cells(content, "flow")["Accepted", "People"]["text"] == "0"


def test_no_small_or_exact_count_is_in_the_snapshot(service, october):
    grow(service, accepted=23, declined=9, not_reached=3, no_answer=1, only_listed=2)
    content = build(service)
    seen = 0
    for _, table in blocks.tables(content):
        for row in table["rows"]:
            for index, cell in enumerate(row["cells"]):
                if blocks.about_cell(table, row, index).get("figure") in COUNTS and cell["value"] is not None:
                    seen += 1
                    assert cell["value"] == 0 or (cell["value"] >= 10 and cell["value"] % 5 == 0)
    assert seen > 50
    assert content["suppressed_cells"] == words(content).count('"state": "suppressed"')


def test_changing_a_name_changes_nothing(grown):
    before = snapshot.canonical(build(grown.service))
    Person.objects.update(first_name="Someone", last_name="Else", phone="01632 960001", postcode="ZZ99 9ZZ")
    assert snapshot.canonical(build(grown.service)) == before


def test_the_neighbours_figures_stay_out(grown, neighbour):
    before = snapshot.canonical(build(grown.service))
    grow(neighbour, seed=2, first=500, accepted=20)
    assert snapshot.canonical(build(grown.service)) == before


def test_who_refuses_evaluation_is_left_out_of_the_rates(grown):
    for case in grown.cases["accepted"][:10]:
        ConsentFactory(
            person=case.person, scope="evaluation", decision="refused", decided_at=FROZEN.replace(month=8)
        )
    assert Consent.objects.count() == 10
    content = build(grown.service)
    assert cells(content, "rates_ae")["12 months, accepted", "People"]["text"] == "50"
    assert cells(content, "flow")["Accepted", "People"]["text"] == "60"
    # Nine more have not answered yet: of them nothing is said here.
    assert "apart from people who have not answered yet, 10 people are not supplied" in words(content)


def test_a_measure_that_only_people_without_an_answer_have_leaves_the_report_whole(grown):
    feed = ExtractFactory(
        source=SourceFactory(service=grown.service, measure="nel"),
        committed=True,
        period_from=datetime.date(2024, 1, 1),
        period_to=datetime.date(2026, 9, 30),
    )
    waiting = grown.cases["no_answer"][0].person
    ActivityFactory(extract=feed, person=waiting, measure="nel", started_on=datetime.date(2025, 8, 1))
    row = cells(build(grown.service), "rates_nel")["12 months, accepted", "Events before"]
    assert row["text"] == "0"


def test_questions_to_the_database_do_not_grow_with_people(service, neighbour, october):
    grow(service, accepted=5, declined=5, only_listed=0)
    grow(neighbour, first=500, accepted=100, declined=60, only_listed=200)
    asked = []
    for each in (service, neighbour):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            build(each)
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 26


def test_freezing_keeps_the_figures_for_good(grown, lead):
    report = reports.freeze(service=grown.service, quarter=QUARTER, by=lead)
    for _ in range(40):
        ActivityFactory(extract=grown.extract, person=grown.people[0], started_on=datetime.date(2026, 8, 1))
    stored = Report.objects.get()
    assert stored.frozen_at == timezone.now()
    assert snapshot.fingerprint(stored.snapshot) == stored.sha256 == report.sha256
    assert snapshot.fingerprint(build(grown.service)) != stored.sha256
    with pytest.raises(RowIsFinal):
        stored.save()


def test_a_quarter_is_frozen_once(grown, lead):
    reports.freeze(service=grown.service, quarter=QUARTER, by=lead)
    with pytest.raises(reports.AlreadyFrozen, match="is frozen already"):
        reports.freeze(service=grown.service, quarter=QUARTER, by=lead)
    assert Report.objects.count() == 1


def test_a_race_for_the_same_quarter_has_one_winner(grown, lead, monkeypatch):
    reports.freeze(service=grown.service, quarter=QUARTER, by=lead)
    # The other one has looked before the first was stored: only the constraint can tell.
    monkeypatch.setattr(type(grown.service.reports), "filter", lambda *a, **k: Report.objects.none())
    with pytest.raises(reports.AlreadyFrozen):
        reports.freeze(service=grown.service, quarter=QUARTER, by=lead)


def test_a_running_quarter_cannot_be_frozen(service, lead, october):
    with pytest.raises(QuarterProblem, match="ends on 31 December 2026"):
        reports.freeze(service=service, quarter=parse("2026-Q4"), by=lead)
    assert not AuditEvent.objects.exists()


def test_nothing_is_frozen_when_the_audit_fails(service, lead, october, monkeypatch):
    def refuse(*args, **kwargs):
        raise RuntimeError("no audit today")

    monkeypatch.setattr(audit, "record", refuse)
    with pytest.raises(RuntimeError):
        reports.freeze(service=service, quarter=QUARTER, by=lead)
    assert not Report.objects.exists()


def test_freezing_is_in_the_access_log(service, lead, october):
    report = reports.freeze(service=service, quarter=QUARTER, by=lead)
    event = AuditEvent.objects.get()
    assert (event.event, event.actor, event.target_id) == ("report_frozen", lead.email, str(report.pk))
    assert event.changes["sha256"] == [None, report.sha256]


@pytest.mark.parametrize("behind", [{"n": 5}, {"events_pre": 7}, {"events_post": 3}])
def test_both_figures_by_the_offer_are_withheld_with_any_count_behind_them(compared, behind):
    evidence = gather(compared.service, QUARTER, frozen_at=FROZEN)
    said = words({"costs": costs.build(evidence), "short": summary.build(evidence)})
    assert "the same would come to: by the offer £" in said
    for days in wording.WINDOW_DAYS:
        evidence.impacts["ae", days]["groups"]["not_reached"].update(behind)
    said = words({"costs": costs.build(evidence), "short": summary.build(evidence)})
    assert "Beside it, by the offer too few to show; against people who declined " in said
    assert "They agree within what chance explains." in said
    assert "by the offer £" not in said
    table = cells({"sections": [impact.build(evidence)]}, "expected_ae")
    for row, kept in (
        ("By the offer, those who accepted", {"People", "Compared with"}),
        ("By the offer, everybody approached", {"Compared with"}),
    ):
        assert {label for (name, label), cell in table.items() if name == row and cell["value"]} == kept

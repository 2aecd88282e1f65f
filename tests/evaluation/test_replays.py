"""What services published, worked out again by our functions from what they printed, or why nobody can.

Numbers come from evaluation/quoted/figures.toml. A figure with a reason in `why_not` is held to that reason here.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import pytest
from django.urls import reverse

from evaluation import quoted
from evaluation.impact.sample import Sample, sample
from evaluation.impact.windows import WINDOW_DAYS
from evaluation.money.amount import Amount, total
from evaluation.money.groups import Compared, Group, compare, unequal_groups
from evaluation.money.returns import a_year, for_months, returns
from evaluation.quarters import Quarter
from evaluation.quoted import number
from evaluation.sections.returns import numbers as printed

ROOT = Path(__file__).resolve().parent.parent.parent


def southport(measure: str) -> Compared:
    accepted, declined = (
        Group(who, people, number(f"southport.{who}-{measure}"))
        for who, people in (("accepted", 42), ("declined", 52))
    )
    return compare(accepted, declined)


def summed(service: str, *parts: str) -> float:
    return total([Amount(number(f"{service}.{part}")) for part in parts]).value


def trent(cost: str):
    return returns(Amount(number("trent.saving")), number(f"trent.{cost}"))


def each(service: str, pounds: str, events: str) -> float:
    return Amount(number(f"{service}.{pounds}")).per(number(f"{service}.{events}")).value


@dataclass(frozen=True)
class Replay:
    """What we work out, what was printed, to how many decimals, and how far off it may be."""

    name: str
    ours: Callable[[], float]
    printed: float
    decimals: int = 0
    tolerance: float = 0


REPLAYS = [
    Replay("SF: accepted, parts", lambda: summed("southport", "accepted-ae", "accepted-admissions"), 493_193),
    Replay("SF: declined, parts", lambda: summed("southport", "declined-ae", "declined-admissions"), 326_873),
    Replay("SF: totals, A&E", lambda: southport("ae").gap_of_totals, 17_793),
    Replay("SF: totals, admissions", lambda: southport("admissions").gap_of_totals, 148_527),
    Replay("SF: totals", lambda: southport("total").gap_of_totals, 166_320),
    Replay("SF: each accepted", lambda: southport("total").helped.per_head, 11_743),
    Replay("SF: each declined", lambda: southport("total").others.per_head, 6_286),
    Replay("SF: gap by head", lambda: southport("total").gap_per_head, 5_457),
    Replay("SF: fair", lambda: southport("total").fair, 229_180),
    Replay("SF: fair, A&E", lambda: southport("ae").fair, 24_497),
    Replay("SF: fair, admissions", lambda: southport("admissions").fair, 204_683),
    Replay("SF: what is left, percent", lambda: southport("total").left_percent, 46),
    Replay("Trent: benefit-cost ratio", lambda: trent("pilot-cost").bcr.value, 2.875, 3),
    Replay("Trent: benefit-cost ratio, two decimals", lambda: trent("pilot-cost").bcr.value, 2.88, 2),
    Replay("Trent: return on investment", lambda: trent("pilot-cost").roi.value, 187.5, 1),
    Replay("Trent: net", lambda: trent("pilot-cost").net.value, 150_000),
    Replay("Trent: on £70,000", lambda: trent("yearly-cost").bcr.value, 3.29, 2),
    Replay(
        "EK: total",
        lambda: summed("east-kent", "ae-pounds", "nel-pounds", "conveyance-pounds"),
        421_010,
        0,
        1,
    ),
    Replay(
        "KE: total", lambda: summed("kernow", "ae-pounds", "admissions-pounds", "outpatients-pounds"), 139_174
    ),
    Replay("KE: events", lambda: summed("kernow", "ae", "admissions", "outpatients"), 223),
    Replay("KE: one attendance", lambda: each("kernow", "ae-pounds", "ae"), 109.55, 2),
    Replay("KE: one admission", lambda: each("kernow", "admissions-pounds", "admissions"), 2_074.64, 2),
    Replay("KE: one appointment", lambda: each("kernow", "outpatients-pounds", "outpatients"), 74.38, 2),
    Replay("ST: total", lambda: summed("stockport", "ae-pounds", "nel-pounds", "conveyance-pounds"), 54_654),
    Replay(
        "Service 1: each of 27", lambda: each("starter-pack", "service-1-ae", "service-1-people"), 34.8, 1
    ),
    Replay(
        "Service 1: each of 107",
        lambda: each("starter-pack", "service-1-others-ae", "service-1-others"),
        13.3,
        1,
    ),
    Replay(
        "Service 1: admissions of 27",
        lambda: each("starter-pack", "service-1-nel", "service-1-people"),
        5.1,
        1,
    ),
    Replay(
        "Service 1: admissions of 107",
        lambda: each("starter-pack", "service-1-others-nel", "service-1-others"),
        3.4,
        1,
    ),
    Replay(
        "Service 2: admissions of 172",
        lambda: each("starter-pack", "service-2-nel", "service-2-people"),
        2.9,
        1,
    ),
    Replay(
        "Service 2: each of 172", lambda: each("starter-pack", "service-2-ae", "service-2-people"), 12.8, 1
    ),
]


@pytest.mark.parametrize("replay", REPLAYS, ids=lambda replay: replay.name)
def test_our_functions_land_on_what_was_printed(replay):
    assert abs(round(replay.ours(), replay.decimals) - replay.printed) <= replay.tolerance


# Which printed figure each replay lands on: together with those that have a reason, that is all of them.
REPLAYED = {
    "southport": {"accepted-total", "declined-total", "gap-ae", "gap-admissions", "gap-total"},
    "trent": {"ratio"},
    "east-kent": {"total"},
    "kernow": {"events", "total"},
    "stockport": {"total"},
}
INPUTS = {
    "southport": {"accepted-ae", "accepted-admissions", "declined-ae", "declined-admissions"},
    "trent": {"saving", "pilot-cost", "yearly-cost"},
    "east-kent": {"ae-pounds", "nel-pounds", "conveyance-pounds"},
    "kernow": {"ae", "admissions", "outpatients", "ae-pounds", "admissions-pounds", "outpatients-pounds"},
    "stockport": {"ae-pounds", "nel-pounds", "conveyance-pounds"},
}


def test_every_quoted_outcome_is_replayed_is_an_input_or_says_why_it_cannot_be():
    for key, figure in quoted.figures().items():
        source, name = key.split(".")
        known = name in REPLAYED.get(source, set()) | INPUTS.get(source, set())
        assert known or figure.is_count or figure.why_not, key
        assert not (known and figure.why_not), key


def test_totals_of_unequal_groups_are_warned_of_and_unequal_they_were():
    compared = southport("total")
    said = unequal_groups(compared.helped.people, compared.others.people, names=("accepted", "declined"))
    assert "Do not compare totals: about 42 accepted and about 52 declined" in said
    assert compared.gap_of_totals < compared.fair


@pytest.mark.parametrize("measure, printed", [("ae", 8), ("admissions", 12), ("total", 11)])
def test_percentages_of_southport_need_costs_that_are_not_printed(measure, printed):
    figure = quoted.figures()[f"southport.percent-{measure}"]
    assert abs(figure.number) == printed
    assert "not printed" in figure.why_not
    of_one = [number(f"southport.{key}-{measure}") for key in ("accepted", "declined", "gap")]
    shares = [100 * part / whole for part, whole in permutations(of_one, 2)]
    shares += [100 * southport(measure).gap_per_head / whole for whole in (11_743, 6_286)]
    # No printed figure is that share of another: it is a share of something larger than all of them but one.
    assert all(abs(share - printed) > 1 for share in shares)
    assert number(f"southport.gap-{measure}") / (printed / 100) > number(f"southport.declined-{measure}")


def test_the_ratio_of_trent_is_not_its_return_and_its_yearly_cost_is_of_other_months():
    found = trent("pilot-cost")
    assert found.bcr.value != found.roi.value / 100
    assert [n.text for n in printed(found.bcr, 2)][:1] == ["2.88"]
    assert [n.text for n in printed(found.roi, 0, "%")][:1] == ["188%"]
    assert "benefit-cost ratio" in quoted.figures()["trent.ratio"].note
    # £230,000 is of six months and £70,000 of a year: with the months put right the ratio is twice as large.
    six_months = for_months(number("trent.yearly-cost"), 6)
    assert six_months.words == "£70,000 a year × 6 ÷ 12 months = £35,000"
    assert round(returns(Amount(number("trent.saving")), six_months.value).bcr.value, 2) == 6.57


def test_the_parts_of_east_kent_add_up_to_a_pound_more_and_that_is_said():
    assert (
        summed("east-kent", "ae-pounds", "nel-pounds", "conveyance-pounds") - number("east-kent.total") == 1
    )
    assert "£421,011" in quoted.figures()["east-kent.total"].note


def test_unit_costs_that_kernow_implies_give_its_savings_back():
    for events, pounds in (
        ("ae", "ae-pounds"),
        ("admissions", "admissions-pounds"),
        ("outpatients", "outpatients-pounds"),
    ):
        one = each("kernow", pounds, events)
        assert Amount(number(f"kernow.{events}")).times(round(one, 2)).value == pytest.approx(
            number(f"kernow.{pounds}"), abs=1
        )


def test_the_two_periods_printed_for_stockport_are_two_quarters_and_ours_always_say_both_calendars():
    text, caption = Quarter(2020, 4), Quarter(2021, 2)
    assert text.nhs_label == "quarter 3 of 2020/21"
    assert caption.nhs_label == "quarter 1 of 2021/22"
    assert (text.label, caption.label) == ("October to December 2020", "April to June 2021")
    period = quoted.figures()["stockport.ae"].period
    assert "Q1 2021/22" in period
    assert "third quarter of 2020/21" in period


def test_the_larger_figures_of_stockport_are_quoted_and_cannot_be_made_from_the_smaller():
    pairs = {"ae": 58, "nel": 67, "conveyance": 71, "saving": 432_000}
    for name, amount in pairs.items():
        ours = quoted.figures()[f"red-cross.{name}"]
        assert ours.number == number(f"starter-pack.service-3-{name}") == amount
        assert "are printed" in ours.why_not
        assert number(f"stockport.{'total' if name == 'saving' else name}") != amount


def test_the_falls_of_2024_are_of_so_many_people_that_only_their_counts_are_missing():
    for name in ("ae", "conveyance", "nel"):
        figure = quoted.figures()[f"red-cross-2024.{name}"]
        assert sample(figure.people) is Sample.FULL
        assert figure.is_uncontrolled
        assert "before and after" in figure.why_not


def test_results_within_four_to_six_months_are_windows_that_a_report_has():
    months = [round(days / 30.4) for days in WINDOW_DAYS]
    assert number("starter-pack.results-from") not in months
    assert number("starter-pack.results-to") in months


def test_shares_of_all_england_need_what_no_service_holds():
    for name, share in {"ae": 16, "conveyance": 29, "nel": 26}.items():
        figure = quoted.figures()[f"national.{name}"]
        assert figure.number == share
        assert "which no service holds" in figure.why_not


def test_every_figure_can_be_replayed_is_an_input_or_cannot_be():
    """How many of each. Landed are printed figures; REPLAYS holds what follows from them as well."""
    figures = quoted.figures()
    landed = {f"{source}.{name}" for source, names in REPLAYED.items() for name in names}
    inputs = {f"{source}.{name}" for source, names in INPUTS.items() for name in names}
    cannot = {key for key, each in figures.items() if each.why_not}
    counts = set(figures) - landed - inputs - cannot
    assert landed | inputs <= set(figures)
    assert (len(landed), len(inputs), len(counts), len(cannot)) == (10, 19, 18, 42)


def test_six_people_with_ambulance_data_would_not_be_shown():
    figure = quoted.figures()["starter-pack.service-1-conveyance-fall"]
    assert sample(figure.people) is Sample.NOTHING
    assert figure.people != quoted.figures()["starter-pack.service-1-ae-fall"].people


def test_a_full_year_of_service_2_implies_a_total_that_is_not_printed():
    made, words = a_year(Amount(435_000), 20)
    assert made.value == pytest.approx(number("starter-pack.service-2-saving"))
    assert words == "£435,000 × 12 ÷ 20 months = £261,000 a year"
    assert 435_000 not in {figure.number for figure in quoted.figures().values()}
    assert "20 months" in quoted.figures()["starter-pack.service-2-saving"].why_not


@pytest.mark.parametrize("name, percent", [("roi-low", 250), ("roi-high", 400)])
def test_a_percentage_that_does_not_say_what_it_is_can_be_two_things(name, percent):
    figure = quoted.figures()[f"red-cross.{name}"]
    assert figure.number == percent
    assert "not said whether" in figure.why_not
    as_ratio = returns(Amount(percent / 100), 1)
    as_return = returns(Amount(1 + percent / 100), 1)
    assert as_ratio.roi.value == percent - 100
    assert as_return.roi.value == percent


def test_fifteen_months_of_blackpool_are_no_window_of_a_report():
    assert max(WINDOW_DAYS) < 15 * 30
    assert quoted.figures()["blackpool.ae"].period == "15 months"


def test_where_sources_disagree_both_are_kept():
    assert number("red-cross.dataset") == 367_000
    assert number("press.dataset") == 376_000
    july, may = (quoted.figures()[f"southport.supported-{month}"] for month in ("july", "may"))
    assert july.number == may.number == 47
    assert july.period != may.period


SHORT_FORMS = {"starter-pack.service-2-cost", "starter-pack.service-2-saving", "trent.ratio"}


def test_every_quoted_figure_has_a_source_and_its_number_is_that_of_its_words():
    for key, figure in quoted.figures().items():
        assert figure.source, key
        digits = "".join(c for c in figure.words if c.isdigit())
        assert key in SHORT_FORMS or int(digits) == abs(figure.number), key


def test_no_section_of_a_report_takes_a_quoted_figure():
    for folder in ("sections", "money", "impact", "scorecard", "actions"):
        for path in (ROOT / "evaluation" / folder).rglob("*.py"):
            names = {
                ast.unparse(node)
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.ImportFrom | ast.Import)
            }
            assert not any("quoted" in name for name in names), path


@pytest.mark.django_db
def test_quotations_are_read_with_their_source_and_what_they_lack(commissioner, as_user):
    page = as_user(commissioner).get(reverse("evaluation:quoted")).content.decode()
    for words in (
        "£432,000",
        "Uncontrolled",
        "nearly 3:1",
        "Neither counts, unit costs nor the period are printed.",
    ):
        assert words in page
    assert page.count("Strategy Unit, evaluation of HIU services (2021), table 5") >= 1

"""Charts that print grey, pass a strict policy, and never draw what is withheld as zero."""

import io
import re
from xml.etree import ElementTree

import pytest

from evaluation.charts import Interval, Series, grouped_bars, intervals, lines, read_point
from evaluation.disclosure import count

SVG = "{http://www.w3.org/2000/svg}"
QUARTERS = ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]


def bars(*points, **kwargs):
    series = [Series(f"Series {i}", each) for i, each in enumerate(points)]
    categories = [f"Category {i}" for i in range(len(points[0]))]
    return drawn(
        grouped_bars("bars", title="T", desc="D", categories=categories, series=series, unit="Events")
    )


def over_quarters(*points):
    series = [Series(f"Series {i}", each) for i, each in enumerate(points)]
    return drawn(lines("lines", title="T", desc="D", quarters=QUARTERS, series=series, unit="Events"))


def ratios(*rows):
    return drawn(intervals("ratios", title="T", desc="D", rows=rows))


def drawn(text):
    assert type(text) is str
    return ElementTree.fromstring(text)


def named(chart, name):
    return [each for each in chart.iter() if each.get("class") == name]


def words(chart):
    return [each.text for each in chart.iter(f"{SVG}text")]


def every_kind():
    return [
        bars([1, "*", None], [0, 2, 3], [1, 1, 1], [4, 5, 6]),
        over_quarters([1, "*", None, 4], [4, 3, 2, 1]),
        ratios(Interval("A", 0.7, 0.5, 0.9), Interval("B", note="Too few people")),
    ]


@pytest.fixture(params=["bars", "lines", "intervals"])
def chart(request):
    return every_kind()[["bars", "lines", "intervals"].index(request.param)]


def test_chart_has_a_name_and_a_description_for_those_who_cannot_see_it(chart):
    assert chart.get("role") == "img"
    title, desc = chart.find(f"{SVG}title"), chart.find(f"{SVG}desc")
    assert (title.text, desc.text) == ("T", "D")
    assert chart.get("aria-labelledby").split() == [title.get("id"), desc.get("id")]


def test_strict_policy_finds_nothing_to_refuse(chart):
    for each in chart.iter():
        assert each.tag.removeprefix(SVG) not in {"script", "style", "foreignObject", "image", "a", "use"}
        assert not [
            name for name in each.attrib if name == "style" or name.startswith("on") or "href" in name
        ]


def test_chart_fits_any_width(chart):
    assert re.fullmatch(r"0 0 480 \d+", chart.get("viewBox"))
    assert chart.get("width") is None


def test_everything_drawn_is_inside_the_picture(chart):
    height = float(chart.get("viewBox").split()[3])
    shapes = [each for each in chart if each.tag != f"{SVG}defs"]
    for each in shapes:
        assert all(0 <= float(each.get(name, 0)) <= 480 for name in ("x", "x1", "x2", "cx"))
        assert all(0 <= float(each.get(name, 0)) <= height for name in ("y", "y1", "y2", "cy"))


def test_every_text_is_escaped():
    evil = "<script>alert('x')</script> & \"co\""
    texts = [
        grouped_bars("c", title=evil, desc=evil, categories=[evil], series=[Series(evil, [1])], unit=evil),
        lines("c", title=evil, desc=evil, quarters=[evil], series=[Series(evil, [1])], unit=evil),
        intervals("c", title=evil, desc=evil, rows=[Interval(evil, note=evil)], unit=evil),
    ]
    for text in texts:
        assert "<script" not in text
        assert evil in ElementTree.fromstring(text).find(f"{SVG}title").text


@pytest.mark.parametrize("wrong", ["Upper", "1st", 'a" onload="x', "", "a b"])
def test_id_that_could_break_out_is_refused(wrong):
    with pytest.raises(ValueError, match="no chart id"):
        intervals(wrong, title="T", desc="D", rows=[])


def test_bars_stand_on_zero_in_proportion():
    chart = bars([10, 20, 0])
    heights = [float(bar.get("height")) for bar in named(chart, "chart__bar")]
    assert heights[1] == pytest.approx(2 * heights[0])
    assert heights[2] == 0


@pytest.mark.parametrize(
    "gap,word", [("*", "*"), (None, "not supplied"), (count(3), "*"), (count(None), "not supplied")]
)
def test_withheld_bar_is_a_labelled_gap(gap, word):
    chart = bars([10, gap])
    assert len(named(chart, "chart__bar")) == 1
    assert word in words(chart)


@pytest.mark.parametrize(
    "gap,word", [("*", "*"), (None, "not supplied"), (count(3), "*"), (count(None), "not supplied")]
)
def test_withheld_quarter_breaks_the_line_and_is_labelled_below_the_axis(gap, word):
    chart = over_quarters([10, 20, gap, 30])
    assert len(named(chart, "chart__line")) == 1 + 1  # one in the legend, one between the first two quarters
    assert len(named(chart, "chart__marker")) == 1 + 3
    (hollow,) = named(chart, "chart__gap")
    zero = max(float(line.get("y1")) for line in chart.iter(f"{SVG}line"))
    assert float(hollow.get("cy")) > zero
    (label,) = [text for text in chart.iter(f"{SVG}text") if text.text == word]
    assert float(label.get("y")) > zero


def test_real_zero_is_drawn_at_zero():
    chart = over_quarters([10, 0, 5, 5])
    zero = max(float(line.get("y1")) for line in chart.iter(f"{SVG}line"))
    assert zero in [float(marker.get("cy")) for marker in named(chart, "chart__marker")]


def test_disclosed_values_are_drawn_as_printed():
    chart = bars([count(12), count(1234)])
    assert {"10", "1,235"} <= set(words(chart))


def test_bars_differ_by_pattern_and_not_by_colour_alone():
    chart = bars([1], [1], [1], [1])
    fills = [bar.get("fill") for bar in named(chart, "chart__bar")]
    defined = {
        f"url(#{pattern.get('id')})": ElementTree.tostring(pattern) for pattern in chart.iter(f"{SVG}pattern")
    }
    assert len(set(fills)) == 4
    assert set(fills[1:]) == set(defined)
    shapes = {re.sub(rb'#[0-9a-f]{6}|id="[^"]*"', b"", pattern) for pattern in defined.values()}
    assert len(shapes) == 3


def test_lines_differ_by_dash_and_marker_and_not_by_colour_alone():
    chart = over_quarters(*[[1, 2, 3, 4]] * 4)
    dashes = {line.get("stroke-dasharray") for line in named(chart, "chart__line")}
    assert len(dashes) == 4
    legend = [named(over_quarters(*[[1, 2, 3, 4]] * 4), "chart__marker")[i] for i in (0, 5, 10, 15)]
    corners = [len(marker.get("points", "").split()) for marker in legend]
    assert corners == [0, 4, 3, 4]
    assert len({marker.get("points") for marker in legend[1:]}) == 3


def test_patterns_of_two_charts_on_a_page_do_not_mix():
    one, two = (
        grouped_bars(name, title="T", desc="D", categories=["C"], series=[Series("S", [1])], unit="")
        for name in ("first", "second")
    )
    assert not set(re.findall(r'id="([^"]+)"', one)) & set(re.findall(r'id="([^"]+)"', two))


@pytest.mark.parametrize("points", [[], [[1]] * 5])
def test_one_to_four_series(points):
    series = [Series("S", each) for each in points]
    with pytest.raises(ValueError, match="1 to 4 series"):
        grouped_bars("c", title="T", desc="D", categories=["C"], series=series, unit="")


def test_points_must_match_the_categories():
    with pytest.raises(ValueError, match="one point for each category"):
        lines("c", title="T", desc="D", quarters=QUARTERS, series=[Series("S", [1, 2])], unit="")


@pytest.mark.parametrize("wrong", [-1, float("nan"), float("inf"), "12", "n/a", ""])
def test_what_cannot_be_drawn_is_refused(wrong):
    with pytest.raises(ValueError, match=r"cannot be drawn|no value for a chart"):
        read_point(wrong)


def test_all_withheld_is_still_a_chart():
    assert words(bars(["*", "*"])).count("*") == 2


@pytest.mark.parametrize("highest", [0.003, 0.7, 1, 3, 6, 7, 99, 101, 12_345, 5_000_000])
def test_scale_reaches_the_highest_bar_in_few_steps(highest):
    chart = bars([highest])
    (bar,) = named(chart, "chart__bar")
    top = min(float(line.get("y1")) for line in chart.iter(f"{SVG}line"))
    assert float(bar.get("y")) >= top - 0.1
    assert float(bar.get("height")) > 90
    assert 2 <= len(list(chart.iter(f"{SVG}line"))) <= 7


def test_long_names_of_categories_go_into_rows_and_narrow_bars_lose_their_number():
    categories = [f"Quarter {i} of a long-named year" for i in range(8)]
    series = [Series(str(i), [1234] * 8) for i in range(4)]
    chart = drawn(grouped_bars("c", title="T", desc="D", categories=categories, series=series, unit=""))
    assert words(chart).count("named") == 8
    assert "1,234" not in words(chart)


def test_interval_stands_where_its_numbers_are():
    chart = ratios(Interval("Worse", 2, 1, 4), Interval("Better", 0.5, 0.25, 1))
    worse, better = (float(box.get("x")) for box in named(chart, "chart__estimate"))
    assert better < worse
    assert (better + worse) / 2 + 5 == pytest.approx(240, abs=0.1)  # a half and a double lie evenly around 1
    assert "2.00 (1.00 to 4.00)" in words(chart)
    assert "Rate ratio (1 is no change)" in words(chart)


def test_interval_that_may_not_be_shown_says_why():
    chart = ratios(Interval("Admissions", note="Fewer than 20 people"))
    assert "Fewer than 20 people" in words(chart)
    assert not named(chart, "chart__estimate")


@pytest.mark.parametrize(
    "numbers", [(0.5, 0.6, 0.9), (0.5, 0, 0.9), (0.5, -1, 0.9), (0.5, None, 0.9), (None, 0.1, 0.9)]
)
def test_interval_must_hold_its_ratio(numbers):
    with pytest.raises(ValueError, match="Interval 'A' must hold"):
        ratios(Interval("A", *numbers))


def test_charts_go_into_the_pdf():
    weasyprint = pytest.importorskip("weasyprint", reason="Pango is not installed", exc_type=OSError)
    pypdf = pytest.importorskip("pypdf")
    charts = "".join(ElementTree.tostring(chart, encoding="unicode") for chart in every_kind())
    pdf = weasyprint.HTML(string=f"<!doctype html><html lang='en'><body>{charts}</body></html>").write_pdf()
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    for word in ("Category", "Series 3", "not supplied", "0.70 (0.50 to 0.90)", "Too few people"):
        assert word in text

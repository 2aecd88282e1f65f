"""The frame around every page, the error pages, and the components as the gallery shows them."""

import gzip
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.messages.storage.base import Message
from django.core.exceptions import ImproperlyConfigured
from django.core.paginator import Paginator
from django.template import engines
from django.template.context import Context
from django.test import RequestFactory

from governance.templatetags.components import button_class, paired
from hiu.brand import brand_css, contrast_with_white, mix, parse_colour
from hiu.gallery import GalleryForm, gallery_context

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "static" / "dist"
# A report that is kept or printed brings its styles along; no policy of ours governs a file on a disk.
PAGES = sorted(path for path in (ROOT / "templates").rglob("*.html") if not path.stem.endswith("_document"))
needs_build = pytest.mark.skipif(not DIST.is_dir(), reason="The style sheet is not built: run npm run build")


class Worker:
    is_authenticated = True

    def __str__(self) -> str:
        return "Amina Okafor"


def page(template: str, /, **context: Any) -> BeautifulSoup:
    """A template drawn as in the middle of a signed-in request."""
    request = RequestFactory().get("/somewhere/", {"page": "2", "worker": "7"})
    request.user = context.pop("user", Worker())
    request.service = context.pop("service", "Northtown HIU service")
    request.memberships = context.pop("memberships", ["one"])
    frame = {"product_name": "HIU casework", "request": request, "csrf_token": "token"}
    html = engines["django"].engine.get_template(template).render(Context({**frame, **context}))
    return BeautifulSoup(html, "html.parser")


def part(name: str, /, **context: Any) -> BeautifulSoup:
    return page(f"components/{name}.html", **context)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_holds_style_or_script_or_fetches_from_elsewhere(path):
    """The content security policy refuses all of these, so they would silently do nothing."""
    text = path.read_text()

    assert not re.search(r"\sstyle\s*=|\son[a-z]+\s*=|<style|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"(src|href)=\"(https?:)?//", text)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "templates/components").glob("*.html")), ids=lambda path: path.stem
)
def test_every_component_says_what_it_takes(path):
    assert path.name == "gallery.html" or path.read_text().startswith("{# ")


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_an_error_page_says_what_happened_and_what_to_do(name):
    text = page(f"{name}.html", exception="").select_one("main").get_text(" ", strip=True)

    assert text.count(".") >= 2
    assert page(f"{name}.html", exception="").select_one("h1")


def test_a_refusal_gives_its_reason_escaped():
    main = page("403.html", exception="Only a lead may <b>allocate</b>.").select_one("main")

    assert "Only a lead may <b>allocate</b>." in main.get_text()


def test_the_menu_marks_where_the_reader_is():
    entries = [
        {"label": label, "url": f"/{label}/", "current": label == "Board"} for label in ("Today", "Board")
    ]
    header = part("header", navigation=entries)

    assert [link.get_text() for link in header.select("[aria-current]")] == ["Board"]
    assert header.select_one("#toggle-menu")["type"] == "button"


def test_signing_out_is_a_post_with_a_token():
    form = part("header", logout_url="/sign-out/").select_one("form")

    assert (form["method"], form["action"]) == ("post", "/sign-out/")
    assert form.select_one("input[name=csrfmiddlewaretoken]")["value"] == "token"


@pytest.mark.parametrize("memberships, links", [(["one"], 0), (["one", "two"], 1)])
def test_changing_service_is_offered_only_where_there_is_another(memberships, links):
    header = part("header", memberships=memberships, choose_service_url="/choose/")

    assert len(header.select("a[href='/choose/']")) == links


def test_nobody_signed_in_sees_no_account():
    header = part("header", user=SimpleNamespace(is_authenticated=False), logout_url="/sign-out/")

    assert header.select("nav") == []


def test_the_demonstration_is_said_only_where_it_is_one():
    assert "invented" in part("demo_banner", demo_banner=True).get_text()
    assert part("demo_banner", demo_banner=False).get_text().strip() == ""


def test_messages_are_banners_with_ids_of_their_own():
    told = [Message(25, "Saved <1>"), Message(30, "Late"), Message(40, "Broken")]
    banners = part("messages", messages=told).select(".nhsuk-notification-banner")

    assert [banner["role"] for banner in banners] == ["alert", "region", "alert"]
    assert [banner.select_one("h2").get_text() for banner in banners] == [
        "Success",
        "Important",
        "There is a problem",
    ]
    assert len({banner["aria-labelledby"] for banner in banners}) == 3
    assert "Saved <1>" in banners[0].get_text()


def test_what_no_source_covers_is_not_supplied_and_never_nothing():
    stats = part(
        "stats", stats=[{"value": None, "label": "conveyances"}, {"value": 0, "label": "admissions"}]
    )
    rows = part("summary_list", rows=[{"key": "GP", "value": None}, {"key": "Calls", "value": 0}])
    table = part(
        "table", head=[{"label": "Who"}, {"label": "Count", "numeric": True}], rows=[["A", None], ["B", 0]]
    )

    assert [value.get_text() for value in stats.select(".app-stat__value")] == ["Not supplied", "0"]
    assert [value.get_text() for value in rows.select("dd")] == ["Not supplied", "0"]
    assert [cell.get_text() for cell in table.select("td")] == ["Count Not supplied", "Count 0"]


def test_a_table_row_of_the_wrong_length_is_an_error_and_not_a_shifted_column():
    with pytest.raises(ValueError):
        paired(["A", 1, 2], ["Who", "Count"])


def test_the_pages_of_a_list_keep_its_filters():
    numbered = part("pagination", page=Paginator(range(100), 10).page(2))

    assert numbered.select_one("[rel=next]")["href"] == "?page=3&worker=7"
    assert numbered.select_one("[aria-current=page]").get_text() == "2"


def test_one_page_has_no_page_numbers():
    assert part("pagination", page=Paginator(range(5), 10).page(1)).get_text().strip() == ""


def test_progress_is_polled_only_with_an_address():
    assert part("progress", percent=40, label="Checking").select("[data-progress-url]") == []
    box = part("progress", percent=40, label="Checking", progress_url="/p/").select_one("[data-progress-url]")
    assert box.select_one("progress")["value"] == "40"
    assert box.select_one("[aria-live=polite]").get_text() == "Checking"


def test_a_person_is_announced_with_risks_first():
    banner = part(
        "person_banner",
        name="Rosa M.",
        code="C-1",
        risks=["Do not visit alone"],
        needs=["Large print"],
        consent="Agreed",
    )

    assert [line.get_text(" ", strip=True) for line in banner.select("li")] == [
        "Risk Do not visit alone",
        "Needs Large print",
        "Consent Agreed",
    ]
    assert banner.select_one("section")["class"] == ["app-person-banner", "app-person-banner--risk"]


@pytest.mark.parametrize("form", [GalleryForm(), GalleryForm({"email": "x"})], ids=["empty", "with errors"])
def test_the_gallery_shows_every_component_and_repeats_no_id(form):
    shown = page("components/gallery.html", form=form, messages=[], **gallery_context())
    ids = [element["id"] for element in shown.select("[id]")]

    assert len(ids) == len(set(ids))
    assert shown.select_one("title").get_text().startswith("Error: ") is bool(form.errors)
    for described in shown.select("[aria-describedby]"):
        assert set(described["aria-describedby"].split()) <= set(ids)
    for label in shown.select("label"):
        assert label["for"] in ids


@pytest.mark.parametrize(
    "names, expected",
    [
        ("btn btn-primary", "nhsuk-button"),
        ("btn", "nhsuk-button nhsuk-button--secondary"),
        ("btn btn-inverse", "nhsuk-button nhsuk-button--secondary"),
        ("btn nhsuk-button--warning", "nhsuk-button nhsuk-button--warning"),
        ("btn btn-primary app-wide", "nhsuk-button app-wide"),
    ],
)
def test_buttons_speak_the_words_of_the_design_system(names, expected):
    assert button_class(names) == expected


def test_the_brand_colour_gives_every_shade_of_the_style_sheet():
    tokens = (ROOT / "static/scss/_tokens.scss").read_text()
    css = brand_css("#1D4F5C")

    for name, built in re.findall(r"(--hiu-brand[\w-]*): (#[0-9a-f]{6});", tokens):
        served = re.search(rf"{name}:(#[0-9a-f]{{6}});", css)
        assert served, name
        differences = zip(parse_colour(served[1]), parse_colour(built), strict=True)
        assert max(abs(one - other) for one, other in differences) <= 1, name


@pytest.mark.parametrize("text", ["1d4f5c", "#1d4", "teal", "#1d4f5c;}", ""])
def test_a_brand_colour_that_is_none_is_refused_with_the_right_form(text):
    with pytest.raises(ImproperlyConfigured, match="six hex digits"):
        brand_css(text)


def test_a_brand_colour_too_light_for_white_text_is_refused():
    with pytest.raises(ImproperlyConfigured, match="too light"):
        brand_css("#66ccff")


def test_contrast_is_that_of_the_guidelines():
    assert contrast_with_white((0, 0, 0)) == pytest.approx(21)
    assert contrast_with_white((255, 255, 255)) == pytest.approx(1)
    assert contrast_with_white((0x76, 0x76, 0x76)) == pytest.approx(4.54, abs=0.005)
    assert mix((0, 100, 200), 255, 50) == "#80b2e4"


@needs_build
def test_the_built_styles_fetch_nothing_and_show_no_brand_of_others():
    css = (DIST / "hiu.css").read_text()

    assert not re.search(r"https?:|@font-face|frutiger|nhs\.uk/", css, re.IGNORECASE)
    for address in re.findall(r"url\(\"?([^)\"]+)\"?\)", css):
        assert (DIST / address).is_file(), address


@needs_build
def test_a_first_page_stays_light():
    """At most 120 KB over the air on a slow phone; gzip at its default level stands for the air.

    Of the scripts a good half is what keeps a contact through a dead network (ADR 21).
    """
    files = [DIST / "hiu.css", DIST / "nhsuk-frontend.min.js", *(ROOT / "static/js").glob("*.js")]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < 60_000
    assert sum(file.stat().st_size for file in (ROOT / "static/js").glob("*.js")) <= 36_000


def test_the_npm_lock_names_no_registry():
    lock = json.loads((ROOT / "package-lock.json").read_text())

    assert all("resolved" not in package for package in lock["packages"].values())
    assert all("integrity" in package for name, package in lock["packages"].items() if name)

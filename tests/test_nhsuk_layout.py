"""Buttons, fieldsets, error summary and whole forms of the template pack."""

import pytest
from bs4 import BeautifulSoup, Tag
from crispy_forms.bootstrap import FormActions, InlineRadios
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Button, Div, Field, Fieldset, Layout, Row, Submit
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template import Context, Template

from governance.fields import DateInputField
from tests.test_nhsuk_forms import fixture, needs_fixtures, parsed


class ContactForm(forms.Form):
    case = forms.CharField(widget=forms.HiddenInput, initial="C-1")
    name = forms.CharField(label="Name")
    seen_on = DateInputField(label="Seen on")
    outcome = forms.ChoiceField(
        label="Outcome", choices=[("met", "Met"), ("tried", "Tried")], widget=forms.RadioSelect
    )
    safe = forms.BooleanField(label="It is safe to ring", help_text="Ask each time.")
    note = forms.CharField(label="Note", widget=forms.Textarea, max_length=200, required=False)


def soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def one(page: BeautifulSoup | Tag, selector: str) -> Tag:
    found = page.select(selector)
    assert len(found) == 1, f"{len(found)} of {selector}"
    return found[0]


def through_filter(form: forms.Form, name: str = "crispy") -> BeautifulSoup:
    template = Template("{% load crispy_forms_tags %}{{ form|" + name + " }}")
    return soup(template.render(Context({"form": form})))


def laid_out(form: forms.Form, *layout: object, **attributes: object) -> BeautifulSoup:
    form.helper = FormHelper()
    form.helper.layout = Layout(*layout)
    for name, value in attributes.items():
        setattr(form.helper, name, value)
    return soup(render_crispy_form(form))


@needs_fixtures
@pytest.mark.parametrize(
    "css_class, name",
    [
        ("", "default"),
        ("nhsuk-button--secondary nhsuk-button--small", "secondary, small"),
        ("nhsuk-button--warning", "warning"),
    ],
)
def test_a_submit_button_has_the_markup_of_nhsuk_frontend(css_class, name):
    published = fixture("button", name)
    text = published["context"]["text"]
    button = one(laid_out(ContactForm(), Submit("save", text, css_class=css_class)), "button")
    for added in ("name", "value", "id"):
        del button[added]

    assert parsed(str(button)) == parsed(published["html"])


@needs_fixtures
def test_a_fieldset_has_the_markup_of_nhsuk_frontend():
    published = fixture("fieldset", "without legend heading")
    ours = one(laid_out(ContactForm(), Fieldset(published["context"]["legend"])), "fieldset")
    ours["class"].remove("nhsuk-form-group")

    assert parsed(str(ours)) == parsed(published["html"])


@needs_fixtures
def test_the_error_summary_has_the_markup_of_nhsuk_frontend():
    published = fixture("error-summary", "default")
    form = type("F", (forms.Form,), {"example": DateInputField(required=False)})({}, auto_id="%s")
    form.add_error("example", forms.ValidationError(published["context"]["errorList"][0]["text"]))
    html = str(through_filter(form, "as_crispy_errors")).replace("example_day", "example-day")

    assert parsed(html) == parsed(published["html"])


def test_every_link_of_the_error_summary_leads_to_a_control():
    form = ContactForm({"seen_on_day": "31", "seen_on_month": "2", "seen_on_year": "2026"})
    page = through_filter(form)
    links = through_filter(form, "as_crispy_errors").select("a")

    assert [link.get_text() for link in links] == [
        "Fill in “Name”",
        "31 February 2026 is not a date. Check the day and the month",
        "Choose an answer for “Outcome”",
        "Tick “It is safe to ring”",
    ]
    for link in links:
        assert one(page, link["href"]).name == "input"


def test_what_is_wrong_with_no_field_in_particular_has_no_link():
    form = ContactForm({"case": ""})
    form.add_error(None, "The contact is before the case began.")
    summary = through_filter(form, "as_crispy_errors")

    first = summary.select("li")[0]
    assert first.get_text() == "The contact is before the case began."
    assert first.select_one("a") is None


def test_an_error_of_a_hidden_field_is_told_without_a_link_to_nowhere():
    summary = through_filter(ContactForm({"case": ""}), "as_crispy_errors")
    told = [item for item in summary.select("li") if "Case" in item.get_text()]

    assert len(told) == 1
    assert told[0].select_one("a") is None


def test_a_form_without_errors_has_no_summary():
    assert through_filter(ContactForm(), "as_crispy_errors").get_text().strip() == ""


def test_each_layout_object_keeps_its_fields_and_order():
    page = laid_out(
        ContactForm(),
        Fieldset("Who", "name", css_id="who"),
        Div("seen_on", css_class="apart"),
        Row(InlineRadios("outcome")),
        HTML("<p>Said in HTML</p>"),
        Field("note", css_class="app-note", data_kind="free"),
        FormActions(Submit("save", "Save"), Button("back", "Back")),
        render_hidden_fields=True,
    )

    assert one(page, "fieldset#who legend").get_text() == "Who"
    assert one(page, "#who input")["name"] == "name"
    assert len(page.select(".apart .nhsuk-date-input__input")) == 3
    assert one(page, ".app-fields-row .nhsuk-radios--inline").select_one("input")["name"] == "outcome"
    assert one(page, "textarea")["data-kind"] == "free"
    assert "app-note" in one(page, "textarea")["class"]
    assert one(page, "input[type=hidden][name=case]")["value"] == "C-1"
    save, back = page.select(".app-primary-action button")
    assert save["type"] == "submit"
    assert save["data-prevent-double-click"] == "true"
    assert back["type"] == "button"
    assert "nhsuk-button--secondary" in back["class"]


def test_a_whole_form_posts_with_a_token_and_leaves_checking_to_the_server():
    form = ContactForm()
    form.helper = FormHelper()
    form.helper.add_input(Submit("save", "Save"))
    template = Template("{% load crispy_forms_tags %}{% crispy form %}")
    page = soup(template.render(Context({"form": form, "csrf_token": "secret-token"})))

    assert one(page, "form")["method"] == "post"
    assert one(page, "form").has_attr("novalidate")
    assert one(page, "input[name=csrfmiddlewaretoken]")["value"] == "secret-token"
    assert one(page, "form > .app-primary-action > button").get_text() == "Save"


def test_a_helper_may_say_novalidate_itself():
    html = render_crispy_form(ContactForm(), FormHelper())
    helper = FormHelper()
    helper.attrs = {"novalidate": ""}

    assert html.count("novalidate") == render_crispy_form(ContactForm(), helper).count("novalidate") == 1


def test_a_file_makes_the_form_multipart():
    form = type("F", (forms.Form,), {"extract": forms.FileField()})()

    assert one(soup(render_crispy_form(form, FormHelper())), "form")["enctype"] == "multipart/form-data"


def test_no_file_is_linked_by_its_address():
    form = type("F", (forms.Form,), {"extract": forms.FileField(required=False)})(
        initial={
            "extract": type(
                "Stored", (), {"url": "/media/secret.csv", "__str__": lambda self: "secret.csv"}
            )()
        }
    )

    assert "secret.csv" not in str(through_filter(form))


def test_a_text_area_with_a_longest_length_counts_and_does_not_cut():
    note = one(through_filter(ContactForm({"note": "x"})), "textarea")

    assert not note.has_attr("maxlength")
    assert (
        one(through_filter(ContactForm()), "[data-module=nhsuk-character-count]")["data-maxlength"] == "200"
    )


def test_a_single_checkbox_says_its_hint_and_its_error():
    page = through_filter(ContactForm({"name": "x"}))
    box = one(page, "input[name=safe]")

    assert [one(page, f"#{part}").get_text(strip=True) for part in box["aria-describedby"].split()] == [
        "Ask each time.",
        "Error:Tick “It is safe to ring”",
    ]


def test_a_hint_is_text_and_not_markup():
    form = type("F", (forms.Form,), {"name": forms.CharField(help_text="<script>alert(1)</script>")})()

    assert through_filter(form).select("script") == []


def test_drawing_a_form_twice_gives_the_same_markup():
    form = ContactForm({})

    assert str(through_filter(form)) == str(through_filter(form))


def test_a_formset_draws_every_form_and_its_management_form():
    formset = forms.formset_factory(ContactForm, extra=2)()
    template = Template("{% load crispy_forms_tags %}{{ formset|crispy }}")
    page = soup(template.render(Context({"formset": formset})))

    assert one(page, "input[name=form-TOTAL_FORMS]")["value"] == "2"
    assert len(page.select("input[name$=-name]")) == 2

"""Our crispy template pack against the markup that NHS.UK frontend itself publishes as fixtures.

Left out of the comparison: headings around labels and their sizes (our pages have one h1 of their own),
and what Django adds on purpose (required, aria-invalid).
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, NavigableString, Tag
from crispy_forms.bootstrap import PrependedAppendedText
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout
from crispy_forms.utils import render_crispy_form
from django import forms
from django.utils.safestring import mark_safe

from governance.fields import DateInputField, NHSDateWidget, RadiosWithHints

FIXTURES = (
    Path(__file__).resolve().parent.parent
    / "node_modules"
    / "nhsuk-frontend"
    / "dist"
    / "nhsuk"
    / "components"
)
needs_fixtures = pytest.mark.skipif(
    not FIXTURES.is_dir(), reason="NHS.UK frontend is not installed: run npm ci in the checkout"
)

COMPARED = {
    *(
        "for",
        "id",
        "name",
        "type",
        "value",
        "href",
        "role",
        "rows",
        "multiple",
        "checked",
        "selected",
        "hidden",
    ),
    *("aria-describedby", "aria-label", "aria-controls", "autocomplete", "inputmode", "spellcheck"),
    *("autocapitalize", "data-module", "data-maxlength", "disabled"),
}
SIZE = re.compile(r"nhsuk-(label|fieldset__legend)--(s|m|l|xl)$")

# Fixture names by component. "with error only" and the like repeat these with other words.
INPUTS = [
    *("default", "with hint", "with error message", "with error message and hint", "width", "width class"),
    *(
        "with error message and hint, without heading",
        "without heading",
        "example email address",
        "with suffix",
    ),
    *("example mobile phone number", "with autocomplete attribute", "disabled", "with prefix"),
    *("with prefix and suffix", "with prefix and suffix and error message"),
]
TEXTAREAS = ["default", "with hint", "with error message", "with error message and hint", "disabled"]
SELECTS = ["default", "with hint", "with error message", "with error message and hint", "with selected value"]
GROUPS = [
    "default",
    "with hint",
    "with error message",
    "with error message and hint",
    "inline",
    "without heading",
]
DATES = [
    *("default", "with values", "with error message", "with error message and hint", "without heading"),
    *("with error on day input", "with error on month input", "with error on year input"),
    *("with autocomplete values", "disabled"),
]
FILES = ["default", "with hint", "with error message", "with error message and hint", "disabled"]
PASSWORDS = ["default", "with hint", "with error message", "with error message and hint"]
CASES = [
    *(("input", name) for name in INPUTS),
    *(("textarea", name) for name in TEXTAREAS),
    *(("character-count", name) for name in ("default", "with error message")),
    *(("select", name) for name in SELECTS),
    *(("radios", name) for name in (*GROUPS, "with hints on items")),
    *(("checkboxes", name) for name in GROUPS),
    *(("date-input", name) for name in DATES),
    *(("file-upload", name) for name in FILES),
    *(("password-input", name) for name in PASSWORDS),
]


def fixture(component: str, name: str) -> dict[str, Any]:
    fixtures = json.loads((FIXTURES / component / "fixtures.json").read_text())["fixtures"]
    return next(found for found in fixtures if found["name"] == name)


def text_of(option: Any) -> str:
    """A fixture gives a text as itself, as {"text": …}, {"heading": …} or {"html": …}."""
    if isinstance(option, dict):
        return mark_safe(option["html"]) if "html" in option else str(option.get("text") or option["heading"])
    return str(option)


def tree(node: Tag) -> list[Any]:
    """Tag, classes, attributes and text, in order, without the white space between tags."""
    for wrapper in node.select("h1.nhsuk-label-wrapper, h1.nhsuk-fieldset__heading"):
        wrapper.unwrap()
    node.smooth()
    return list(_branches(node))


def _branches(node: Tag) -> Iterator[Any]:
    for child in node.children:
        if isinstance(child, NavigableString):
            if child.strip():
                yield " ".join(child.split())
        elif isinstance(child, Tag):
            classes = {name for name in child.get("class", []) if not SIZE.match(name)}
            attributes = {key: value for key, value in child.attrs.items() if key in COMPARED}
            yield (child.name, classes, attributes, list(_branches(child)))


def parsed(html: str) -> list[Any]:
    return tree(BeautifulSoup(html, "html.parser"))


def in_nhsuk_ids(html: str, name: str, field_id: str) -> str:
    """Django's ids in the form NHS.UK gives them, so that the links between them can be compared."""
    mine = f"ID-{name}"
    html = re.sub(rf"{mine}_(\d+)_hint", lambda m: f"{mine}_{m[1]}-item-hint", html)
    html = re.sub(rf"{mine}_(\d+)", lambda m: mine if m[1] == "0" else f"{mine}-{int(m[1]) + 1}", html)
    html = html.replace(f"{mine}_helptext", f"{mine}-hint").replace(f"{mine}_error", f"{mine}-error")
    html = re.sub(rf"{mine}_(day|month|year)", rf"{mine}-\1", html)
    html = re.sub(rf'name="{name}_(day|month|year)"', r'name="\1"', html)
    return html.replace(mine, field_id)


def choices(context: dict[str, Any]) -> list[tuple[str, str]]:
    return [(item["value"], text_of(item)) for item in context["items"]]


def text_attributes(context: dict[str, Any]) -> dict[str, Any]:
    names = ("autocomplete", "inputmode", "spellcheck")
    attributes = {name: str(context[name]).lower() for name in names if name in context}
    classes = [context["classes"]] if context.get("classes") else []
    if context.get("width") and not classes:
        classes.append(f"nhsuk-input--width-{context['width']}")
    if context.get("code"):
        classes.append("nhsuk-input--code")
    return {**attributes, "class": " ".join(classes)} if classes else attributes


def date_part(context: dict[str, Any], part: str) -> dict[str, Any]:
    """What a fixture says of one box: by its name, or as one of its items."""
    items = {item.get("name"): item for item in context.get("items", [])}
    return context.get(part) or items.get(part, {})


def date_field(context: dict[str, Any]) -> forms.Field:
    autocomplete = {"autocomplete": "bday"} if date_part(context, "day").get("autocomplete") else {}
    return DateInputField(widget=NHSDateWidget(attrs=autocomplete))


def field_for(component: str, context: dict[str, Any]) -> forms.Field:
    if component == "input":
        widget = {"email": forms.EmailInput, "tel": forms.TextInput}.get(
            context.get("type", ""), forms.TextInput
        )
        attributes = text_attributes(context)
        if context.get("type") == "tel":
            attributes["type"] = "tel"
        return forms.CharField(widget=widget(attrs=attributes))
    if component == "textarea":
        return forms.CharField(widget=forms.Textarea)
    if component == "character-count":
        return forms.CharField(widget=forms.Textarea, max_length=context["maxlength"])
    if component == "select":
        return forms.ChoiceField(choices=choices(context))
    if component == "radios":
        hints = {item["value"]: text_of(item["hint"]) for item in context["items"] if "hint" in item}
        return forms.ChoiceField(choices=choices(context), widget=RadiosWithHints(hints=hints))
    if component == "checkboxes":
        return forms.MultipleChoiceField(choices=choices(context), widget=forms.CheckboxSelectMultiple)
    if component == "file-upload":
        return forms.FileField()
    if component == "password-input":
        return forms.CharField(widget=forms.PasswordInput)
    return date_field(context)


def initial_for(component: str, context: dict[str, Any]) -> Any:
    if component == "date-input":
        values = context.get("values", {})
        parts = ("day", "month", "year")
        return [values.get(part) or date_part(context, part).get("value") for part in parts]
    return context.get("value")


def error_code(context: dict[str, Any]) -> str | None:
    marked = [part for part in ("day", "month", "year") if date_part(context, part).get("error")]
    return marked[0] if marked else None


def rendered(component: str, context: dict[str, Any]) -> str:
    name = context.get("name") or "example"
    legend_or_label = (context.get("fieldset") or {}).get("legend") or context.get("label")
    field = field_for(component, context)
    field.required = False
    field.label = text_of(legend_or_label)
    field.help_text = text_of(context["hint"]) if context.get("hint") else ""
    field.disabled = bool(context.get("disabled"))
    if context.get("inline"):
        field.widget.attrs["class"] = f"nhsuk-{component}--inline"
    form = type("FixtureForm", (forms.Form,), {name: field})(
        auto_id="ID-%s", initial={name: initial_for(component, context)}
    )
    if context.get("errorMessage"):
        error = forms.ValidationError(text_of(context["errorMessage"]), code=error_code(context))
        form._errors = forms.utils.ErrorDict({name: form.error_class([error])})
    field_id = context.get("id") or context.get("idPrefix") or name
    return in_nhsuk_ids(drawn(form, name, context), name, field_id)


def drawn(form: forms.Form, name: str, context: dict[str, Any]) -> str:
    prefix, suffix = (text_of(context[key]) if key in context else None for key in ("prefix", "suffix"))
    layout = PrependedAppendedText(name, prefix, suffix) if prefix or suffix else Field(name)
    form.helper = FormHelper()
    form.helper.form_tag = False
    form.helper.layout = Layout(layout)
    return render_crispy_form(form)


@needs_fixtures
@pytest.mark.parametrize("component, name", CASES)
def test_a_field_has_the_markup_of_nhsuk_frontend(component, name):
    published = fixture(component, name)

    assert parsed(rendered(component, published["context"])) == parsed(published["html"])

"""Template tags of the look: what the NHS.UK form templates and components cannot say in markup."""

from collections.abc import Sequence
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField, BoundWidget
from django.utils.safestring import SafeString

from governance.fields import PARTS, NHSDateWidget, date_parts_in_error

register = template.Library()

REQUIRED_SENTENCES = {
    "input": "Fill in “{label}”",
    "date": "Enter the date for “{label}”",
    "radios": "Choose an answer for “{label}”",
    "select": "Choose an answer for “{label}”",
    "checkboxes": "Choose at least one answer for “{label}”",
    "checkbox": "Tick “{label}”",
    "file": "Choose a file for “{label}”",
}
DJANGO_ROWS = "10"  # what forms.Textarea sets by itself

# The first match decides, so a subclass stands before its parent.
KINDS: tuple[tuple[type[forms.Widget], str], ...] = (
    (NHSDateWidget, "date"),
    (forms.CheckboxSelectMultiple, "checkboxes"),
    (forms.RadioSelect, "radios"),
    (forms.CheckboxInput, "checkbox"),
    (forms.Select, "select"),
    (forms.Textarea, "textarea"),
    (forms.FileInput, "file"),
    (forms.PasswordInput, "password"),
)


def widget_kind(field: BoundField) -> str:
    """What a field looks like: one of the names in KINDS, or "input"."""
    for widget, kind in KINDS:
        if isinstance(field.field.widget, widget):
            return kind
    return "input"


@register.filter
def field_template(field: BoundField) -> str:
    """The template that draws this field."""
    return f"nhsuk/fields/{widget_kind(field)}.html"


def classes(*lists: str | None) -> str:
    """Class names, each once, in the order given."""
    return " ".join(dict.fromkeys(" ".join(names or "" for names in lists).split()))


@register.simple_tag
def control(field: BoundField, block: str, extra: str = "", **attrs: str) -> SafeString:
    """The input of a field with the classes of NHS.UK, its error class, and its own attributes kept.

    `block` is the class to start from (nhsuk-input); attributes set by the form win over `attrs`.
    """
    own = field.field.widget.attrs
    error = f"{block}--error" if field.errors else ""
    given = {name.replace("_", "-"): value for name, value in attrs.items()}
    merged = {name: value for name, value in given.items() if name not in own}
    return field.as_widget(attrs={**merged, "class": classes(block, error, own.get("class"), extra)})


@register.simple_tag
def file_control(field: BoundField) -> SafeString:
    """A plain file input: no link to what was uploaded before, since files are not served by address."""
    widget = forms.FileInput(attrs={**field.field.widget.attrs, "class": "nhsuk-file-upload__input"})
    widget.is_required = field.field.widget.is_required
    return field.as_widget(widget=widget)


@register.simple_tag
def textarea_control(field: BoundField) -> SafeString:
    """A text area. With a longest length it counts, and takes too much rather than cut a pasted note."""
    own = field.field.widget.attrs
    attrs: dict[str, Any] = {
        "cols": False,
        "rows": "5" if own.get("rows") == DJANGO_ROWS else own.get("rows"),
    }
    extra = ""
    if own.get("maxlength"):
        extra = "nhsuk-js-character-count"
        described = f"{field.auto_id}-info {field.aria_describedby or ''}".strip()
        attrs |= {"maxlength": False, "aria-describedby": described}
    error = "nhsuk-textarea--error" if field.errors else ""
    attrs["class"] = classes("nhsuk-textarea", error, own.get("class"), extra)
    return field.as_widget(attrs=attrs)


@register.simple_tag
def option_control(option: BoundWidget, block: str) -> SafeString:
    """The input of one radio button or checkbox. The classes of the group stay on the group."""
    option.data["attrs"]["class"] = block
    return option.tag()


@register.simple_tag
def date_boxes(field: BoundField) -> list[dict[str, Any]]:
    """Day, month and year of a date field, each with what its box needs."""
    codes = [error.code for error in field.errors.as_data()] if field.errors else []
    in_error = date_parts_in_error(codes)
    autocomplete = field.field.widget.attrs.get("autocomplete")
    values = field.value()
    if not isinstance(values, list | tuple):
        values = field.field.widget.decompress(values)
    return [
        {
            "part": part,
            "label": part.capitalize(),
            "id": f"{field.auto_id}_{part}",
            "name": f"{field.html_name}_{part}",
            "value": "" if value is None else str(value),
            "width": 4 if part == "year" else 2,
            "in_error": part in in_error,
            "autocomplete": f"{autocomplete}-{part}" if autocomplete else "",
        }
        for part, value in zip(PARTS, values, strict=True)
    ]


@register.filter
def first_control_id(field: BoundField) -> str:
    """Id of the control that a link in the error summary leads to."""
    kind = widget_kind(field)
    if kind == "date":
        wrong = [box["id"] for box in date_boxes(field) if box["in_error"]]
        return wrong[0] if wrong else f"{field.auto_id}_day"
    if kind in ("radios", "checkboxes"):
        return f"{field.auto_id}_0"
    return field.auto_id


@register.filter
def field_errors(field: BoundField) -> list[str]:
    """Sentences on what is wrong with a field. Django's "This field is required" does not say which one."""
    asked = str(forms.Field.default_error_messages["required"])
    sentence = REQUIRED_SENTENCES.get(widget_kind(field), REQUIRED_SENTENCES["input"])
    fill_in = sentence.format(label=field.label)
    return [fill_in if error == asked else error for error in map(str, field.errors)]


@register.filter
def error_links(form: forms.BaseForm) -> list[dict[str, str]]:
    """What is wrong with a form, in page order: `text`, and `href` where one field is meant."""
    links = [{"text": str(error), "href": ""} for error in form.non_field_errors()]
    for field in form:
        href = "" if field.is_hidden else f"#{first_control_id(field)}"
        links += [{"text": error, "href": href} for error in field_errors(field)]
    return links


@register.filter
def button_class(names: str) -> str:
    """Classes of a crispy button in NHS.UK terms; crispy itself speaks Bootstrap's."""
    words = names.split()
    own = [word for word in words if word not in ("btn", "btn-primary", "btn-inverse")]
    chosen = "btn-primary" in words or any(word.startswith("nhsuk-button--") for word in own)
    return classes("nhsuk-button", "" if chosen else "nhsuk-button--secondary", " ".join(own))


@register.filter
def page_numbers(page: Any) -> list[int | str]:
    """Numbers to show for a page of a Django paginator, with an ellipsis where some are left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.simple_tag(takes_context=True)
def page_url(context: template.Context, number: int) -> str:
    """The present address with another page number; filters in the query stay."""
    query = context["request"].GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


@register.filter
def paired(row: Sequence[Any], head: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Each cell of a row with its column. Raises ValueError when their numbers differ."""
    return list(zip(row, head, strict=True))

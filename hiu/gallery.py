"""Every component on one page, for those who build pages. Reached only where DEBUG is on."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from governance.fields import DateInputField, NHSDateWidget, RadiosWithHints


class GalleryForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(
        help_text="First name and surname", widget=forms.TextInput(attrs={"class": "nhsuk-input--width-20"})
    )
    email = forms.EmailField(label="E-mail address")
    password = forms.CharField(widget=forms.PasswordInput)
    born_on = DateInputField(
        label="Date of birth",
        help_text="For example, 31 3 1980",
        widget=NHSDateWidget(attrs={"autocomplete": "bday"}),
    )
    note = forms.CharField(
        widget=forms.Textarea, max_length=500, help_text="Write it as the person would read it"
    )
    outcome = forms.ChoiceField(
        choices=[("met", "Met in person"), ("tried", "Tried, no answer")],
        widget=RadiosWithHints(hints={"tried": "A try counts as a contact"}),
    )
    safe = forms.ChoiceField(
        label="Is it safe to ring?",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect(attrs={"class": "nhsuk-radios--inline"}),
    )
    needs = forms.MultipleChoiceField(
        choices=[("interpreter", "Interpreter"), ("print", "Large print")],
        widget=forms.CheckboxSelectMultiple,
    )
    agreed = forms.BooleanField(label="The person agreed to this", help_text="By word or in writing")
    worker = forms.ChoiceField(choices=[("", "Choose"), ("amina", "Amina"), ("ben", "Ben")])
    extract = forms.FileField(help_text="A CSV or XLSX file")


def gallery_context() -> dict[str, Any]:
    """Invented content for components/gallery.html."""
    return {
        "breadcrumb": [{"label": "Home", "url": "/"}, {"label": "Cases", "url": "/"}],
        "risks": ["Do not visit alone"],
        "stops": ["Being contacted: we have stopped (3 March 2026)."],
        "needs": ["Speaks Portuguese; ring after 11"],
        "stats": [
            {"value": 25, "label": "candidates", "note": "of 250 considered"},
            {"value": "1,204", "label": "attendances"},
            {"value": None, "label": "conveyances", "note": "No source covers them"},
        ],
        "facts": [
            {"key": "Stage", "value": "Tapering", "url": "#maincontent"},
            {"key": "Index date", "value": "1 March 2026"},
            {"key": "GP", "value": None},
        ],
        "head": [
            {"label": "Quarter"},
            {"label": "Attendances", "numeric": True},
            {"label": "Admissions", "numeric": True},
        ],
        "rows": [["2026 Q1", 14, 2], ["2026 Q2", 9, None], ["2026 Q3", 3, 0]],
        "page": Paginator(range(200), 10).page(7),
    }


@login_not_required
@require_http_methods(["GET", "POST"])
def gallery(request: HttpRequest) -> HttpResponse:
    """Show the components; sending the form shows its errors and saves nothing."""
    form = GalleryForm(request.POST or None, request.FILES or None)
    return render(request, "components/gallery.html", {**gallery_context(), "form": form})

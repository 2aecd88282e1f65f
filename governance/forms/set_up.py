from typing import Any

from django import forms

from governance.fields import DateInputField
from governance.models import Agreement, ImpactAssessment, Service


class BeginForm(forms.Form):
    """The day from which the eight months count."""

    starts_on = DateInputField(
        label="When does the set-up begin?",
        help_text="Usually the day the business case was asked for.",
        error_messages={"required": "Enter the day the set-up begins."},
    )


class MilestoneForm(forms.Form):
    """A milestone that is reached, with what shows it."""

    done_on = DateInputField(
        label="When was it done?", error_messages={"required": "Enter the day it was done."}
    )
    note = forms.CharField(
        label="What shows it?",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
        help_text="Minutes, a letter, where it is kept. Or choose one of these:",
        error_messages={"max_length": "This is too long. Shorten it to 300 characters."},
    )
    agreement = forms.ModelChoiceField(
        queryset=Agreement.objects.none(), required=False, empty_label="No agreement"
    )
    assessment = forms.ModelChoiceField(
        queryset=ImpactAssessment.objects.none(), required=False, empty_label="No assessment"
    )
    load = forms.TypedChoiceField(label="Extract", required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, service: Service, loads: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agreement"].queryset = service.agreements.all()  # type: ignore[attr-defined]
        self.fields["assessment"].queryset = service.impact_assessments.all()  # type: ignore[attr-defined]
        self.fields["load"].choices = [("", "No extract"), *loads]  # type: ignore[attr-defined]

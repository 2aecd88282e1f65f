from typing import Any

from django import forms

from cohorts.models import ScreeningDecision, ScreeningReason


class ScreeningForm(forms.Form):
    """Take on or not; not needs a reason that can be reported."""

    decision = forms.ChoiceField(
        choices=ScreeningDecision,
        widget=forms.HiddenInput,
        error_messages={
            "required": "Choose whether to take this person on.",
            "invalid_choice": "Choose whether to take this person on.",
        },
    )
    reason = forms.ChoiceField(
        label="Why not?",
        choices=[("", "Choose a reason"), *ScreeningReason.choices],
        required=False,
        error_messages={"invalid_choice": "Choose one of the reasons in the list."},
    )
    note = forms.CharField(
        label="Note (optional)",
        required=False,
        max_length=300,
        error_messages={"max_length": "Use 300 characters or fewer."},
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        declines = cleaned.get("decision") == ScreeningDecision.DECLINE
        if declines and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Choose a reason for not taking this person on.")
        return cleaned

from collections.abc import Mapping
from typing import Any

from django import forms

from cohorts.models import Benefit, ScreeningDecision, ScreeningReason

MOST_PLACES = 1000


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


class BenefitForm(forms.Form):
    """How likely support is to help this person now, in the lead's own view."""

    benefit = forms.TypedChoiceField(
        label="Is support from us likely to help now?",
        choices=Benefit.choices,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose how likely support is to help.",
            "invalid_choice": "Choose one of the answers shown.",
        },
    )
    note = forms.CharField(
        label="Why (optional)",
        required=False,
        max_length=300,
        error_messages={"max_length": "Use 300 characters or fewer."},
    )


def _how_many(label: str, *, required: bool) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=required,
        min_value=0,
        max_value=MOST_PLACES,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-4"}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            f"Enter a whole number from 0 to {MOST_PLACES:,}",
        ),
    )


class LineForm(forms.Form):
    """How many places there are, and how they are shared among the tiers."""

    places = _how_many("How many people can you take on now?", required=True)

    def __init__(self, *args: Any, tiers: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._tiers = list(tiers)
        for number, (tier, waiting) in enumerate(tiers.items()):
            words = f"Of {tier or 'no tier'} ({waiting} on the list)"
            self.fields[f"tier_{number}"] = _how_many(words, required=False)

    @property
    def mix(self) -> dict[str, int] | None:
        """How many of each tier; None where there are no tiers. Nothing typed is nobody."""
        return {tier: self.cleaned_data[f"tier_{n}"] or 0 for n, tier in enumerate(self._tiers)} or None

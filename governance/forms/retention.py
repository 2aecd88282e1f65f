"""The retention schedule and its holds, as they are typed."""

from typing import Any

from django import forms
from django.utils import timezone

from governance import retention
from governance.fields import DateInputField


class KeepingTimeForm(forms.Form):
    """How long a class of records is kept."""

    record_class = forms.ChoiceField(
        label="Which records?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose which records."},
    )
    number = forms.IntegerField(
        label="How long?",
        help_text="In days or years, as the line of the schedule says.",
        min_value=1,
        max_value=10000,
        error_messages={"required": "Enter a number.", "invalid": "Enter a whole number."},
    )
    reason = forms.CharField(
        label="Why?",
        max_length=300,
        error_messages={"required": "Say why. It goes on record."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["record_class"].choices = class_choices(with_limits=True)  # type: ignore[attr-defined]


class PersonHoldForm(forms.Form):
    """Keep everything of one person."""

    reason = forms.CharField(
        label="Why must it be kept?",
        help_text="For example: a complaint, an inquest, a claim.",
        max_length=300,
        error_messages={"required": "Say why it must be kept."},
    )
    held_from = DateInputField(label="From", error_messages={"required": "Enter the day it begins."})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["held_from"].initial = timezone.localdate()


class ClassHoldForm(PersonHoldForm):
    """Keep a whole class of records."""

    record_class = forms.ChoiceField(
        label="Which records?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose which records."},
    )
    field_order = ("record_class", "reason", "held_from")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["record_class"].choices = class_choices()  # type: ignore[attr-defined]


class LiftForm(forms.Form):
    """End a hold."""

    reason = forms.CharField(
        label="Why is it not needed any more?",
        max_length=300,
        error_messages={"required": "Say why the hold is not needed any more."},
    )


def class_choices(*, with_limits: bool = False) -> list[tuple[str, str]]:
    """The classes that are not kept for good."""
    return [
        (
            each.key,
            f"{each.title} ({each.shortest} to {each.longest} {each.unit})" if with_limits else each.title,
        )
        for each in retention.classes()
        if not each.is_kept
    ]

from decimal import Decimal
from typing import Any

from django import forms

from casework.models import CaseNeeds, Gender, ReductionKind, Skill
from casework.models.needs import TRAVELS
from governance.fields import DateInputField

KINDS = [(kind.value, kind.label) for kind in ReductionKind if kind != ReductionKind.LEAVING]
MOST_NAMES, LONGEST_NAME = 12, 40


class NamesField(forms.CharField):
    """Names between commas, such as languages: each once, written the same way everywhere."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        """The names. Raises ValidationError in words."""
        names = [tidy(name) for name in str(value or "").split(",")]
        found = list(dict.fromkeys(name for name in names if name))
        if len(found) > MOST_NAMES:
            raise forms.ValidationError(f"Enter at most {MOST_NAMES}, the most used ones.")
        if long := next((name for name in found if len(name) > LONGEST_NAME), None):
            raise forms.ValidationError(
                f"“{long[:20]}…” is too long. Put a comma between two names; one has at most 40 letters."
            )
        return found

    def validate(self, value: Any) -> None:
        """Nothing is required."""

    def run_validators(self, value: Any) -> None:
        """Done above, name by name."""


def tidy(name: str) -> str:
    """A name of a language or an area as it is stored, so that "polish " and "Polish" are one."""
    words = " ".join(name.split())
    return words[:1].upper() + words[1:]


class ReductionForm(forms.Form):
    """Hours a worker cannot give to clients for a while."""

    kind = forms.ChoiceField(
        label="Why are there fewer hours?",
        choices=KINDS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why there are fewer hours."},
    )
    hours = forms.DecimalField(
        label="How many hours a week fewer?",
        help_text="All their hours, for somebody on leave.",
        max_digits=4,
        decimal_places=1,
        min_value=Decimal("0.5"),
        max_value=Decimal(60),
        widget=forms.TextInput(
            attrs={"inputmode": "decimal", "class": "nhsuk-input--width-4", "autocomplete": "off"}
        ),
        error_messages={
            "required": "Enter how many hours a week fewer.",
            "invalid": "Enter the hours as a number, such as 7.5.",
            "min_value": "Enter at least half an hour.",
            "max_value": "Enter at most 60 hours a week.",
            "max_decimal_places": "Enter the hours with one decimal at most, such as 7.5.",
            "max_digits": "Enter at most 60 hours a week.",
        },
    )
    starts_on = DateInputField(label="First day", error_messages={"required": "Enter the first day."})
    ends_on = DateInputField(label="Last day", error_messages={"required": "Enter the last day."})


class ProfileForm(forms.Form):
    """What a worker brings to a client."""

    languages = NamesField(
        label="Languages apart from English",
        required=False,
        help_text="With commas between them. British Sign Language counts.",
    )
    gender = forms.ChoiceField(
        label="Gender, as told to clients who ask for a woman or a man",
        required=False,
        choices=[*Gender.choices, ("", "Not said")],
        widget=forms.RadioSelect,
    )
    skills = forms.MultipleChoiceField(
        label="What they know well",
        required=False,
        choices=Skill.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    areas = NamesField(
        label="Areas they work in",
        required=False,
        help_text="Towns or parts of town, with commas between them.",
    )


class NeedsForm(forms.Form):
    """What a client needs in a worker, and what the case weighs by the way."""

    travel = forms.ChoiceField(
        label="How long is the way there?",
        required=False,
        choices=[*TRAVELS, ("", "Not known yet")],
        widget=forms.RadioSelect,
    )
    language = forms.CharField(
        label="Language they are best spoken with in, if not English",
        required=False,
        max_length=40,
        error_messages={"max_length": "Enter one language in at most 40 letters."},
    )
    gender = forms.ChoiceField(
        label="Did they ask for a woman or a man?",
        required=False,
        choices=[*Gender.choices, ("", "Either, or not asked")],
        widget=forms.RadioSelect,
    )
    skills = forms.MultipleChoiceField(
        label="What should the worker know well?",
        required=False,
        choices=Skill.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    area = forms.CharField(
        label="Area",
        required=False,
        max_length=60,
        help_text="A town or a part of town, not the address.",
        error_messages={"max_length": "Enter the area in at most 60 letters."},
    )
    two = forms.BooleanField(label="Always visit in twos", required=False)

    def clean_language(self) -> str:
        return tidy(self.cleaned_data["language"])

    def clean_area(self) -> str:
        return tidy(self.cleaned_data["area"])

    @staticmethod
    def initial_of(newest: CaseNeeds | None) -> dict[str, Any]:
        """What the newest row says."""
        return {} if newest is None else {name: getattr(newest, name) for name in NeedsForm.base_fields}

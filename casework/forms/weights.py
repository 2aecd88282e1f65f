from decimal import Decimal
from typing import Any

from django import forms

from casework.allocation import weights
from casework.allocation.weights import LEVELS, PART_TITLES, REFERENCE, Part, Weights


def name_of(part: str, level: str) -> str:
    """The name of the box for a line of the table."""
    return f"{part}-{level}"


class ReasonForm(forms.Form):
    """Why something is decided."""

    reason = forms.CharField(
        label="Why",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
        error_messages={
            "required": "Say in a few words why. Whoever looks at the weights next year will ask.",
            "max_length": "The reason is too long. Shorten it to 300 characters.",
        },
    )


class WeightsForm(ReasonForm):
    """Every line of the table, except those that stay 1 because the others are told against them."""

    first_visits_in_pairs = forms.BooleanField(label="First visits at home are made by two", required=False)
    field_order = ("first_visits_in_pairs",)

    def __init__(self, *args: Any, table: Weights, pairs: bool, **kwargs: Any) -> None:
        kwargs["initial"] = {"first_visits_in_pairs": pairs, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        for part in Part:
            for level, label, value in table.rows(part):
                if part == Part.CHAOS or REFERENCE.get(part) != level:
                    self.fields[name_of(part, level)] = _box(part, label, value)
        self.order_fields([*(n for n in self.fields if "-" in n), "first_visits_in_pairs", "reason"])

    def clean(self) -> dict[str, Any]:
        """Each line on its own, in its own words."""
        cleaned = super().clean() or self.cleaned_data
        for part in Part:
            for level in LEVELS[part]:
                value = cleaned.get(name_of(part, level))
                if value is not None and (wrong := weights.problem(part, level, float(value))):
                    self.add_error(name_of(part, level), wrong)
        return cleaned

    @property
    def values(self) -> dict[tuple[str, str], Decimal]:
        """What was entered, by part and level."""
        boxes = {name: value for name, value in self.cleaned_data.items() if "-" in name}
        return {(name.split("-")[0], name.split("-")[1]): value for name, value in boxes.items()}


def _box(part: Part, label: str, value: float) -> forms.DecimalField:
    unit = "points" if part == Part.CHAOS else "times"
    return forms.DecimalField(
        label=f"{PART_TITLES[part]}, {label[:1].lower()}{label[1:]} ({unit})",
        max_digits=6,
        decimal_places=2,
        initial=f"{value:g}",
        widget=forms.TextInput(
            attrs={"inputmode": "decimal", "class": "nhsuk-input--width-4", "autocomplete": "off"}
        ),
        error_messages={
            "required": f"{PART_TITLES[part]}, {label.lower()}: enter a number.",
            "invalid": f"{PART_TITLES[part]}, {label.lower()}: enter a number, such as 1.5.",
            "max_decimal_places": f"{PART_TITLES[part]}, {label.lower()}: use two decimals at most.",
            "max_digits": f"{PART_TITLES[part]}, {label.lower()}: enter a smaller number.",
            "max_whole_digits": f"{PART_TITLES[part]}, {label.lower()}: enter a smaller number.",
        },
    )


class WhatIfForm(forms.Form):
    """A change to try: nothing of it is stored, so it may sit in an address."""

    leaver = forms.ChoiceField(label="Who leaves?", required=False)
    cases = forms.IntegerField(
        label="How many new cases?",
        required=False,
        min_value=0,
        max_value=50,
        error_messages={
            "invalid": "Enter how many new cases as a whole number, such as 2.",
            "min_value": "Enter 0 or more new cases.",
            "max_value": "Enter at most 50 new cases.",
        },
    )
    score = forms.IntegerField(
        label="With what Chaos Score?",
        required=False,
        min_value=0,
        max_value=48,
        error_messages={
            "invalid": "Enter the Chaos Score as a whole number, such as 40.",
            "min_value": "Enter a Chaos Score from 0 to 48.",
            "max_value": "Enter a Chaos Score from 0 to 48.",
        },
    )

    def __init__(self, *args: Any, team: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["leaver"].choices = [  # type: ignore[attr-defined]
            ("", "Nobody"),
            *((str(pk), name) for pk, name in team),
        ]
        for name in ("cases", "score"):
            self.fields[name].widget = forms.TextInput(
                attrs={"inputmode": "numeric", "class": "nhsuk-input--width-3", "autocomplete": "off"}
            )

from decimal import Decimal
from typing import Any

from django import forms

from casework.actions.capacity import FULL_TIME_HOURS, FULL_TIME_POINTS
from casework.pages.compare import Comparison


class AllocateForm(forms.Form):
    """Who takes a case. Going another way than recommended needs a reason, which is kept."""

    worker = forms.TypedChoiceField(
        label="Who takes this case?",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose who takes the case.",
            "invalid_choice": "Choose one of the people shown; the team has changed since the page was opened.",
        },
    )
    second = forms.TypedChoiceField(
        label="Who goes along?",
        coerce=int,
        required=False,
        empty_value=None,
        error_messages={
            "invalid_choice": "Choose one of the people shown; the team has changed since the page was opened.",
        },
    )
    reason = forms.CharField(
        label="Why",
        required=False,
        max_length=300,
        help_text="Needed when you choose somebody other than recommended.",
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
        error_messages={"max_length": "The reason is too long. Shorten it to 300 characters."},
    )

    def __init__(self, *args: Any, comparison: Comparison, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"worker": comparison.recommended, "second": comparison.second})
        super().__init__(*args, **kwargs)
        self.comparison = comparison
        names = [(c.before.worker, c.before.name) for c in comparison.choices if not c.leaving]
        self.fields["worker"].choices = names  # type: ignore[attr-defined]
        nobody = f"{' and '.join(comparison.along.values())}, as now" if comparison.along else "Nobody"
        self.fields["second"].choices = [("", nobody), *names]  # type: ignore[attr-defined]
        if comparison.two:
            self.fields["second"].help_text = "Two are needed for this client."

    def clean(self) -> dict[str, Any]:
        """Ask why, where the recommendation is not followed or two are needed and one goes."""
        cleaned = super().clean() or self.cleaned_data
        best, chosen = self.comparison.recommended, cleaned.get("worker")
        if cleaned.get("reason") or chosen is None:
            return cleaned
        if best is not None and chosen != best:
            name = next(c.before.name for c in self.comparison.choices if c.recommended)
            self.add_error("reason", f"Say in a few words why you do not choose {name}.")
        elif (
            self.comparison.two
            and cleaned.get("second") is None
            and not self.comparison.along.keys() - {chosen}
        ):
            self.add_error("reason", "Two are needed for this client. Choose who goes along, or say why not.")
        return cleaned


class CapacityForm(forms.Form):
    """What a worker can carry."""

    contracted_hours = forms.DecimalField(
        label="Hours a week",
        max_digits=4,
        decimal_places=1,
        min_value=Decimal("0.5"),
        max_value=Decimal(60),
        initial=FULL_TIME_HOURS,
        error_messages={
            "required": "Enter the hours a week.",
            "invalid": "Enter the hours as a number, such as 37.5.",
            "min_value": "Enter more than 0 hours a week.",
            "max_value": "Enter at most 60 hours a week.",
            "max_decimal_places": "Enter the hours with one decimal at most, such as 37.5.",
        },
    )
    reduction_hours = forms.DecimalField(
        label="Of which for other work",
        help_text="For example training, leading the team or another job.",
        max_digits=4,
        decimal_places=1,
        min_value=Decimal(0),
        initial=Decimal(0),
        error_messages={
            "required": "Enter the hours for other work, or 0.",
            "invalid": "Enter the hours for other work as a number, such as 7.5.",
            "min_value": "Enter 0 or more hours for other work.",
            "max_decimal_places": "Enter the hours with one decimal at most, such as 7.5.",
        },
    )
    target_points = forms.IntegerField(
        label="Points of a full-time worker",
        help_text="What cases weigh stands in the table of weights of your service.",
        min_value=1,
        max_value=500,
        initial=FULL_TIME_POINTS,
        error_messages={
            "required": "Enter the points of a full-time worker.",
            "invalid": "Enter the points as a whole number, such as 60.",
            "min_value": "Enter at least 1 point.",
            "max_value": "Enter at most 500 points.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget = forms.TextInput(
                attrs={"inputmode": "decimal", "class": "nhsuk-input--width-4", "autocomplete": "off"}
            )

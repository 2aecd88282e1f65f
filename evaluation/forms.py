"""What is typed on the pages of the reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from cohorts.models import CohortList
from evaluation import quarters
from evaluation.models import UnitCost
from governance.fields import DateInputField


class QuarterForm(forms.Form):
    """Which quarter to build; only those that have ended and have no report are offered."""

    quarter = forms.ChoiceField(
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose a quarter.",
            "invalid_choice": "Choose a quarter that has ended and has no report yet.",
        },
    )

    def __init__(self, *args: Any, offered: Sequence[quarters.Quarter], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(each), f"{each}: {each.label}") for each in offered]
        self.fields["quarter"].choices = choices  # type: ignore[attr-defined]

    def clean_quarter(self) -> quarters.Quarter:
        """The quarter itself."""
        return quarters.parse(self.cleaned_data["quarter"])


class ProfileForm(forms.Form):
    """Of which list an area profile is made; only lists of quarters without one are offered."""

    cohort_list = forms.ChoiceField(
        label="Of which list?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose a list.",
            "invalid_choice": "Choose one of the lists shown.",
        },
    )

    def __init__(self, *args: Any, offered: Sequence[CohortList], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offered = {str(each.pk): each for each in offered}
        choices = [(pk, str(each)) for pk, each in self._offered.items()]
        self.fields["cohort_list"].choices = choices  # type: ignore[attr-defined]

    def clean_cohort_list(self) -> CohortList:
        """The list itself."""
        return self._offered[self.cleaned_data["cohort_list"]]


class UnitCostForm(forms.ModelForm):
    """One unit cost."""

    valid_from = DateInputField(
        label="Use it from", help_text="Reports on quarters that end on or after this day use it."
    )

    class Meta:
        model = UnitCost
        fields = ["measure", "amount", "price_year", "source", "valid_from"]
        labels = {"amount": "Cost of one, in pounds"}
        error_messages = {
            "measure": {"required": "Choose what the cost is for."},
            "amount": {
                "required": "Enter the cost of one, in pounds.",
                "invalid": "Enter the cost as a number of pounds such as 182.50.",
            },
            "price_year": {"required": "Enter the price year, such as 2023/24."},
            "source": {"required": "Enter where the cost comes from, so that a reader can look it up."},
        }
        widgets = {"amount": forms.TextInput(attrs={"inputmode": "decimal"})}

    def clean_amount(self) -> Any:
        """More than nothing."""
        amount = self.cleaned_data["amount"]
        if amount <= 0:
            raise forms.ValidationError("The cost of one must be more than £0.")
        return amount

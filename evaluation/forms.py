"""What is typed on the pages of the reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from cohorts.models import CohortList
from evaluation import quarters
from evaluation.models import RunningCost, UnitCost
from evaluation.money import schedules
from evaluation.scorecard import sets
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


class WithdrawForm(forms.Form):
    """What is wrong with a draft that is taken back."""

    reason = forms.CharField(
        label="What is wrong with it?",
        max_length=300,
        help_text="Whoever builds reports reads this beside the draft. Do not name a person.",
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 300}),
        error_messages={
            "required": "Say what is wrong with the draft.",
            "max_length": "This is too long. Shorten it to 300 characters.",
        },
    )


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


class SureMixin(forms.Form):
    """A form that asks "are you sure?" only once something was questioned."""

    sure = forms.BooleanField(label="I checked the source, and it is right", required=False, label_suffix="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sure = self.fields["sure"]
        if "sure" not in self.data:
            del self.fields["sure"]

    def ask(self, question: str, *, about: str) -> None:
        """Show the question beside the field `about`, with the box to tick."""
        self.fields["sure"] = self._sure
        self.add_error(about, question)


def _amount(form: forms.BaseForm, sentence: str) -> Any:
    amount = form.cleaned_data["amount"]
    if amount <= 0:
        raise forms.ValidationError(sentence)
    return amount


class UnitCostForm(SureMixin, forms.ModelForm):
    """One unit cost."""

    valid_from = DateInputField(
        label="Use it from", help_text="Reports on quarters that end on or after this day use it."
    )

    class Meta:
        model = UnitCost
        fields = [
            "measure",
            "amount",
            "price_year",
            "source",
            "valid_from",
            "clinician_minutes",
            "minutes_source",
        ]
        labels = {
            "amount": "Cost of one, in pounds",
            "clinician_minutes": "Minutes of a clinician that one takes (if you know it)",
            "minutes_source": "Where the minutes come from",
        }
        help_texts = {
            "clinician_minutes": "The report then says how many hours of clinicians are returned.",
        }
        error_messages = {
            "measure": {"required": "Choose what the cost is for."},
            "amount": {
                "required": "Enter the cost of one, in pounds.",
                "invalid": "Enter the cost as a number of pounds such as 182.50.",
            },
            "price_year": {"required": "Enter the price year, such as 2023/24."},
            "source": {"required": "Enter where the cost comes from, so that a reader can look it up."},
            "clinician_minutes": {
                "invalid": "Enter minutes as a whole number such as 45.",
                "min_value": "Enter minutes as a whole number such as 45.",
            },
        }
        widgets = {
            "amount": forms.TextInput(attrs={"inputmode": "decimal"}),
            "clinician_minutes": forms.TextInput(attrs={"inputmode": "numeric"}),
        }

    def clean_amount(self) -> Any:
        """More than nothing."""
        return _amount(self, "The cost of one must be more than £0.")

    def clean(self) -> dict[str, Any]:
        """Minutes come with a source, and a source with minutes."""
        cleaned: dict[str, Any] = super().clean() or {}
        minutes, source = cleaned.get("clinician_minutes"), cleaned.get("minutes_source")
        if minutes == 0:
            self.add_error("clinician_minutes", "Leave the minutes empty where they are not known.")
        elif minutes and not source:
            self.add_error("minutes_source", "Enter where the minutes come from.")
        elif source and not minutes and "clinician_minutes" not in self.errors:
            self.add_error("clinician_minutes", "Enter the minutes, or leave their source empty too.")
        return cleaned


class ScheduleForm(SureMixin):
    """Which schedule of unit costs to take over, and from when."""

    schedule = forms.ChoiceField(
        label="Which schedule?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose a schedule.",
            "invalid_choice": "Choose one of the schedules shown.",
        },
    )
    valid_from = DateInputField(
        label="Use it from",
        required=False,
        help_text="Leave it empty to use each from the first day of its price year.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(name, schedules.shipped(name).title) for name in schedules.names()]
        self.fields["schedule"].choices = choices  # type: ignore[attr-defined]

    def clean_schedule(self) -> schedules.Schedule:
        """The schedule itself."""
        return schedules.shipped(self.cleaned_data["schedule"])


class RunningCostForm(SureMixin, forms.ModelForm):
    """What the service costs in a year."""

    valid_from = DateInputField(
        label="Use it from", help_text="Reports on quarters that end on or after this day use it."
    )

    class Meta:
        model = RunningCost
        fields = ["name", "amount", "source", "valid_from"]
        labels = {"name": "What the cost is of", "amount": "Pounds a year"}
        help_texts = {
            "name": "For example: Lead and one link worker. Write it the same way each year. "
            "Another name is a cost of its own, with its own line in the report.",
        }
        error_messages = {
            "name": {"required": "Enter what the cost is of."},
            "amount": {
                "required": "Enter the cost of a year, in pounds.",
                "invalid": "Enter the cost as a number of pounds such as 98000.",
            },
            "source": {"required": "Enter where the cost comes from, so that a reader can look it up."},
        }
        widgets = {"amount": forms.TextInput(attrs={"inputmode": "decimal"})}

    def clean_amount(self) -> Any:
        """More than nothing."""
        return _amount(self, "The cost of a year must be more than £0.")


NO_SET = "none"


class KpiForm(forms.Form):
    """Which targets the service is measured by."""

    kpi_set = forms.ChoiceField(
        label="Which targets?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose a set of targets, or none.",
            "invalid_choice": "Choose one of the sets shown, or none.",
        },
    )
    first_quarter = forms.CharField(
        label="First quarter",
        max_length=7,
        help_text="As in 2026-Q3. Targets that grow in the first quarters begin here.",
        error_messages={"required": "Enter the first quarter, as in 2026-Q3."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(name, sets.shipped(name).title) for name in sets.names()]
        self.fields["kpi_set"].choices = [*choices, (NO_SET, "None")]  # type: ignore[attr-defined]

    def clean_kpi_set(self) -> str:
        """The name of the set; empty for none."""
        name: str = self.cleaned_data["kpi_set"]
        return "" if name == NO_SET else name

    def clean_first_quarter(self) -> quarters.Quarter:
        """The quarter itself."""
        try:
            return quarters.parse(self.cleaned_data["first_quarter"])
        except quarters.QuarterProblem as problem:
            raise forms.ValidationError(str(problem)) from None

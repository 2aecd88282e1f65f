import datetime
from typing import Any, cast

from django import forms
from django.utils import timezone

from cohorts.models import CohortRule
from governance.fields import DateInputField, RadiosWithHints
from governance.models import Service


class ListForm(forms.Form):
    """Which rule, as at which day."""

    rule = forms.ModelChoiceField(
        label="Which rule?",
        queryset=CohortRule.objects.none(),
        empty_label=None,
        widget=RadiosWithHints,
        error_messages={
            "required": "Choose a rule.",
            "invalid_choice": "Choose one of the rules shown.",
        },
    )
    as_at = DateInputField(
        label="As at which day?",
        error_messages={"required": "Enter the last day to count, such as 30 6 2026"},
    )

    def __init__(self, *args: Any, service: Service, data_to: datetime.date | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = list(service.cohort_rules.newest())
        field = cast(forms.ModelChoiceField, self.fields["rule"])
        field.queryset = service.cohort_rules.newest()
        field.widget.choices = [(rule.pk, str(rule)) for rule in rules]
        cast(RadiosWithHints, field.widget).hints = {str(rule.pk): f"{rule.sentence}." for rule in rules}
        newest = f" The newest day reported to us is {data_to:%-d %B %Y}." if data_to else ""
        self.fields["as_at"].help_text = f"The last day that is counted, for example 30 6 2026.{newest}"

    def clean_as_at(self) -> datetime.date:
        as_at: datetime.date = self.cleaned_data["as_at"]
        if as_at > timezone.localdate():
            raise forms.ValidationError(f"{as_at:%-d %B %Y} has not come yet. Enter today or an earlier day")
        return as_at

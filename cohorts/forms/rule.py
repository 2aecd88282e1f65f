from types import SimpleNamespace
from typing import Any, cast

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Row
from django import forms

from cohorts import rules
from cohorts.models import CohortRule, Exclusion

WHOLE = "Enter a whole number, such as 5"


def _number(width: int = 4) -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "numeric", "class": f"nhsuk-input--width-{width}"})


class RuleForm(forms.ModelForm):
    """The terms of a cohort rule. What is saved is always a new version."""

    exclusions = forms.MultipleChoiceField(
        label="Leave out people who",
        choices=[(value, rules.EXCLUSION_WORDS[value]) for value in Exclusion.values],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Who was left out only for lack of room, or because a list was out of date, comes back.",
    )

    class Meta:
        model = CohortRule
        fields = (
            "title",
            "measure",
            "operator",
            "count",
            "window_months",
            "recent_count",
            "recent_months",
            "min_age",
            "max_age",
            "min_admissions",
            "top_n",
            "exclusions",
        )
        labels = {
            "title": "Name of the rule",
            "measure": "What is counted",
            "operator": "How many",
            "count": "Number",
            "window_months": "In the last how many months",
            "recent_count": "At least this many",
            "recent_months": "In the last how many months",
            "min_age": "Youngest age",
            "max_age": "Oldest age",
            "min_admissions": "At least this many emergency admissions (optional)",
            "top_n": "Keep only the first (optional)",
        }
        help_texts = {
            "title": "As your agreement calls it, for example: Top 250 each quarter",
            "window_months": "Counted back from the day of the list, that day included",
            "min_admissions": "In the same months",
            "top_n": "Those with the most attendances come first. Leave empty to keep everyone.",
        }
        widgets = {
            "operator": forms.RadioSelect,
            **{
                name: _number()
                for name in ("count", "window_months", "recent_count", "recent_months", "min_age", "max_age")
            },
            "min_admissions": _number(),
            "top_n": _number(5),
        }
        error_messages = {
            "title": {"required": "Enter a name for the rule", "max_length": "Use 200 characters or fewer"},
            "count": {"required": "Enter how many, such as 5"},
            "window_months": {"required": "Enter how many months, such as 12"},
            "operator": {"required": "Choose “at least” or “more than”"},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["operator"]).choices = [
            (">=", "At least this number"),
            (">", "More than this number"),
        ]
        for field in self.fields.values():
            if isinstance(field, forms.IntegerField):
                field.error_messages.update(
                    invalid=WHOLE, min_value=WHOLE, max_value="This number is too big"
                )
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(
            "title",
            "measure",
            "operator",
            Row("count", "window_months"),
            Fieldset("And recently (optional)", Row("recent_count", "recent_months")),
            Fieldset("Age (optional)", Row("min_age", "max_age")),
            "min_admissions",
            "top_n",
            "exclusions",
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            terms = cast(rules.RuleTerms, SimpleNamespace(**cleaned))
            for field, problem in rules.rule_problems(terms).items():
                self.add_error(field, problem)
        return cleaned

from typing import Any, cast

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Fieldset, Layout, Row
from django import forms

from cohorts import rules
from cohorts.lists import tiers
from cohorts.lists.rule_problems import rule_problems
from cohorts.models import ArrivalMode, CohortRule, Exclusion
from governance.rules import RuleBroken

WHOLE = "Enter a whole number, such as 5"
MONTHS, WEEKS, DAYS = "months", "weeks", "days"
UNITS = [(unit, unit) for unit in (MONTHS, WEEKS, DAYS)]
DAYS_IN = {WEEKS: 7, DAYS: 1}

_NUMBERS = (
    "count", "window_months", "recent_count", "recent_months", "or_count", "or_months", "min_age", "max_age",
    "min_admissions", "top_n",
)  # fmt: skip
_FOLDED = (
    "attendance_categories", "arrival_modes", "sites", "department_types", "postcode_areas", "gp_practices",
)  # fmt: skip
_TEXTS = {
    "sites": "Only at these sites",
    "postcode_areas": "Only people who live where the postcode begins with",
    "gp_practices": "Or whose GP practice is",
}


def _number() -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-4"})


def _ticks(label: str, choices: dict[str, str], hint: str = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=list(choices.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=hint,
    )


class RuleForm(forms.ModelForm):
    """The terms of a cohort rule. What is saved is always a new version."""

    window_unit = forms.ChoiceField(label="Months, weeks or days", choices=UNITS, required=False)
    recent_unit = forms.ChoiceField(label="Months, weeks or days", choices=UNITS, required=False)
    includes_day = forms.TypedChoiceField(
        label="The day of the list itself",
        choices=[("yes", "Is counted"), ("no", "Is not counted: the day before is the last")],
        coerce=lambda said: said != "no",
        required=False,
    )
    attendance_categories = _ticks(
        "Only these kinds of attendance (optional)",
        {kind: words.capitalize() for kind, words in rules.CATEGORY_WORDS.items()},
        "What a source never says is counted whatever you choose.",
    )
    arrival_modes = _ticks("Only these ways of arriving (optional)", dict(ArrivalMode.choices))
    department_types = _ticks(
        "Only these departments (optional)",
        {kind: words.capitalize() for kind, words in rules.DEPARTMENT_WORDS.items()},
        "No source supplies this yet: the list will say so, and count attendances at all of them.",
    )
    exclusions = _ticks(
        "Leave out people who",
        {value: rules.EXCLUSION_WORDS[value] for value in Exclusion.values},
        "Who was left out only for lack of room, or because a list was out of date, comes back.",
    )
    tiers = forms.CharField(
        label="Tiers (optional)",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One on each line, by the number above, such as “Lower: 6 to 15” or “16 or more”.",
    )

    class Meta:
        model = CohortRule
        fields = (
            "title", "measure", "operator", "count", "window_kind", "window_months", "includes_day",
            "or_count", "or_months", "recent_count", "recent_months", "min_age", "max_age",
            "admissions_operator", "min_admissions", "attendance_categories", "arrival_modes", "sites",
            "department_types", "repeats", "postcode_areas", "gp_practices", "top_n", "keep_ties",
            "exclusions", "tiers",
        )  # fmt: skip
        labels = {
            "title": "Name of the rule",
            "measure": "What is counted",
            "operator": "How many",
            "count": "Number",
            "window_kind": "Counted in",
            "window_months": "How many months, weeks or days",
            "or_count": "This many are enough",
            "or_months": "In the last how many months",
            "recent_count": "At least this many",
            "recent_months": "In the last how many",
            "min_age": "Youngest age",
            "max_age": "Oldest age",
            "admissions_operator": "How many",
            "min_admissions": "Number",
            "repeats": "Several close together",
            "top_n": "Keep only the first (optional)",
            "keep_ties": "Keep everyone who has as many as the last of them",
            **_TEXTS,
        }
        help_texts = {
            "title": "As your agreement calls it, for example: Top 250 each quarter",
            "window_months": "Counted back from the list. For a year, leave it as it is.",
            "sites": "As your extracts write them, with commas between. Leave empty for all.",
            "postcode_areas": "Such as PE, CB6, with commas between. Who neither is known of is not left out.",
            "gp_practices": "Codes as your extracts write them, such as D81001, with commas between",
            "top_n": "Those with the most attendances come first. Leave empty to keep everyone.",
        }
        widgets = {
            "operator": forms.RadioSelect,
            "window_kind": forms.RadioSelect,
            "repeats": forms.RadioSelect,
            **{name: _number() for name in _NUMBERS},
        }
        error_messages = {
            "title": {"required": "Enter a name for the rule.", "max_length": "Use 200 characters or fewer."},
            "count": {"required": "Enter how many, such as 5."},
            "window_months": {"required": "Enter how many months, such as 12."},
            "operator": {"required": "Choose “at least” or “more than”."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        operators = [(">=", "At least this number"), (">", "More than this number")]
        for name in ("operator", "admissions_operator"):
            cast(forms.ChoiceField, self.fields[name]).choices = operators
        # What an older page, or a line of a command, does not send, the model says by itself.
        for name in ("window_kind", "repeats", "admissions_operator"):
            self.fields[name].required = False
        for field in self.fields.values():
            if isinstance(field, forms.IntegerField):
                field.error_messages.update(
                    invalid=WHOLE, min_value=WHOLE, max_value="This number is too big"
                )
        self.helper = _helper()

    @property
    def says_more(self) -> bool:
        """Whether something is set, or wrong, among the settings that are folded away."""
        every = [*self.errors, *(name for name in _FOLDED if self[name].value())]
        return bool(set(every) & {*_FOLDED, "repeats"}) or self["repeats"].value() not in (None, "", "all")

    def clean_tiers(self) -> list[dict[str, Any]]:
        try:
            return tiers.parse(self.cleaned_data["tiers"])
        except RuleBroken as problem:
            raise forms.ValidationError(str(problem)) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("window_kind", "repeats", "admissions_operator"):
            cleaned[name] = cleaned.get(name) or getattr(rules.Terms(count=0), name)
        cleaned["includes_day"] = cleaned.get("includes_day") is not False
        units = {name: cleaned.pop(f"{name}_unit", "") for name in ("window", "recent")}
        if self.errors:
            return cleaned
        shown_at = self._to_days(cleaned, units)
        cleaned.update(rules.tidied(cleaned))
        terms = rules.Terms(**{name: cleaned[name] for name in rules.TERM_NAMES})
        for field, problem in rule_problems(terms).items():
            self.add_error(shown_at.get(field, field), problem)
        return cleaned

    def _to_days(self, cleaned: dict[str, Any], units: dict[str, str]) -> dict[str, str]:
        """Weeks and days become days; says at which field of the page a problem of theirs is shown."""
        for name, unit in units.items():
            number = cleaned.get(f"{name}_months")
            cleaned[f"{name}_days"] = number * DAYS_IN[unit] if number and unit in DAYS_IN else None
        return {"window_days": "window_months", "recent_days": "recent_months"}


def initial_of(terms: Any) -> dict[str, Any]:
    """What the form shows of a rule, or of terms that are not stored."""
    shown = {name: getattr(terms, name) for name in (*rules.TERM_NAMES, "title") if hasattr(terms, name)}
    for name in ("window", "recent"):
        if days := shown[f"{name}_days"]:
            unit = DAYS if days % 7 else WEEKS
            shown |= {f"{name}_months": days // DAYS_IN[unit], f"{name}_unit": unit}
    day = "yes" if terms.includes_day else "no"
    return shown | {"includes_day": day, "tiers": tiers.as_text(terms.tiers)}


_MORE = """<details class="nhsuk-details"{% if form.says_more %} open{% endif %}>
<summary class="nhsuk-details__summary"><span class="nhsuk-details__summary-text">Which attendances count, and the area
(optional)</span></summary><div class="nhsuk-details__text">"""


def _helper() -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.layout = Layout(
        "title",
        "measure",
        "operator",
        "count",
        "window_kind",
        Row("window_months", "window_unit"),
        "includes_day",
        Fieldset("And recently (optional)", "recent_count", Row("recent_months", "recent_unit")),
        Fieldset("Or fewer, in a shorter time (optional)", Row("or_count", "or_months")),
        Fieldset(
            "Emergency admissions in the same time (optional)", Row("admissions_operator", "min_admissions")
        ),
        Fieldset("Age (optional)", Row("min_age", "max_age")),
        HTML(_MORE),
        "attendance_categories",
        "arrival_modes",
        "sites",
        "department_types",
        "repeats",
        "postcode_areas",
        "gp_practices",
        HTML("</div></details>"),
        "top_n",
        "keep_ties",
        "exclusions",
        "tiers",
    )
    return helper

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from governance import data_items
from governance.fields import DateInputField
from governance.models import (
    TERMS,
    AgeGroup,
    Agreement,
    AgreementVersion,
    Article6,
    Article9,
    Confidentiality,
    Frequency,
    ImpactKind,
    Operator,
    Organisation,
    Service,
)

# As the form of the starter pack has them, and then what the law adds.
SECTIONS = (
    ("Who shares", ("sharer_department",)),
    ("Why, and on what basis", ("purpose", "article_6", "article_9", "confidentiality")),
    ("What is shared", ("allowed_fields",)),
    (
        "About whom",
        ("age_group", "threshold_operator", "threshold", "threshold_months", "recent_months", "top_n"),
    ),
    ("How often, and how long", ("frequency", "valid_from", "valid_to", "review_on")),
    ("Assessments", ("dpia", "dpia_link", "no_dpia_reason", "equality")),
    ("People's rights", ("rights",)),
)
PARTIES = ("title", "sharer", "recipient")
# The most that makes sense, and what the number is.
NUMBERS = {
    "threshold": (1_000, "how many times people attended"),
    "threshold_months": (120, "in how many months they attended that often"),
    "recent_months": (120, "in how many months they attended at least once"),
    "top_n": (1_000_000, "how many people there are at most in each extract"),
}


def _section(title: str, *names: str) -> Fieldset:
    return Fieldset(title, *names, css_class="nhsuk-u-margin-bottom-6")


class TermsForm(forms.ModelForm):
    """Everything an agreement says, but not between whom."""

    allowed_fields = forms.MultipleChoiceField(
        label="Data items",
        widget=forms.CheckboxSelectMultiple,
        help_text="What is not ticked is dropped from every file before anything is stored.",
        error_messages={"required": "Tick at least one data item."},
    )
    valid_from = DateInputField(
        label="First day", error_messages={"required": "Enter the first day of the agreement."}
    )
    valid_to = DateInputField(label="Last day", required=False, help_text="Loads stop after it.")
    review_on = DateInputField(
        label="Review on",
        error_messages={"required": "Enter a day for the review, for example in a year."},
        help_text="From that day on a warning is shown. Loads do not stop.",
    )

    class Meta:
        model = AgreementVersion
        fields = TERMS
        labels = {
            "sharer_department": "Which department sends it?",
            "purpose": "Purposes",
            "article_6": "Lawful basis, UK GDPR Article 6",
            "article_9": "Condition for health data, UK GDPR Article 9",
            "confidentiality": "Common-law duty of confidentiality",
            "age_group": "Of which ages?",
            "threshold_operator": "People who attended…",
            "threshold": "…this many times",
            "threshold_months": "…in the last months",
            "recent_months": "And attended at least once in the last months",
            "top_n": "At most this many people in each extract",
            "frequency": "How often is it sent?",
            "dpia": "Data protection impact assessment",
            "dpia_link": "Or where the assessment is kept",
            "no_dpia_reason": "Or why there is none",
            "equality": "Equality impact assessment",
            "rights": "How people use their rights, and whom they ask",
        }
        help_texts = {
            "sharer_department": "For example: Business Intelligence Team",
            "purpose": "Each purpose on a line of its own.",
            "confidentiality": "The second lock: UK GDPR alone is not enough to share confidential information.",
            "age_group": "Lists of people under 18 need an agreement that says so, and a safeguarding lead of the service.",
            "threshold": "Leave empty if everybody may be sent. People below it are left out of every file; in a file of "
            "attendances they are counted in that file alone.",
            "threshold_months": "For example 12.",
            "recent_months": "For example 3. Leave empty if it does not matter.",
            "top_n": "Those who attended most are kept. Leave empty if there is no limit.",
            "no_dpia_reason": "Say why it was not considered necessary.",
        }
        widgets = {
            "purpose": forms.Textarea(attrs={"rows": 4}),
            "no_dpia_reason": forms.Textarea(attrs={"rows": 2}),
            "rights": forms.Textarea(attrs={"rows": 3}),
            "age_group": forms.RadioSelect,
            "threshold_operator": forms.RadioSelect,
            "confidentiality": forms.RadioSelect,
            "frequency": forms.RadioSelect,
            **{
                name: forms.NumberInput(attrs={"class": "nhsuk-input--width-5", "min": 1}) for name in NUMBERS
            },
        }
        error_messages = {
            "purpose": {"required": "Enter what the information is for."},
            "article_6": {"required": "Choose a lawful basis."},
            "article_9": {"required": "Choose a condition for health data."},
            "confidentiality": {"required": "Choose what sets the duty of confidentiality aside."},
            "rights": {"required": "Enter how people use their rights, and whom they ask."},
        }

    def __init__(self, *args: Any, service: Service, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer_items((kwargs.get("initial") or {}).get("allowed_fields", []))
        for name, choices in (
            ("article_6", [("", "Choose one"), *Article6.choices]),
            ("article_9", [("", "Choose one"), *Article9.choices]),
            ("confidentiality", Confidentiality.choices),
            ("age_group", AgeGroup.choices),
            ("threshold_operator", Operator.choices),
            ("frequency", Frequency.choices),
        ):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        for name in ("article_6", "article_9", "confidentiality", "rights"):
            self.fields[name].required = True
        self.fields["age_group"].required = False
        self._limit_numbers()
        for name, kind in (("dpia", ImpactKind.DPIA), ("equality", ImpactKind.EQUALITY)):
            self.fields[name].queryset = service.impact_assessments.filter(kind=kind)  # type: ignore[attr-defined]
            self.fields[name].empty_label = "None in this system"  # type: ignore[attr-defined]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(
            *self.first_section(), *(_section(title, *names) for title, names in SECTIONS)
        )
        # Of the page, so that the summary of what is wrong has it too.
        self.order_fields([*PARTIES, "why", *(name for _, names in SECTIONS for name in names)])

    def first_section(self) -> list[Any]:
        """What stands before the terms."""
        return []

    def _limit_numbers(self) -> None:
        for name, (most, words) in NUMBERS.items():
            said = f"Enter {words} as a whole number from 1 to {most:,}, or leave it empty."
            field = self.fields[name]
            field.validators = [MinValueValidator(1), MaxValueValidator(most)]
            field.error_messages |= dict.fromkeys(("invalid", "min_value", "max_value"), said)

    def _offer_items(self, named: list[str]) -> None:
        """The items that are offered, and those an older version names."""
        choices = [(item.name, item.in_words) for item in data_items.offered()]
        known = {name for name, _ in choices}
        choices += [(name, data_items.label(name)) for name in named if name not in known]
        self.fields["allowed_fields"].choices = choices  # type: ignore[attr-defined]

    def clean_allowed_fields(self) -> list[str]:
        items: list[str] = self.cleaned_data["allowed_fields"]
        if not data_items.IDENTIFIERS & set(items):
            either = " or ".join(f"“{data_items.label(name)}”" for name in sorted(data_items.IDENTIFIERS))
            raise forms.ValidationError(f"Tick {either}: without either no row says who it is about.")
        return items

    def clean_age_group(self) -> str:
        """Adults only, where a page does not say."""
        return self.cleaned_data["age_group"] or AgeGroup.ADULTS.value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, review = cleaned.get("valid_from"), cleaned.get("review_on")
        if first and review and review < first:
            self.add_error("review_on", f"Enter {first:%-d %B %Y}, the first day of the agreement, or later.")
        if not (cleaned.get("dpia") or cleaned.get("dpia_link") or cleaned.get("no_dpia_reason")):
            self.add_error("dpia", "Choose an assessment, say where it is kept, or say why there is none.")
        threshold, months = cleaned.get("threshold"), cleaned.get("threshold_months")
        if (threshold is None) != (months is None) and not {"threshold", "threshold_months"} & set(
            self.errors
        ):
            missing = "threshold" if threshold is None else "threshold_months"
            self.add_error(missing, "Enter both how many times and in how many months, or leave both empty.")
        return cleaned


class NewAgreementForm(TermsForm):
    """A new agreement: the title, the parties and the terms."""

    title = forms.CharField(max_length=200, error_messages={"required": "Enter a title for the agreement."})
    sharer = forms.ModelChoiceField(
        label="Which organisation sends the information?",
        queryset=Organisation.objects.none(),
        empty_label="Choose one",
        error_messages={"required": "Choose who sends the information."},
    )
    recipient = forms.ModelChoiceField(
        label="Who receives it?",
        queryset=Organisation.objects.none(),
        empty_label="Choose one",
        error_messages={"required": "Choose who receives the information."},
    )

    def __init__(self, *args: Any, service: Service, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "recipient": service.host,
            "valid_from": timezone.localdate(),
            **(kwargs.get("initial") or {}),
        }
        super().__init__(*args, service=service, **kwargs)
        for name in ("sharer", "recipient"):
            self.fields[name].queryset = Organisation.objects.to_choose_in(service)  # type: ignore[attr-defined]

    def first_section(self) -> list[Any]:
        return [_section("Between whom", *PARTIES)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        sharer = cleaned.get("sharer")
        if sharer and sharer == cleaned.get("recipient"):
            self.add_error(
                "recipient", f"{sharer} cannot be both. Choose another organisation that sends or receives."
            )
        return cleaned


class NewVersionForm(TermsForm):
    """The terms of the next version, and why there is one."""

    why = forms.CharField(
        label="Why is it changed?",
        max_length=300,
        help_text="For example: renewed for a year; telephone number added.",
        error_messages={"required": "Enter why the agreement is changed."},
    )

    def first_section(self) -> list[Any]:
        return ["why"]


class SignatureForm(forms.Form):
    """Who signed for which party, and when."""

    organisation = forms.ModelChoiceField(
        label="For which organisation?",
        queryset=Organisation.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": "Choose the organisation that signed."},
    )
    name = forms.CharField(
        label="Name of the person who signed",
        max_length=120,
        error_messages={"required": "Enter their name."},
    )
    role = forms.CharField(
        label="Their role",
        max_length=120,
        help_text="For example: Caldicott Guardian",
        error_messages={"required": "Enter their role."},
    )
    signed_on = DateInputField(label="Signed on", error_messages={"required": "Enter the day it was signed."})

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parties = {agreement.sharer_id, agreement.recipient_id}
        self.fields["organisation"].queryset = Organisation.objects.filter(pk__in=parties)  # type: ignore[attr-defined]


class WhyForm(forms.Form):
    """A reason, for stopping an agreement or for letting it act again."""

    why = forms.CharField(
        label="Why?",
        max_length=300,
        help_text="Whoever tries to load a file reads this. Do not name a person.",
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 300}),
        error_messages={
            "required": "Enter why.",
            "max_length": "This is too long. Shorten it to 300 characters.",
        },
    )

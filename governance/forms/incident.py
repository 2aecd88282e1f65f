import datetime
import uuid
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone

from governance.fields import DateInputField, MomentField, RadiosWithHints
from governance.models import Incident, IncidentKind, IncidentStep, IncidentTriage
from governance.models.incident import BreachDecision, Harm, StepKind

WORDS_LENGTH = 4000
DIGITS = {"inputmode": "numeric", "class": "nhsuk-input--width-5", "autocomplete": "off"}


class IncidentForm(forms.ModelForm):
    """What happened, in five fields of which three are filled in already or may stay empty."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    happened_on = DateInputField(label="Day it happened", required=False)
    aware_at = MomentField(
        label="When did somebody notice?",
        help_text="If data was lost, hours count from here.",
        error_messages={"required": "Enter when somebody noticed it."},
    )

    class Meta:
        model = Incident
        fields = ("kind", "words", "happened_on", "aware_at", "case_number")
        labels = {
            "kind": "What is it about?",
            "words": "What happened?",
            "case_number": "Number of the case (optional)",
        }
        help_texts = {
            "words": "In your own words. Nobody is blamed for telling.",
            "case_number": "Only the number, no name.",
        }
        widgets = {
            "kind": forms.RadioSelect,
            "words": forms.Textarea(attrs={"rows": 5, "maxlength": WORDS_LENGTH}),
            "case_number": forms.TextInput(attrs=DIGITS),
        }
        error_messages = {
            "kind": {"required": "Choose what it is about."},
            "words": {"required": "Say what happened, in a sentence or two."},
            "case_number": {
                "invalid": "Enter the number of the case, such as 12.",
                "min_value": "Enter the number of the case, such as 12.",
                "max_value": "Enter the number of the case, such as 12.",
            },
        }

    def __init__(self, *args: Any, case_number: int | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "key": uuid.uuid4(),
            "happened_on": timezone.localdate(),
            "aware_at": timezone.now(),
            "case_number": case_number,
        }
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = IncidentKind.choices  # type: ignore[attr-defined]
        self.fields["words"].max_length = WORDS_LENGTH  # type: ignore[attr-defined]

    def renew_key(self) -> None:
        """After a refusal the next press is another incident."""
        data = cast(QueryDict, self.data).copy()
        data["key"] = str(uuid.uuid4())
        self.data = data


BREACH_HINTS = {
    BreachDecision.NO: "No personal data was lost, changed, seen or sent where it should not be.",
    BreachDecision.NOTIFY: "Report it within 72 hours of becoming aware.",
    BreachDecision.UNLIKELY: "Not reported. The reason is kept for the ICO to ask for.",
}


class TriageForm(forms.ModelForm):
    """What an incident is: a personal data breach or not, and how bad it was."""

    aware_at = MomentField(
        label="When did somebody in the service become aware?",
        help_text="The 72 hours count from this time.",
        error_messages={"required": "Enter when somebody became aware."},
    )

    class Meta:
        model = IncidentTriage
        fields = ("breach", "reason", "harm", "aware_at")
        labels = {"breach": "Is it a personal data breach?", "reason": "Why?", "harm": "How bad was it?"}
        widgets = {
            "breach": RadiosWithHints(hints={c.value: words for c, words in BREACH_HINTS.items()}),
            "reason": forms.Textarea(attrs={"rows": 3, "maxlength": 1000}),
            "harm": forms.RadioSelect,
        }
        error_messages = {
            "breach": {"required": "Choose whether it is a personal data breach."},
            "reason": {
                "required": "Say why, in a sentence.",
                "max_length": "The reason is too long. Shorten it to 1,000 characters.",
            },
            "harm": {"required": "Choose how bad it was."},
        }

    def __init__(self, *args: Any, aware: datetime.datetime, **kwargs: Any) -> None:
        kwargs["initial"] = {"aware_at": aware}
        super().__init__(*args, **kwargs)
        self.fields["breach"].choices = BreachDecision.choices  # type: ignore[attr-defined]
        self.fields["harm"].choices = Harm.choices  # type: ignore[attr-defined]


class StepForm(forms.ModelForm):
    """Something done about an incident."""

    done_at = MomentField(label="When was it done?", error_messages={"required": "Enter when it was done."})

    class Meta:
        model = IncidentStep
        fields = ("kind", "words", "reference", "done_at")
        labels = {
            "kind": "What was done?",
            "words": "In a sentence",
            "reference": "Reference of the report",
        }
        help_texts = {"reference": "Only for a report to the ICO or through the DSPT."}
        widgets = {
            "kind": forms.RadioSelect,
            "words": forms.Textarea(attrs={"rows": 3, "maxlength": 2000}),
            "reference": forms.TextInput(attrs={"class": "nhsuk-input--width-20", "autocomplete": "off"}),
        }
        error_messages = {
            "kind": {"required": "Choose what was done."},
            "words": {"max_length": "The sentence is too long. Shorten it to 2,000 characters."},
            "reference": {"max_length": "The reference is too long. Shorten it to 60 characters."},
        }

    def __init__(self, *args: Any, finished: bool, **kwargs: Any) -> None:
        kwargs["initial"] = {"done_at": timezone.now()}
        super().__init__(*args, **kwargs)
        wanted = [c for c in StepKind if (c == StepKind.REOPENED) == finished]
        self.fields["kind"].choices = [(c.value, c.label) for c in wanted]  # type: ignore[attr-defined]

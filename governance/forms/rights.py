"""What people ask about their own data, as it is typed."""

import datetime
from typing import Any

from django import forms

from governance.fields import DateInputField
from governance.models import (
    FreeText,
    Objection,
    ObjectionDecision,
    ObjectionScope,
    OptOut,
    OptOutSource,
    Person,
    Sex,
    TextDecision,
)

# A field of the model brings its own empty choice, which radio buttons must not show.
_YES_NO = [("yes", "Yes, opted out"), ("no", "No opt-out")]


class FindPersonForm(forms.Form):
    """Whom it is about."""

    sought = forms.CharField(
        label="NHS number, name or number of the person",
        max_length=100,
        error_messages={"required": "Enter an NHS number, a name or the number of a person."},
    )


class RequestForm(forms.Form):
    """A request for a copy."""

    received_on = DateInputField(
        label="The day the request came",
        help_text="In a letter, by phone or in passing: the month to answer counts from this day.",
        error_messages={"required": "Enter the day the request came."},
    )
    identity = forms.CharField(
        label="How did you check who they are?",
        help_text="For example: known to their link worker, passport seen. Ask for no more than you need.",
        max_length=300,
        error_messages={"required": "Say how you checked who they are."},
    )


class ExtensionForm(forms.Form):
    """More time to answer."""

    to = DateInputField(
        label="Answer by",
        help_text="Two more months at most, where the request is complex.",
        error_messages={"required": "Enter the new day."},
    )
    reason = forms.CharField(
        label="Why does it take longer?",
        help_text="Tell the person this within the first month.",
        max_length=300,
        error_messages={"required": "Say why it takes longer."},
    )


class TextForm(forms.ModelForm):
    """What of a text may be given out."""

    cut = forms.CharField(
        label="Words to take out",
        help_text="Only if you take some words out. Copy them from the text, one run of words on each line.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    class Meta:
        model = FreeText
        fields = ("decision", "cut", "reason")
        labels = {"decision": "What may be given out?", "reason": "Why?"}
        help_texts = {"reason": "Needed unless you give it out as it is. If you ask somebody, say whom."}
        widgets = {"decision": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decision"].choices = TextDecision.choices  # type: ignore[attr-defined]
        self.fields["decision"].required = True
        self.fields["decision"].error_messages["required"] = "Choose what may be given out."


class CorrectionForm(forms.Form):
    """A wrong detail put right. `field` is the name of the detail."""

    reason = forms.CharField(
        label="How do you know?",
        max_length=300,
        error_messages={"required": "Say how you know what is right."},
    )
    told = forms.CharField(
        label="Who else did you tell? (optional)",
        help_text="Whoever sent it should be told, and whoever we passed it on to.",
        max_length=300,
        required=False,
    )

    def __init__(self, *args: Any, field: str, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"] = _value_field(field, person)
        self.order_fields(["value", "reason", "told"])

    def clean_value(self) -> str:
        """As the action takes it: a day in ISO form."""
        value = self.cleaned_data["value"]
        return value.isoformat() if isinstance(value, datetime.date) else value or ""


class ObjectionForm(forms.ModelForm):
    """An objection or a restriction, and what was decided."""

    class Meta:
        model = Objection
        fields = ("scope", "decision", "words", "reason")
        labels = {
            "scope": "What do they object to?",
            "decision": "What happens now?",
            "words": "In their words (optional)",
            "reason": "Why? (needed if we go on)",
        }
        widgets = {
            "scope": forms.RadioSelect,
            "decision": forms.RadioSelect,
            "words": forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
        }
        error_messages = {
            "scope": {"required": "Choose what they object to."},
            "decision": {"required": "Choose what happens now."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = ObjectionScope.choices  # type: ignore[attr-defined]
        self.fields["decision"].choices = ObjectionDecision.choices  # type: ignore[attr-defined]


class OptOutForm(forms.ModelForm):
    """What is known of the national data opt-out."""

    opted_out = forms.ChoiceField(
        label="Has the person opted out?",
        choices=_YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether the person has opted out."},
    )
    checked_on = DateInputField(
        label="The day it was known", error_messages={"required": "Enter the day it was known."}
    )

    class Meta:
        model = OptOut
        fields = ("opted_out", "source", "checked_on")
        labels = {"source": "How do you know?"}
        widgets = {"source": forms.RadioSelect}
        error_messages = {"source": {"required": "Choose how you know."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = OptOutSource.choices  # type: ignore[attr-defined]

    def clean_opted_out(self) -> bool:
        """Yes or no as a truth value."""
        return self.cleaned_data["opted_out"] == "yes"


def _value_field(name: str, person: Person) -> forms.Field:
    """The right box for a detail, with what is held in it."""
    column = next(each for each in Person._meta.concrete_fields if each.name == name)
    label = f"{column.verbose_name[:1].upper()}{column.verbose_name[1:]}: what is right?"
    told: dict[str, Any] = {"label": label, "required": False, "initial": getattr(person, name)}
    if name == "sex":
        return forms.ChoiceField(choices=[*Sex.choices, ("", "Not known")], widget=forms.RadioSelect, **told)
    if column.get_internal_type() == "DateField":
        return DateInputField(help_text="Leave empty if it is not known.", **told)
    return forms.CharField(max_length=column.max_length, help_text="Leave empty if it is not known.", **told)

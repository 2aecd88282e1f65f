import datetime
import uuid
from typing import Any, cast

import numpy as np
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.http import QueryDict
from django.utils import timezone

from cohorts.models import (
    Agreed,
    AgreedMethod,
    Referral,
    ReferralLink,
    ReferralSource,
    Urgency,
)
from cohorts.pipeline import nhs_numbers
from governance.fields import DateInputField, MomentField
from governance.models import Organisation, Service

TEXT_LENGTH = 2000
EARLIEST_BIRTH = datetime.date(1900, 1, 1)
WRONG_NUMBER = "This is not an NHS number: it has 10 digits, and the last one checks the others. Check it, or leave it empty."
ABOUT = ("first_name", "last_name", "birth_date", "nhs_number", "phone", "address", "postcode", "needs")
WHY = ("reason", "wants", "risks", "urgency")
AGREED = ("agreed", "agreed_on", "agreed_method", "agreed_words")
REFERRER = ("referrer_name", "referrer_role", "referrer_contact")
_LONG = ("reason", "wants", "risks")
_TOO_LONG = {
    name: {"max_length": f"{label} is too long. Shorten it to %(limit_value)d characters."}
    for name, label in (
        ("first_name", "The first name"),
        ("last_name", "The last name"),
        ("phone", "The phone number"),
        ("address", "The address"),
        ("postcode", "The postcode"),
        ("needs", "How best to talk with them"),
        ("agreed_words", "What they said"),
        ("referrer_name", "The name"),
        ("referrer_role", "The role"),
        ("referrer_contact", "How to reach you"),
        ("asked", "Who asked them"),
        ("not_asked_why", "The reason"),
        ("reason", "Why they are referred"),
        ("wants", "What they want"),
        ("risks", "What to know about risks"),
    )
}
_REQUIRED = {
    "first_name": "Enter their first name.",
    "last_name": "Enter their last name.",
    "reason": "Say why they are referred, in a sentence or two.",
    "urgency": "Choose how soon somebody should be in touch.",
    "agreed": "Choose whether they agreed.",
}


class _SaidForm(forms.ModelForm):
    """What anybody who refers says; the two forms below add who refers."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    birth_date = DateInputField(label="Date of birth", required=False, help_text="If you know it.")
    agreed_on = DateInputField(label="When did they agree?", required=False)

    class Meta:
        model = Referral
        fields: tuple[str, ...] = (*ABOUT, *WHY, *AGREED, *REFERRER)
        labels = {
            "first_name": "First name",
            "last_name": "Last name",
            "nhs_number": "NHS number (optional)",
            "phone": "Phone number",
            "address": "Address, or where they are now",
            "postcode": "Postcode (optional)",
            "needs": "How best to talk with them (optional)",
            "reason": "Why do you refer them?",
            "wants": "What do they want themselves? (optional)",
            "risks": "What should we know before we meet them? (optional)",
            "urgency": "How soon should we be in touch?",
            "agreed": "Have you asked them?",
            "agreed_method": "How did they agree?",
            "agreed_words": "What did they say? (optional)",
            "referrer_name": "Your name",
            "referrer_role": "Your role",
            "referrer_contact": "How can we reach you?",
        }
        help_texts = {
            "address": "A ward or a hostel will do.",
            "needs": "An interpreter, large print, text rather than calls, a good time of day.",
            "reason": "What lies behind it, as far as you know: housing, money, being alone, alcohol.",
            "wants": "In their words, if you can.",
            "risks": "To them, from others, or to whoever visits.",
            "agreed_words": "In their words.",
        }
        widgets = {
            **{
                name: forms.Textarea(attrs={"rows": rows, "maxlength": TEXT_LENGTH})
                for name, rows in zip(_LONG, (4, 2, 2), strict=True)
            },
            "nhs_number": forms.TextInput(
                attrs={"inputmode": "numeric", "class": "nhsuk-input--width-10", "maxlength": 20}
            ),
            "phone": forms.TextInput(attrs={"type": "tel", "class": "nhsuk-input--width-20"}),
            "postcode": forms.TextInput(attrs={"class": "nhsuk-input--width-10"}),
            "urgency": forms.RadioSelect,
            "agreed": forms.RadioSelect,
            "agreed_method": forms.RadioSelect,
        }
        error_messages = {
            name: {
                **_TOO_LONG.get(name, {}),
                **({"required": _REQUIRED[name]} if name in _REQUIRED else {}),
            }
            for name in {*_TOO_LONG, *_REQUIRED}
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"key": uuid.uuid4(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        for name, choices in (
            ("urgency", Urgency.choices),
            ("agreed", Agreed.choices),
            ("agreed_method", AgreedMethod.choices),
        ):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        for name in _LONG:
            self.fields[name].max_length = TEXT_LENGTH  # type: ignore[attr-defined]
            self.fields[name].validators.append(forms.CharField(max_length=TEXT_LENGTH).validators[0])
        # Ten digits may be typed with spaces between them.
        self.fields["nhs_number"] = forms.CharField(
            label=self.fields["nhs_number"].label,
            required=False,
            max_length=20,
            widget=self.fields["nhs_number"].widget,
            error_messages={"max_length": WRONG_NUMBER},
        )
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def arrange(self, *sections: tuple[str, tuple[str, ...]]) -> None:
        """Fields under headings, in this order also in the summary of what is wrong."""
        shown = (Fieldset(title, *names, css_class="nhsuk-u-margin-bottom-6") for title, names in sections)
        self.helper.layout = Layout("key", *shown)
        self.order_fields(["key", *(name for _, names in sections for name in names)])

    def clean_nhs_number(self) -> str:
        """Ten digits, without the spaces they are often typed with."""
        typed: str = self.cleaned_data["nhs_number"]
        if not typed:
            return ""
        parsed = nhs_numbers.parse(np.array([typed], dtype=object))
        if parsed.problem[0]:
            raise forms.ValidationError(WRONG_NUMBER)
        return str(parsed.text[0])

    def clean_birth_date(self) -> datetime.date | None:
        """A day on which somebody alive can have been born."""
        born: datetime.date | None = self.cleaned_data["birth_date"]
        if born and born > timezone.localdate():
            raise forms.ValidationError("The date of birth is in the future. Check the year.")
        if born and born < EARLIEST_BIRTH:
            raise forms.ValidationError("The date of birth is before 1900. Check the year.")
        return born

    def clean_agreed_on(self) -> datetime.date | None:
        """A day that has come, in the last year."""
        day: datetime.date | None = self.cleaned_data["agreed_on"]
        today = timezone.localdate()
        if day and day > today:
            raise forms.ValidationError("The day they agreed is in the future. Check the day.")
        if day and (today - day).days > 366:
            raise forms.ValidationError("That is more than a year ago. Ask them again.")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        reachable = ("phone", "address")
        if not any(cleaned.get(name) for name in reachable) and not any(n in self.errors for n in reachable):
            self.add_error("phone", "Enter a phone number, or an address, so that we can be in touch.")
        if cleaned.get("agreed") == Agreed.YES:
            if not cleaned.get("agreed_on") and "agreed_on" not in self.errors:
                self.add_error("agreed_on", "Enter the day they agreed.")
            if not cleaned.get("agreed_method") and "agreed_method" not in self.errors:
                self.add_error("agreed_method", "Choose how they agreed.")
        return cleaned

    def renew_key(self) -> None:
        """After a refusal the next press is another referral."""
        data = cast(QueryDict, self.data).copy()
        data["key"] = str(uuid.uuid4())
        self.data = data

    @property
    def said(self) -> dict[str, Any]:
        """What the action takes. Without a yes nothing of a yes is kept."""
        told = {name: value for name, value in self.cleaned_data.items() if value is not None}
        told.setdefault("birth_date", None)
        if told["agreed"] != Agreed.YES:
            told |= {"agreed_on": None, "agreed_method": "", "agreed_words": ""}
        return told


class OutsideForm(_SaidForm):
    """For a referrer without an account: the link says which organisation they are from."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, sentence in (
            ("referrer_name", "Enter your name."),
            ("referrer_role", "Enter your role."),
            ("referrer_contact", "Enter a phone number or an e-mail address at which we reach you."),
        ):
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = sentence
        self.arrange(
            ("About them", ABOUT), ("Why", WHY), ("Did they agree?", AGREED), ("About you", REFERRER)
        )

    def clean_agreed(self) -> str:
        """Nobody is referred behind their back by a form."""
        agreed: str = self.cleaned_data["agreed"]
        if agreed != Agreed.YES:
            raise forms.ValidationError(
                "Ask them first: support helps those who want it. If you cannot ask them, ring us instead."
            )
        return agreed

    def told(self, link: ReferralLink) -> dict[str, Any]:
        """What the action takes of a form that came by this link."""
        said = self.said
        return {
            **said,
            "source": link.source,
            "organisation": link.organisation,
            "asked": said["referrer_name"],
        }


class TakenForm(_SaidForm):
    """For a member who writes down what somebody says on the phone."""

    received_at = MomentField(
        label="When were you told?",
        help_text="The 24 hours until the first contact count from here.",
        error_messages={"required": "Enter when you were told."},
    )

    class Meta(_SaidForm.Meta):
        fields = (*_SaidForm.Meta.fields, "source", "organisation", "asked", "not_asked_why")
        labels = {
            **_SaidForm.Meta.labels,
            "source": "Who refers?",
            "organisation": "Which organisation? (optional)",
            "referrer_name": "Name of the referrer (optional)",
            "referrer_role": "Role of the referrer (optional)",
            "referrer_contact": "How can we reach the referrer? (optional)",
            "reason": "Why are they referred?",
            "agreed": "Have they been asked?",
            "asked": "Who asked them? (optional)",
            "not_asked_why": "If they were not asked: why not?",
        }

    def __init__(self, *args: Any, service: Service, **kwargs: Any) -> None:
        kwargs["initial"] = {"received_at": timezone.now()}
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [("", "Choose one"), *ReferralSource.choices]  # type: ignore[attr-defined]
        self.fields["source"].error_messages["required"] = "Choose who refers."
        organisations = Organisation.objects.to_choose_in(service)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]
        self.fields["organisation"].empty_label = "None, or not in this list"  # type: ignore[attr-defined]
        self.arrange(
            ("Who refers", ("received_at", "source", "organisation", *REFERRER)),
            ("About them", ABOUT),
            ("Why", WHY),
            ("Did they agree?", (*AGREED, "asked", "not_asked_why")),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("agreed") == Agreed.NOT_ASKED and not cleaned.get("not_asked_why"):
            self.add_error("not_asked_why", "Say why they were not asked.")
        if cleaned.get("agreed") == Agreed.YES:
            cleaned["not_asked_why"] = ""
        return cleaned

    @property
    def said(self) -> dict[str, Any]:
        return {**super().said, "organisation": self.cleaned_data["organisation"]}

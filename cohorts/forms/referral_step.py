from typing import Any

from django import forms

from cohorts.models import DeclineReason, Feedback, PauseReason, ReferralSource
from governance.fields import DateInputField, MomentField
from governance.models import Organisation, Service


class DeclineForm(forms.Form):
    """Why not, for us; and what the referrer reads."""

    reason = forms.ChoiceField(
        label="Why not?",
        choices=[("", "Choose a reason"), *DeclineReason.choices],
        help_text="Only this service reads it.",
        error_messages={"required": "Choose a reason for not taking this person on."},
    )
    feedback = forms.ChoiceField(
        label="What do we tell the referrer?",
        choices=[("", "Choose a sentence"), *Feedback.choices],
        help_text="It stands on their status page. They read nothing else.",
        error_messages={"required": "Choose what the referrer reads."},
    )
    note = forms.CharField(
        label="Note (optional)",
        required=False,
        max_length=300,
        error_messages={"max_length": "Use 300 characters or fewer."},
    )


class PauseForm(forms.Form):
    """Why nobody can be in touch for now."""

    reason = forms.ChoiceField(
        label="Why can nobody be in touch?",
        choices=[("", "Choose a reason"), *PauseReason.choices],
        error_messages={"required": "Choose why the clock is paused."},
    )
    note = forms.CharField(
        label="Note (optional)",
        required=False,
        max_length=300,
        error_messages={"max_length": "Use 300 characters or fewer."},
    )


class AttemptForm(forms.Form):
    """When somebody first tried, and how it went."""

    at = MomentField(label="When did you try?", error_messages={"required": "Enter when you tried."})
    note = forms.CharField(
        label="How it went (optional)",
        required=False,
        max_length=300,
        error_messages={"max_length": "Use 300 characters or fewer."},
    )


class LinkForm(forms.Form):
    """To whom a link is given, and until when it works."""

    organisation = forms.ModelChoiceField(
        label="Which organisation is it for?",
        queryset=Organisation.objects.none(),
        empty_label="Choose an organisation",
        help_text="If it is not here, add it as a partner first.",
        error_messages={"required": "Choose an organisation.", "invalid_choice": "Choose one in the list."},
    )
    team = forms.CharField(
        label="Which team? (optional)",
        required=False,
        max_length=100,
        help_text="As it should stand on each referral. For example, Psychiatric Liaison.",
        error_messages={"max_length": "The team is too long. Shorten it to 100 characters."},
    )
    source = forms.ChoiceField(
        label="What kind of referrer is it?",
        choices=[("", "Choose one"), *(each for each in ReferralSource.choices if each[0] != "self")],
        error_messages={"required": "Choose what kind of referrer it is."},
    )
    expires_on = DateInputField(
        label="Last day on which it works",
        help_text="At most a year from now.",
        error_messages={"required": "Enter the last day."},
    )

    def __init__(self, *args: Any, service: Service, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.to_choose_in(service)  # type: ignore[attr-defined]

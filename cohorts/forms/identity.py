from django import forms

from cohorts.models import SameAnswer


class AnswerForm(forms.Form):
    """Whether two are the same person."""

    answer = forms.ChoiceField(
        choices=[choice for choice in SameAnswer.choices if choice[0] != SameAnswer.NEW],
        widget=forms.HiddenInput,
        error_messages={
            "required": "Choose whether this is the same person.",
            "invalid_choice": "Choose whether this is the same person.",
        },
    )


class SeparateForm(forms.Form):
    """Why two records that were merged are of two people."""

    reason = forms.CharField(
        label="Why are these two people?",
        max_length=300,
        error_messages={
            "required": "Say why these are two people, for whoever looks at it later.",
            "max_length": "Use 300 characters or fewer.",
        },
    )


class TakeBackForm(forms.Form):
    """Why rows are not of the person they were given to."""

    why = forms.CharField(
        label="Why are these rows not of this person?",
        max_length=300,
        error_messages={
            "required": "Say why these rows are not of this person, for whoever looks at it later.",
            "max_length": "Use 300 characters or fewer.",
        },
    )

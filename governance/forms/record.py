from typing import Any

from django import forms

from governance.models import User


class FindRecordForm(forms.Form):
    """Whose record. Posted, so that the number stands in no address, history or server log."""

    number = forms.CharField(
        label="NHS number, or the number of the person in this product",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": "Enter the NHS number, or the number of the person.",
            "max_length": "An NHS number has 10 digits.",
        },
    )


class SealForm(forms.Form):
    """To whom a sealed record opens, and why it is sealed or not any more."""

    names = forms.MultipleChoiceField(
        label="Who opens this record?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Nobody else does. Remember the person's own worker.",
        error_messages={"invalid_choice": "Choose among the people shown."},
    )
    reason = forms.CharField(
        label="Why?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 300}),
        error_messages={
            "required": "Say why in a few words.",
            "max_length": "The reason is too long. Shorten it to 300 characters.",
        },
    )

    def __init__(self, *args: Any, workers: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workers = {str(user.pk): user for user in workers}
        choices = [(pk, user.name) for pk, user in self.workers.items()]
        self.fields["names"].choices = choices  # type: ignore[attr-defined]

    @property
    def named(self) -> list[User]:
        """The people ticked."""
        return [self.workers[pk] for pk in self.cleaned_data["names"]]

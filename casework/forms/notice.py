from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from casework.forms import choose
from casework.forms.revealing import RevealingRadios
from governance.models import NoticeChannel

NOT_YET = "not_yet"
CHOICES = [*NoticeChannel.choices, (NOT_YET, "Not this time")]


class NoticeForm(forms.Form):
    """How a person was told what happens to their information, or why not yet."""

    channel = forms.ChoiceField(
        label="How did you tell them?",
        choices=CHOICES,
        widget=RevealingRadios(reveals=NOT_YET),
        error_messages=choose("Choose how you told them, or that you have not yet."),
    )
    reason = forms.CharField(
        label="Why not this time?",
        max_length=300,
        required=False,
        help_text="For example, they were too upset to listen. You will be asked again after the next contact.",
        error_messages={"max_length": "The reason is too long. Shorten it to 300 characters."},
    )
    is_easy_read = forms.BooleanField(label="I used the easy-read version", required=False)
    question = forms.CharField(
        label="What did they ask? (optional)",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 500}),
        error_messages={"max_length": "The question is too long. Shorten it to 500 characters."},
    )
    answer = forms.CharField(
        label="What did you answer? (optional)",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 500}),
        error_messages={"max_length": "The answer is too long. Shorten it to 500 characters."},
    )

    def clean(self) -> dict[str, Any]:
        """Not yet needs a reason."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("channel") == NOT_YET and not cleaned.get("reason", "").strip():
            self.add_error("reason", ValidationError("Write why they were not told this time."))
        return cleaned

    @property
    def was_told(self) -> bool:
        """Whether the form says that the person knows."""
        return bool(self.cleaned_data["channel"] != NOT_YET)

    @property
    def told(self) -> dict[str, Any]:
        """What the action is told: of the notice given, or of the delay."""
        names = ("channel", "is_easy_read", "question", "answer") if self.was_told else ("reason",)
        return {name: self.cleaned_data[name] for name in names}

from django import forms

from casework.actions.prsb import REASON_WORDS
from casework.prsb.build import RECIPIENT_WORDS
from casework.prsb.schema import MODEL_WORDS
from governance.fields import RadiosWithHints

SUMMARY_LENGTH = 2000
MODEL_HINTS = {
    "message": "Who supports the person and how it stands.",
    "referral": "Asks another social prescribing service to take over or join in.",
    "full": "Also every contact with its day and kind, never its note.",
}


class MessageForm(forms.Form):
    """What is sent, to whom and why."""

    model = forms.ChoiceField(
        label="What do you send?",
        choices=[(model.value, words) for model, words in MODEL_WORDS.items()],
        widget=RadiosWithHints(hints=MODEL_HINTS),
        error_messages={"required": "Choose what you send."},
    )
    recipient = forms.ChoiceField(
        label="To whom?",
        choices=[(recipient.value, words) for recipient, words in RECIPIENT_WORDS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose to whom it goes."},
    )
    reason = forms.ChoiceField(
        label="Why?",
        choices=[(reason.value, words) for reason, words in REASON_WORDS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why it is sent."},
    )
    summary = forms.CharField(
        label="In your words (needed for a referral)",
        required=False,
        max_length=SUMMARY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": SUMMARY_LENGTH}),
        help_text="What the reader should know. Write it as if the person reads it; they may ask to.",
        error_messages={"max_length": "The text is too long. Shorten it to 2,000 characters."},
    )

from typing import Any

from django import forms

from governance.models import BreakGlass, BreakGlassReview, OpeningReason, ReviewOutcome

LONGEST = 300


def _choose(sentence: str) -> dict[str, str]:
    return {"required": sentence, "invalid_choice": sentence}


class ReasonForm(forms.ModelForm):
    """Why somebody must open a record outside their caseload."""

    class Meta:
        model = BreakGlass
        fields = ("reason", "words")
        labels = {"reason": "Why do you need to open this record?", "words": "What happened?"}
        help_texts = {"words": "One or two sentences. Whoever reviews this reads them."}
        widgets = {
            "reason": forms.RadioSelect,
            "words": forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST}),
        }
        error_messages = {
            "reason": _choose("Choose why you need to open this record."),
            "words": {
                "required": "Say in a few words why you need to open this record.",
                "max_length": f"The words are too long. Shorten them to {LONGEST} characters.",
            },
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = OpeningReason.choices  # type: ignore[attr-defined]


class ReviewForm(forms.ModelForm):
    """Whether there was a need to know."""

    class Meta:
        model = BreakGlassReview
        fields = ("outcome", "note")
        labels = {"outcome": "Was there a need to know?", "note": "Note (needed for a follow-up)"}
        widgets = {
            "outcome": forms.RadioSelect,
            "note": forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST}),
        }
        error_messages = {
            "outcome": _choose("Choose whether there was a need to know."),
            "note": {"max_length": f"The note is too long. Shorten it to {LONGEST} characters."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = ReviewOutcome.choices  # type: ignore[attr-defined]

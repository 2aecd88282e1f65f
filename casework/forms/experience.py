from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from casework import experience
from casework.experience import RATING_LABELS, WAY_LABELS, WHO_LABELS, Who
from casework.forms import choose
from casework.models import ExperienceAnswer
from governance.fields import DateInputField

SMALL = {"class": "nhsuk-radios--small"}


class ExperienceForm(forms.ModelForm):
    """What somebody answered when they were asked how they find the service."""

    answered_on = DateInputField(
        label="Day of the answer", error_messages={"required": "Enter the day on which they said it."}
    )

    class Meta:
        model = ExperienceAnswer
        fields = ("who", "rating", "words", "may_quote", "way", "answered_on")
        labels = {
            "who": "Who answers?",
            "rating": f"Ask: “{experience.QUESTION}”",
            "words": "In their words (optional)",
            "may_quote": "They agree that these words may be quoted without their name",
            "way": "How did you ask?",
        }
        help_texts = {
            "words": "What was good, and what could be better. Write what they said, not what you think of it.",
            "may_quote": "Somebody else reads them before, so that nothing tells who it is.",
        }
        widgets = {
            "who": forms.RadioSelect,
            "rating": forms.RadioSelect,
            "words": forms.Textarea(attrs={"rows": 4, "maxlength": experience.LONGEST_WORDS}),
            "way": forms.RadioSelect(attrs=SMALL),
        }
        error_messages = {
            "who": choose("Choose who answers."),
            "rating": choose("Choose how good it was. “Don't know” is an answer."),
            "way": choose("Choose how you asked."),
        }

    def __init__(self, *args: Any, whom: Sequence[Who], **kwargs: Any) -> None:
        """`whom` are those who can answer here; where it is a client's case, the client comes first."""
        first = whom[0] if Who.PARTNER not in whom else None
        kwargs["initial"] = {
            "who": first,
            "way": experience.Way.IN_PERSON,
            "answered_on": timezone.localdate(),
            **(kwargs.get("initial") or {}),
        }
        super().__init__(*args, **kwargs)
        self.fields["who"].choices = _choices({who: WHO_LABELS[who] for who in whom})  # type: ignore[attr-defined]
        self.fields["rating"].choices = _choices(RATING_LABELS)  # type: ignore[attr-defined]
        self.fields["way"].choices = _choices(WAY_LABELS)  # type: ignore[attr-defined]

    def clean_words(self) -> str:
        """Their words, not longer than a report can quote."""
        words: str = self.cleaned_data["words"]
        if len(words) > experience.LONGEST_WORDS:
            raise forms.ValidationError(f"Shorten their words to {experience.LONGEST_WORDS} characters.")
        return words


def _choices(labels: dict[Any, str]) -> list[tuple[str, str]]:
    return [(each.value, label) for each, label in labels.items()]

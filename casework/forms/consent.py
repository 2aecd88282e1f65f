from typing import Any

from django import forms

from casework.forms import choose
from governance.models import Consent, ConsentDecision, ConsentMethod, ConsentScope


class ConsentForm(forms.ModelForm):
    """What a person decided about one thing."""

    class Meta:
        model = Consent
        fields = ("scope", "decision", "method", "words")
        labels = {
            "scope": "What is it about?",
            "decision": "What did the person decide?",
            "method": "How did they say it?",
            "words": "In their words (optional)",
        }
        help_texts = {"words": "Write what the person said, not what you think of it."}
        widgets = {
            "scope": forms.RadioSelect,
            "decision": forms.RadioSelect,
            "method": forms.RadioSelect,
            "words": forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
        }
        error_messages = {
            "scope": choose("Choose what the decision is about."),
            "decision": choose("Choose what the person decided."),
            "method": choose("Choose how they said it."),
            "words": {"max_length": "The words are too long. Shorten them to 500 characters."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (
            ("scope", ConsentScope.choices),
            ("decision", ConsentDecision.choices),
            ("method", ConsentMethod.choices),
        ):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

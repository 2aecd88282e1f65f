import datetime
from typing import Any

from django import forms
from django.utils import timezone

from casework.forms import choose
from casework.models import Risk, RiskLevel
from governance.fields import DateInputField

REVIEW_AFTER = datetime.timedelta(days=90)


class RiskForm(forms.ModelForm):
    """Something to know before knocking."""

    review_on = DateInputField(
        label="When should somebody ask whether this still stands?",
        error_messages={"required": "Enter a review day."},
    )

    class Meta:
        model = Risk
        fields = ("level", "detail", "source", "review_on")
        labels = {"level": "What must a worker do?", "detail": "What to know", "source": "Who says so"}
        help_texts = {
            "detail": "What happened, in plain words, and where. For example, a large dog is loose in the yard.",
            "source": "For example, the ambulance crew, the GP, or the client.",
        }
        widgets = {
            "level": forms.RadioSelect,
            "detail": forms.Textarea(attrs={"rows": 3, "maxlength": 300}),
            "source": forms.TextInput,
        }
        error_messages = {
            "level": choose("Choose what a worker must do."),
            "detail": {
                "required": "Enter what to know.",
                "max_length": "What to know is too long. Shorten it to 300 characters.",
            },
            "source": {
                "required": "Enter who says so.",
                "max_length": "Who says so is too long. Shorten it to 100 characters.",
            },
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"review_on": timezone.localdate() + REVIEW_AFTER})
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = RiskLevel.choices  # type: ignore[attr-defined]

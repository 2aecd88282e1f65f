import datetime
from typing import Any

from django import forms
from django.utils import timezone

from casework.models import AccessNeeds, NeedFormat
from governance.fields import DateInputField

ASK_AGAIN = datetime.timedelta(days=365)


class AccessNeedsForm(forms.ModelForm):
    """What somebody needs to read, hear and be understood; all empty means that they need nothing special."""

    formats = forms.MultipleChoiceField(
        label="What helps?",
        choices=NeedFormat.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose from what is shown."},
    )
    review_on = DateInputField(
        label="When should somebody ask again?", error_messages={"required": "Enter the day to ask again."}
    )

    class Meta:
        model = AccessNeeds
        fields = ("needs", "formats", "carer_needs", "met", "review_on")
        labels = {
            "needs": "What do they need, in their words? (optional)",
            "carer_needs": "What does a carer or parent need who gets our letters or calls? (optional)",
            "met": "How do we meet it? (optional)",
        }
        help_texts = {
            "met": "For example, an interpreter is booked for each visit; letters go out in easy read."
        }
        widgets = {
            name: forms.Textarea(attrs={"rows": 2, "maxlength": 300})
            for name in ("needs", "carer_needs", "met")
        }
        error_messages = {
            name: {"max_length": "Shorten this to 300 characters."}
            for name in ("needs", "carer_needs", "met")
        }

    def __init__(self, *args: Any, before: AccessNeeds | None, **kwargs: Any) -> None:
        start: dict[str, Any] = {"review_on": timezone.localdate() + ASK_AGAIN}
        if before is not None:
            start |= {name: getattr(before, name) for name in ("needs", "formats", "carer_needs", "met")}
        kwargs["initial"] = start
        super().__init__(*args, **kwargs)

from typing import Any

from django import forms
from django.utils import timezone

from governance.fields import DateInputField

LONGEST_NOTICE = 20_000
# Who we are, what for, and how to say no do not fit into fewer characters.
SHORTEST_NOTICE = 100


class NoticeForm(forms.Form):
    """A new version of the privacy notice."""

    text = forms.CharField(
        label="The notice in full",
        min_length=SHORTEST_NOTICE,
        max_length=LONGEST_NOTICE,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="Who you are, where the information comes from, what you use it for and why you may, with whom "
        "you share it, how long you keep it, and how to object or complain.",
        error_messages={
            "required": "Enter the text of the notice.",
            "min_length": f"The notice in full is too short to tell people anything: write at least {SHORTEST_NOTICE} "
            "characters.",
        },
    )
    easy_read = forms.CharField(
        label="The easy-read version",
        min_length=SHORTEST_NOTICE,
        max_length=LONGEST_NOTICE,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Short sentences, one idea each. It is also what is read out on the phone.",
        error_messages={
            "required": "Enter the easy-read version.",
            "min_length": f"The easy-read version is too short to tell people anything: write at least "
            f"{SHORTEST_NOTICE} characters.",
        },
    )
    link = forms.URLField(
        label="Where it stands on the web (optional)",
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Enter a whole web address, such as https://www.example.org/privacy."},
    )
    published_on = DateInputField(
        label="In use from", error_messages={"required": "Enter the day from which it is in use."}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"published_on": timezone.localdate()})
        super().__init__(*args, **kwargs)

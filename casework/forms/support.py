import datetime
from typing import Any

from django import forms
from django.utils import timezone

from casework.models import Boundaries, CaseReview, ContactKind
from casework.support import LONGEST_TERM, LONGEST_WAIT, MOST_TRIES, TRIES, WEEK, Try, Way
from governance.fields import DateInputField

NUMBER = {"inputmode": "numeric", "class": "nhsuk-input--width-4", "autocomplete": "off"}
ROWS = 8


def _number(label: str, lowest: int, highest: int, **more: Any) -> forms.IntegerField:
    wrong = f"{label}: enter a whole number between {lowest} and {highest}."
    messages = dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong)
    return forms.IntegerField(
        label=label,
        min_value=lowest,
        max_value=highest,
        widget=forms.TextInput(attrs=NUMBER),
        error_messages=messages,
        **more,
    )


class WayForm(forms.Form):
    """How a service makes a first contact, and how long it supports somebody."""

    weeks = _number(
        "Weeks of support",
        1,
        LONGEST_TERM,
        required=False,
        help_text="Leave empty where there is no fixed end.",
    )
    review_weeks = _number(
        "Weeks until a review",
        1,
        LONGEST_TERM,
        required=False,
        help_text="Without a fixed end it comes each time.",
    )
    ask_again_days = _number("Days until a “not now” comes up again, where no day was agreed", 1, 366)

    def __init__(self, *args: Any, way: Way, **kwargs: Any) -> None:
        start = {"weeks": way.weeks, "review_weeks": way.review_weeks, "ask_again_days": way.ask_again_days}
        kwargs["initial"] = start
        super().__init__(*args, **kwargs)
        labels = dict(ContactKind.choices)
        kinds = [("", "No further try"), *((kind, labels[kind]) for kind in TRIES)]
        for number in range(1, min(MOST_TRIES, max(ROWS, len(way.ladder))) + 1):
            rung = way.ladder[number - 1] if number <= len(way.ladder) else None
            self.fields[f"kind_{number}"] = forms.ChoiceField(
                label=f"Try {number}", choices=kinds, required=False, initial=rung.kind if rung else ""
            )
            self.fields[f"after_{number}"] = _number(
                f"Days before try {number}",
                0,
                LONGEST_WAIT,
                required=False,
                initial=rung.after_days if rung else None,
            )

    @property
    def rungs(self) -> list[list[Any]]:
        """The two fields of each try."""
        names = [name.removeprefix("kind_") for name in self.fields if name.startswith("kind_")]
        return [[self[f"kind_{name}"], self[f"after_{name}"]] for name in names]

    @property
    def way(self) -> Way:
        """What was entered. A try left out closes up."""
        said = self.cleaned_data
        numbers = [name.removeprefix("kind_") for name in said if name.startswith("kind_") and said[name]]
        ladder = tuple(Try(said[f"kind_{number}"], said[f"after_{number}"] or 0) for number in numbers)
        return Way(ladder, said["ask_again_days"], said["weeks"], said["review_weeks"])


class BoundariesForm(forms.ModelForm):
    """What worker and client agreed about being in touch."""

    rhythm_days = _number("Days between contacts", 1, 92, required=False)
    calls_a_week = _number("How often do they ring at most in a week?", 0, 500, required=False)

    class Meta:
        model = Boundaries
        fields = ("ring_when", "answer_within", "otherwise", "rhythm_days", "calls_a_week")
        labels = {
            "ring_when": "When may they ring?",
            "answer_within": "When will we answer?",
            "otherwise": "Whom do they ring at other times?",
        }
        help_texts = {
            "ring_when": "For example, Monday to Friday, 9 to 5.",
            "answer_within": "For example, by the end of the next working day.",
            "otherwise": "For example, 111, or 999 in an emergency.",
        }


class ReviewForm(forms.ModelForm):
    """What was said when worker and client looked at how it goes."""

    next_on = DateInputField(label="Next review (optional)", required=False)
    until = DateInputField(
        label="Support goes on until (optional)",
        required=False,
        help_text="Leave empty to keep to the weeks of the service.",
    )

    class Meta:
        model = CaseReview
        fields = ("words", "next_on", "until")
        labels = {"words": "What did you find together? (optional)"}
        help_texts = {"words": "What helped, what is next, and why it goes on or becomes less."}
        widgets = {"words": forms.Textarea(attrs={"rows": 4, "maxlength": 500})}
        error_messages = {"words": {"max_length": "Shorten what you found to 500 characters."}}

    def __init__(self, *args: Any, way: Way, until: datetime.date | None, **kwargs: Any) -> None:
        """`until` is the end agreed before, if any: it goes on to stand unless somebody changes it."""
        # With a fixed length there is one review; without, the next comes after as many weeks again.
        again = way.review_weeks if way.weeks is None else None
        today = timezone.localdate()
        kwargs["initial"] = {
            "next_on": today + again * WEEK if again else None,
            "until": until if until and until > today else None,
        }
        super().__init__(*args, **kwargs)
        if again:
            self.fields["next_on"].help_text = f"Left empty, it comes after {again} weeks."


class AgainForm(forms.Form):
    """A new episode for somebody who is back: what of the one before goes on."""

    same_worker = forms.BooleanField(required=False)
    keep_boundaries = forms.BooleanField(required=False)

    def __init__(self, *args: Any, worker: str, has_boundaries: bool, **kwargs: Any) -> None:
        kwargs["initial"] = {"same_worker": True, "keep_boundaries": True}
        super().__init__(*args, **kwargs)
        self.fields["same_worker"].label = f"{worker} supports them again"
        self.fields["keep_boundaries"].label = "What was agreed about being in touch goes on"
        if not worker:
            del self.fields["same_worker"]
        if not has_boundaries:
            del self.fields["keep_boundaries"]

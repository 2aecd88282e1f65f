import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from casework.forms import choose
from casework.forms.revealing import RevealingRadios
from casework.models import VisitPlace
from governance.fields import DateInputField

NOW, LATER = "now", "later"
LENGTHS = {
    "30": "half an hour",
    "60": "an hour",
    "90": "an hour and a half",
    "120": "2 hours",
    "180": "3 hours",
}
TIME_FORMATS = ["%H:%M", "%H.%M", "%H%M"]


class VisitForm(forms.Form):
    """ "I am going in, back by": three taps for a visit alone, four for a pair."""

    when = forms.ChoiceField(
        label="When do you go in?",
        choices=[(NOW, "I am going in now"), (LATER, "Later")],
        initial=NOW,
        widget=RevealingRadios(reveals=LATER),
        error_messages=choose("Choose when you go in."),
    )
    day = DateInputField(label="Day", required=False)
    time = forms.TimeField(
        label="Time",
        required=False,
        input_formats=TIME_FORMATS,
        widget=forms.TextInput(attrs={"class": "nhsuk-input--width-5", "autocomplete": "off"}),
        help_text="For example, 14:30.",
        error_messages={"invalid": "Enter the time with hours and minutes, such as 14:30."},
    )
    minutes = forms.ChoiceField(
        label="When will you be out?",
        widget=forms.RadioSelect,
        error_messages=choose("Choose when you will be out."),
    )
    place = forms.ChoiceField(
        label="Where?",
        choices=VisitPlace.choices,
        initial=VisitPlace.HOME,
        widget=forms.RadioSelect,
        error_messages=choose("Choose where."),
    )
    companion = forms.ChoiceField(label="Who goes with you?", required=False)
    other_companion = forms.CharField(
        label="Or somebody from outside the service",
        required=False,
        max_length=100,
        help_text="Their name and where they work.",
        error_messages={"max_length": "Shorten who goes with you to 100 characters."},
    )

    def __init__(
        self, *args: Any, colleagues: list[tuple[int, str]], now: datetime.datetime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.now = timezone.localtime(now)
        self.fields["companion"].choices = [  # type: ignore[attr-defined]
            ("", "Nobody, I go alone"),
            *((str(pk), name) for pk, name in colleagues),
        ]
        self.fields["minutes"].choices = [  # type: ignore[attr-defined]
            (value, f"In {words} (now: back by {self._after(value):%H:%M})")
            for value, words in LENGTHS.items()
        ]

    def _after(self, minutes: str) -> datetime.datetime:
        return self.now + datetime.timedelta(minutes=int(minutes))

    def clean(self) -> dict[str, Any]:
        """A later visit needs its day and its time."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("when") == LATER:
            for name, sentence in (("day", "Enter the day."), ("time", "Enter the time.")):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, ValidationError(sentence))
        return cleaned

    @property
    def told(self) -> dict[str, Any]:
        """What the action takes; the companion by id."""
        said = self.cleaned_data
        starts_at = None
        if said["when"] == LATER:
            starts_at = timezone.make_aware(datetime.datetime.combine(said["day"], said["time"]))
        due_back_at = (starts_at or timezone.now()) + datetime.timedelta(minutes=int(said["minutes"]))
        return {
            "starts_at": starts_at,
            "due_back_at": due_back_at,
            "place": said["place"],
            "other_companion": said["other_companion"],
        }

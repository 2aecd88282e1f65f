import datetime
import uuid
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from casework import rules
from casework.forms import choose
from casework.forms.notice import CHOICES, NOT_YET
from casework.forms.revealing import RevealingRadios
from casework.models import Case, Contact, ContactKind, ContactOutcome
from casework.wording import count, written
from governance.fields import DateInputField
from governance.rules import RuleBroken

NONE_PLANNED = "none"
KEEP = "keep"
OTHER_DAY = "day"
QUICK_DAYS = {"1": ("Tomorrow", 1), "3": ("In 3 days", 3), "7": ("In a week", 7)}
NOTE_LENGTH = 4000
MINUTES = {"inputmode": "numeric", "class": "nhsuk-input--width-4", "autocomplete": "off"}
TIME_FORMATS = ["%H:%M", "%H.%M", "%H%M"]


class ContactForm(forms.ModelForm):
    """What was done, in at most five fields; more, folded away, for another time and for travel.

    While the person has not been told how their information is used, it asks for that too; left empty
    it never stands in the way of the note.
    """

    key = forms.UUIDField(widget=forms.HiddenInput)
    next_contact = forms.ChoiceField(
        label="When will you be in touch next?",
        widget=RevealingRadios(reveals=OTHER_DAY),
        error_messages=choose("Choose when you will be in touch next."),
    )
    next_day = DateInputField(label="Which day?", required=False)
    happened_on = DateInputField(
        label="Day", required=False, help_text="Leave empty if it was today. For example, 2 3 2026."
    )
    happened_time = forms.TimeField(
        label="Time",
        required=False,
        input_formats=TIME_FORMATS,
        widget=forms.TextInput(attrs={"class": "nhsuk-input--width-5", "autocomplete": "off"}),
        help_text="For example, 14:30. Leave empty if you do not know it.",
        error_messages={"invalid": "Enter the time with hours and minutes, such as 14:30."},
    )

    notice = forms.ChoiceField(
        label="Did you tell them how their information is used?",
        choices=CHOICES,
        required=False,
        widget=RevealingRadios(reveals=NOT_YET),
        error_messages=choose("Choose how you told them, or that you have not yet."),
    )
    notice_reason = forms.CharField(
        label="Why not this time?",
        max_length=300,
        required=False,
        error_messages={"max_length": "The reason is too long. Shorten it to 300 characters."},
    )

    class Meta:
        model = Contact
        fields = ("kind", "outcome", "minutes", "travel_minutes", "partners", "note", "late_reason")
        labels = {
            "kind": "What did you do?",
            "outcome": "How did it go?",
            "minutes": "Minutes it took (optional)",
            "travel_minutes": "Minutes of travel, there and back",
            "partners": "Who else took part?",
            "note": "Note (optional)",
            "late_reason": "Why is it logged only now?",
        }
        help_texts = {
            "partners": "All of them in one entry. For example, housing officer, Dr Shah's surgery.",
            "note": "Facts first. Write it as if the client reads it; they may ask to.",
            "late_reason": f"Needed when it was more than {rules.LATE_AFTER_DAYS} days ago.",
        }
        widgets = {
            "outcome": forms.RadioSelect,
            "minutes": forms.TextInput(attrs=MINUTES),
            "travel_minutes": forms.TextInput(attrs=MINUTES),
            "note": forms.Textarea(attrs={"rows": 4, "maxlength": NOTE_LENGTH}),
        }
        error_messages = {
            "kind": choose("Choose what you did."),
            "outcome": choose("Choose how it went."),
            "minutes": {
                "invalid": "Enter the minutes as a whole number, such as 20.",
                "min_value": "Enter the minutes as a whole number, such as 20.",
                "max_value": "A contact cannot last longer than a day (1,440 minutes).",
            },
            "travel_minutes": {
                "invalid": "Enter the minutes of travel as a whole number, such as 40.",
                "min_value": "Enter the minutes of travel as a whole number, such as 40.",
                "max_value": "Travel cannot take longer than a day (1,440 minutes).",
            },
            "late_reason": {"max_length": "The reason is too long. Shorten it to 200 characters."},
            "partners": {"max_length": "That is too long. Shorten it to 300 characters."},
        }

    def __init__(
        self, *args: Any, case: Case, today: datetime.date, ask_notice: bool = False, **kwargs: Any
    ) -> None:
        self.case, self.today = case, today
        start = {
            "key": uuid.uuid4(),
            "kind": ContactKind.CALL,
            "next_contact": self._first_choice(),
        }
        kwargs["initial"] = start
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = ContactKind.choices  # type: ignore[attr-defined]
        self.fields["outcome"].choices = ContactOutcome.choices  # type: ignore[attr-defined]
        self.fields["note"].max_length = NOTE_LENGTH  # type: ignore[attr-defined]
        if self._plans():
            self.fields["next_contact"].choices = self._next_choices()  # type: ignore[attr-defined]
        else:
            del self.fields["next_contact"], self.fields["next_day"]
        if not ask_notice:
            del self.fields["notice"], self.fields["notice_reason"]

    def _plans(self) -> bool:
        """Whether to ask for the next contact."""
        return self.case.is_open

    def _has_plan(self) -> bool:
        planned = self.case.next_contact_on
        return planned is not None and planned > self.today

    def _first_choice(self) -> str | None:
        """A day already planned stays unless something else is chosen; else the worker chooses."""
        return KEEP if self._has_plan() else None

    def _next_choices(self) -> list[tuple[str, str]]:
        planned = self.case.next_contact_on
        keep = (
            [(KEEP, f"As planned: {written(planned, today=self.today)}")]
            if self._has_plan() and planned
            else []
        )
        # A day is offered once, as planned if it was; a form opened before the plan may still name it otherwise.
        chosen = self.data.get("next_contact")
        quick = [
            (value, f"{label} ({self.today + datetime.timedelta(days=days):%A %-d %B})")
            for value, (label, days) in QUICK_DAYS.items()
            if value == chosen or self.today + datetime.timedelta(days=days) != planned
        ]
        return [*keep, *quick, (NONE_PLANNED, "No date for now"), (OTHER_DAY, "Another day")]

    @property
    def has_folded_errors(self) -> bool:
        """Whether something is wrong in the part that is folded away, which then opens."""
        folded = {"happened_on", "happened_time", "late_reason", "travel_minutes", "partners"}
        return bool(folded & set(self.errors))

    def clean_note(self) -> str:
        """A note may be long, but not without end; what was typed stays on the page."""
        note: str = self.cleaned_data["note"]
        if len(note) > NOTE_LENGTH:
            over = len(note) - NOTE_LENGTH
            raise ValidationError(
                f"The note is {count(over, 'character')} too long. Shorten it to {NOTE_LENGTH:,}."
            )
        return note

    def clean(self) -> dict[str, Any]:
        """Work out when it happened and when the next contact is."""
        cleaned = super().clean() or self.cleaned_data
        self._set("next_contact_on", "next_day", self._next_contact_on)
        self._set("happened_at", "happened_on", self._happened_at)
        self._set("late_reason", "late_reason", self._late_reason)
        return cleaned

    def _set(self, name: str, field: str, work_out: Any) -> None:
        try:
            self.cleaned_data[name] = work_out()
        except (RuleBroken, ValidationError) as problem:
            self.add_error(field, problem if isinstance(problem, ValidationError) else str(problem))

    def _next_contact_on(self) -> datetime.date | None:
        choice = self.cleaned_data.get("next_contact")
        if choice in QUICK_DAYS:
            return self.today + datetime.timedelta(days=QUICK_DAYS[choice][1])
        if choice == KEEP:
            return self.case.next_contact_on
        if choice != OTHER_DAY or "next_day" in self.errors:
            return None
        day: datetime.date | None = self.cleaned_data.get("next_day")
        if day is None:
            raise ValidationError("Enter the day of the next contact.")
        rules.check_next_contact(day, today=self.today)
        return day

    def _happened_at(self) -> datetime.datetime | None:
        """None means now. A day without a time is taken at noon, so that it stays that day."""
        day, time = self.cleaned_data.get("happened_on"), self.cleaned_data.get("happened_time")
        if {"happened_on", "happened_time"} & set(self.errors):
            return None
        if time is None and (day is None or day == self.today):
            return None
        moment = timezone.make_aware(datetime.datetime.combine(day or self.today, time or datetime.time(12)))
        rules.check_happened(moment, now=timezone.now())
        return moment

    def _late_reason(self) -> str:
        reason: str = self.cleaned_data.get("late_reason", "")
        happened_at = self.cleaned_data.get("happened_at")
        if happened_at:
            rules.check_late(timezone.localdate(happened_at), today=self.today, reason=reason)
        return reason

    @property
    def told(self) -> dict[str, Any]:
        """What the action is told."""
        names = ("key", *self.Meta.fields, "next_contact_on", "happened_at")
        return {name: self.cleaned_data[name] for name in names}

    @property
    def told_notice(self) -> dict[str, Any] | None:
        """What was said about the privacy notice: a channel, a reason why not, or nothing."""
        channel = self.cleaned_data.get("notice")
        if channel and channel != NOT_YET:
            return {"channel": channel}
        reason = self.cleaned_data.get("notice_reason", "").strip()
        return {"reason": reason} if channel and reason else None

    def renew_key(self) -> None:
        """Give the form a new key, so that saving again stores what is on the page now."""
        data = cast(QueryDict, self.data).copy()
        data["key"] = str(uuid.uuid4())
        self.data = data

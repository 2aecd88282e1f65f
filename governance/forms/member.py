import datetime
from typing import Any

from django import forms

from governance.fields import DateInputField
from governance.roles import role_choices


class MemberForm(forms.Form):
    """Give somebody access to the service."""

    name = forms.CharField(max_length=120, error_messages={"required": "Enter the person's name."})
    email = forms.EmailField(
        label="E-mail address",
        help_text="They sign in with this.",
        error_messages={
            "required": "Enter an e-mail address.",
            "invalid": "Enter an e-mail address like name@example.org.",
        },
    )
    role = forms.ChoiceField(
        choices=role_choices(),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a role."},
    )
    ends_on = DateInputField(
        label="Last day of access", required=False, help_text="Leave empty if there is no end yet."
    )


class EndDatesForm(forms.Form):
    """Until when a member's contract lasts and their training is valid."""

    contract_ends_on = DateInputField(
        label="Last day of the contract",
        required=False,
        help_text="Access ends with this day. Leave empty if the contract has no end.",
    )
    training_valid_to = DateInputField(
        label="Data security training valid to",
        required=False,
        help_text="Access ends with this day unless the training is renewed. Leave empty if not known.",
    )


class EndAccessForm(forms.Form):
    """The last day of somebody's access, or that it ends now."""

    last_day = DateInputField(
        label="Last day of access",
        required=False,
        help_text="They can sign in until the end of this day.",
    )
    now = forms.BooleanField(
        label="End it now: they are signed out at once, and the day above does not count", required=False
    )

    def __init__(
        self, *args: Any, today: datetime.date, ends_on: datetime.date | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **{"initial": {"last_day": today}, **kwargs})
        self.today, self.ends_on = today, ends_on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        day = cleaned.get("last_day")
        if cleaned.get("now") or "last_day" in self.errors:
            return cleaned
        if day is None:
            self.add_error("last_day", "Enter the last day of access, or end it now.")
        elif day < self.today:
            self.add_error("last_day", "This day has passed. Enter today or a later day, or end it now.")
        elif self.ends_on and day > self.ends_on:
            said = f"Access ends on {self.ends_on:%-d %B %Y} already. Enter that day or an earlier one."
            self.add_error("last_day", said)
        return cleaned

    @property
    def on(self) -> datetime.date:
        """The day after which there is no access; yesterday means from now on."""
        if self.cleaned_data["now"]:
            return self.today - datetime.timedelta(days=1)
        last_day: datetime.date = self.cleaned_data["last_day"]
        return last_day

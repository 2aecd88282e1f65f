import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from casework import rules
from casework.forms.contact import KEEP, NONE_PLANNED, OTHER_DAY, QUICK_DAYS, ContactForm
from casework.models import Case
from casework.outbox import codes


class WrittenForm(ContactForm):
    """A contact written without a network: the case is named by its code, and days count from the writing.

    It knows no case while it is written, so it can be shown by the phone alone and names nobody.
    """

    field_order = ("code",)
    code = forms.CharField(
        label="Case code",
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "class": "nhsuk-input--width-5",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
        help_text="On the client's page, below the name. For example, 1234R.",
        error_messages={"required": "Enter the case code. It is on the client's page, below the name."},
    )

    def __init__(
        self, *args: Any, case: Case | None, today: datetime.date, ask_notice: bool = False, **kwargs: Any
    ) -> None:
        self.known = case
        super().__init__(*args, case=case or Case(), today=today, ask_notice=ask_notice, **kwargs)

    def _plans(self) -> bool:
        return self.known is None or self.known.is_open

    def _first_choice(self) -> str | None:
        return None

    def _next_choices(self) -> list[tuple[str, str]]:
        quick = [(value, label) for value, (label, _) in QUICK_DAYS.items()]
        more = [(KEEP, "As it was planned"), (NONE_PLANNED, "No date for now"), (OTHER_DAY, "Another day")]
        return [*quick, *more]

    def _next_contact_on(self) -> datetime.date | None:
        day = super()._next_contact_on()
        rules.check_next_contact(day, today=self.today)
        return day

    def clean_code(self) -> str:
        """The code in the way we write it."""
        code: str = self.cleaned_data["code"]
        number = codes.number_of(code)
        if number is None:
            raise ValidationError(codes.TYPED_WRONG.format(code=code))
        return codes.code_of(number)

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone

from casework.models import InstrumentItem
from governance.fields import DateInputField


class ScoreForm(forms.Form):
    """One group of radio buttons for each question; any may be left for another day."""

    scored_on = DateInputField(
        label="Day of the scoring", error_messages={"required": "Enter the day of the scoring."}
    )

    def __init__(self, *args: Any, items: Sequence[InstrumentItem], **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"scored_on": timezone.localdate()})
        super().__init__(*args, **kwargs)
        self.items = list(items)
        for item in self.items:
            self.fields[f"item-{item.code}"] = _question(item)

    @property
    def questions(self) -> list[BoundField]:
        """The fields of the questions, in order."""
        return [self[f"item-{item.code}"] for item in self.items]

    @property
    def answers(self) -> dict[str, int]:
        """Value by item code, of those answered."""
        given = {item.code: self.cleaned_data.get(f"item-{item.code}") for item in self.items}
        return {code: int(value) for code, value in given.items() if value not in (None, "")}


def _question(item: InstrumentItem) -> forms.ChoiceField:
    """The question, with what its lowest and its highest score mean above them."""
    return forms.ChoiceField(
        label=f"{item.number}. {item.label}",
        help_text=f"{item.values[0]}: {item.low_anchor}. {item.values[-1]}: {item.high_anchor}.",
        required=False,
        choices=[(str(value), str(value)) for value in item.values],
        widget=forms.RadioSelect(attrs={"class": "app-scale nhsuk-radios--small"}),
        error_messages={"invalid_choice": f"{item.label}: choose one of the scores shown."},
    )

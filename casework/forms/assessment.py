from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone

from casework.actions.assessment import Goal
from casework.models import Instrument, InstrumentItem
from casework.scoring import Scoring
from governance.fields import DateInputField

MATTERS = [("1", "Somewhat"), ("2", "Much"), ("3", "Most of all")]


class ScoreForm(forms.Form):
    """One group of radio buttons for each question; any may be left for another day."""

    scored_on = DateInputField(
        label="Day of the scoring", error_messages={"required": "Enter the day of the scoring."}
    )

    def __init__(
        self,
        *args: Any,
        items: Sequence[InstrumentItem],
        scoring: str = Scoring.SUM,
        goals: dict[str, Goal] | None = None,
        **kwargs: Any,
    ) -> None:
        """`goals` are those of the last scoring, so that nobody types them twice."""
        kwargs.setdefault("initial", {"scored_on": timezone.localdate()})
        super().__init__(*args, **kwargs)
        self.items = list(items)
        self.has_goals = scoring == Scoring.GOALS
        for item in self.items:
            if self.has_goals:
                self._add_goal(item, (goals or {}).get(item.code))
            self.fields[f"item-{item.code}"] = _question(item, numbered=not self.has_goals)

    def _add_goal(self, item: InstrumentItem, goal: Goal | None) -> None:
        self.fields[f"goal-{item.code}"] = forms.CharField(
            label=f"{item.label}, in the person's own words",
            required=False,
            max_length=200,
            initial=goal.words if goal else "",
            error_messages={"max_length": f"{item.label} is too long. Shorten it to 200 characters."},
        )
        self.fields[f"matters-{item.code}"] = forms.ChoiceField(
            label="How much does it matter to them?",
            choices=MATTERS,
            required=False,
            initial=str(goal.weight) if goal else "1",
        )

    @property
    def questions(self) -> list[BoundField]:
        """The fields of the questions, in order."""
        return [self[f"item-{item.code}"] for item in self.items]

    @property
    def groups(self) -> list[list[BoundField]]:
        """The fields of each question: of a goal its words and how much it matters come first."""
        more = ("goal", "matters") if self.has_goals else ()
        return [[self[f"{part}-{item.code}"] for part in (*more, "item")] for item in self.items]

    @property
    def answers(self) -> dict[str, int]:
        """Value by item code, of those answered."""
        given = {item.code: self.cleaned_data.get(f"item-{item.code}") for item in self.items}
        return {code: int(value) for code, value in given.items() if value not in (None, "")}

    @property
    def goals(self) -> dict[str, Goal]:
        """Words and weight of the goals that were written down, by item code."""
        if not self.has_goals:
            return {}
        told = self.cleaned_data
        return {
            item.code: Goal(told[f"goal-{item.code}"], int(told.get(f"matters-{item.code}") or 1))
            for item in self.items
            if told.get(f"goal-{item.code}")
        }


def _question(item: InstrumentItem, *, numbered: bool) -> forms.ChoiceField:
    """The question, with what its lowest and its highest score mean above them unless each has words."""
    in_words = bool(item.anchors)
    return forms.ChoiceField(
        label=f"{item.number}. {item.label}" if numbered else "How far was it reached?",
        help_text=""
        if in_words
        else f"{item.values[0]}: {item.low_anchor}. {item.values[-1]}: {item.high_anchor}.",
        required=False,
        choices=[(str(value), item.anchor(value) or str(value)) for value in item.values],
        widget=forms.RadioSelect(
            attrs={"class": "nhsuk-radios--small" if in_words else "app-scale nhsuk-radios--small"}
        ),
        error_messages={"invalid_choice": f"{item.label}: choose one of the scores shown."},
    )


class TotalForm(forms.Form):
    """The total of an instrument whose questions are not kept here."""

    total = forms.DecimalField(
        max_digits=7,
        decimal_places=3,
        widget=forms.TextInput(
            attrs={"inputmode": "decimal", "class": "nhsuk-input--width-5", "autocomplete": "off"}
        ),
        error_messages={
            "required": "Enter the total.",
            "invalid": "Enter the total as a number, such as 42.",
            "max_digits": "Enter the total as a number, such as 42.",
            "max_decimal_places": "Enter the total with at most three digits after the point.",
            "max_whole_digits": "Enter the total as a number, such as 42.",
        },
    )
    scored_on = DateInputField(
        label="Day of the scoring", error_messages={"required": "Enter the day of the scoring."}
    )

    def __init__(self, *args: Any, instrument: Instrument, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"scored_on": timezone.localdate()})
        super().__init__(*args, **kwargs)
        if instrument.lowest is not None and instrument.highest is not None:
            self.fields["total"].help_text = f"Between {instrument.lowest} and {instrument.highest}."

    @property
    def value(self) -> Decimal:
        """What was entered."""
        total: Decimal = self.cleaned_data["total"]
        return total


class WordingForm(forms.Form):
    """The questions of an instrument in a service's own words. Their values stay."""

    def __init__(self, *args: Any, instrument: Instrument, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = list(instrument.items.all())
        for item in self.items:
            for part, label in _PARTS.items():
                self.fields[f"{part}-{item.code}"] = forms.CharField(
                    label=label.format(low=item.values[0], high=item.values[-1]),
                    max_length=200,
                    initial=getattr(item, part),
                    error_messages={
                        "required": f"Question {item.number} needs words here.",
                        "max_length": f"Question {item.number}: shorten the words to 200 characters.",
                    },
                )

    @property
    def groups(self) -> list[tuple[InstrumentItem, list[BoundField]]]:
        """Each question with its fields."""
        return [(item, [self[f"{part}-{item.code}"] for part in _PARTS]) for item in self.items]

    @property
    def words(self) -> dict[str, dict[str, str]]:
        """What each question is now called, by its code."""
        return {
            item.code: {part: self.cleaned_data[f"{part}-{item.code}"] for part in _PARTS}
            for item in self.items
        }


_PARTS = {"label": "Question", "low_anchor": "What {low} means", "high_anchor": "What {high} means"}

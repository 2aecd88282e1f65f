import datetime
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone

from casework import safety
from casework.forms import choose
from casework.models import Risk, RiskLevel
from casework.models.safety import ANSWERS
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


class RiskCheckForm(forms.Form):
    """The risk form: five areas, each with an answer and words where there is something to know."""

    source = forms.CharField(
        label="Who says so",
        max_length=100,
        help_text="For example, the referrer, the ambulance crew, the GP, or the client.",
        error_messages={
            "required": "Enter who says so.",
            "max_length": "Who says so is too long. Shorten it to 100 characters.",
        },
    )
    review_on = DateInputField(
        label="When should somebody ask again?", error_messages={"required": "Enter a review day."}
    )

    def __init__(self, *args: Any, standing: Iterable[Risk] = (), **kwargs: Any) -> None:
        """`standing` risks are filled in, the gravest of each area; where none stands, somebody chooses anew."""
        start: dict[str, Any] = {"review_on": timezone.localdate() + REVIEW_AFTER}
        for risk in sorted(standing, key=lambda risk: RiskLevel.values.index(risk.level)):
            if risk.area:
                start |= {f"{risk.area}-level": risk.level, f"{risk.area}-detail": risk.detail}
        kwargs.setdefault("initial", start)
        super().__init__(*args, **kwargs)
        for area, (label, hint) in safety.AREAS.items():
            self.fields[f"{area}-level"] = forms.ChoiceField(
                label=label,
                help_text=hint,
                choices=ANSWERS,
                widget=forms.RadioSelect(attrs={"class": "nhsuk-radios--small"}),
                error_messages=choose(f"{label}: choose an answer; “not known yet” is one."),
            )
            self.fields[f"{area}-detail"] = forms.CharField(
                label=f"What to know about it: {label.lower()}",
                required=False,
                max_length=300,
                widget=forms.TextInput,
                error_messages={"max_length": f"{label}: shorten what to know to 300 characters."},
            )

    @property
    def groups(self) -> list[list[forms.BoundField]]:
        """The two fields of each area."""
        return [[self[f"{area}-level"], self[f"{area}-detail"]] for area in safety.AREAS]

    @property
    def told(self) -> dict[str, Any]:
        """What the action takes."""
        said = self.cleaned_data
        return {
            "answers": {area: said[f"{area}-level"] for area in safety.AREAS},
            "details": {area: said[f"{area}-detail"] for area in safety.AREAS},
            "source": said["source"],
            "review_on": said["review_on"],
        }

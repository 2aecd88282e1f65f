from typing import Any

from django import forms

from casework.models import RoleOnCase
from casework.pages.moving import Moving
from casework.wording import count
from governance.fields import DateInputField

_REASON_TOO_LONG = "The reason is too long. Shorten it to 300 characters."


class ChooseForm(forms.Form):
    """Which cases go to whom. Sits in the address, since nothing changes yet."""

    to = forms.TypedChoiceField(
        label="Who takes them?",
        coerce=int,
        error_messages={
            "required": "Choose who takes the cases.",
            "invalid_choice": "Choose one of the people shown; the team has changed since the page was opened.",
        },
    )
    case = forms.TypedMultipleChoiceField(
        label="Which cases?",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one case.",
            "invalid_choice": "One of these cases has gone to somebody else. Look again, then choose.",
        },
    )

    def __init__(self, *args: Any, moving: Moving, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [("", ""), *moving.others]  # type: ignore[attr-defined]
        self.fields["case"].choices = [  # type: ignore[attr-defined]
            (row.case.pk, f"{row.name}, {row.case.get_stage_display().lower()}, {count_points(row.points)}")
            for row in moving.rows
        ]


def count_points(points: float) -> str:
    """Points with their noun."""
    return f"{points:g} point{'' if points == 1 else 's'}"


class WhyForm(forms.Form):
    """Why cases move."""

    reason = forms.CharField(
        label="Why",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
        error_messages={
            "required": "Say in a few words why, so that the clients can be told.",
            "max_length": _REASON_TOO_LONG,
        },
    )


class LeaverForm(WhyForm):
    """The next worker of every case that somebody leaves behind."""

    def __init__(self, *args: Any, moving: Moving, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in moving.rows:
            self.fields[f"case-{row.case.pk}"] = forms.TypedChoiceField(
                label=f"{row.name}, {row.case.get_stage_display().lower()}, {count_points(row.points)}",
                coerce=int,
                choices=[("", "Choose a worker"), *moving.others],
                initial=row.worker,
                help_text=" ".join(row.reasons),
                error_messages={
                    "required": f"Choose who takes this case, so that nobody is left alone: {row.name}.",
                    "invalid_choice": "Choose one of the people shown; the team has changed since.",
                },
            )
            if row.two:
                nobody = f"{row.along}, as now" if row.along else "Nobody"
                self.fields[f"along-{row.case.pk}"] = forms.TypedChoiceField(
                    label=f"Who goes along with {row.name}?",
                    coerce=int,
                    required=False,
                    empty_value=None,
                    choices=[("", nobody), *moving.others],
                    initial=row.second,
                    help_text="Two are needed for this client.",
                    error_messages={
                        "invalid_choice": "Choose one of the people shown; the team has changed since."
                    },
                )
        self.order_fields([*(n for n in self.fields if n != "reason"), "reason"])

    @property
    def to(self) -> dict[int, int]:
        """The next worker by case, by ids."""
        return self._chosen("case-")

    @property
    def seconds(self) -> dict[int, int]:
        """Who goes along from now on, where somebody was chosen, by case, by ids."""
        return self._chosen("along-")

    def _chosen(self, start: str) -> dict[int, int]:
        chosen = {
            name: value for name, value in self.cleaned_data.items() if name.startswith(start) and value
        }
        return {int(name.removeprefix(start)): worker for name, worker in chosen.items()}


class RoleForm(forms.Form):
    """Somebody helps with a case for a while."""

    role = forms.ChoiceField(
        label="How do they help?",
        choices=[
            (RoleOnCase.SECOND.value, "Second worker: shares the case and goes along"),
            (RoleOnCase.COVER.value, "Cover: stands in while the worker is away"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how they help."},
    )
    worker = forms.TypedChoiceField(
        label="Who?",
        coerce=int,
        error_messages={
            "required": "Choose who helps.",
            "invalid_choice": "Choose one of the people shown; the team has changed since the page was opened.",
        },
    )
    starts_on = DateInputField(label="First day", error_messages={"required": "Enter the first day."})
    ends_on = DateInputField(
        label="Last day",
        required=False,
        help_text="Cover needs one. Leave it empty for a second worker who stays.",
    )
    reason = forms.CharField(
        label="Why (optional)",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
        error_messages={"max_length": _REASON_TOO_LONG},
    )

    def __init__(self, *args: Any, others: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["worker"].choices = [("", "Choose somebody"), *others]  # type: ignore[attr-defined]


def moved(number: int, name: str) -> str:
    """What is said afterwards."""
    return f"{count(number, 'case')} moved to {name}."

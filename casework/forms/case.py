from typing import Any

from django import forms

from casework.models import Case
from casework.models.case import STAGE_CHOICES
from casework.rules import STAGE_LABELS, TRANSITIONS, Stage
from governance.fields import RadiosWithHints

STAGE_HINTS = {
    Stage.ENGAGING: "They said yes, and you are getting to know each other.",
    Stage.ACTIVE: "You work together on what they want to change.",
    Stage.TAPERING: "Things are steadier, and you meet less often.",
    Stage.LIGHT_TOUCH: "A call now and then.",
    Stage.OPEN_DOOR: "They carry on alone and know that they can come back at any time.",
    Stage.DECLINED: "They said no to support.",
    Stage.NOT_REACHED: "You tried and could not get in touch.",
    Stage.MOVED_AWAY: "They live outside the area now.",
    Stage.DIED: "",
}


class MoveForm(forms.Form):
    """Where a case goes next: only the steps that the path has from here."""

    to = forms.ChoiceField(label="Where is the client now?", error_messages={"required": "Choose a stage."})
    reason = forms.CharField(
        label="Why (optional)",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 300}),
        error_messages={"max_length": "The reason is too long. Shorten it to 300 characters."},
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = [stage for stage in Stage if stage in TRANSITIONS[Stage(case.stage)]]
        field = self.fields["to"]
        field.widget = RadiosWithHints(hints={stage.value: STAGE_HINTS[stage] for stage in allowed})
        field.choices = [(stage.value, STAGE_LABELS[stage]) for stage in allowed]  # type: ignore[attr-defined]
        field.error_messages["invalid_choice"] = "The case has moved since this page was opened. Look again."


class CaseFilterForm(forms.Form):
    """Which cases to list. Filters sit in the address, so that a list can be kept as a bookmark."""

    stage = forms.ChoiceField(
        required=False, choices=[("", "Open cases"), ("all", "All cases, ended too"), *STAGE_CHOICES]
    )
    worker = forms.ChoiceField(required=False)

    def __init__(
        self, *args: Any, workers: list[tuple[int, str]], me: int, narrow: bool = False, **kwargs: Any
    ) -> None:
        """`narrow` starts with the cases that open without a reason; everybody's are one choice further."""
        super().__init__(*args, **kwargs)
        others = [(str(pk), name) for pk, name in workers if pk != me]
        first = [("", "Mine and my team's"), ("everyone", "Everybody")]
        self.fields["worker"].choices = [  # type: ignore[attr-defined]
            *(first if narrow else [("", "Everybody, mine first")]),
            (str(me), "My cases"),
            ("nobody", "Nobody yet"),
            *others,
        ]

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms

from cohorts.models import CodeMeaning
from cohorts.models.activity import Acuity, ArrivalMode, DepartmentType
from cohorts.pipeline import codes
from cohorts.pipeline.codes import Meaning
from cohorts.pipeline.fields import F
from governance.fields import DateInputField

NOT_SUPPLIED = "Nothing: it counts as not supplied"
CHOICES: dict[str, list[tuple[str, str]]] = {
    F.ARRIVAL_MODE: list(ArrivalMode.choices),
    F.ACUITY: list(Acuity.choices),
    F.DEPARTMENT_TYPE: list(DepartmentType.choices),
    F.ATTENDANCE_CATEGORY: [(word, word.capitalize()) for word in codes.CATEGORIES],
}
_ADMITS = [("", "Not supplied: nobody can say"), ("true", "Yes, a bed in this hospital"), ("false", "No")]


class CodeForm(forms.ModelForm):
    """What one code means here. The list and the field come with the address."""

    admits = forms.TypedChoiceField(
        label="Does it count as an admission?",
        choices=_ADMITS,
        required=False,
        coerce=lambda value: value == "true",
        empty_value=None,
        widget=forms.RadioSelect,
    )
    first_day = DateInputField(
        label="From", required=False, help_text="Leave empty if it was always so. For example, 1 4 2025"
    )
    last_day = DateInputField(
        label="Up to and including", required=False, help_text="Leave empty if it still is"
    )

    class Meta:
        model = CodeMeaning
        fields = ("code", "says", "means", "admits", "first_day", "last_day", "reason")
        labels = {
            "code": "Code",
            "says": "What the code says",
            "means": "What is it counted as?",
            "reason": "Why?",
        }
        help_texts = {
            "code": "As the file writes it. Long codes are text: copy them, do not retype them.",
            "reason": "For whoever reads this later, such as: agreed with the trust on 3 June",
        }
        error_messages = {
            "code": {"required": "Enter the code.", "max_length": "Use 30 characters or fewer."},
            "says": {"required": "Enter what the code says.", "max_length": "Use 100 characters or fewer."},
            "reason": {"required": "Enter why.", "max_length": "Use 200 characters or fewer."},
        }

    def __init__(self, data: Any = None, *, field: str, now: Meaning | None) -> None:
        super().__init__(data, initial=_initial(now))
        choices = CHOICES.get(field)
        if choices:
            self.fields["means"] = forms.ChoiceField(
                label="What is it counted as?",
                choices=[*choices, ("", NOT_SUPPLIED)],
                required=False,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": "Choose one of those shown."},
            )
        else:
            del self.fields["means"]
        if field != F.DISPOSAL:
            del self.fields["admits"]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        asked = [name for name in ("code", "says", "means", "admits", "reason") if name in self.fields]
        days = Fieldset("Only for some days (optional)", "first_day", "last_day")
        self.helper.layout = Layout(*asked, days)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and first > last:
            self.add_error("last_day", "The last day is before the first. Change one of them.")
        return cleaned

    @property
    def meaning(self) -> dict[str, Any]:
        """What the action takes; a code without choices counts as the words it says."""
        return {"means": self.cleaned_data["says"], **self.cleaned_data}


def _initial(now: Meaning | None) -> dict[str, Any]:
    if now is None:
        return {}
    admits = "" if now.admits is None else str(now.admits).lower()
    return {"code": now.code, "says": now.says, "means": now.means, "admits": admits}

import uuid
from typing import Any

from django import forms

from cohorts.actions.request import EVERYONE, NOT_TAKEN_ON, SHORTEST_PASSWORD, TAKEN_ON
from cohorts.models import CohortList, Measure, SourcePlan
from governance.fields import DateInputField
from governance.models import Service


class PlanForm(forms.ModelForm):
    """How and when files of a source come."""

    first_due = DateInputField(
        label="When is the next file expected?",
        required=False,
        help_text="Leave it empty if nobody waits for it. For example, 5 10 2026.",
    )

    class Meta:
        model = SourcePlan
        fields = (
            "first_due",
            "frequency",
            "days_of_grace",
            "watches_folder",
            "mesh_workflow",
            "mesh_sender",
            "stores_itself",
            "most_rejected",
        )
        widgets = {
            name: forms.NumberInput(attrs={"class": "nhsuk-input--width-3"})
            for name in ("days_of_grace", "most_rejected")
        }
        labels = {
            "frequency": "How often does one come?",
            "days_of_grace": "How many days may it be late?",
            "watches_folder": "Take files from the watched folder of this source",
            "mesh_workflow": "NHS MESH: workflow of its messages",
            "mesh_sender": "NHS MESH: mailbox of the sender",
            "stores_itself": "Store a file that came by itself at once, if it looks like the one before",
            "most_rejected": "Up to how many rejected rows, in percent?",
        }
        help_texts = {
            "days_of_grace": "After them you are told that it is late.",
            "watches_folder": "Whoever runs this system says where the folder is.",
            "mesh_workflow": "As the sender calls it. Leave it empty if files do not come by MESH.",
            "mesh_sender": "Leave it empty to take messages of this workflow from anybody.",
            "stores_itself": "Otherwise you look at each file before it is stored. The first one you always look at.",
        }

    def clean_mesh_sender(self) -> str:
        sender: str = self.cleaned_data["mesh_sender"]
        return sender.strip().upper()

    def plan(self) -> dict[str, Any]:
        """What the action takes."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class RequestForm(forms.Form):
    """Whom to ask about, what, and for which period."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    cohort_list = forms.ModelChoiceField(
        label="People of which list?",
        queryset=CohortList.objects.none(),
        empty_label="Choose a list",
        error_messages={"required": "Choose a list."},
    )
    who = forms.ChoiceField(
        label="Whom of them?",
        choices=[
            (TAKEN_ON, "Those taken on"),
            (NOT_TAKEN_ON, "Those not taken on"),
            (EVERYONE, "Everyone on the list"),
        ],
        widget=forms.RadioSelect,
        initial=TAKEN_ON,
    )
    measures = forms.MultipleChoiceField(
        label="What do you ask for?",
        choices=Measure.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what you ask for, at least one."},
    )
    period_from = DateInputField(label="From", error_messages={"required": "Enter the first day."})
    period_to = DateInputField(
        label="To, that day included", error_messages={"required": "Enter the last day."}
    )
    password = forms.CharField(
        label="Password of the file",
        strip=False,
        min_length=SHORTEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "nhsuk-input--width-20"}),
        help_text=f"{SHORTEST_PASSWORD} or more characters. Tell it to the sender by phone, not in the same e-mail. "
        "We do not keep it.",
        error_messages={
            "required": "Enter a password for the file.",
            "min_length": f"Choose a password of {SHORTEST_PASSWORD} or more characters.",
        },
    )

    def __init__(self, *args: Any, service: Service, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cohort_list"].queryset = service.cohort_lists.select_related("rule")  # type: ignore[attr-defined]
        self.fields["key"].initial = uuid.uuid4()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("period_from"), cleaned.get("period_to")
        if first and last and last < first:
            self.add_error("period_to", "The last day cannot be before the first.")
        return cleaned

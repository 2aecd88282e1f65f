from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout
from django import forms

from governance.actions.impact import Answer
from governance.checklist import Question, Step
from governance.fields import DateInputField
from governance.models import ImpactAnswer, ImpactKind

LONGEST_ANSWER = 5000


class NewAssessmentForm(forms.Form):
    """Which questions, and about what."""

    kind = forms.ChoiceField(
        label="Which assessment?",
        choices=ImpactKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose an assessment."},
    )
    title = forms.CharField(
        label="What is it about?",
        max_length=200,
        help_text="For example: Attendances from St Brannoc's, and outreach",
        error_messages={"required": "Enter what it is about."},
    )


class StepForm(forms.Form):
    """One step of a checklist: for each question a text, and a choice where there is one."""

    def __init__(self, *args: Any, step: Step, standing: dict[str, ImpactAnswer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._step = step
        parts: list[Any] = []
        for question in step.questions:
            row = standing.get(question.key)
            if question.choices:
                parts += [self._add_choice(question, row.choice if row else "")]
            self._add_text(question, row.text if row else "")
            parts += [question.key, HTML("<hr>")] if question.choices else [question.key]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(*parts)

    def _add_choice(self, question: Question, chosen: str) -> str:
        """The radio buttons of a question; returns the name of the field."""
        name = f"{question.key}-choice"
        self.fields[name] = forms.ChoiceField(
            label=question.ask,
            help_text=question.help,
            required=False,
            choices=[(each, each.capitalize()) for each in question.choices],
            widget=forms.RadioSelect,
            initial=chosen,
        )
        return name

    def _add_text(self, question: Question, text: str) -> None:
        """The words of an answer; beside a choice they say what is known."""
        self.fields[question.key] = forms.CharField(
            label="What is known, and what is done about it" if question.choices else question.ask,
            help_text="" if question.choices else question.help,
            required=False,
            max_length=LONGEST_ANSWER,
            widget=forms.Textarea(attrs={"rows": 3}),
            initial=text,
            error_messages={"max_length": f"This is too long. Shorten it to {LONGEST_ANSWER} characters."},
        )

    def answers(self) -> dict[str, Answer]:
        """What the action takes."""
        given = self.cleaned_data
        return {
            question.key: Answer(given.get(f"{question.key}-choice", ""), given[question.key].strip())
            for question in self._step.questions
        }


class SignOffForm(forms.Form):
    """Who stands for the assessment."""

    name = forms.CharField(
        label="Name of the person who signed it off",
        max_length=120,
        error_messages={"required": "Enter their name."},
    )
    role = forms.CharField(
        label="Their role",
        max_length=120,
        help_text="For example: Data protection officer",
        error_messages={"required": "Enter their role."},
    )
    signed_on = DateInputField(
        label="Signed off on", error_messages={"required": "Enter the day it was signed off."}
    )


class LookAgainForm(forms.Form):
    """Why the next version is begun."""

    why = forms.CharField(
        label="Why is it looked at again?",
        max_length=300,
        error_messages={"required": "Enter why it is looked at again."},
    )

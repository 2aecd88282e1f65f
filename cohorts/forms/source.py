from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms

from cohorts.models import Source
from cohorts.pipeline import profile as profiles
from cohorts.pipeline.fields import F
from governance.fields import RadiosWithHints
from governance.models import Service

OWN = ""
MOST_COLUMNS = 2000


class SourceForm(forms.ModelForm):
    """A new feed: who sends it, under which agreement, and what its files look like."""

    profile = forms.ChoiceField(
        label="Does the file have one of these layouts?",
        required=False,
        widget=RadiosWithHints,
        error_messages={"invalid_choice": "Choose one of the layouts shown."},
    )

    class Meta:
        model = Source
        fields = (
            "name",
            "organisation",
            "agreement",
            "profile",
            "shape",
            "identifier",
            "measure",
            "coverage",
        )
        labels = {
            "name": "Name of the source",
            "organisation": "Who sends it?",
            "agreement": "Under which agreement?",
            "shape": "What is one row of the file?",
            "identifier": "How does the file say who a row is about?",
            "measure": "What does the file count?",
            "coverage": "Who is in the file?",
        }
        help_texts = {
            "name": "As your team calls it, for example: St Brannoc's A&E, quarterly",
            "agreement": "Only the fields this agreement names are kept.",
        }
        widgets = {
            "shape": forms.RadioSelect,
            "identifier": forms.RadioSelect,
            "coverage": RadiosWithHints(
                hints={"listed": "Then nothing is known of people who are not in it. Unknown is never 0."}
            ),
        }
        error_messages = {
            "name": {"required": "Enter a name for the source."},
            "organisation": {"required": "Choose who sends the file."},
            "agreement": {"required": "Choose the agreement the file is sent under."},
        }

    def __init__(self, *args: Any, service: Service, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agreement"].queryset = service.agreements.all()  # type: ignore[attr-defined]
        self._profiles = {name: profiles.load(name) for name in profiles.shipped()}
        layouts = [(name, profile.title) for name, profile in self._profiles.items()]
        field = self.fields["profile"]
        field.choices = [*layouts, (OWN, "Another layout")]  # type: ignore[attr-defined]
        field.widget.hints = {OWN: "Answer the questions below, then say which column is what."}
        for name in ("organisation", "agreement"):
            self.fields[name].empty_label = "Choose one"  # type: ignore[attr-defined]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(
            "name",
            "organisation",
            "agreement",
            "profile",
            Fieldset("Only for another layout", "shape", "identifier", "measure", "coverage"),
        )

    def new_source(self) -> dict[str, Any]:
        """What the action takes; a shipped layout answers the questions about the file by itself."""
        given = dict(self.cleaned_data)
        profile = self._profiles.get(given["profile"])
        if profile is None:
            return given
        return given | {
            "shape": profile.shape,
            "identifier": profile.identifier,
            "measure": profile.measure,
            "coverage": profile.coverage,
            "columns": profile.file_columns,
            "formats": profile.conventions.as_json(),
        }


class SampleForm(forms.Form):
    """A file from which only the heading row is read."""

    sample = forms.FileField(
        label="A file with the same columns",
        help_text="Only the column names are read. Nothing of the file is kept.",
        error_messages={
            "required": "Choose a file.",
            "empty": "This file is empty. Choose one with a heading row.",
        },
    )
    password = forms.CharField(
        label="Password of the file, if it is locked",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "nhsuk-input--width-20"}),
    )


class MappingForm(forms.Form):
    """The table of the mapping page: as many columns as the file has, each with a field or none."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.columns: list[str] = data.getlist("column")
        self.chosen: list[str] = data.getlist("field")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.columns or len(self.columns) != len(self.chosen) or len(self.columns) > MOST_COLUMNS:
            raise forms.ValidationError("The table did not arrive whole. Go back to the page and try again.")
        if any(field and field not in set(F) for field in self.chosen):
            raise forms.ValidationError("Choose the fields from the lists in the table.")
        return cleaned

    @property
    def mapping(self) -> dict[str, str]:
        """{column: field} of the columns that are used."""
        return {column: field for column, field in zip(self.columns, self.chosen, strict=True) if field}

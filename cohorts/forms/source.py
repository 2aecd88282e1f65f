from pathlib import Path
from typing import Any, cast

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms

from cohorts.models import Source
from cohorts.pipeline import codes as code_lists
from cohorts.pipeline import profile as profiles
from cohorts.pipeline.fields import F
from cohorts.pipeline.profile import Profile
from cohorts.pipeline.sample import MOST_COLUMNS
from governance.fields import RadiosWithHints
from governance.models import Organisation, Service

OWN = ""


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
        self.fields["organisation"].queryset = Organisation.objects.to_choose_in(service)  # type: ignore[attr-defined]
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
        return given if profile is None else given | profile.as_source


class SampleForm(forms.Form):
    """A file of which the beginning is shown."""

    sample = forms.FileField(
        label="A file as it is really sent",
        help_text="As it was sent, in a zip file or not. Its first rows are shown to you once, which goes on record. Nothing of the file is kept.",
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


_ORDERS = [
    ("day_first", "The day: 3 April"),
    ("month_first", "The month: 4 March"),
    ("", "The dates of each file decide, all of them together"),
]


class ReadingForm(forms.Form):
    """How the files of a source are read, beside which column is what."""

    date_order = forms.ChoiceField(
        label="In dates such as 03/04/2026, what comes first?",
        required=False,
        choices=_ORDERS,
        widget=RadiosWithHints(
            hints={"": "A file whose dates fit both ways is then refused, and you are asked."}
        ),
        error_messages={"invalid_choice": "Choose one of those shown."},
    )
    day_numbers = forms.ChoiceField(
        label="Are dates of this file numbers of days, as spreadsheets count them?",
        required=False,
        choices=[
            ("", "No, or it is a workbook, which says so itself"),
            ("1900", "Yes, counted from 1900, as Excel does"),
            ("1904", "Yes, counted from 1904, as Excel did on old Macs"),
        ],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of those shown."},
    )
    code_set = forms.ChoiceField(
        label="Which national codes does the file use?",
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of those shown."},
    )
    # Set by a page on which every date fits both orders, so that somebody must choose.
    order_open = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lists = [(one.name, one.title) for one in code_lists.shipped().values()]
        cast(forms.ChoiceField, self.fields["code_set"]).choices = [*lists, ("", "None of these, or words")]
        if self["order_open"].value():
            order = cast(forms.ChoiceField, self.fields["date_order"])
            order.choices = [choice for choice in _ORDERS if choice[0]]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("order_open") and not cleaned.get("date_order"):
            self.add_error(
                "date_order",
                "Choose whether the day or the month comes first: every date of this file fits both.",
            )
        return cleaned

    @property
    def reading(self) -> dict[str, str]:
        """What the action takes: the answers that were on the page."""
        asked = ("date_order", "day_numbers", "code_set")
        return {name: self.cleaned_data[name] for name in asked if name in self.data}


class ProfileFileForm(forms.Form):
    """A mapping that was saved as a file, here or elsewhere."""

    profile = forms.FileField(
        label="A profile (.toml)",
        help_text="It takes the place of the columns above. What the agreement does not name stays out.",
        error_messages={"required": "Choose a file.", "empty": "This file is empty. Choose a profile."},
    )

    MOST_BYTES = 256 * 1024

    def clean_profile(self) -> Profile:
        upload = self.cleaned_data["profile"]
        if upload.size > self.MOST_BYTES:
            raise forms.ValidationError("This file is too big for a profile. Choose one of at most 256 KB.")
        try:
            return profiles.from_toml(Path(upload.name).stem, upload.read(), name=upload.name)
        except profiles.BadProfile as problem:
            raise forms.ValidationError(str(problem)) from None

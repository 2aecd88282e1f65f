import datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from cohorts.models import DataRequest, Extract, Shape, Source
from governance.fields import DateInputField
from governance.models import Service


class UploadForm(forms.Form):
    """One file of one source."""

    source = forms.ModelChoiceField(
        label="Who sent the file?",
        queryset=Source.objects.none(),
        empty_label="Choose a source",
        error_messages={
            "required": "Choose the source the file comes from.",
            "invalid_choice": "Choose one of the sources in the list.",
        },
    )
    file = forms.FileField(
        label="The file",
        help_text="An Excel workbook (.xlsx), a CSV file, or a zip file with one of them in it, just as it was sent. "
        "Do not edit it first.",
        max_length=255,
        error_messages={
            "required": "Choose the file to upload.",
            "empty": "This file is empty. Ask the sender for it again.",
            "max_length": "The name of this file is too long. Shorten it to 255 characters.",
        },
    )
    as_at = DateInputField(
        label="The counts are as at",
        required=False,
        help_text="Only for a file with one row for each person: the last day that was counted, such as 30 6 2026.",
    )
    password = forms.CharField(
        label="Password of the file",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "nhsuk-input--width-20"}),
        help_text="Only if the file is locked. It opens the file once and is not kept.",
    )

    def __init__(self, *args: Any, service: Service, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = service.sources.select_related("organisation")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        source: Source | None = cleaned.get("source")
        as_at: datetime.date | None = cleaned.get("as_at")
        if source is None or "as_at" in self.errors:
            return cleaned
        if source.shape == Shape.PEOPLE and as_at is None:
            self.add_error(
                "as_at", f"{source} sends one row for each person. Enter the last day that was counted."
            )
        elif as_at and as_at > timezone.localdate():
            self.add_error(
                "as_at", f"{as_at:%-d %B %Y} has not come yet. Enter the last day that was counted."
            )
        return cleaned

    def of_file(self) -> dict[str, Any]:
        """What the action takes: the source, the upload, the day and the password."""
        upload: UploadedFile = self.cleaned_data["file"]
        return {
            "source": self.cleaned_data["source"],
            "upload": upload,
            "as_at": self.cleaned_data["as_at"],
            "password": self.cleaned_data["password"] or None,
        }


class AnswersForm(forms.Form):
    """Which data request a file answers."""

    request = forms.ChoiceField(
        label="Does this file answer a data request?",
        required=False,
        widget=forms.RadioSelect,
        help_text="An answer tells us about the people the request names, in its days. Of everybody else it says nothing.",
        error_messages={"invalid_choice": "Choose one of those shown."},
    )

    def __init__(self, *args: Any, extract: Extract, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"request": str(extract.answers_id or "")}, **kwargs})
        self._requests: dict[str, DataRequest | None] = {
            str(each.pk): each for each in extract.source.data_requests.all()
        }
        choices = [(pk, each.in_words) for pk, each in self._requests.items() if each]
        none = ("", "No: it is a file like the others of this source")
        self.fields["request"].choices = [*choices, none]  # type: ignore[attr-defined]

    def clean_request(self) -> DataRequest | None:
        """The request itself; None for none."""
        return self._requests.get(self.cleaned_data["request"])

import uuid
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from casework.forms import choose
from casework.models import Basis, ShareChannel
from governance.models import Partner, Service, ShareItem

OTHER_BASES = [choice for choice in Basis.choices if choice[0] != Basis.CONSENT]


class ShareForm(forms.Form):
    """What to share under a yes. Nothing is ticked at first: only who it is about."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    # The hash of the preview that stands on the page.
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    items = forms.MultipleChoiceField(
        label="What do they need?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Name and date of birth always go along, so that they know whom it is about. "
        "Tick only what this purpose needs.",
        error_messages={"invalid_choice": "Tick only what is offered here."},
    )
    helps = forms.CharField(
        label="What helps them, in plain words",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 1000}),
        help_text="Sent only if it is ticked above. For example: answers better to a woman; offer a seat and some "
        "time. Agree the words with the person.",
        error_messages={"max_length": "This is too long. Shorten it to 1,000 characters."},
    )
    channel = forms.ChoiceField(
        label="How does it go to them?",
        choices=[each for each in ShareChannel.choices if each[0] != ShareChannel.FILE],
        widget=forms.RadioSelect,
        error_messages=choose("Choose how it goes to them."),
    )
    recipient = forms.CharField(
        label="Who receives it? (optional)",
        max_length=200,
        required=False,
        help_text="A name or a team.",
        error_messages={"max_length": "This is too long. Shorten it to 200 characters."},
    )

    def __init__(self, *args: Any, items: list[str], **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"key": uuid.uuid4()})
        super().__init__(*args, **kwargs)
        offered = [(item.value, item.label) for item in ShareItem if item in items]
        self.fields["items"].choices = offered  # type: ignore[attr-defined]
        if ShareItem.HELPS not in items:
            del self.fields["helps"]

    def clean(self) -> dict[str, Any]:
        """What is ticked must be written."""
        cleaned = super().clean() or self.cleaned_data
        is_ticked = ShareItem.HELPS in cleaned.get("items", [])
        if is_ticked and not cleaned.get("helps", "").strip() and "helps" not in self.errors:
            self.add_error("helps", ValidationError("Write what helps them, or untick it."))
        return cleaned

    @property
    def content(self) -> dict[str, Any]:
        """What the sheet is built from."""
        return {"items": self.cleaned_data["items"], "helps": self.cleaned_data.get("helps", "")}

    @property
    def told(self) -> dict[str, Any]:
        """What the action is told."""
        return self.cleaned_data

    def remember(self, seen: str) -> None:
        """Write the hash of the preview into the page."""
        data = cast(QueryDict, self.data).copy()
        data["seen"] = seen
        self.data = data


class OtherwiseForm(ShareForm):
    """Sharing without a yes: with whom, on what basis, why, and who authorised it."""

    field_order = ["key", "seen", "partner", "basis", "reason", "authority", "items", "helps"]

    partner = forms.ModelChoiceField(
        label="With whom?",
        queryset=Partner.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages=choose("Choose with whom it is shared."),
    )
    basis = forms.ChoiceField(
        label="What allows it?",
        choices=OTHER_BASES,
        widget=forms.RadioSelect,
        error_messages=choose("Choose what allows it."),
    )
    reason = forms.CharField(
        label="Why is it shared without a yes?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
        help_text="What could happen otherwise, and why the person was not asked or said no. Write it as if they "
        "read it; they may ask to.",
        error_messages={
            "required": "Write why it is shared without a yes.",
            "max_length": "The reason is too long. Shorten it to 500 characters.",
        },
    )
    authority = forms.CharField(
        label="Who authorised it?",
        max_length=200,
        help_text="Name and role. For example, your safeguarding lead or Caldicott Guardian.",
        error_messages={
            "required": "Enter who authorised it, with name and role.",
            "max_length": "This is too long. Shorten it to 200 characters.",
        },
    )

    def __init__(self, *args: Any, service: Service, **kwargs: Any) -> None:
        super().__init__(*args, items=list(ShareItem), **kwargs)
        self.fields["partner"].queryset = service.partners.in_use()  # type: ignore[attr-defined]

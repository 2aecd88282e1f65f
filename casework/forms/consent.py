import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from casework.forms import choose
from casework.forms.revealing import RevealingRadios
from governance.fields import DateInputField
from governance.models import (
    UNNAMED_PARTNERS,
    Consent,
    ConsentDecision,
    ConsentMethod,
    ConsentScope,
    MentalCapacity,
    Partner,
    Purpose,
    Service,
    ShareItem,
)

ASKED = [choice for choice in ConsentScope.choices if choice[0] not in UNNAMED_PARTNERS]
OTHER_DAY_HINT = "Leave empty if it was today. For example, 2 3 2026."


class _HowForm(forms.ModelForm):
    """How a decision was made: what any decision is asked."""

    decided_on = DateInputField(label="Day of the decision", required=False, help_text=OTHER_DAY_HINT)

    class Meta:
        model = Consent
        fields: tuple[str, ...] = ("method", "words", "told", "capacity", "capacity_note", "best_interests")
        labels = {
            "scope": "What is it about?",
            "decision": "What did the person decide?",
            "method": "How did they say it?",
            "words": "In their words (optional)",
            "told": "What did you tell them? (optional)",
            "capacity": "Could they decide this for themselves?",
            "capacity_note": "How did you judge that?",
            "best_interests": "Who decided in their best interests?",
            "stands_until": "Until when does a yes stand? (optional)",
        }
        help_texts = {
            "words": "Write what the person said, not what you think of it.",
            "told": "What is shared, with whom, what for, and that they can say no or take it back.",
            "capacity": "Start from yes. A choice you would not make is no reason for doubt.",
            "capacity_note": "What helped them to decide, and what they could not understand, keep in mind, weigh "
            "up or say.",
            "best_interests": "Name and role, and whether they hold a power of attorney.",
        }
        widgets = {
            "decision": forms.RadioSelect,
            "method": forms.RadioSelect,
            "words": forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
            "told": forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
            "capacity": RevealingRadios(reveals=MentalCapacity.LACKED),
            "capacity_note": forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
            "best_interests": forms.TextInput,
        }
        error_messages = {
            "scope": choose("Choose what the decision is about."),
            "decision": choose("Choose what the person decided."),
            "method": choose("Choose how they said it."),
            "words": {"max_length": "The words are too long. Shorten them to 500 characters."},
            "told": {"max_length": "What you told them is too long. Shorten it to 500 characters."},
            "capacity": choose("Choose whether they could decide this for themselves."),
            "capacity_note": {"max_length": "This is too long. Shorten it to 500 characters."},
            "best_interests": {"max_length": "This is too long. Shorten it to 200 characters."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"capacity": MentalCapacity.HAD, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.fields["method"].choices = ConsentMethod.choices  # type: ignore[attr-defined]
        self.fields["capacity"].choices = MentalCapacity.choices  # type: ignore[attr-defined]
        self.fields["capacity"].required = True

    def clean(self) -> dict[str, Any]:
        """Lacking capacity needs the note and the name; boxes that do not matter are emptied."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("capacity") != MentalCapacity.LACKED:
            cleaned["capacity_note"] = cleaned["best_interests"] = ""
            return cleaned
        if not cleaned.get("capacity_note") and "capacity_note" not in self.errors:
            self.add_error(
                "capacity_note", ValidationError("Write how you judged that they lacked capacity.")
            )
        if not cleaned.get("best_interests") and "best_interests" not in self.errors:
            self.add_error("best_interests", ValidationError("Enter who decided in their best interests."))
        return cleaned

    def _post_clean(self) -> None:
        """The action checks the row as a whole, in the person's transaction."""

    @property
    def told(self) -> dict[str, Any]:
        """What the action is told. A day other than today is taken at noon, so that it stays that day."""
        cleaned = dict(self.cleaned_data)
        day: datetime.date | None = cleaned.pop("decided_on")
        if day is not None and day != timezone.localdate():
            cleaned["decided_at"] = timezone.make_aware(datetime.datetime.combine(day, datetime.time(12)))
        return cleaned


class ConsentForm(_HowForm):
    """What a person decided about one matter."""

    scope = forms.ChoiceField(
        label=_HowForm.Meta.labels["scope"],
        choices=ASKED,
        widget=RevealingRadios(reveals=ConsentScope.SHARE),
        error_messages=_HowForm.Meta.error_messages["scope"],
    )
    partner = forms.ModelChoiceField(
        label="With whom?",
        queryset=Partner.objects.none(),
        widget=forms.RadioSelect,
        required=False,
        empty_label=None,
        error_messages=choose("Choose with whom it may be shared."),
    )
    purpose = forms.ChoiceField(
        label="What for?",
        choices=Purpose.choices,
        widget=forms.RadioSelect,
        required=False,
        error_messages=choose("Choose what it is shared for."),
    )
    items = forms.MultipleChoiceField(
        label="What may be shared?",
        choices=ShareItem.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Their name and date of birth always go along.",
    )
    stands_until = DateInputField(
        label=_HowForm.Meta.labels["stands_until"],
        required=False,
        help_text="After that day nothing rests on it, and the pages say to ask again. For example, 2 3 2027.",
    )

    class Meta(_HowForm.Meta):
        fields = (*_HowForm.Meta.fields, "decision")

    def __init__(self, *args: Any, service: Service, again: Consent | None = None, **kwargs: Any) -> None:
        if again is not None:
            names = ("scope", "partner", "purpose", "items")
            kwargs["initial"] = {name: getattr(again, name) for name in names}
        super().__init__(*args, **kwargs)
        # Taking back has a page of its own, one tap from the yes.
        answers = [choice for choice in ConsentDecision.choices if choice[0] != ConsentDecision.WITHDRAWN]
        self.fields["decision"].choices = answers  # type: ignore[attr-defined]
        self.fields["partner"].queryset = service.partners.in_use()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Sharing needs a partner and a purpose, and a yes what is shared and what was said."""
        cleaned = super().clean()
        is_yes = cleaned.get("decision") == ConsentDecision.GIVEN
        if not is_yes:
            cleaned["stands_until"] = None
        elif cleaned.get("scope") in (ConsentScope.SHARE, ConsentScope.PUBLISH):
            self._demand("told", "Write what you told them. A yes to this rests on it.")
        if cleaned.get("scope") != ConsentScope.SHARE:
            cleaned |= {"partner": None, "purpose": "", "items": []}
            return cleaned
        self._demand("partner", "Choose with whom it may be shared.")
        self._demand("purpose", "Choose what it is shared for.")
        if is_yes:
            self._demand("items", "Tick what may be shared.")
        return cleaned

    def _demand(self, name: str, sentence: str) -> None:
        if not self.cleaned_data.get(name) and name not in self.errors:
            self.add_error(name, ValidationError(sentence))


class TakeBackForm(_HowForm):
    """A yes is taken back: how it was said, and by whom."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        example = "For example, that support goes on, and that partners are asked to delete what they have."
        self.fields["told"].help_text = example

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError

from governance.models import User
from governance.sign_in import limits


class SignInForm(AuthenticationForm):
    """E-mail and password; the same sentence whether the account exists or not."""

    error_messages = {
        "invalid_login": "This e-mail address and password do not match. Check both and try again.",
        "inactive": "This e-mail address and password do not match. Check both and try again.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail address"
        self.fields["username"].widget = forms.EmailInput(
            attrs={"autocomplete": "username", "autofocus": True}
        )
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.add_input(Submit("submit", "Sign in"))

    def clean(self) -> dict[str, Any]:
        """Counted before the password is looked at, and for unknown accounts as well."""
        account = str(self.cleaned_data.get("username") or "").strip().lower()
        if account and self.request is not None:
            if not limits.may_try(self.request, "password", account):
                raise ValidationError(limits.TOO_MANY, code="too_many")
            cleaned = super().clean()
            limits.forget(self.request, "password", account)
            return cleaned
        return super().clean()


class NewPasswordForm(PasswordChangeForm):
    """A password of one's own, known to nobody else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "The password you have now"
        self.fields["new_password1"].label = "A new password"
        self.fields[
            "new_password1"
        ].help_text = "At least 8 characters. Three words nobody would guess are good."
        self.fields["new_password2"].label = "The new password again"
        self.fields["new_password2"].help_text = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("new_password1") and cleaned["new_password1"] == cleaned.get("old_password"):
            self.add_error("new_password1", "Choose a password that is not the one you have now.")
        return cleaned


class CodeForm(forms.Form):
    """A code from the app, or one of the recovery codes."""

    code = forms.CharField(
        max_length=20,
        help_text="The six digits your authenticator app shows now. A recovery code works as well, once.",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "nhsuk-input--width-10"}
        ),
        error_messages={"required": "Enter a code."},
    )


class AnswerInput(forms.HiddenInput):
    """An answer is good for one question, so it is never sent back to the page."""

    def format_value(self, value: Any) -> None:
        return None


class PasskeyForm(forms.Form):
    """What a passkey answered; filled in by script."""

    answer = forms.JSONField(
        widget=AnswerInput,
        error_messages={
            "required": "The device gave no answer. Try again, or use another way.",
            "invalid": "The device gave no answer. Try again, or use another way.",
        },
    )

    def clean_answer(self) -> dict[str, Any]:
        answer = self.cleaned_data["answer"]
        if not isinstance(answer, dict):
            raise ValidationError("The device gave no answer. Try again, or use another way.")
        return answer


class NewPasskeyForm(PasskeyForm):
    """A passkey and what to call it."""

    name = forms.CharField(
        max_length=40,
        label="A name for this device",
        help_text="So that you know it again, such as: work phone.",
        error_messages={"required": "Enter a name for this device."},
    )

    field_order = ["name", "answer"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "name" in self.errors:
            # The device is asked only once there is a name.
            self.errors.pop("answer", None)
        return cleaned


class LostFactorForm(forms.Form):
    """Ask for a new second factor: why, and of whom where there are several services."""

    service = forms.ChoiceField(
        label="Which service should answer?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a service."},
    )
    reason = forms.CharField(
        label="What happened?",
        help_text="For example: my phone was stolen on Monday. Name nobody you support.",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say in a few words what happened."},
    )

    def __init__(self, *args: Any, services: list[tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if services is None or len(services) < 2:
            del self.fields["service"]
        else:
            self.fields["service"].choices = services  # type: ignore[attr-defined]


def account_of(form: SignInForm) -> User:
    """Whose e-mail address and password a valid form holds."""
    user = form.get_user()
    assert isinstance(user, User)
    return user

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm


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

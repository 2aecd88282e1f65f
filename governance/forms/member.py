from django import forms

from governance.fields import DateInputField
from governance.roles import role_choices


class MemberForm(forms.Form):
    """Give somebody access to the service."""

    name = forms.CharField(max_length=120, error_messages={"required": "Enter the person's name."})
    email = forms.EmailField(
        label="E-mail address",
        help_text="They sign in with this.",
        error_messages={
            "required": "Enter an e-mail address.",
            "invalid": "Enter an e-mail address like name@example.org.",
        },
    )
    role = forms.ChoiceField(
        choices=role_choices(),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a role."},
    )
    ends_on = DateInputField(
        label="Last day of access", required=False, help_text="Leave empty if there is no end yet."
    )

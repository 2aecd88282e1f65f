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


class EndDatesForm(forms.Form):
    """Until when a member's contract lasts and their training is valid."""

    contract_ends_on = DateInputField(
        label="Last day of the contract",
        required=False,
        help_text="Access ends with this day. Leave empty if the contract has no end.",
    )
    training_valid_to = DateInputField(
        label="Data security training valid to",
        required=False,
        help_text="Access ends with this day unless the training is renewed. Leave empty if not known.",
    )

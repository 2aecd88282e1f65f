from django import forms

from governance.fields import DateInputField
from governance.models import SafeguardingLead


class SafeguardingLeadForm(forms.ModelForm):
    """Who it is, and how to reach them."""

    ends_on = DateInputField(
        label="Last day, if it is known",
        required=False,
        help_text="After it the service has no safeguarding lead until another is named.",
    )

    class Meta:
        model = SafeguardingLead
        fields = ("name", "role", "contact", "ends_on")
        labels = {"role": "Their role", "contact": "How to reach them"}
        help_texts = {
            "name": "They need no account here.",
            "role": "For example: named nurse for safeguarding children, of the host trust",
            "contact": "A telephone number or an e-mail address of their work.",
        }
        error_messages = {
            "name": {"required": "Enter their name."},
            "role": {"required": "Enter their role."},
            "contact": {"required": "Enter a telephone number or an e-mail address."},
        }

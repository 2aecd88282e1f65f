from django import forms


class TakeOverForm(forms.Form):
    """Why a lead takes over a contact that somebody else wrote."""

    reason = forms.CharField(
        label="Why do you take it over?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
        help_text="For example: Sam has left the service.",
        error_messages={
            "required": "Say in a few words why you take it over.",
            "max_length": "The reason is too long. Shorten it to 300 characters.",
        },
    )

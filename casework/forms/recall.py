from django import forms


class AnswerForm(forms.Form):
    """What a partner answered to a recall notice."""

    answer = forms.CharField(
        label="What did they answer?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
        help_text="For example: deleted on 3 March; or, must keep it as part of their record, and why.",
        error_messages={
            "required": "Write what they answered.",
            "max_length": "The answer is too long. Shorten it to 300 characters.",
        },
    )

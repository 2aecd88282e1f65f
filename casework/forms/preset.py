from typing import Any

from django import forms


class PresetForm(forms.Form):
    """Whether what the service changed for itself gives way."""

    replace = forms.BooleanField(
        label="Also replace what we changed ourselves",
        help_text="The rule gets another version. Lists keep the version they used.",
        required=False,
    )

    def __init__(self, *args: Any, has_own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_own:
            del self.fields["replace"]

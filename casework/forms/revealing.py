from typing import Any

from django import forms


class RevealingRadios(forms.RadioSelect):
    """Radio buttons of which one opens further boxes: see templates/casework/reveal.html."""

    def __init__(self, *args: Any, reveals: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reveals = reveals

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if value == self.reveals:
            option["attrs"]["data-reveals"] = ""
        return option

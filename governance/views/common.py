"""What the views of governance share."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import QueryDict

from governance.permissions import ServiceRequest
from governance.rules import RuleBroken


def posted(request: ServiceRequest) -> QueryDict | None:
    """The form as it was sent; None when the page is only opened."""
    return request.POST if request.method == "POST" else None


def attempt(form: forms.BaseForm, action: Callable[..., Any], **told: Any) -> Any:
    """What the action returns; None when it refuses, with its sentence put on the form."""
    try:
        return action(**told) or True
    except RuleBroken as problem:
        form.add_error(None, str(problem))
        return None

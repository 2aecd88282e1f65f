"""What the views of casework share."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from casework.models import Case
from casework.pages import banner
from governance.permissions import ServiceRequest
from governance.rules import RuleBroken


def posted(request: ServiceRequest) -> QueryDict | None:
    """The form as it was sent; None when the page is only opened."""
    return request.POST if request.method == "POST" else None


def case_or_404(request: ServiceRequest, pk: int) -> Case:
    """A case of the request's own service; another service's is not found."""
    return get_object_or_404(request.service.cases.select_related("service", "person", "worker"), pk=pk)


def attempt(form: forms.BaseForm, action: Callable[..., Any], **told: Any) -> Any:
    """What the action returns; None when it refuses, with its sentence put on the form."""
    try:
        return action(**told)
    except RuleBroken as problem:
        form.add_error(None, str(problem))
        return None


def case_page(
    request: ServiceRequest, template: str, case: Case, form: forms.BaseForm, **more: Any
) -> HttpResponse:
    """A page with a form about one case, under the banner of the person (made here unless it is given)."""
    above = more.pop("banner", None) or banner.of(case, today=timezone.localdate())
    context = {"case": case, "banner": above, "form": form, **more}
    return render(request, f"casework/{template}", context)

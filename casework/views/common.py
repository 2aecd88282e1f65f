"""What the views of casework share."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from casework.models import Case
from casework.pages import banner
from governance.permissions import ServiceRequest
from governance.views.common import attempt, posted

__all__ = ["attempt", "case_or_404", "case_page", "posted"]


def case_or_404(request: ServiceRequest, pk: int) -> Case:
    """A case of the request's own service; another service's is not found."""
    return get_object_or_404(request.service.cases.for_banner().select_related("service"), pk=pk)


def case_page(
    request: ServiceRequest, template: str, case: Case, form: forms.BaseForm, **more: Any
) -> HttpResponse:
    """A page with a form about one case, under the banner of the person."""
    context = {"case": case, "banner": banner.of(case, today=timezone.localdate()), "form": form, **more}
    return render(request, f"casework/{template}", context)

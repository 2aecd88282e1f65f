"""The few addresses that belong to the whole product and to no app."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from governance.roles import ROLES, Role


@require_safe
def home(request: HttpRequest) -> HttpResponseRedirect:
    """Where this role's day starts."""
    return redirect(ROLES[Role(request.membership.role)].home)  # type: ignore[attr-defined]


@login_not_required
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Answers when the web server reaches the database; says nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"ok": True})

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cohorts.actions import code as actions
from cohorts.forms.code import CodeForm
from cohorts.pages import code as pages
from cohorts.pipeline import codes as lists
from cohorts.pipeline.fields import label
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken


@requires(Permission.MANAGE_SOURCES)
@require_safe
def codes(request: ServiceRequest) -> HttpResponse:
    """What the codes of a national list count as here."""
    chosen = _chosen(request)
    others = [one for one in lists.shipped().values() if one.name != chosen.name]
    context = {"chosen": chosen, "others": others, "tables": pages.tables(request.service, chosen.name)}
    return render(request, "cohorts/codes.html", context)


@requires(Permission.MANAGE_SOURCES)
@require_http_methods(["GET", "POST"])
def code(request: ServiceRequest) -> HttpResponse:
    """Say what one code means, or add one that the list does not have."""
    chosen, field, name = _chosen(request), _field(request), request.GET.get("code", "")
    form = CodeForm(
        request.POST or None, field=field, now=pages.now(request.service, chosen.name, field, name)
    )
    if form.is_valid():
        try:
            said = actions.say(
                service=request.service, by=request.user, code_set=chosen.name, field=field, **form.meaning
            )
        except RuleBroken as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, f"{said} is counted so in files that are loaded from now on.")
            return redirect(_address(chosen.name))
    context = {"form": form, "chosen": chosen, "label": label(field), "code": name}
    own = request.service.code_meanings.filter(code_set=chosen.name, field=field, code=name)
    context["own"] = own.select_related("said_by") if name else []
    context["field"] = field
    return render(request, "cohorts/code.html", context)


@requires(Permission.MANAGE_SOURCES)
@require_POST
def code_take_back(request: ServiceRequest) -> HttpResponse:
    """Let the national list decide about a code again."""
    chosen, field, name = _chosen(request), _field(request), request.GET.get("code", "")
    try:
        actions.take_back(
            service=request.service, code_set=chosen.name, field=field, code=name, by=request.user
        )
    except RuleBroken as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, f"{name} is counted again as the national list says.")
    return redirect(_address(chosen.name))


def _chosen(request: ServiceRequest) -> lists.CodeSet:
    shipped = lists.shipped()
    found = shipped.get(request.GET.get("list", next(iter(shipped))))
    if found is None:
        raise Http404("There is no such code list.")
    return found


def _field(request: ServiceRequest) -> str:
    field = request.GET.get("field", lists.CODED[0])
    if field not in lists.CODED:
        raise Http404("There is no such field.")
    return field


def _address(name: str) -> str:
    return f"{reverse('cohorts:codes')}?list={name}"

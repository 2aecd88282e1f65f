from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from governance import printing
from governance.permissions import requires
from governance.roles import Permission
from governance.safety import document, log


@requires(Permission.VIEW_SAFETY)
@require_safe
def safety(request: HttpRequest) -> HttpResponse:
    """The hazard log of this version of the product, with what shows each control."""
    context = {**document.context(log.shipped()), "pdf_problem": printing.why_not()}
    return render(request, "governance/safety/page.html", context)


@requires(Permission.VIEW_SAFETY)
@require_safe
def safety_file(request: HttpRequest) -> HttpResponse:
    """The safety case as a PDF to keep. It names no person, so taking it is no event."""
    shipped = log.shipped()
    try:
        content = document.pdf(shipped)
    except printing.CannotDraw as problem:
        messages.warning(request, str(problem))
        return redirect("governance:safety")
    name = document.file_name(shipped, "pdf")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from casework.actions import recall as recalls_actions
from casework.forms.recall import AnswerForm
from casework.pages import recalls as recalls_page
from casework.views.common import attempt, case_or_404, posted
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission

NOTICES_A_PAGE = 25


@requires(Permission.SHARE_INFORMATION)
@require_safe
def recalls(request: ServiceRequest) -> HttpResponse:
    """Partners to be told that a yes was taken back, and those who have not answered."""
    waiting = recalls_page.open_ones(request.service, request.user)
    page = Paginator(waiting, NOTICES_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "casework/recalls.html", {"page": page})


@requires(Permission.SHARE_INFORMATION)
@require_http_methods(["GET", "POST"])
def recall(request: ServiceRequest, pk: int) -> HttpResponse:
    """The letter to one partner; say that it was sent, then what they answered."""
    notice = get_object_or_404(recalls_page.one(request.service), pk=pk)
    case_or_404(request, notice.disclosure.case_id)
    if "sent" in request.POST:
        recalls_actions.send(notice=notice, by=request.user)
        return redirect(notice)
    form = AnswerForm(posted(request))
    if form.is_valid() and attempt(
        form, recalls_actions.answer, notice=notice, by=request.user, **form.cleaned_data
    ):
        return redirect(notice)
    row = notice.disclosure
    context = {"notice": notice, "row": row, "person": row.case.person, "form": form}
    return render(request, "casework/recall.html", context)

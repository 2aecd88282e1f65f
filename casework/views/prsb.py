from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from casework.actions import prsb as actions
from casework.forms.prsb import MessageForm
from casework.pages import prsb as pages
from casework.prsb.build import Recipient
from casework.prsb.schema import Model
from casework.views.common import attempt, case_or_404, case_page, posted
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission

FIRST = {"model": Model.MESSAGE.value, "recipient": Recipient.GP.value, "summary": ""}


@requires(Permission.SHARE_INFORMATION)
@require_http_methods(["GET", "POST"])
def message(request: ServiceRequest, pk: int) -> HttpResponse:
    """What would be sent to a GP or referrer, and the file of it to take away."""
    case = case_or_404(request, pk)
    form = MessageForm(posted(request), initial=FIRST)
    chosen = FIRST
    if form.is_valid():
        chosen = {name: form.cleaned_data[name] for name in FIRST}
        if "take" in request.POST:
            exported = attempt(form, actions.export, case=case, by=request.user, **_typed(form))
            if exported:
                return _file(exported, f"case-{case.pk}-{chosen['model']}.json")
    preview = pages.preview(case, user=request.user, **chosen)
    return case_page(request, "message.html", case, form, preview=preview)


def _typed(form: MessageForm) -> dict[str, object]:
    told = form.cleaned_data
    return {**told, "model": Model(told["model"]), "recipient": Recipient(told["recipient"])}


def _file(exported: actions.Exported, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(exported.content, content_type="application/json", headers=headers)

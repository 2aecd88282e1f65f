"""The log form without a network: its shell, what keeps it on the phone, and where it sends to."""

import hashlib
import json
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.actions import outbox as held
from casework.forms.written import WrittenForm
from casework.models import Case
from casework.outbox import phone
from casework.outbox.codes import LETTERS, number_of
from casework.outbox.entry import Entry, opened, opened_draft, read_json
from casework.views.common import case_of_code
from casework.views.contact import log_from
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken

# What the shell needs to look and work as a page does.
FILES = (
    "dist/hiu.css",
    "dist/nhsuk-frontend.min.js",
    "js/app.js",
    "js/session.js",
    "js/start.js",
    "js/outbox.js",
    "js/log_form.js",
    "images/favicon.svg",
)

SECOND = (
    "Another contact was saved from the same form. Save this to log it as a second one, or throw it away if it "
    "is the same."
)


@requires(Permission.WORK_CASES)
@require_safe
def log_offline(request: ServiceRequest) -> HttpResponse:
    """The shell: the log form of no case in particular, the same for everybody, so that phones may keep it."""
    return HttpResponse(_shell())


@requires(Permission.WORK_CASES)
@require_safe
def service_worker(request: ServiceRequest) -> HttpResponse:
    """The script that keeps the shell on the phone. It changes whenever the shell or one of its files does."""
    shell = _shell()
    files = [staticfiles_storage.url(name) for name in FILES]
    version = hashlib.sha256("\n".join([shell, *files]).encode()).hexdigest()[:16]
    kept = {"shell": reverse("casework:log_offline"), "files": [*files, reverse("brand")], "version": version}
    script = render_to_string("casework/service_worker.js", {"kept": json.dumps(kept)})
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response.headers["Service-Worker-Allowed"] = "/"
    # Asked for after every page otherwise. It names nobody.
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def outbox(request: ServiceRequest) -> JsonResponse:
    """Says who is signed in, to a phone that wants to send; takes in one entry."""
    mine = request.service.held_contacts.waiting_for(request.user)
    if request.method == "GET":
        known = phone.known(request.membership)
        return JsonResponse({**known, "token": get_token(request), "held": mine.count()})
    try:
        entry = opened(read_json(request.body), request.membership)
    except RuleBroken as problem:
        return JsonResponse({"sentence": str(problem)}, status=400)
    _take_in(request, entry)
    return JsonResponse({**entry.receipt("taken in"), "held": mine.count()})


@requires(Permission.WORK_CASES)
@require_POST
def open_draft(request: ServiceRequest) -> JsonResponse:
    """Give its author back what was typed and not saved."""
    try:
        return JsonResponse({"typed": opened_draft(read_json(request.body), request.membership)})
    except RuleBroken as problem:
        return JsonResponse({"sentence": str(problem)}, status=400)


def _shell() -> str:
    # Without the request: nothing of whoever asks may get into a page that stays on a phone.
    form = WrittenForm(case=None, today=timezone.localdate())
    return render_to_string(
        "casework/log_offline.html", {"form": form, "letters": LETTERS, "product_name": settings.PRODUCT_NAME}
    )


def _take_in(request: ServiceRequest, entry: Entry) -> None:
    """Log the contact once, or hold it for its author."""
    form, reason = None, ""
    try:
        case = case_of_code(request, entry.code)
        form = written_form(entry.data, case=case, written_at=entry.written_at)
    except RuleBroken as problem:
        reason = str(problem)
    told = {"case_id": form.case.pk, **form.told} if form and form.is_valid() else {}
    came: dict[str, Any] = {"service": request.service, "by": request.user, "written_at": entry.written_at}
    key = held.key_to_take_in(key=entry.id, told=told, **came)
    if key is None:
        return
    if key != entry.id:
        reason = SECOND
    elif form and form.is_valid() and log_from(request, form, written_at=entry.written_at)[0]:
        return
    elif form:
        reason = " ".join(str(sentence) for sentences in form.errors.values() for sentence in sentences)
    held.hold(
        key=key,
        case=request.service.cases.filter(pk=number_of(entry.code) or 0).first(),
        content=entry.data.urlencode(),
        reason=reason,
        **came,
    )


def written_form(data: Any, *, case: Case | None, written_at: Any) -> WrittenForm:
    """The form of a contact written at that moment; a phone whose clock is ahead wrote it today."""
    day = min(timezone.localdate(written_at), timezone.localdate())
    return WrittenForm(data, case=case, today=day, ask_notice="notice" in data)

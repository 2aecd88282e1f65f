"""What people ask about their own data, written down and carried out."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from governance import audit, texts
from governance.actions import search_keys
from governance.models import (
    CORRECTABLE,
    Correction,
    FreeText,
    Objection,
    ObjectionDecision,
    OptOut,
    Person,
    Service,
    SubjectRequest,
    TextDecision,
    User,
)
from governance.rules import RuleBroken, check_extension, months_after

ANSWER_MONTHS = 1


@transaction.atomic
def open_request(
    *, service: Service, person: Person, received_on: datetime.date, identity: str, by: User
) -> SubjectRequest:
    """Write down that somebody asked for a copy, and list the texts to look through before it is given out.

    Raises:
        RuleBroken: the day has not come yet, the person has a request that is not answered, or belongs to
            another service.
    """
    _check_own(service, person)
    if received_on > timezone.localdate():
        raise RuleBroken("The day the request came is in the future. Enter the day it was received.")
    try:
        with transaction.atomic():
            request = service.subject_requests.create(
                person=person,
                received_on=received_on,
                identity=identity,
                due_on=months_after(received_on, ANSWER_MONTHS),
                opened_by=by,
            )
    except IntegrityError as problem:
        raise RuleBroken("This person already has a request that is not answered yet.") from problem
    listed = _list_texts(request)
    changes = {"person": person.pk, "due_on": request.due_on, "texts": listed}
    audit.record("subject_request_opened", service=service, by=by, on=request, changes=changes)
    return request


@transaction.atomic
def extend(*, request: SubjectRequest, to: datetime.date, reason: str, by: User) -> None:
    """Take longer to answer: two more months at most, and the person is told why within the first.

    Raises:
        RuleBroken: the day is too late or too early, or the request is answered.
    """
    request = _locked(request)
    check_extension(request.due_on, to, latest=months_after(request.received_on, ANSWER_MONTHS + 2))
    before = request.answer_by
    request.extended_to, request.extension_reason = to, reason
    request.extended_at, request.extended_by = timezone.now(), by
    request.save(update_fields=["extended_to", "extension_reason", "extended_at", "extended_by"])
    changes = {"answer_by": [before, to]}
    audit.record("subject_request_extended", service=request.service, by=by, on=request, changes=changes)


@transaction.atomic
def list_texts(*, request: SubjectRequest, by: User) -> int:
    """Add texts written since the request came to those to look through; returns how many were added."""
    request = _locked(request)
    before = request.texts.count()
    _list_texts(request)
    added = request.texts.count() - before
    if added:
        changes = {"added": added}
        audit.record("free_texts_listed", service=request.service, by=by, on=request, changes=changes)
    return added


@transaction.atomic
def decide_text(*, text: FreeText, decision: str, cut: str = "", reason: str = "", by: User) -> FreeText:
    """Say what of a text may be given out.

    Args:
        cut: the words to take out, one run of words on each line.

    Raises:
        RuleBroken: words are not in the text, none were given, no reason was given, the text has changed
            meanwhile, or the copy was given out already.
    """
    request = _locked(text.request)
    text = FreeText.objects.select_for_update(of=["self"]).get(pk=text.pk)
    if decision != TextDecision.KEEP and not reason:
        raise RuleBroken("Say why, so that the person can be told.")
    words = texts.current(text)
    if words is None:
        raise RuleBroken("This text has changed or is gone. Go back to the request; it lists the texts anew.")
    before = text.decision
    text.decision, text.reason = decision, "" if decision == TextDecision.KEEP else reason
    text.cuts = texts.cuts(words, cut) if decision == TextDecision.CUT else []
    text.decided_at, text.decided_by = timezone.now(), by
    text.save(update_fields=["decision", "reason", "cuts", "decided_at", "decided_by"])
    if request.seconded_at is not None:
        # The second person looked at something else.
        request.seconded_at = request.seconded_by = None
        request.save(update_fields=["seconded_at", "seconded_by"])
    changes = {"decision": [before, decision], "cuts": len(text.cuts)}
    audit.record("free_text_decided", service=request.service, by=by, on=text, changes=changes)
    return text


@transaction.atomic
def second(*, request: SubjectRequest, by: User) -> None:
    """A second person agrees with what was decided about each text.

    Raises:
        RuleBroken: a text waits for a decision, or this person decided one of them.
    """
    request = _locked(request)
    _check_decided(request)
    if request.texts.filter(decided_by=by).exists():
        raise RuleBroken(
            "You decided about some of the texts yourself. Ask somebody else to look through them."
        )
    request.seconded_at, request.seconded_by = timezone.now(), by
    request.save(update_fields=["seconded_at", "seconded_by"])
    audit.record("subject_request_seconded", service=request.service, by=by, on=request)


@transaction.atomic
def release(*, request: SubjectRequest, by: User) -> None:
    """Let the copy be given out.

    Raises:
        RuleBroken: a text waits for a decision, also one written since; or it was released already.
    """
    request = _locked(request)
    _check_decided(request)
    request.released_at, request.released_by = timezone.now(), by
    request.save(update_fields=["released_at", "released_by"])
    changes = {"person": request.person_id, "texts": request.texts.count()}
    audit.record("subject_request_released", service=request.service, by=by, on=request, changes=changes)


def record_copy(*, person: Person, kind: str, withheld: int, by: User | None) -> None:
    """Note that a copy of everything held on a person was taken away."""
    changes = {"kind": kind, "texts_withheld": withheld}
    audit.look("subject_copy_taken", service=person.service, by=by, on=person, changes=changes)


@transaction.atomic
def correct(*, person: Person, field: str, value: str, reason: str, told: str = "", by: User) -> Correction:
    """Put a wrong detail of a person right and keep what it was; extracts leave the field alone from now on.

    Args:
        value: as typed: a day as 1980-05-17, a sex as its code; empty for "not known".
        told: who else was told, such as the sender of the extract.

    Raises:
        RuleBroken: the field cannot be corrected here, the value is none, or it is what is held already.
    """
    if field in search_keys.MADE_FROM:
        search_keys.hold(person.service_id)
    person = Person.objects.select_for_update(of=["self"]).select_related("service").get(pk=person.pk)
    after = _value(field, value)
    before = getattr(person, field)
    if before == after:
        raise RuleBroken("That is what is held already. Nothing was changed.")
    setattr(person, field, after)
    person.save(update_fields=[field])
    if field in search_keys.MADE_FROM:
        # What was wrong is not kept as a name they had.
        search_keys.refresh(service=person.service, people=[person.pk], forget=True)
    row = person.service.corrections.create(
        person=person,
        field=field,
        before=_as_text(before),
        after=_as_text(after),
        reason=reason,
        told=told,
        by=by,
    )
    audit.record(
        "person_corrected", service=person.service, by=by, on=person, changes={"field": field, "row": row.pk}
    )
    return row


@transaction.atomic
def object_to(
    *, person: Person, scope: str, decision: str, words: str = "", reason: str = "", by: User
) -> Objection:
    """Write down that a person objects to a use of their data, and what was decided.

    Raises:
        RuleBroken: that is what stands already, nothing stands that could be taken back, or going on has
            no reason.
    """
    person = Person.objects.select_for_update(of=["self"]).select_related("service").get(pk=person.pk)
    standing = person.objections.filter(scope=scope).order_by("-at", "-pk").first()
    before = standing.decision if standing else None
    if before == decision:
        raise RuleBroken("That is what stands already. Nothing was changed.")
    if decision == ObjectionDecision.WITHDRAWN and before in (None, ObjectionDecision.DECLINED):
        raise RuleBroken("No objection of this kind stands, so there is nothing to take back.")
    if decision == ObjectionDecision.DECLINED and not reason:
        raise RuleBroken("Say why we go on. The person has a right to know, and may complain to the ICO.")
    row = person.service.objections.create(
        person=person, scope=scope, decision=decision, words=words, reason=reason, by=by
    )
    changes = {"scope": scope, "decision": [before, decision]}
    audit.record("objection_recorded", service=person.service, by=by, on=row, changes=changes)
    return row


@transaction.atomic
def record_opt_out(
    *, person: Person, opted_out: bool, source: str, checked_on: datetime.date, by: User | None
) -> OptOut:
    """Write down what is known of a person's national data opt-out on a day. The same again adds no row.

    Raises:
        RuleBroken: the day has not come yet.
    """
    if checked_on > timezone.localdate():
        raise RuleBroken("The day it was checked is in the future. Enter the day it was known.")
    person = Person.objects.select_for_update(of=["self"]).select_related("service").get(pk=person.pk)
    told = {"opted_out": opted_out, "source": source, "checked_on": checked_on}
    same = person.opt_outs.filter(**told).first()
    if same is not None:
        return same
    row = person.service.opt_outs.create(person=person, by=by, **told)
    changes = {"source": source, "checked_on": checked_on}
    audit.record("opt_out_recorded", service=person.service, by=by, on=row, changes=changes)
    return row


def _check_own(service: Service, person: Person) -> None:
    if person.service_id != service.pk:
        raise RuleBroken("This person belongs to another service. Record it there.")


def _locked(request: SubjectRequest) -> SubjectRequest:
    rows = SubjectRequest.objects.select_for_update(of=["self"]).select_related("service", "person")
    request = rows.get(pk=request.pk)
    if request.released_at is not None:
        raise RuleBroken("The copy was released already. Open a new request for a new copy.")
    return request


def _check_decided(request: SubjectRequest) -> None:
    waiting = len(texts.undecided(request))
    if waiting:
        noun = "text waits" if waiting == 1 else "texts wait"
        raise RuleBroken(f"{waiting} {noun} for a decision. Look through them first.")


def _list_texts(request: SubjectRequest) -> int:
    """Add the texts that are not on the list yet; returns how many there are."""
    found = texts.of(request.person)
    FreeText.objects.bulk_create(
        (FreeText(service=request.service, request=request, **text.address) for text in found),
        ignore_conflicts=True,
    )
    return len(found)


def _value(field: str, typed: str) -> Any:
    if field not in CORRECTABLE:
        raise RuleBroken("This detail cannot be put right here. Ask the sender of the extract to correct it.")
    column: models.Field = Person._meta.get_field(field)  # type: ignore[assignment]
    try:
        value = column.clean(typed.strip() or (None if column.null else ""), None)
    except ValidationError as problem:
        raise RuleBroken(f"{typed.strip()}: {' '.join(problem.messages)}") from None
    if isinstance(value, datetime.date) and value > timezone.localdate():
        raise RuleBroken("This day is in the future. Enter a day that has been.")
    return value


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)

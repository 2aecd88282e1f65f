"""Telling of an incident, deciding what it is, and what is done about it."""

import datetime
import uuid
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from governance import audit
from governance.incident_rules import check_done, check_step, check_times
from governance.models import Incident, IncidentStep, IncidentTriage, Service, User
from governance.rules import RuleBroken


@transaction.atomic
def report(
    *,
    service: Service,
    key: uuid.UUID,
    kind: str,
    words: str,
    by: User,
    happened_on: datetime.date | None = None,
    aware_at: datetime.datetime | None = None,
    case_number: int | None = None,
) -> Incident:
    """Store what somebody tells of, once: the same key with the same content is the incident already there.

    `aware_at` is aware and defaults to now; the 72 hours of a breach count from it.

    Raises:
        RuleBroken: a time lies in the future, or the key was used before for something else.
    """
    # Two presses at once wait for each other here, so that the second finds what the first stored.
    _hold(service.pk)
    now = timezone.now()
    told = {"kind": kind, "words": words, "happened_on": happened_on, "case_number": case_number}
    earlier = Incident.objects.filter(key=key).first()
    if earlier is not None:
        return _same(earlier, service, by, told)
    aware_at = aware_at or now
    check_times(
        happened_on, aware_at, now=now, today=timezone.localdate(), aware_on=timezone.localdate(aware_at)
    )
    incident = service.incidents.create(key=key, aware_at=aware_at, reported_by=by, **told)
    audit.record("incident_reported", service=service, by=by, on=incident, changes={"kind": kind})
    return incident


@transaction.atomic
def triage(
    *,
    incident: Incident,
    breach: str,
    reason: str,
    harm: str,
    aware_at: datetime.datetime,
    by: User,
) -> IncidentTriage:
    """Decide whether it is a personal data breach, with the reason; a later decision is another row.

    Raises:
        RuleBroken: the time somebody became aware lies in the future or before it happened, or the
            incident is finished.
    """
    stored = _locked(incident)
    if stored.finished:
        raise RuleBroken('This incident is finished. Write down "Opened again" first.')
    check_times(
        stored.happened_on,
        aware_at,
        now=timezone.now(),
        today=timezone.localdate(),
        aware_on=timezone.localdate(aware_at),
    )
    row = stored.service.incident_triages.create(
        incident=stored, breach=breach, reason=reason, harm=harm, aware_at=aware_at, by=by
    )
    changes = {
        "breach": [stored.breach, breach],
        "harm": [stored.harm, harm],
        "aware_at": [stored.aware, aware_at],
    }
    audit.record("incident_triaged", service=stored.service, by=by, on=stored, changes=changes)
    return row


@transaction.atomic
def step(
    *,
    incident: Incident,
    kind: str,
    by: User,
    words: str = "",
    reference: str = "",
    done_at: datetime.datetime | None = None,
) -> IncidentStep:
    """Write down something done about an incident. `done_at` is aware and defaults to now.

    Raises:
        RuleBroken: something must come first, or is missing; see incident_rules.check_step.
    """
    stored = _locked(incident)
    done_at = done_at or timezone.now()
    check_done(done_at, now=timezone.now())
    check_step(
        kind,
        words=words,
        reference=reference,
        breach=stored.breach,
        reported=stored.reported,
        finished=stored.finished,
    )
    row = stored.service.incident_steps.create(
        incident=stored, kind=kind, words=words, reference=reference, done_at=done_at, by=by
    )
    audit.record(
        "incident_step_recorded",
        service=stored.service,
        by=by,
        on=stored,
        changes={"step": kind, "done_at": done_at},
    )
    return row


def _locked(incident: Incident) -> Incident:
    """The incident with its state. Two people who decide at once wait for each other at the service's row:
    the application may not lock rows of history.
    """
    _hold(incident.service_id)
    found: Incident = Incident.objects.with_state().select_related("service").get(pk=incident.pk)
    return found


def _hold(service_id: int) -> None:
    Service.objects.select_for_update(of=["self"], no_key=True).get(pk=service_id)


def _same(earlier: Incident, service: Service, by: User, told: Mapping[str, object]) -> Incident:
    same_teller = (earlier.service_id, earlier.reported_by_id) == (service.pk, by.pk)
    if same_teller and all(getattr(earlier, name) == value for name, value in told.items()):
        return earlier
    raise RuleBroken(
        "This form was sent before with other words. What you typed since is still below. "
        "Send it again to report a second incident."
    )

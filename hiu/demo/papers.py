"""The papers of an invented service: a signed agreement, its assessment, and a set-up plan that is done."""

import datetime

from django.utils import timezone

from governance import checklist
from governance.actions import agreement as agreements
from governance.actions import impact, set_up
from governance.actions.impact import Answer
from governance.models import (
    Agreement,
    Article6,
    Article9,
    Confidentiality,
    Frequency,
    ImpactAssessment,
    ImpactKind,
    Organisation,
    Service,
    Standing,
    User,
)

YEAR = datetime.timedelta(days=365)
# From writing an agreement to its signatures.
TO_SIGN = datetime.timedelta(days=30)


def assess(service: Service, since: datetime.date, *, by: User) -> ImpactAssessment:
    """A data protection impact assessment with every question answered, signed off."""
    made = impact.begin(
        service=service, kind=ImpactKind.DPIA, title="Attendances and outreach (invented)", by=by
    )
    answers = {
        question.key: Answer(
            choice=question.choices[0] if question.choices else "",
            text="Invented for this demonstration. A real answer says what was thought and agreed.",
        )
        for question in checklist.load(ImpactKind.DPIA).questions
    }
    impact.answer(assessment=made, answers=answers, by=by)
    impact.sign_off(
        assessment=made, name="Della Officer", role="Data protection officer", signed_on=since, by=by
    )
    return made


def agree(
    service: Service,
    trust: Organisation,
    host: Organisation,
    since: datetime.date,
    *,
    fields: list[str],
    today: datetime.date,
    by: User,
) -> Agreement:
    """An agreement that both parties have signed."""
    agreement = agreements.add(
        service=service,
        title=f"A&E attendances from {trust.name.removesuffix(' (invented)')}",
        sharer=trust,
        recipient=host,
        sharer_department="Business Intelligence Team",
        purpose="To find the people who attend A&E most often, offer them support, and learn if it helps.",
        article_6=Article6.PUBLIC_TASK,
        article_9=Article9.CARE,
        confidentiality=Confidentiality.IMPLIED,
        allowed_fields=fields,
        frequency=Frequency.QUARTERLY,
        valid_from=since,
        valid_to=since + 5 * YEAR,
        review_on=today + YEAR / 2,
        dpia=assess(service, since, by=by),
        rights="Anybody can ask the service what is held on them, have it corrected, or say no to support.",
        standing=Standing.DRAFT,
        written_at=timezone.make_aware(datetime.datetime.combine(since - TO_SIGN, datetime.time(10))),
        by=by,
    )
    for party, name, role in ((trust, "Calla Guard", "Caldicott Guardian"), (host, "Rex Owner", "SIRO")):
        agreements.sign(agreement=agreement, organisation=party, name=name, role=role, signed_on=since, by=by)
    agreement.refresh_from_db()
    return agreement


def set_up_done(service: Service, agreement: Agreement, starts_on: datetime.date, *, by: User) -> None:
    """A set-up plan all of whose lines but the last were done on the day they were due."""
    set_up.begin(service=service, starts_on=starts_on, by=by)
    for line in checklist.set_up_plan().milestones[:-1]:
        set_up.report(
            service=service,
            milestone=line.key,
            done_on=line.due_on(starts_on),
            note="" if line.key == "agreements" else "Minutes of the steering group",
            agreement=agreement if line.key == "agreements" else None,
            by=by,
        )

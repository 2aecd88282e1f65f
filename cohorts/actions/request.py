"""Asking a sender for what happened to named people: a file for it, which is a disclosure to it."""

import datetime
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from cohorts.actions.extract_work import check_agreement
from cohorts.models import CohortList, DataRequest, DataRequestPerson, IdentifierKind, Screening, Source
from cohorts.models.activity import Measure
from cohorts.ways_in import request_file
from governance import audit
from governance.locks import hold_off_purge
from governance.models import Person, Service, User
from governance.rights import left_out_of_evaluation
from governance.rules import RuleBroken

EVERYONE, TAKEN_ON, NOT_TAKEN_ON = "everyone", "accept", "decline"
SHORTEST_PASSWORD = 12


@dataclass(frozen=True)
class Made:
    """The request as noted, and the locked file, which is kept nowhere."""

    request: DataRequest
    content: bytes


@transaction.atomic
def make(
    *,
    service: Service,
    source: Source,
    key: uuid.UUID,
    cohort_list: CohortList,
    who: str,
    measures: Sequence[str],
    period_from: datetime.date,
    period_to: datetime.date,
    password: str,
    by: User,
) -> Made:
    """Make a locked file that asks the sender of a source about people of a list, and note whom it names.

    Only the number by which the sender knows somebody is in it. Left out are people without such a number,
    people whose data serve their own care only (an opt-out, an objection), and sealed records that do not
    name `by`.

    Raises:
        RuleBroken: when the agreement is not in force or names no such number, nobody is left, the password
            is short, or this form asked already.
    """
    _check(service, source, key, password)
    hold_off_purge(service.pk)
    people = list(_people(service, source, cohort_list, who, by).order_by("pk"))
    if not people:
        raise RuleBroken(
            "Nobody on this list can be asked about: there is no number the sender knows them by."
        )
    wanted = request_file.Wanted(
        service=service.name,
        sender=source.organisation.name,
        agreement=source.agreement.title,
        measures=[str(Measure(name).label) for name in measures],
        period_from=period_from,
        period_to=period_to,
        made_on=timezone.localdate(),
        identifier=str(IdentifierKind(source.identifier).label),
        identifiers=sorted(str(getattr(person, source.identifier)) for person in people),
    )
    plain, locked = request_file.build(wanted, password=password)
    row = DataRequest.objects.create(
        service=service,
        source=source,
        key=key,
        agreement_version=source.agreement.acting,
        measures=list(measures),
        period_from=period_from,
        period_to=period_to,
        number=len(people),
        content_hash=hashlib.sha256(plain).hexdigest(),
        made_by=by,
    )
    DataRequestPerson.objects.bulk_create(
        DataRequestPerson(service=service, request=row, person=person) for person in people
    )
    changes = {"source": source.slug, "people": len(people), "measures": list(measures)}
    audit.record("data_requested", service=service, by=by, on=row, changes=changes)
    return Made(row, locked)


def _check(service: Service, source: Source, key: uuid.UUID, password: str) -> None:
    check_agreement(source)
    if source.identifier not in source.agreement.allowed_fields:
        raise RuleBroken(f"The agreement “{source.agreement}” does not let us exchange this kind of number.")
    if len(password) < SHORTEST_PASSWORD:
        raise RuleBroken(f"Choose a password of {SHORTEST_PASSWORD} or more characters.")
    if service.data_requests.filter(key=key).exists():
        raise RuleBroken("This form has made its file already. Start again to ask once more.")


def _people(
    service: Service, source: Source, cohort_list: CohortList, who: str, by: User
) -> QuerySet[Person]:
    candidates = cohort_list.candidates.filter(person=OuterRef("pk"))
    if who != EVERYONE:
        decided = Screening.objects.filter(candidate=OuterRef("pk"), decision=who)
        candidates = candidates.filter(Exists(decided))
    hidden = service.seals.hiding_from(by).filter(person=OuterRef("pk"))
    people = service.people.filter(Exists(candidates), ~Exists(hidden), died_on=None)
    people = people.exclude(pk__in=left_out_of_evaluation(service))
    if source.identifier == IdentifierKind.PSEUDONYM:
        return people.filter(pseudonym_issuer=source.organisation)
    return people.exclude(nhs_number=None)

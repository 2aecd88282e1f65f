"""What the retention schedule says of cases.

A record is kept for 8 years after the last contact (NHS England, Records Management Code of Practice, 2021,
updated August 2023: adult health records), or 20 in a mental health stream, there not longer than 10 after
a death. The records of a child are kept until the 25th or 26th birthday; here always the 26th.
"""

import datetime
from collections.abc import Sequence
from typing import Any

from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from casework.models import Case, Contact, ExperienceAnswer, HeldContact, SettledEntry, StageChange
from casework.rules import OPEN_STAGES
from cohorts import retention as lists
from cohorts.models import Activity, ActivityCount, Referral
from governance import holdings, leftovers, retention
from governance.erasure import erase
from governance.holdings import Model
from governance.models import Person, Service
from governance.retention import LASTING, Purged, RecordClass, Unit

CASES = "cases"
HELD, SETTLED, EXPERIENCE = "held_contacts", "settled_entries", "experience"
MENTAL_HEALTH_YEARS = 20
YEARS_AFTER_DEATH = 10
ADULT_RECORDS_FROM_AGE = 26


def cases(service: Service, today: datetime.date, years: int) -> QuerySet[Any]:
    """Cases of people with whom there was no contact in any case for so long."""
    due = Q(_no_contact_since(retention.cutoff(Unit.YEARS, today, years)))
    if years >= MENTAL_HEALTH_YEARS:
        since = retention.cutoff(Unit.YEARS, today, YEARS_AFTER_DEATH)
        due |= Q(person__died_on__lte=since) & Q(_no_contact_since(since))
    born_after = retention.cutoff(Unit.YEARS, today, ADULT_RECORDS_FROM_AGE)
    grown_up = Q(person__birth_date=None) | Q(person__birth_date__lte=born_after)
    return service.cases.filter(due, grown_up).annotate(held=retention.held(CASES, today))


def purge_cases(service: Service, ids: Sequence[int], today: datetime.date, years: int) -> Purged:
    """Remove cases with all that hangs on them, and their people where nothing else keeps them.

    Whoever is on a list that still counts, was reported by a source in the last years, or made a decision
    that must be remembered stays as one known from lists.
    """
    of_cases = service.people.filter(pk__in=service.cases.filter(pk__in=ids).values("person"))
    locked = lists.locked(of_cases)
    # Asked again, now that no other case can be opened for them.
    rows = list(cases(service, today, years).filter(pk__in=ids, person__in=locked, held=False))
    people = sorted({row.person_id for row in rows})
    stay = set(_known_from_lists(service, people, today))
    go = [pk for pk in people if pk not in stay]
    gone = leftovers.identities(go)
    erase(Person, sorted(stay), but={Person, *lists.FROM_LISTS, *_of_lists(), *LASTING})
    lists.note_removed(
        service, service.candidates.filter(person__in=go).values_list("cohort_list", flat=True)
    )
    erase(Person, go)
    return Purged(len(rows), gone)


def held_contacts(service: Service, today: datetime.date, days: int) -> QuerySet[Any]:
    """Contacts from phones that name no case and that nobody has put right."""
    since = retention.cutoff(Unit.DAYS, today, days)
    rows = service.held_contacts.filter(case=None, received_at__date__lte=since)
    return rows.annotate(held=retention.class_held(HELD, today))


def purge_held_contacts(service: Service, ids: Sequence[int], today: datetime.date, days: int) -> Purged:
    """Remove what they say; their keys stay for a while, so that no phone brings them back."""
    mine = lists.locked(service.held_contacts.filter(pk__in=ids))
    rows = list(held_contacts(service, today, days).filter(pk__in=mine, held=False))
    SettledEntry.objects.bulk_create(
        SettledEntry(service=service, key=row.key, by_id=row.by_id, written_at=row.written_at) for row in rows
    )
    erase(HeldContact, [row.pk for row in rows])
    return Purged(len(rows))


def settled_entries(service: Service, today: datetime.date, days: int) -> QuerySet[Any]:
    """Keys of contacts from phones that were settled long ago."""
    since = retention.cutoff(Unit.DAYS, today, days)
    rows = service.settled_entries.filter(settled_at__date__lte=since)
    return rows.annotate(held=retention.class_held(SETTLED, today))


def purge_settled_entries(service: Service, ids: Sequence[int], today: datetime.date, days: int) -> Purged:
    """Remove the keys; they say nothing of anybody."""
    gone, _ = settled_entries(service, today, days).filter(pk__in=ids, held=False).delete()
    return Purged(gone)


def experience(service: Service, today: datetime.date, years: int) -> QuerySet[Any]:
    """Answers about the service that are kept with no case."""
    since = retention.cutoff(Unit.YEARS, today, years)
    rows = service.experience_answers.filter(case=None, answered_on__lte=since)
    return rows.annotate(held=retention.class_held(EXPERIENCE, today))


def purge_experience(service: Service, ids: Sequence[int], today: datetime.date, years: int) -> Purged:
    """Remove the answers with what was decided about them. Those of a case go with the case."""
    rows = list(experience(service, today, years).filter(pk__in=ids, held=False))
    erase(ExperienceAnswer, [row.pk for row in rows])
    return Purged(len(rows))


def _no_contact_since(since: datetime.date) -> Q:
    """Whether nothing was done in any case of a case's person after a day, and nobody referred them again."""
    later_contact = Contact.objects.filter(case=OuterRef("pk"), happened_at__date__gt=since)
    later_stage = StageChange.objects.filter(case=OuterRef("pk"), at__date__gt=since)
    last = Coalesce("last_contact_at", "opened_at", output_field=DateTimeField())
    going_on = (
        Case.objects.filter(person=OuterRef("person"))
        .annotate(last=last)
        .filter(
            Q(stage__in=OPEN_STAGES) | Q(last__date__gt=since) | Exists(later_contact) | Exists(later_stage)
        )
    )
    referred = Referral.objects.filter(person=OuterRef("person"), received_at__date__gt=since)
    return ~Exists(going_on) & ~Exists(referred)


def _known_from_lists(service: Service, people: Sequence[int], today: datetime.date) -> QuerySet:
    """Those whom lists or sources still know, whose decisions must be remembered, or whom a hold keeps."""
    if lists.keeps_people(service, today):
        return service.people.filter(pk__in=people).values_list("pk", flat=True)
    times = retention.numbers(service)
    reported = retention.cutoff(Unit.YEARS, today, times[lists.UNLISTED])
    old = lists.superseded(service, retention.cutoff(Unit.DAYS, today, times[lists.UNSELECTED]))
    decided = Q()
    for model in LASTING:
        decided |= Q(Exists(model._base_manager.filter(person=OuterRef("pk"))))
    return service.people.filter(
        decided
        | Exists(service.candidates.filter(person=OuterRef("pk")).exclude(cohort_list__in=old))
        | Exists(Activity.objects.filter(person=OuterRef("pk"), started_on__gt=reported))
        | Exists(ActivityCount.objects.filter(person=OuterRef("pk"), as_at__gt=reported)),
        pk__in=people,
    ).values_list("pk", flat=True)


def _of_lists() -> set[Model]:
    """What hangs on a candidate and not on a case: decisions of screening."""
    return set(holdings.paths(lists.Candidate)) - set(holdings.paths(Case))


retention.register(
    RecordClass(
        key=CASES,
        title="Cases",
        what="Everything of a person's episodes: contacts, notes, scores, risks, consents and the rest.",
        since="the last contact with the person, when no case is open",
        source="Records Management Code of Practice (2021, updated 2023): adult health records 8 years. "
        "Choose 20 for a mental health stream; then 10 after a death. Nobody before the 26th birthday.",
        action="Deleted",
        unit=Unit.YEARS,
        default=8,
        shortest=8,
        longest=30,
        due=cases,
        purge=purge_cases,
    ),
    RecordClass(
        key=HELD,
        title="Contacts from phones that name no case",
        what="What somebody wrote without a connection, with a case code that leads nowhere, and nobody put right.",
        since="it arrived",
        source="Storage limitation (UK GDPR, article 5). Decision of the service. Proposed: 180 days, two quarters.",
        action="Deleted",
        unit=Unit.DAYS,
        default=180,
        shortest=30,
        longest=365,
        due=held_contacts,
        purge=purge_held_contacts,
    ),
    RecordClass(
        key=SETTLED,
        title="Keys of contacts from phones",
        what="A number that a phone made up, who sent it and when; nothing of what was written.",
        since="the contact was logged or thrown away",
        source="Storage limitation (UK GDPR, article 5). Kept so that a phone without its receipt brings nothing back.",
        action="Deleted",
        unit=Unit.DAYS,
        default=365,
        shortest=90,
        longest=730,
        due=settled_entries,
        purge=purge_settled_entries,
    ),
    RecordClass(
        key=EXPERIENCE,
        title="Answers about the service, kept with no case",
        what="What partners, carers and clients said of the service without being named. Those of a case go with it.",
        since="the day of the answer",
        source="Storage limitation (UK GDPR, article 5). Decision of the service. Proposed: 3 years, so that a report can "
        "be worked out again after a year.",
        action="Deleted",
        unit=Unit.YEARS,
        default=3,
        shortest=2,
        longest=8,
        due=experience,
        purge=purge_experience,
    ),
)

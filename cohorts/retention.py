"""What the retention schedule says of extracts, lists and the people known only from them."""

import datetime
import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from cohorts import intake
from cohorts.models import (
    GONE,
    REPORTED,
    Activity,
    ActivityCount,
    Candidate,
    CohortList,
    DataRequestPerson,
    Extract,
    ExtractStatus,
    ListCount,
    LocalNumber,
    ReplacedRow,
    SameDecision,
    Screening,
    ScreeningDecision,
    UnmatchedRow,
)
from cohorts.rules import PASSING_REASONS, SCREENED_OUT_MONTHS, age_band, months_before
from governance import holdings, leftovers, retention
from governance.erasure import erase
from governance.holdings import Model
from governance.models import (
    FilledDetail,
    MovedRow,
    Person,
    PersonMerge,
    PersonSeparation,
    SearchKey,
    Service,
)
from governance.retention import Purged, RecordClass, Unit

# What comes with extracts and lists by itself; whoever is in nothing else is known only from them.
# Merges and what they moved are about the records, so they go with the person and keep nobody.
FROM_LISTS: tuple[Model, ...] = (
    Activity, ActivityCount, Candidate, ReplacedRow, DataRequestPerson, LocalNumber, UnmatchedRow, SameDecision,
    SearchKey, PersonMerge, PersonSeparation, MovedRow, FilledDetail,
)  # fmt: skip
UNSELECTED, UNLISTED = "unselected_candidates", "unlisted_people"
# What an extract keeps of single rows beside its file.
NO_TRACES: dict[str, Any] = {
    "rejects_file": "",
    "checked_file": "",
    "reject_examples": [],
    "changed_examples": [],
}
FILES, PREVIEWS, NOT_STORED = "extract_files", "drafts", "extracts_not_stored"
UNMATCHED = "unmatched_rows"
_TRIM = """
UPDATE cohorts_replacedrow SET before = coalesce((
       SELECT jsonb_object_agg(key, value) FROM jsonb_each(before) WHERE key = ANY(%(columns)s)), '{}')
 WHERE extract_id = ANY(%(extracts)s) AND "table" = %(table)s
"""


def superseded(service: Service, since: datetime.date) -> QuerySet[CohortList]:
    """Lists after which a newer list of the same rule was built, on `since` or earlier."""
    newer = CohortList.objects.filter(
        Q(as_at__gt=OuterRef("as_at")) | Q(as_at=OuterRef("as_at"), pk__gt=OuterRef("pk")),
        service=service,
        rule__slug=OuterRef("rule__slug"),
        built_at__date__lte=since,
    )
    return service.cohort_lists.filter(Exists(newer))


def unselected(service: Service, today: datetime.date, days: int) -> QuerySet[Any]:
    """Candidates of superseded lists whom the service does not work with.

    Whoever was turned down for a reason that lasts stays for as long as that keeps them off new lists.
    """
    since = retention.cutoff(Unit.DAYS, today, days)
    counts_still = Screening.objects.filter(
        candidate=OuterRef("pk"),
        decision=ScreeningDecision.DECLINE,
        at__date__gt=months_before(today, SCREENED_OUT_MONTHS),
    ).exclude(reason__in=PASSING_REASONS)
    return service.candidates.filter(
        ~_worked_with("person"), ~Exists(counts_still), cohort_list__in=superseded(service, since)
    ).annotate(held=retention.held(UNSELECTED, today))


def purge_unselected(service: Service, ids: Sequence[int], today: datetime.date, days: int) -> Purged:
    """Remove candidates, and people known only from lists; counts that nobody can be found in remain.

    Whoever is being taken on at this moment is locked by that, and passed over.
    """
    mine = locked(service.candidates.filter(pk__in=ids))
    # Asked again, now that nobody else can decide on them.
    rows = list(unselected(service, today, days).filter(pk__in=mine, held=False).select_related("person"))
    _keep_counts(service, rows)
    erase(Candidate, [row.pk for row in rows])
    note_removed(service, [row.cohort_list_id for row in rows])
    return Purged(len(rows), forget(service, [row.person_id for row in rows]))


def note_removed(service: Service, of_lists: Iterable[int]) -> None:
    """Let each list know how many of its people are not kept any more: one id of a list for each of them."""
    for cohort_list, number in Counter(of_lists).items():
        service.cohort_lists.filter(pk=cohort_list).update(removed=F("removed") + number)


def unlisted(service: Service, today: datetime.date, years: int) -> QuerySet[Any]:
    """People on no list, of whom no source has reported anything for so long."""
    since = retention.cutoff(Unit.YEARS, today, years)
    events = Activity.objects.filter(person=OuterRef("pk"))
    counts = ActivityCount.objects.filter(person=OuterRef("pk"))
    return (
        known_only_from_lists(service)
        .filter(Exists(events) | Exists(counts), candidacies=None)
        .filter(~Exists(events.filter(started_on__gt=since)), ~Exists(counts.filter(as_at__gt=since)))
        .annotate(held=retention.held(UNLISTED, today, person="pk"))
    )


def purge_unlisted(service: Service, ids: Sequence[int], today: datetime.date, years: int) -> Purged:
    """Remove people with their attendances."""
    mine = locked(service.people.filter(pk__in=ids))
    people = unlisted(service, today, years).filter(pk__in=mine, held=False)
    gone = forget(service, list(people.values_list("pk", flat=True)))
    return Purged(len(gone), gone)


def known_only_from_lists(service: Service, ids: Sequence[int] | None = None) -> QuerySet[Person]:
    """People (of these ids) of whom nothing is kept but what extracts and lists brought, merged records included."""
    by_more = retention.known_by_more_than(FROM_LISTS)
    merged = Person.objects.filter(by_more, merged_into=OuterRef("pk"))
    people = service.people.filter(~by_more, ~Exists(merged), merged_into=None)
    return people if ids is None else people.filter(pk__in=ids)


def keeps_people(service: Service, today: datetime.date) -> bool:
    """Whether a hold stands on a whole class of people known from lists, so that none of them may go."""
    classes = [UNSELECTED, UNLISTED]
    return retention.standing(today).filter(service=service, record_class__in=classes).exists()


def forget(service: Service, ids: Sequence[int]) -> list[leftovers.Identity]:
    """Erase those of these people who are on no list any more and known only from lists, with all they have.

    Returns who they were, for the search. Somebody for whom a case is being opened is passed over.
    """
    if keeps_people(service, timezone.localdate()):
        return []
    mine = locked(known_only_from_lists(service, ids).filter(candidacies=None))
    # Asked again, now that nothing new can point at them.
    people = list(known_only_from_lists(service, mine).filter(candidacies=None).values_list("pk", flat=True))
    found = leftovers.identities(people)
    erase(Person, people)
    return found


def files(service: Service, today: datetime.date, days: int) -> QuerySet[Any]:
    """Stored extracts whose file is not needed any more. A hold on somebody in it keeps the file."""
    since = retention.cutoff(Unit.DAYS, today, days)
    held_people = retention.standing(today).filter(service=service).exclude(person=None).values("person")
    brought = [
        Exists(model._base_manager.filter(extract=OuterRef("pk"), person__in=held_people))
        for model in (Activity, ActivityCount)
    ]
    return service.extracts.filter(
        status=ExtractStatus.COMMITTED, committed_at__date__lte=since, file_deleted_at=None
    ).annotate(held=retention.class_held(FILES, today) | brought[0] | brought[1])


def purge_files(service: Service, ids: Sequence[int], today: datetime.date, days: int) -> Purged:
    """Delete uploads, rejected rows and what an undo would put back; the ledger of the extract stays.

    So does what a report read of the rows it replaced: without that no report from before it comes out again.
    """
    extracts = list(files(service, today, days).filter(pk__in=ids, held=False))
    gone = service.extracts.filter(pk__in=[each.pk for each in extracts])
    gone.update(file_deleted_at=timezone.now(), **NO_TRACES)
    _keep_reported([each.pk for each in extracts])
    return _without_files(extracts)


def _keep_reported(extracts: Sequence[int]) -> None:
    """Leave of what these extracts replaced only what a report reads."""
    replaced = ReplacedRow.objects.filter(extract__in=extracts)
    replaced.exclude(table__in=REPORTED).delete()
    with connection.cursor() as cursor:
        for table, columns in REPORTED.items():
            cursor.execute(_TRIM, {"extracts": list(extracts), "table": table, "columns": list(columns)})
    replaced.filter(before={}).delete()


def previews(service: Service, today: datetime.date, days: int) -> QuerySet[Any]:
    """Extracts that were checked, and that nobody stored or threw away."""
    since = retention.cutoff(Unit.DAYS, today, days)
    waiting = service.extracts.filter(status=ExtractStatus.PREVIEWED, received_at__date__lte=since)
    return waiting.annotate(held=retention.class_held(PREVIEWS, today))


def purge_previews(service: Service, ids: Sequence[int], today: datetime.date, days: int) -> Purged:
    """Throw them away, as the lead could have."""
    mine = locked(service.extracts.filter(pk__in=ids))
    extracts = list(previews(service, today, days).filter(pk__in=mine, held=False))
    service.extracts.filter(pk__in=[each.pk for each in extracts]).update(
        status=ExtractStatus.WITHDRAWN,
        file_deleted_at=timezone.now(),
        **NO_TRACES,
    )
    return _without_files(extracts)


def not_stored(service: Service, today: datetime.date, days: int) -> QuerySet[Any]:
    """Extracts of which nothing was stored."""
    since = retention.cutoff(Unit.DAYS, today, days)
    return service.extracts.filter(status__in=GONE, received_at__date__lte=since).annotate(
        held=retention.class_held(NOT_STORED, today)
    )


def purge_not_stored(service: Service, ids: Sequence[int], today: datetime.date, days: int) -> Purged:
    """Remove the ledger of extracts that came to nothing."""
    extracts = list(not_stored(service, today, days).filter(pk__in=ids, held=False))
    erase(Extract, [each.pk for each in extracts])
    return _without_files(extracts)


def unmatched_rows(service: Service, today: datetime.date, days: int) -> QuerySet[Any]:
    """Rows without a usable NHS number of which nobody has found out whose they are."""
    since = retention.cutoff(Unit.DAYS, today, days)
    rows = service.unmatched_rows.waiting().filter(extract__received_at__date__lte=since)
    return rows.annotate(held=retention.class_held(UNMATCHED, today))


def purge_unmatched(service: Service, ids: Sequence[int], today: datetime.date, days: int) -> Purged:
    """Remove such rows; one that is being matched at this moment is passed over."""
    rows: QuerySet[Any] = service.unmatched_rows.waiting()
    still = unmatched_rows(service, today, days).filter(pk__in=locked(rows.filter(pk__in=ids)), held=False)
    gone, _ = rows.filter(pk__in=still.values("pk")).delete()
    return Purged(gone)


def key_of(person: Person) -> str:
    """An HMAC (SHA-256, hex) of who a person is, under a key that is not in the database."""
    said = person.nhs_number or f"{person.pseudonym_issuer_id}:{person.pseudonym or person.pk}"
    return hmac.new(settings.PSEUDONYM_KEY.encode(), said.encode(), hashlib.sha256).hexdigest()


def _keep_counts(service: Service, rows: Sequence[Candidate]) -> None:
    as_at = dict(service.cohort_lists.values_list("pk", "as_at"))
    ListCount.objects.bulk_create(
        (
            ListCount(
                service=service,
                cohort_list_id=row.cohort_list_id,
                key=key_of(row.person),
                month=as_at[row.cohort_list_id].replace(day=1),
                count=row.count,
                age_band=age_band(row.age),
                sex=row.person.sex,
            )
            for row in rows
        ),
        ignore_conflicts=True,
    )


def _worked_with(person: str) -> Exists | Q:
    """Whether any app further down keeps a row about the person of a candidate: a case, for one."""
    found = Q()
    for model, ways in holdings.paths(Person).items():
        if model._meta.app_label not in ("governance", "cohorts"):
            for way in (way for way in ways if "__" not in way):
                found |= Q(Exists(model._base_manager.filter(**{way: OuterRef(person)})))
    return found


def locked(rows: QuerySet[Any]) -> list[int]:
    """Ids of the rows that nobody else is working on; they stay ours until the transaction ends."""
    return list(
        rows.order_by("pk").select_for_update(skip_locked=True, of=["self"]).values_list("pk", flat=True)
    )


def _without_files(extracts: Sequence[Extract]) -> Purged:
    for each in extracts:
        transaction.on_commit(partial(intake.delete_files, each))
    return Purged(len(extracts))


# Files first, so that the search for people who are gone does not find them there.
retention.register(
    RecordClass(
        key=FILES,
        title="Files of stored extracts",
        what="The upload, its rejected rows, and what it replaced, so that it cannot be undone any more. What "
        "was stored of it, and the record of the load, stay. Of what it replaced there stay whose an attendance "
        "was, its kind and day, and a person's age, sex, ethnicity and postcode, for as long as the person is "
        "kept. Only the working out again of a frozen report reads them.",
        since="the extract was stored",
        source="Storage limitation (UK GDPR, article 5): once stored, the file is a second copy. What stays is the "
        "least by which the service can account for figures it gave out (article 5, paragraph 2).",
        action="File deleted",
        unit=Unit.DAYS,
        default=30,
        shortest=1,
        longest=365,
        due=files,
        purge=purge_files,
    ),
    RecordClass(
        key=PREVIEWS,
        title="Drafts: extracts nobody decided on",
        what="Files that were checked and then neither stored nor thrown away.",
        since="the file was received",
        source="Storage limitation (UK GDPR, article 5).",
        action="Thrown away",
        unit=Unit.DAYS,
        default=30,
        shortest=1,
        longest=180,
        due=previews,
        purge=purge_previews,
    ),
    RecordClass(
        key=NOT_STORED,
        title="Extracts that were refused, thrown away or undone",
        what="The record of the load; its file went at once.",
        since="the file was received",
        source="Storage limitation (UK GDPR, article 5).",
        action="Deleted",
        unit=Unit.DAYS,
        default=90,
        shortest=1,
        longest=730,
        due=not_stored,
        purge=purge_not_stored,
    ),
    RecordClass(
        key=UNMATCHED,
        title="Rows without an NHS number that nobody could match",
        what="What the row says of whom it is about, and its attendance. A row that was matched goes with its person.",
        since="the file was received",
        source="Storage limitation (UK GDPR, article 5). Decision of the service. Proposed: 180 days, two quarters.",
        action="Deleted",
        unit=Unit.DAYS,
        default=180,
        shortest=30,
        longest=365,
        due=unmatched_rows,
        purge=purge_unmatched,
    ),
    RecordClass(
        key=UNSELECTED,
        title="People on a list who were not taken on",
        what="Their place on the list, and people known only from lists with their attendances. For evaluation "
        "a keyed count stays that names nobody. A report over 12 months compares with these people: kept for less than 460 "
        "days, it may have to fall back on people who declined.",
        since="a newer list of the same rule was built",
        source="Decision of the service: no line of the Records Management Code fits. Proposed: 90 days.",
        action="Deleted",
        unit=Unit.DAYS,
        default=90,
        shortest=30,
        longest=730,
        due=unselected,
        purge=purge_unselected,
    ),
    RecordClass(
        key=UNLISTED,
        title="People who were never on a list",
        what="Who they are and their attendances, as a source reported them.",
        since="the newest attendance",
        source="No rule looks further back than 60 months, so nothing older is of use.",
        action="Deleted",
        unit=Unit.YEARS,
        default=5,
        shortest=1,
        longest=5,
        due=unlisted,
        purge=purge_unlisted,
    ),
)

"""People whose support has ended and who attend A&E again: told with the extract that says so, and answered."""

from typing import Any

from django.db import connection, transaction
from django.db.models import DateField, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from casework import rules
from casework.actions import capacity
from casework.actions import case as cases
from casework.models import Case, ReappearanceAnswer, StageChange
from cohorts.models import Extract, Measure, Shape
from governance import audit
from governance.models import Service, User
from governance.rights import contact_stopped
from governance.rules import RuleBroken

_ADD = """
INSERT INTO casework_reappearance
       (service_id, case_id, extract_id, attendances, first_on, months, last_on, raised_at, answer)
SELECT %(service)s, watched.case_id, %(extract)s, found.*, %(now)s, ''
  FROM watched CROSS JOIN LATERAL ({found}) found
 WHERE %(people)s::bigint[] IS NULL OR watched.person_id = ANY(%(people)s::bigint[])
    ON CONFLICT (extract_id, case_id)
    DO UPDATE SET attendances = excluded.attendances, first_on = excluded.first_on, months = excluded.months,
                  last_on = excluded.last_on, withdrawn_at = NULL
    WHERE casework_reappearance.answered_at IS NULL
"""
# What an extract changed is no news: it stands in replacedrow as it was before. Lateral, so that each
# person's rows are looked up in their timeline, whatever is believed of the size of the table after a load.
_EVENTS = """
SELECT count(*), min(started_on), NULL::smallint, max(started_on)
  FROM cohorts_activity row
 WHERE row.person_id = watched.person_id AND row.started_on > watched.since
   AND row.extract_id = %(extract)s AND row.measure = %(measure)s
   AND NOT EXISTS (SELECT FROM cohorts_replacedrow old WHERE old.extract_id = %(extract)s
                   AND old."table" = 'cohorts_activity' AND old.row = row.id::text)
HAVING count(*) >= %(fewest)s
"""
# A count may hold attendances from before the end. Only one whose months all lie after it, and after any
# count told before, is known to be new.
_COUNTS = """
SELECT row.count, NULL::date, row.window_months, row.as_at
  FROM cohorts_activitycount row
 WHERE row.person_id = watched.person_id AND row.extract_id = %(extract)s AND row.measure = %(measure)s
   AND row.count >= %(fewest)s
   AND row.as_at - make_interval(months => row.window_months) >= greatest(watched.since,
       (SELECT max(told.last_on) FROM casework_reappearance told
         WHERE told.case_id = watched.case_id AND told.months IS NOT NULL AND told.withdrawn_at IS NULL))
   AND NOT EXISTS (SELECT FROM cohorts_replacedrow old WHERE old.extract_id = %(extract)s
                   AND old."table" = 'cohorts_activitycount' AND old.row = row.id::text)
 ORDER BY row.window_months LIMIT 1
"""


@transaction.atomic
def look(*, extract: Extract, people: set[int] | None = None, by: User | None = None) -> int:
    """Note whoever an extract brings back, in the transaction that stores it; returns how many.

    A person is told of once for each extract, and never for the same rows again. Nobody who said no to
    support, has died, asked not to be contacted or is supported again is watched.

    Args:
        people: look at these only, since an extract that was looked at before gained rows of theirs; what it
            told of them is brought up to date, unless somebody has answered that.
        by: who matched those rows.
    """
    watched, params = _watched(extract.service).query.sql_with_params()
    found = _EVENTS if extract.source.shape == Shape.ATTENDANCES else _COUNTS
    values: dict[str, Any] = {
        "service": extract.service_id,
        "extract": extract.pk,
        "measure": Measure.AE,
        "fewest": rules.FEWEST_NEW_ATTENDANCES,
        "now": timezone.now(),
        "people": None if people is None else sorted(people),
    }
    with connection.cursor() as cursor:
        # The load switched these off; here few people are looked up in many rows.
        cursor.execute("SET LOCAL enable_nestloop = on")
        named = {f"watched_{number}": value for number, value in enumerate(params)}
        inner = watched % tuple(f"%({name})s" for name in named)
        cursor.execute(
            f"WITH watched (case_id, person_id, since) AS MATERIALIZED ({inner}) {_ADD.format(found=found)}",
            {**values, **named},
        )
        number: int = cursor.rowcount
    if number:
        audit.record(
            "people_reappeared",
            service=extract.service,
            by=extract.committed_by if people is None else by,
            on=extract,
            changes={"cases": number},
        )
    return number


@transaction.atomic
def withdraw(*, extract: Extract, people: set[int] | None = None, by: User | None = None) -> int:
    """Take back what an undone extract told, where nobody has answered yet; returns how many.

    Args:
        people: only what it told of these, whose rows were taken from them by `by`.
    """
    rows = extract.service.reappearances.standing().filter(extract=extract)
    if people is not None:
        rows = rows.filter(case__person__in=people)
    number = rows.update(withdrawn_at=timezone.now())
    if number:
        changes = {"cases": number}
        audit.record(
            "reappearances_withdrawn",
            service=extract.service,
            by=extract.undone_by if people is None else by,
            on=extract,
            changes=changes,
        )
    return number


@transaction.atomic
def take_up(*, case: Case, by: User) -> Case:
    """Go on with somebody who is back: a new episode, or the open one made active; returns that case.

    The episode before stays as it is. Whoever carried it has the new one too, if they still carry cases here;
    otherwise it waits to be allocated.

    Raises:
        RuleBroken: the person cannot have a new episode.
    """
    case = _locked(case)
    _answer(case, ReappearanceAnswer.TAKEN_UP, by)
    if case.stage == rules.Stage.LIGHT_TOUCH:
        return cases.move(case=case, to=rules.Stage.ACTIVE, reason="Back at A&E", by=by)
    if case.is_open:
        return case
    stays = case.worker is not None and capacity.takes_cases(case.service, case.worker)
    return cases.reopen(case=case, worker=case.worker if stays else None, keep_boundaries=True, by=by)


@transaction.atomic
def note(*, case: Case, by: User) -> None:
    """Say that somebody has seen it, and that nothing more is needed. RuleBroken: nothing is left to answer."""
    case = _locked(case)
    _answer(case, ReappearanceAnswer.NOTED, by)


def _answer(case: Case, answer: ReappearanceAnswer, by: User) -> None:
    rows = case.reappearances.standing()
    ids = list(rows.values_list("pk", flat=True))
    if not ids:
        raise RuleBroken("Somebody answered this a moment ago, or the extract that told it was taken back.")
    rows.update(answer=answer, answered_at=timezone.now(), answered_by=by)
    changes = {"answer": answer, "reappearances": ids}
    audit.record("reappearance_answered", service=case.service, by=by, on=case, changes=changes)


def _locked(case: Case) -> Case:
    return Case.objects.select_for_update(of=["self"]).select_related("service", "worker").get(pk=case.pk)


def _watched(service: Service) -> QuerySet[Any]:
    """(case, person, since): the newest episode of each person to watch, and the day since when."""
    same_person = Case.objects.filter(service=service, person=OuterRef("person"))
    newest = same_person.order_by("-opened_at", "-pk").values("pk")[:1]
    moved = StageChange.objects.filter(case=OuterRef("pk"), stage=OuterRef("stage")).order_by("-at", "-pk")
    since = Coalesce(
        Subquery(moved.annotate(day=TruncDate("at")).values("day")[:1]),
        TruncDate("opened_at"),
        output_field=DateField(),
    )
    cases = service.cases.filter(stage__in=rules.WATCHED_STAGES, pk=Subquery(newest), person__died_on=None)
    return (
        cases.exclude(contact_stopped())
        .order_by()
        .annotate(case_number=F("pk"), since=since)
        .values_list("case_number", "person_id", "since")
    )

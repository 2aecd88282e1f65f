"""Records of every class that are past their time, for the tests of retention."""

import datetime
from typing import Any

from django.apps import apps
from django.db import connection
from django.utils import timezone

from cohorts.models import Candidate, CohortList
from governance.models import Person, Service
from tests.factories import casework, cohorts, governance

OURS = {"governance", "cohorts", "casework", "evaluation"}
TODAY = datetime.date(2026, 11, 26)


def moment(day: str) -> datetime.datetime:
    """Noon of a day."""
    return timezone.make_aware(datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(12)))


def old_list(service: Service, *, superseded_on: str = "2026-03-01", **told: Any) -> CohortList:
    """A list after which another of the same rule was built."""
    rule = cohorts.CohortRuleFactory(service=service)
    old = cohorts.CohortListFactory(
        rule=rule, as_at=datetime.date(2025, 9, 30), built_at=moment("2025-10-05"), selected=3, **told
    )
    cohorts.CohortListFactory(
        rule=rule, as_at=datetime.date(2025, 12, 31), built_at=moment(superseded_on), selected=0
    )
    return old


def unselected(service: Service, of: CohortList | None = None, **person: Any) -> Candidate:
    """Somebody on an old list, with an attendance, whom nobody took on."""
    known = governance.PersonFactory(service=service, **person)
    candidate: Candidate = cohorts.CandidateFactory(
        cohort_list=of or old_list(service), person=known, count=9, age=46
    )
    attended(service, known, "2025-09-01")
    return candidate


def attended(service: Service, person: Person, day: str) -> Any:
    """An attendance of a person, from a stored extract."""
    source = cohorts.SourceFactory(service=service)
    extract = cohorts.ExtractFactory(source=source, committed=True, committed_at=timezone.now())
    return cohorts.ActivityFactory(extract=extract, person=person, started_on=day)


def finished_case(service: Service, *, last_contact: str = "2018-11-01", **person: Any) -> Any:
    """A case whose path has ended, with a contact, a note and a score."""
    known = governance.PersonFactory(service=service, **person)
    case = casework.CaseFactory(
        service=service,
        person=known,
        stage="open_door",
        opened_at=moment("2018-01-05"),
        last_contact_at=moment(last_contact),
    )
    casework.ContactFactory(case=case, happened_at=moment(last_contact), note="Went well")
    casework.StageChangeFactory(case=case, stage="open_door", at=moment(last_contact))
    casework.AssessmentFactory(case=case)
    casework.RiskFactory(case=case)
    governance.ConsentFactory(person=known)
    return case


def every_row() -> dict[str, str]:
    """A fingerprint of every table of ours: the same twice means that nothing was changed."""
    tables = [m._meta.db_table for m in apps.get_models() if m._meta.app_label in OURS]
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM {table} r")
            found[table] = cursor.fetchone()[0]
    return found

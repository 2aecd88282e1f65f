"""People who attend A&E again after support has ended: said on Today, on the board and on the client's page."""

import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject

from casework.actions import capacity
from casework.models import Case
from casework.models.case import CaseQuerySet
from casework.wording import count
from governance.models import Service


def annotated(cases: CaseQuerySet, service: Service) -> CaseQuerySet:
    """Cases with what extracts told and nobody has answered: `is_back`, and `told_back` for `words`."""
    standing = service.reappearances.standing().filter(case=OuterRef("pk"))
    told = standing.order_by("last_on", "pk").values(
        found=JSONObject(number="attendances", months="months", last_on="last_on")
    )
    return cases.annotate(is_back=Exists(standing), told_back=ArraySubquery(told))


def told(case: Case) -> list[dict[str, Any]]:
    """What waits for an answer, of a case from `annotated`."""
    return getattr(case, "told_back", [])


def words(case: Case) -> str:
    """ "2 new attendances since support ended, the newest on 5 June 2026." """
    waiting = told(case)
    newest = datetime.date.fromisoformat(max(each["last_on"] for each in waiting))
    counted = [each for each in waiting if each["months"]]
    since = "since contact became less" if case.is_open else "since support ended"
    if counted:
        last = counted[-1]
        within = count(last["months"], "month")
        return f"{count(last['number'], 'attendance')} in the {within} to {newest:%-d %B %Y}, {since}."
    number = sum(each["number"] for each in waiting)
    return f"{count(number, 'new attendance')} {since}, the newest on {newest:%-d %B %Y}."


def for_board(cases: CaseQuerySet, service: Service, today: datetime.date) -> CaseQuerySet:
    """As `annotated`, with `is_carried`: whether the last worker still carries cases here and is not leaving."""
    team = service.memberships.in_force(today).link_workers()
    team = team.exclude(user__in=capacity.leavers(service, today).values("worker"))
    return annotated(cases, service).annotate(is_carried=Exists(team.filter(user=OuterRef("worker"))))


def is_for_lead(case: Case) -> bool:
    """Whether the lead has to answer, of a case from `for_board`: its last worker has left or is leaving."""
    return bool(told(case)) and not getattr(case, "is_carried", True)

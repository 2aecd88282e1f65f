"""What the Governance page says first: what waits, and in a new service where to begin."""

import datetime
from itertools import groupby
from typing import Any

from django.db.models import Count, QuerySet, Sum, Value
from django.urls import reverse

from governance import retention, waiting
from governance.models import ImpactKind, Membership, Service
from governance.permissions import role_allows
from governance.roles import Permission
from governance.rules import ENDS_SOON_DAYS

Line = dict[str, Any]


def of(membership: Membership, agreements: list[dict[str, Any]], today: datetime.date) -> dict[str, Any]:
    """What waits, as facts with links, and for who writes agreements the first steps. Three queries at most."""
    kinds = [kind for kind in waiting.kinds() if role_allows(membership.role, kind.permission)]
    queries = {kind.key: kind.rows(membership.service, today) for kind in kinds}
    begins = role_allows(membership.role, Permission.MANAGE_AGREEMENTS)
    if begins:
        queries["dpia"] = membership.service.impact_assessments.filter(kind=ImpactKind.DPIA)
    numbers = _counted(queries)
    lines = [_of_agreements(agreements), *_lines(kinds, numbers)]
    if role_allows(membership.role, Permission.MANAGE_RIGHTS):
        lines.append(_of_retention(membership.service, today))
    steps = _steps(has_dpia="dpia" in numbers, has_agreement=bool(agreements)) if begins else []
    return {"waits": lines, "steps": steps}


def _counted(queries: dict[str, QuerySet]) -> dict[str, int]:
    """How many rows each has, in one query; one that has none is left out."""
    counts = [
        rows.order_by().values(of=Value(key)).annotate(number=Count("pk")).values_list("of", "number")
        for key, rows in queries.items()
    ]
    return dict(counts[0].union(*counts[1:], all=True)) if counts else {}


def _of_agreements(agreements: list[dict[str, Any]]) -> Line:
    number = sum(bool(row["problem"] or row["warnings"]) for row in agreements)
    if number:
        said = f"{number} {'stops' if number == 1 else 'stop'} loads, {'ends' if number == 1 else 'end'} soon"
        said += f" or {'needs' if number == 1 else 'need'} you otherwise: see below"
    else:
        said = f"None ends within {ENDS_SOON_DAYS} days or waits for a review" if agreements else "None yet"
    return {"key": "Agreements", "value": said}


def _lines(kinds: list[waiting.Kind], numbers: dict[str, int]) -> list[Line]:
    lines = []
    for (section, view), of_section in groupby(kinds, key=lambda kind: (kind.section, kind.view)):
        said = ", ".join(kind.in_words(numbers.get(kind.key, 0)) for kind in of_section)
        lines.append({"key": section, "value": said, "url": reverse(view), "action": "Open"})
    return lines


def _of_retention(service: Service, today: datetime.date) -> Line:
    """What the schedule did last: what is due now is counted where somebody goes to look at it."""
    last = service.purge_runs.values("at__date").annotate(rows=Sum("purged")).order_by("-at__date").first()
    said = "Nothing was deleted under the schedule yet"
    if last:
        number = "1 row was" if last["rows"] == 1 else f"{last['rows']:,} rows were"
        said = f"{number} deleted on {last['at__date']:%-d %B %Y}"
    holds = retention.standing(today).filter(service=service).count()
    if holds:
        said += f", {holds:,} {'hold stands' if holds == 1 else 'holds stand'}"
    return {"key": "Retention", "value": said, "url": reverse("governance:retention"), "action": "Open"}


def _steps(*, has_dpia: bool, has_agreement: bool) -> list[Line]:
    """The order to begin in; empty where a service has begun."""
    if has_dpia and has_agreement:
        return []
    return [
        {"text": "Write the data protection assessment", "view": "governance:assessments", "done": has_dpia},
        {
            "text": "Write the agreement with whoever sends the data, and record the signatures",
            "view": "governance:agreement_new",
            "done": has_agreement,
        },
        {"text": "Ask the HIU lead to add a source under that agreement, and to load a first file"},
    ]

"""Freezing the area profile of a list, for people who may see no person."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from cohorts.models import CohortList
from evaluation import quarters, snapshot
from evaluation.area import profile
from evaluation.disclosure import DEFAULT_RULE
from evaluation.models import AreaProfile
from governance import audit
from governance.locks import hold_releases
from governance.models import Service, User
from governance.rules import RuleBroken


@transaction.atomic
def freeze(*, service: Service, cohort_list: CohortList, by: User | None) -> AreaProfile:
    """Fix the figures of a list for good, one list in a quarter: two profiles could be subtracted.

    Raises:
        RuleBroken: the quarter of the list has a profile, the list has too few people, or held beside earlier
            releases it would tell a small number.
    """
    quarter = quarters.of(cohort_list.as_at)
    hold_releases(service.pk)
    if service.area_profiles.filter(quarter=str(quarter)).exists():
        raise _already(quarter)
    content = profile.build(cohort_list)
    _check_against_earlier(service, content)
    row: AreaProfile = service.area_profiles.create(
        cohort_list=cohort_list,
        quarter=str(quarter),
        snapshot=content,
        sha256=snapshot.fingerprint(content),
        frozen_at=timezone.now().replace(microsecond=0),
        frozen_by=by,
    )
    changes = {"quarter": [None, row.quarter], "sha256": [None, row.sha256]}
    audit.record("area_profile_frozen", service=service, by=by, on=row, changes=changes)
    return row


def _check_against_earlier(service: Service, content: dict) -> None:
    # Imported here: scipy is large, and a process that only shows profiles should not carry it.
    from evaluation.differencing import guard
    from evaluation.differencing.printed import read_profile

    earlier = guard.earlier_releases(
        service.reports.standing().values_list("snapshot", flat=True),
        service.area_profiles.values_list("snapshot", flat=True),
        withdrawn=service.reports.withdrawn_after_a_copy().values_list("snapshot", flat=True),
    )
    guard.check(read_profile(content, DEFAULT_RULE), earlier)


def _already(quarter: quarters.Quarter) -> RuleBroken:
    return RuleBroken(
        f"There is an area profile of {quarter.label} already. A second one could be subtracted from it, so open that one."
    )

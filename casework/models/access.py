"""What decides whether somebody may open a case, asked together with the case.

Written as SQL because every page about a case needs it: put together by the ORM, the same question
took a third of the time of the page.
"""

import datetime
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.expressions import RawSQL

from casework.rules import OPEN_STAGES
from governance.models import User
from governance.need_to_know import HANDOVER_DAYS

# One row of JSON for each row of casework_case. `asked` names what is asked: who, when, which day.
_SQL = """(
SELECT jsonb_build_object(
    'own', coalesce(casework_case.worker_id = me, false) OR coalesce(again.worker_id = me, false)
        OR EXISTS (
            SELECT FROM casework_caserole helper
            WHERE helper.case_id = casework_case.id AND helper.worker_id = me
                AND helper.starts_on <= today AND (helper.ends_on IS NULL OR helper.ends_on >= today))
        OR EXISTS (
            SELECT FROM casework_allocation given
            WHERE given.case_id = casework_case.id AND given.worker_id = me AND NOT EXISTS (
                SELECT FROM casework_allocation later
                WHERE later.case_id = given.case_id AND later.id > given.id AND later.at < long_ago)),
    'team', EXISTS (
        SELECT FROM governance_teammember mine JOIN governance_teammember theirs USING (team_id)
        WHERE mine.user_id = me AND theirs.user_id IN (casework_case.worker_id, again.worker_id)
            AND mine.starts_on <= today AND (mine.ends_on IS NULL OR mine.ends_on >= today)
            AND theirs.starts_on <= today AND (theirs.ends_on IS NULL OR theirs.ends_on >= today)),
    'has_teams', EXISTS (
        SELECT FROM governance_teammember member
        WHERE member.service_id = casework_case.service_id
            AND member.starts_on <= today AND (member.ends_on IS NULL OR member.ends_on >= today)),
    'sealed', coalesce(seal.sealed, false),
    'named', EXISTS (SELECT FROM governance_sealname WHERE seal_id = seal.id AND user_id = me),
    'until', opening.until, 'reason', opening.reason, 'reason_for_sealed', coalesce(opening.sealed, false))
FROM (
    SELECT me, now, (now AT TIME ZONE %s)::date AS today, now - make_interval(days => %s) AS long_ago
    FROM (SELECT %s::bigint AS me, %s::timestamptz AS now) told) asked
LEFT JOIN casework_case again
    ON again.person_id = casework_case.person_id AND again.stage = ANY(%s)
LEFT JOIN LATERAL (
    SELECT id, sealed FROM governance_seal
    WHERE person_id = casework_case.person_id ORDER BY id DESC LIMIT 1) seal ON true
LEFT JOIN LATERAL (
    SELECT until, reason, sealed FROM governance_breakglass
    WHERE person_id = casework_case.person_id AND by_id = me AND until > now
    ORDER BY sealed DESC, until DESC LIMIT 1) opening ON true)"""


@dataclass(frozen=True)
class Access:
    """The answer for one case and one user; `until` is when a reason given stops holding."""

    own: bool
    team: bool
    has_teams: bool
    sealed: bool
    named: bool
    until: datetime.datetime | None
    reason: str | None
    reason_for_sealed: bool


class _AccessField(models.JSONField):
    def from_db_value(self, value: Any, *args: Any) -> Access:
        told = super().from_db_value(value, *args)
        until = told.pop("until")
        return Access(until=datetime.datetime.fromisoformat(until) if until else None, **told)


def access_of(user: User, at: datetime.datetime) -> RawSQL:
    """The `Access` of the user to each case of a query, at a moment."""
    params = [settings.TIME_ZONE, HANDOVER_DAYS, user.pk, at, sorted(OPEN_STAGES)]
    return RawSQL(_SQL, params, output_field=_AccessField())  # noqa: S611  # nosec  # every value is a parameter

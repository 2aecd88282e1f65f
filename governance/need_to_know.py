"""Who has a need to know a record, decided in one place. Pure: no queries, no clock.

The threat this answers is a member of staff who looks up somebody they know.
"""

import datetime
from dataclasses import dataclass
from enum import StrEnum


class NeedToKnow(StrEnum):
    """How wide a service draws the circle of those who open a case without being asked why."""

    SERVICE = "service"
    TEAM = "team"
    CASELOAD = "caseload"


class Why(StrEnum):
    """Why somebody was let into a record; stored with each opening."""

    OWN = "own"
    TEAM = "team"
    SERVICE = "service"
    LEAD = "lead"
    NAMED = "named"
    BREAK_GLASS = "break_glass"
    SCREENING = "screening"
    REFERRAL = "referral"
    REVIEW = "review"
    RIGHTS = "rights"
    TRACE = "trace"


# What a person reads who asks who opened their record.
WHY_WORDS: dict[Why, str] = {
    Why.OWN: "Their own worker, now or until lately",
    Why.TEAM: "In the team of their worker",
    Why.SERVICE: "Everybody in this service may open its cases",
    Why.LEAD: "Leads the service",
    Why.NAMED: "Named on the record, which is sealed",
    Why.BREAK_GLASS: "Gave a reason, which somebody else reviews",
    Why.SCREENING: "Decides whom to offer support",
    Why.REFERRAL: "Took a referral about them, or is in the team that did",
    Why.REVIEW: "Reviewed the reason that somebody gave",
    Why.RIGHTS: "Answered what the person, or somebody for them, asked of us",
    Why.TRACE: "Looked after who opens the record",
}


SEALED = (
    "This is a sealed record. It opens only to the people named on it. Ask your HIU lead or your IG lead."
)


class Refusal(StrEnum):
    """Why somebody is not let in."""

    NEEDS_REASON = "needs_reason"
    SEALED = "sealed"


# Somebody who handed a case over answers questions about it for this long.
HANDOVER_DAYS = 28
# A form that was opened in time may still be sent for this long: nothing typed is lost.
SEND_WITHIN = datetime.timedelta(hours=1)
# Working days a lead has to review; then the IG lead sees it too. Bank holidays count as working days.
REVIEW_WITHIN = 2


@dataclass(frozen=True)
class Facts:
    """What is known of one member and one record."""

    mode: NeedToKnow = NeedToKnow.TEAM
    # The main worker of the case or of the person's open episode, now or until HANDOVER_DAYS ago.
    is_own: bool = False
    same_team: bool = False
    # A service in which nobody is in a team is one team.
    has_teams: bool = True
    opens_every_case: bool = False
    is_sealed: bool = False
    is_named: bool = False
    gave_reason: bool = False
    # A reason given before the record was sealed does not open the seal.
    gave_reason_for_sealed: bool = False


def decide(facts: Facts) -> Why | Refusal:
    """Why the member may open the record, or why not."""
    if facts.is_sealed:
        return _decide_sealed(facts)
    if facts.is_own:
        return Why.OWN
    if facts.opens_every_case:
        return Why.LEAD
    if facts.mode == NeedToKnow.SERVICE:
        return Why.SERVICE
    if facts.mode == NeedToKnow.TEAM and (facts.same_team or not facts.has_teams):
        return Why.TEAM
    return Why.BREAK_GLASS if facts.gave_reason else Refusal.NEEDS_REASON


def _decide_sealed(facts: Facts) -> Why | Refusal:
    if facts.is_named:
        return Why.NAMED
    return Why.BREAK_GLASS if facts.gave_reason_for_sealed else Refusal.SEALED


def same_last_name(member: str, last_name: str) -> bool:
    """Whether a member, by full name, shares a last name with somebody; either part of a double one counts."""
    words = member.split()
    if len(words) < 2:
        return False
    return bool(_parts(words[-1]) & _parts(last_name))


def _parts(name: str) -> set[str]:
    return set(name.casefold().replace("-", " ").split())


def review_overdue_before(today: datetime.date) -> datetime.date:
    """What was opened on an earlier day than this should have been reviewed by the lead."""
    day, left = today, REVIEW_WITHIN
    while left:
        day -= datetime.timedelta(days=1)
        left -= day.weekday() < 5
    return day

"""Pure rules of casework: stages, weights and capacity. No queries, no clock."""

import datetime
from decimal import Decimal
from enum import StrEnum

from governance.roles import Role
from governance.rules import RuleBroken


class Stage(StrEnum):
    """Where a case is on the path of support."""

    OFFERED = "offered"
    ENGAGING = "engaging"
    ACTIVE = "active"
    TAPERING = "tapering"
    LIGHT_TOUCH = "light_touch"
    OPEN_DOOR = "open_door"
    DECLINED = "declined"
    NOT_REACHED = "not_reached"
    MOVED_AWAY = "moved_away"
    DIED = "died"


# Who is answerable for what comes next at each stage; a case that nobody carries is the lead's in any.
STAGE_OWNERS: dict[Stage, Role] = {
    Stage.OFFERED: Role.LINK_WORKER,
    Stage.ENGAGING: Role.LINK_WORKER,
    Stage.ACTIVE: Role.LINK_WORKER,
    Stage.TAPERING: Role.LINK_WORKER,
    Stage.LIGHT_TOUCH: Role.LINK_WORKER,
    Stage.OPEN_DOOR: Role.HIU_LEAD,
    Stage.DECLINED: Role.HIU_LEAD,
    Stage.NOT_REACHED: Role.HIU_LEAD,
    Stage.MOVED_AWAY: Role.HIU_LEAD,
    Stage.DIED: Role.HIU_LEAD,
}

STAGE_LABELS: dict[Stage, str] = {
    Stage.OFFERED: "Offered",
    Stage.ENGAGING: "Engaging",
    Stage.ACTIVE: "Active",
    Stage.TAPERING: "Tapering",
    Stage.LIGHT_TOUCH: "Light touch",
    Stage.OPEN_DOOR: "Open door",
    Stage.DECLINED: "Declined",
    Stage.NOT_REACHED: "Not reached",
    Stage.MOVED_AWAY: "Moved away",
    Stage.DIED: "Died",
}

_ENDS_ANYWHERE = frozenset({Stage.MOVED_AWAY, Stage.DIED})

# The door stays open: whoever comes back has a new episode (a new case), so no arrow leaves an end.
TRANSITIONS: dict[Stage, frozenset[Stage]] = {
    Stage.OFFERED: frozenset({Stage.ENGAGING, Stage.DECLINED, Stage.NOT_REACHED}) | _ENDS_ANYWHERE,
    Stage.ENGAGING: frozenset({Stage.ACTIVE, Stage.DECLINED, Stage.NOT_REACHED}) | _ENDS_ANYWHERE,
    Stage.ACTIVE: frozenset({Stage.TAPERING}) | _ENDS_ANYWHERE,
    Stage.TAPERING: frozenset({Stage.LIGHT_TOUCH, Stage.ACTIVE}) | _ENDS_ANYWHERE,
    Stage.LIGHT_TOUCH: frozenset({Stage.OPEN_DOOR, Stage.ACTIVE}) | _ENDS_ANYWHERE,
    Stage.OPEN_DOOR: frozenset(),
    Stage.DECLINED: frozenset(),
    Stage.NOT_REACHED: frozenset(),
    Stage.MOVED_AWAY: frozenset(),
    Stage.DIED: frozenset(),
}

OPEN_STAGES = frozenset(stage for stage, following in TRANSITIONS.items() if following)


# Of whom an extract tells their last worker when they attend again. Not of those who said no to support: they
# did not ask to be watched.
WATCHED_STAGES = frozenset({Stage.LIGHT_TOUCH, Stage.OPEN_DOOR, Stage.NOT_REACHED, Stage.MOVED_AWAY})
# How many new attendances after support ended are told of.
FEWEST_NEW_ATTENDANCES = 1


def may_come_back(stage: str) -> bool:
    """Whether a new episode may follow one that is at this stage."""
    return stage not in OPEN_STAGES and stage != Stage.DIED


def check_transition(now: str, to: str) -> None:
    """Raise RuleBroken, saying what is possible instead, unless a case may go from `now` to `to`."""
    allowed = TRANSITIONS[Stage(now)]
    if Stage(to) in allowed:
        return
    if not allowed:
        raise RuleBroken(
            f"This episode has ended ({STAGE_LABELS[Stage(now)].lower()}). "
            "If the person is back, open a new episode."
        )
    options = ", ".join(STAGE_LABELS[stage].lower() for stage in Stage if stage in allowed)
    raise RuleBroken(
        f"A case cannot go from {STAGE_LABELS[Stage(now)].lower()} to {STAGE_LABELS[Stage(to)].lower()}. "
        f"From here it can go to: {options}."
    )


# Points a case weighs by Chaos Score band (0–11, 12–23, 24–35, 36–48) until a service has a table of its own
# (casework.allocation.weights). The bands are this product's own proposal, to be calibrated against logged
# minutes; no published cut-off was found.
CHAOS_BANDS: tuple[tuple[int, int], ...] = ((11, 2), (23, 4), (35, 6), (48, 8))
POINTS_UNSCORED = 4
# A stepped-down case still takes some work, so that capacity stays honest.
STAGE_WEIGHTS: dict[Stage, float] = {
    Stage.OFFERED: 0.5,
    Stage.ENGAGING: 1.0,
    Stage.ACTIVE: 1.0,
    Stage.TAPERING: 0.5,
    Stage.LIGHT_TOUCH: 0.25,
}


def available_points(
    target_points: int, *, standard_hours: Decimal, contracted_hours: Decimal, reduction_hours: Decimal
) -> int:
    """Points a worker can carry: int(target × (contracted − reductions) / standard).

    The formula of the probation workload measurement tool, target × contracted/standard ×
    (contracted − reductions)/contracted, with what cancels out left away. Hours are a week, and decimal: a binary
    fraction just below a whole number would lose a point.
    """
    return max(0, int(target_points * (contracted_hours - reduction_hours) / standard_hours))


# Whoever goes along only because first visits are made in pairs does so for this long; ours to propose.
FIRST_VISITS = datetime.timedelta(weeks=4)
# An open case without a logged contact for longer than this is silent: somebody should ask why.
SILENT_AFTER_DAYS = 21
# Somebody supported whom nobody has met in person for longer than this is asked after, however often they ring.
UNSEEN_AFTER_DAYS = 42
SEEN_IN_PERSON = frozenset({"home", "elsewhere", "ward", "accompanied"})
# Where a rhythm was agreed, a case is silent after twice as long.
RHYTHMS_MISSED = 2
# A phone's clock may run ahead of ours by this much.
CLOCK_SLACK = datetime.timedelta(minutes=15)
EARLIEST_DAY = datetime.date(1900, 1, 1)
LONGEST_WAIT_DAYS = 366
# What is logged so long after the day it happened is believed less, so it says why it comes late.
LATE_AFTER_DAYS = 3
TAKE_BACK_WITHIN = datetime.timedelta(minutes=10)
# What is done without the person present or asked, and so offers them nothing.
NOT_TOWARDS_THE_PERSON = frozenset({"on_behalf", "work"})
# Forms, letters to others, a meeting prepared: it takes time and weighs, and nobody was in touch.
NO_CONTACT = frozenset({"work"})
# They rang and nobody spoke to them: no try of ours, and no offer.
MISSED = ("rang", frozenset({"no_answer", "not_able", "done"}))
# What a phone without a network kept for longer is not dated by its clock.
LONGEST_ON_A_PHONE = datetime.timedelta(days=30)
# After that a lead hears that a contact from a phone waits for its author.
HELD_TOO_LONG = datetime.timedelta(days=2)


def is_towards(kind: str, outcome: str) -> bool:
    """Whether a contact was towards the person: said or tried by us, or answered when they rang."""
    missed, unanswered = MISSED
    return kind not in NOT_TOWARDS_THE_PERSON and not (kind == missed and outcome in unanswered)


def check_happened(happened_at: datetime.datetime, *, now: datetime.datetime) -> None:
    """Raise RuleBroken unless a contact can have happened then. Both times are aware."""
    if happened_at > now + CLOCK_SLACK:
        raise RuleBroken(
            f"{happened_at:%-d %B %Y at %H:%M} has not happened yet. "
            "Enter the day and time when the contact took place."
        )
    if happened_at.date() < EARLIEST_DAY:
        raise RuleBroken(f"The year {happened_at.year} is too long ago. Write the year with four digits.")


def check_late(happened_on: datetime.date, *, today: datetime.date, reason: str) -> None:
    """Raise RuleBroken unless a contact of that day may be logged today without, or with this, reason."""
    if (today - happened_on).days > LATE_AFTER_DAYS and not reason.strip():
        raise RuleBroken(
            f"{happened_on:%-d %B %Y} is more than {LATE_AFTER_DAYS} days ago. Say why it is logged only now."
        )


def check_take_back(logged_at: datetime.datetime, *, now: datetime.datetime) -> None:
    """Raise RuleBroken unless a contact logged at that moment may still be taken back. Both times are aware."""
    if now - logged_at > TAKE_BACK_WITHIN:
        minutes = TAKE_BACK_WITHIN.seconds // 60
        raise RuleBroken(
            f"More than {minutes} minutes have passed, so the contact stays. Log another one that puts it right."
        )


def check_next_contact(on: datetime.date | None, *, today: datetime.date) -> None:
    """Raise RuleBroken unless the day of the next contact is today or within a year; None is allowed."""
    if on is None:
        return
    if on < today:
        raise RuleBroken(f"{on:%-d %B %Y} has passed. Choose today or a later day for the next contact.")
    if (on - today).days > LONGEST_WAIT_DAYS:
        raise RuleBroken(
            f"{on:%-d %B %Y} is more than a year away. Choose an earlier day; you can move it later."
        )


def index_date_after(
    index_date: datetime.date | None, *, kind: str, outcome: str, happened_on: datetime.date
) -> datetime.date | None:
    """The index date once a contact of this kind on this day is known.

    The index date is the day support was first offered to the person: the day of the earliest
    logged attempt of any kind towards the person, reached or not. The same definition holds for
    those who then say no, so that both groups are counted from the same kind of day. Speaking to
    others on their behalf offers nothing to the person and does not count, nor does a call of theirs that
    nobody answered.
    """
    if not is_towards(kind, outcome):
        return index_date
    return happened_on if index_date is None else min(index_date, happened_on)


def notice_owed(*, is_told: bool, kind: str, outcome: str, reached_before: bool) -> bool:
    """Whether a contact is complete only once the person is told how their information is used, or why not.

    People are told when they are first reached, so the second contact that reaches them is the one that
    asks for it (UK GDPR, Article 14(3)(b)). The contact itself is kept all the same.
    """
    reaches = outcome == "reached" and kind not in NOT_TOWARDS_THE_PERSON
    return reaches and reached_before and not is_told


def silent_after(
    stage: str,
    *,
    last_contact_on: datetime.date | None,
    last_seen_on: datetime.date | None,
    opened_on: datetime.date,
    rhythm_days: int | None,
) -> datetime.date:
    """The last day on which nothing is missing in an open case, if nothing happens in it until then."""
    wait = RHYTHMS_MISSED * rhythm_days if rhythm_days else SILENT_AFTER_DAYS
    heard_until = (last_contact_on or opened_on) + datetime.timedelta(days=wait)
    if Stage(stage) != Stage.ACTIVE:
        return heard_until
    return min(heard_until, (last_seen_on or opened_on) + datetime.timedelta(days=UNSEEN_AFTER_DAYS))


def silence(
    stage: str,
    *,
    last_contact_on: datetime.date | None,
    last_seen_on: datetime.date | None,
    opened_on: datetime.date,
    rhythm_days: int | None,
    today: datetime.date,
) -> str:
    """What has been missing for too long in a case, by kind of contact, in a sentence; empty where nothing is."""
    until = silent_after(
        stage,
        last_contact_on=last_contact_on,
        last_seen_on=last_seen_on,
        opened_on=opened_on,
        rhythm_days=rhythm_days,
    )
    if today <= until:
        return ""
    days = (today - (last_contact_on or opened_on)).days
    if rhythm_days and days > RHYTHMS_MISSED * rhythm_days:
        often = "every day" if rhythm_days == 1 else f"every {rhythm_days} days"
        return f"You agreed to be in touch {often}. The last contact was {days} days ago."
    if not rhythm_days and days > SILENT_AFTER_DAYS:
        return f"Nothing logged for {days} days."
    return f"Not met in person for {(today - (last_seen_on or opened_on)).days} days."


def next_step(
    stage: str,
    *,
    has_worker: bool,
    has_contact: bool,
    has_score: bool,
    next_contact_on: datetime.date | None,
    today: datetime.date,
) -> str:
    """What to do next for a case, in one sentence; the first thing missing is what comes next."""
    if stage not in OPEN_STAGES:
        return _STEP_AFTER_THE_END[Stage(stage)]
    if not has_worker:
        return "Allocate the case to a worker."
    if not has_contact:
        return "Get in touch for the first time and offer support."
    if next_contact_on is None:
        return "Choose a day for the next contact."
    if next_contact_on <= today:
        return "Get in touch today."
    if not has_score and stage in (Stage.ENGAGING, Stage.ACTIVE):
        return "Score the case when you know the person well enough."
    return _STEP_OF_STAGE[Stage(stage)]


_STEP_OF_STAGE: dict[Stage, str] = {
    Stage.OFFERED: "When the person takes up the offer, move the case to engaging.",
    Stage.ENGAGING: "When you have agreed what to work on together, move the case to active.",
    Stage.ACTIVE: "When things are steadier, agree to meet less often and move the case to tapering.",
    Stage.TAPERING: "When less contact works well, move the case to light touch.",
    Stage.LIGHT_TOUCH: "When the person is ready to carry on alone, tell them the door stays open.",
}

_BACK = "If the person comes back, open a new episode."
_STEP_AFTER_THE_END: dict[Stage, str] = {
    Stage.OPEN_DOOR: f"Nothing is planned. The door is open. {_BACK}",
    Stage.DECLINED: "Nothing is planned. If the person changes their mind, open a new episode.",
    Stage.NOT_REACHED: f"Nothing is planned. {_BACK}",
    Stage.MOVED_AWAY: f"Nothing is planned. {_BACK}",
    Stage.DIED: "Nothing is planned.",
}

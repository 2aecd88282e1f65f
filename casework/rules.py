"""Pure rules of casework: stages, weights and capacity. No queries, no clock."""

from enum import StrEnum


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


class RuleBroken(Exception):
    """Raised with a sentence that a page can show."""


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


# Points a case weighs by Chaos Score band (0–11, 12–23, 24–35, 36–48). The bands are this
# product's own proposal, to be calibrated against logged minutes; no published cut-off was found.
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


def case_points(chaos_total: int | None, stage: str) -> float:
    """Caseload points of one case: band points times stage weight; 0 once the episode has ended.

    A case not scored yet weighs as the second band, so that it is never free.
    """
    weight = STAGE_WEIGHTS.get(Stage(stage), 0.0)
    if chaos_total is None:
        return POINTS_UNSCORED * weight
    return next(points for top, points in CHAOS_BANDS if chaos_total <= top) * weight


def available_points(
    target_points: int, *, standard_hours: float, contracted_hours: float, reduction_hours: float
) -> int:
    """Points a worker can carry: int(target × contracted/standard × (contracted − reductions)/contracted).

    The formula of the probation workload measurement tool. Hours are a week.
    """
    if contracted_hours <= 0:
        return 0
    share = contracted_hours / standard_hours * (contracted_hours - reduction_hours) / contracted_hours
    return max(0, int(target_points * share))


def chaos_total(scores: list[int | None]) -> int | None:
    """Plain sum of the item scores, 0–48; None when any item is missing, as in the published data."""
    if any(score is None for score in scores):
        return None
    return sum(score for score in scores if score is not None)

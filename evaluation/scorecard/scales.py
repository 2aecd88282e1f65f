"""What people are asked for that a report can follow from a first to a later time. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """One figure that somebody is asked for: of which instrument, which question (nothing for the total), and
    whether more of it is better.
    """

    key: str
    name: str
    instrument: str
    question: str = ""
    more_is_better: bool = True


SCALES = (
    Scale("loneliness", "Loneliness (UCLA-3, 3 to 9)", "ucla-3", more_is_better=False),
    Scale("lonely", "How often lonely (1 to 5)", "ucla-3", "lonely", more_is_better=False),
    Scale("satisfied", "Satisfied with life (ONS4, 0 to 10)", "ons4", "satisfied"),
    Scale("worthwhile", "Things done are worthwhile (ONS4, 0 to 10)", "ons4", "worthwhile"),
    Scale("happy", "Happy yesterday (ONS4, 0 to 10)", "ons4", "happy"),
    Scale("anxious", "Anxious yesterday (ONS4, 0 to 10)", "ons4", "anxious", more_is_better=False),
    Scale("goals", "Goals (goal attainment, 50 is as expected)", "goals"),
    Scale("chaos", "Chaos Score (0 to 48)", "chaos-score", more_is_better=False),
)
ANY_GOAL = "any_goal"
# Of what a share of people who improved can be a target.
SHARES = (*(scale.key for scale in SCALES), ANY_GOAL)

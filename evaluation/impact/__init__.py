"""Did it help? The estimators, pure: two tables in, plain numbers out, no web framework and no database."""

from evaluation.impact.natural_fall import expected_natural_fall, natural_fall_sentence
from evaluation.impact.run import impact
from evaluation.impact.tables import GROUPS, MEASURES, InputProblem
from evaluation.impact.windows import WINDOW_DAYS

__all__ = [
    "GROUPS",
    "MEASURES",
    "WINDOW_DAYS",
    "InputProblem",
    "expected_natural_fall",
    "impact",
    "natural_fall_sentence",
]

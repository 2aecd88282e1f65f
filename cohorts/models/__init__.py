from cohorts.models.activity import Activity, ActivityCount, ArrivalMode, Measure
from cohorts.models.code import CodeMeaning
from cohorts.models.extract import Extract, ExtractStatus
from cohorts.models.list import (
    Candidate,
    CohortList,
    ListCount,
    Screening,
    ScreeningDecision,
    ScreeningReason,
)
from cohorts.models.rule import CohortRule, Exclusion, Operator
from cohorts.models.shortlist import Benefit, BenefitView, Shortlist, ShortlistSignature
from cohorts.models.source import Coverage, IdentifierKind, Shape, Source

__all__ = [
    "Activity",
    "ActivityCount",
    "ArrivalMode",
    "Benefit",
    "BenefitView",
    "Candidate",
    "CodeMeaning",
    "CohortList",
    "CohortRule",
    "Coverage",
    "Exclusion",
    "Extract",
    "ExtractStatus",
    "IdentifierKind",
    "ListCount",
    "Measure",
    "Operator",
    "Screening",
    "ScreeningDecision",
    "ScreeningReason",
    "Shape",
    "Shortlist",
    "ShortlistSignature",
    "Source",
]

from cohorts.models.activity import Activity, ActivityCount, ArrivalMode, Measure
from cohorts.models.code import CodeMeaning
from cohorts.models.extract import GONE, Extract, ExtractStatus
from cohorts.models.identity import LocalNumber, SameAnswer, SameDecision, UnmatchedRow
from cohorts.models.list import (
    LEFT_BEHIND,
    Candidate,
    CohortList,
    ListCount,
    Screening,
    ScreeningDecision,
    ScreeningReason,
)
from cohorts.models.lots import LotsDrawn
from cohorts.models.plan import Arrival, ArrivalState, ExpectedExtract, SourcePlan, Way
from cohorts.models.reference import AreaDecile, PostcodeArea, ReferenceFile, ReferenceKind
from cohorts.models.referral import (
    Agreed,
    AgreedMethod,
    DeclineReason,
    Feedback,
    PauseReason,
    Referral,
    ReferralStep,
    Urgency,
)
from cohorts.models.referral_link import ReferralLink, ReferralSource
from cohorts.models.replaced import REPORTED, ReplacedRow
from cohorts.models.request import DataRequest, DataRequestPerson
from cohorts.models.rule import CohortRule, Exclusion, Operator
from cohorts.models.shortlist import Benefit, BenefitView, Shortlist, ShortlistSignature
from cohorts.models.source import Coverage, IdentifierKind, Shape, Source

__all__ = [
    "GONE",
    "LEFT_BEHIND",
    "REPORTED",
    "Activity",
    "ActivityCount",
    "Agreed",
    "AgreedMethod",
    "AreaDecile",
    "Arrival",
    "ArrivalMode",
    "ArrivalState",
    "Benefit",
    "BenefitView",
    "Candidate",
    "CodeMeaning",
    "CohortList",
    "CohortRule",
    "Coverage",
    "DataRequest",
    "DataRequestPerson",
    "DeclineReason",
    "Exclusion",
    "ExpectedExtract",
    "Extract",
    "ExtractStatus",
    "Feedback",
    "IdentifierKind",
    "ListCount",
    "LocalNumber",
    "LotsDrawn",
    "Measure",
    "Operator",
    "PauseReason",
    "PostcodeArea",
    "ReferenceFile",
    "ReferenceKind",
    "Referral",
    "ReferralLink",
    "ReferralSource",
    "ReferralStep",
    "ReplacedRow",
    "SameAnswer",
    "SameDecision",
    "Screening",
    "ScreeningDecision",
    "ScreeningReason",
    "Shape",
    "Shortlist",
    "ShortlistSignature",
    "Source",
    "SourcePlan",
    "UnmatchedRow",
    "Urgency",
    "Way",
]

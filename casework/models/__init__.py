from casework.models.allocation import Allocation, Capacity, CaseRole, Reduction, ReductionKind, RoleOnCase
from casework.models.case import Case, StageChange
from casework.models.contact import Contact, ContactKind, ContactOutcome, ContactTakenBack
from casework.models.disclosure import Basis, Disclosure, RecallNotice, ShareChannel
from casework.models.experience import ExperienceAnswer, ExperienceRuling
from casework.models.held import HeldContact, SettledEntry
from casework.models.instrument import Assessment, AssessmentAnswer, Instrument, InstrumentItem
from casework.models.needs import CaseNeeds, Gender, Skill, WorkerProfile
from casework.models.proposal import Proposal, ProposalLine
from casework.models.reappearance import Reappearance, ReappearanceAnswer
from casework.models.risk import Risk, RiskLevel
from casework.models.safety import AccessNeeds, NeedFormat, RiskCheck, Visit, VisitPlace
from casework.models.support import Boundaries, CaseReview, OriginTold, WayOfWorking
from casework.models.weights import (
    Calibration,
    CalibrationDecision,
    CalibrationEstimate,
    WeightTable,
    WeightValue,
)

__all__ = [
    "AccessNeeds",
    "Allocation",
    "Assessment",
    "AssessmentAnswer",
    "Basis",
    "Boundaries",
    "Calibration",
    "CalibrationDecision",
    "CalibrationEstimate",
    "Capacity",
    "Case",
    "CaseNeeds",
    "CaseReview",
    "CaseRole",
    "Contact",
    "ContactKind",
    "ContactOutcome",
    "ContactTakenBack",
    "Disclosure",
    "ExperienceAnswer",
    "ExperienceRuling",
    "Gender",
    "HeldContact",
    "Instrument",
    "InstrumentItem",
    "NeedFormat",
    "OriginTold",
    "Proposal",
    "ProposalLine",
    "Reappearance",
    "ReappearanceAnswer",
    "RecallNotice",
    "Reduction",
    "ReductionKind",
    "Risk",
    "RiskCheck",
    "RiskLevel",
    "RoleOnCase",
    "SettledEntry",
    "ShareChannel",
    "Skill",
    "StageChange",
    "Visit",
    "VisitPlace",
    "WayOfWorking",
    "WeightTable",
    "WeightValue",
    "WorkerProfile",
]

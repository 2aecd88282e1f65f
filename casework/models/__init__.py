from casework.models.allocation import Allocation, Capacity
from casework.models.case import Case, StageChange
from casework.models.contact import Contact, ContactKind, ContactOutcome, ContactTakenBack
from casework.models.disclosure import Basis, Disclosure, RecallNotice, ShareChannel
from casework.models.instrument import Assessment, AssessmentAnswer, Instrument, InstrumentItem
from casework.models.reappearance import Reappearance, ReappearanceAnswer
from casework.models.risk import Risk, RiskLevel
from casework.models.safety import AccessNeeds, NeedFormat, RiskCheck, Visit, VisitPlace
from casework.models.support import Boundaries, CaseReview, OriginTold, WayOfWorking

__all__ = [
    "AccessNeeds",
    "Allocation",
    "Assessment",
    "AssessmentAnswer",
    "Basis",
    "Boundaries",
    "Capacity",
    "Case",
    "CaseReview",
    "Contact",
    "ContactKind",
    "ContactOutcome",
    "ContactTakenBack",
    "Disclosure",
    "Instrument",
    "InstrumentItem",
    "NeedFormat",
    "OriginTold",
    "Reappearance",
    "ReappearanceAnswer",
    "RecallNotice",
    "Risk",
    "RiskCheck",
    "RiskLevel",
    "ShareChannel",
    "StageChange",
    "Visit",
    "VisitPlace",
    "WayOfWorking",
]

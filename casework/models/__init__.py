from casework.models.allocation import Allocation, Capacity
from casework.models.case import Case, StageChange
from casework.models.contact import Contact, ContactKind, ContactOutcome, ContactTakenBack
from casework.models.disclosure import Basis, Disclosure, RecallNotice, ShareChannel
from casework.models.held import HeldContact
from casework.models.instrument import Assessment, AssessmentAnswer, Instrument, InstrumentItem
from casework.models.reappearance import Reappearance, ReappearanceAnswer
from casework.models.risk import Risk, RiskLevel

__all__ = [
    "Allocation",
    "Assessment",
    "AssessmentAnswer",
    "Basis",
    "Capacity",
    "Case",
    "Contact",
    "ContactKind",
    "ContactOutcome",
    "ContactTakenBack",
    "Disclosure",
    "HeldContact",
    "Instrument",
    "InstrumentItem",
    "Reappearance",
    "ReappearanceAnswer",
    "RecallNotice",
    "Risk",
    "RiskLevel",
    "ShareChannel",
    "StageChange",
]

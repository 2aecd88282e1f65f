from governance.models.agreement import (
    TERMS,
    AgeGroup,
    Agreement,
    AgreementVersion,
    Article6,
    Article9,
    Confidentiality,
    Frequency,
    Operator,
    Signature,
    Standing,
    Suspension,
    SuspensionDecision,
)
from governance.models.audit import AuditChain, AuditEvent, Operation, RowChange
from governance.models.break_glass import BreakGlass, BreakGlassReview, OpeningReason, ReviewOutcome
from governance.models.consent import (
    UNNAMED_PARTNERS,
    Consent,
    ConsentDecision,
    ConsentMethod,
    ConsentScope,
    MentalCapacity,
    Purpose,
    ShareItem,
    in_words,
)
from governance.models.factor_reset import FactorReset
from governance.models.identity import FilledDetail, MovedRow, PersonMerge, PersonSeparation, SearchKey
from governance.models.impact import ImpactAnswer, ImpactAssessment, ImpactKind, ImpactSignOff, ImpactVersion
from governance.models.incident import Incident, IncidentKind, IncidentStep, IncidentTriage
from governance.models.notice import NoticeChannel, NoticeDelay, NoticeGiven, PrivacyNotice
from governance.models.organisation import Membership, Organisation, OrganisationKind, Service
from governance.models.partner import Partner
from governance.models.person import Person, Sex
from governance.models.preset import PresetLoad, PresetPart
from governance.models.retention import KeepingTime, LegalHold, PurgeRun
from governance.models.rights import (
    CORRECTABLE,
    Correction,
    FreeText,
    Objection,
    ObjectionDecision,
    ObjectionScope,
    OptOut,
    OptOutSource,
    SubjectRequest,
    TextDecision,
)
from governance.models.safeguarding import SafeguardingLead
from governance.models.seal import Seal, SealName
from governance.models.set_up import MilestoneReport, SetUpPlan
from governance.models.sign_in import SignIn
from governance.models.team import Team, TeamMember
from governance.models.user import User

__all__ = [
    "CORRECTABLE",
    "TERMS",
    "UNNAMED_PARTNERS",
    "AgeGroup",
    "Agreement",
    "AgreementVersion",
    "Article6",
    "Article9",
    "AuditChain",
    "AuditEvent",
    "BreakGlass",
    "BreakGlassReview",
    "Confidentiality",
    "Consent",
    "ConsentDecision",
    "ConsentMethod",
    "ConsentScope",
    "Correction",
    "FactorReset",
    "FilledDetail",
    "FreeText",
    "Frequency",
    "ImpactAnswer",
    "ImpactAssessment",
    "ImpactKind",
    "ImpactSignOff",
    "ImpactVersion",
    "Incident",
    "IncidentKind",
    "IncidentStep",
    "IncidentTriage",
    "KeepingTime",
    "LegalHold",
    "Membership",
    "MentalCapacity",
    "MilestoneReport",
    "MovedRow",
    "NoticeChannel",
    "NoticeDelay",
    "NoticeGiven",
    "Objection",
    "ObjectionDecision",
    "ObjectionScope",
    "OpeningReason",
    "Operation",
    "Operator",
    "OptOut",
    "OptOutSource",
    "Organisation",
    "OrganisationKind",
    "Partner",
    "Person",
    "PersonMerge",
    "PersonSeparation",
    "PresetLoad",
    "PresetPart",
    "PrivacyNotice",
    "PurgeRun",
    "Purpose",
    "ReviewOutcome",
    "RowChange",
    "SafeguardingLead",
    "Seal",
    "SealName",
    "SearchKey",
    "Service",
    "SetUpPlan",
    "Sex",
    "ShareItem",
    "SignIn",
    "Signature",
    "Standing",
    "SubjectRequest",
    "Suspension",
    "SuspensionDecision",
    "Team",
    "TeamMember",
    "TextDecision",
    "User",
    "in_words",
]

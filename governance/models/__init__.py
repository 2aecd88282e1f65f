from governance.models.agreement import (
    TERMS,
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
from governance.models.consent import Consent, ConsentDecision, ConsentMethod, ConsentScope
from governance.models.factor_reset import FactorReset
from governance.models.impact import ImpactAnswer, ImpactAssessment, ImpactKind, ImpactSignOff, ImpactVersion
from governance.models.organisation import Membership, Organisation, OrganisationKind, Service
from governance.models.person import Person, Sex
from governance.models.set_up import MilestoneReport, SetUpPlan
from governance.models.sign_in import SignIn
from governance.models.user import User

__all__ = [
    "TERMS",
    "Agreement",
    "AgreementVersion",
    "Article6",
    "Article9",
    "AuditChain",
    "AuditEvent",
    "Confidentiality",
    "Consent",
    "ConsentDecision",
    "ConsentMethod",
    "ConsentScope",
    "FactorReset",
    "Frequency",
    "ImpactAnswer",
    "ImpactAssessment",
    "ImpactKind",
    "ImpactSignOff",
    "ImpactVersion",
    "Membership",
    "MilestoneReport",
    "Operation",
    "Operator",
    "Organisation",
    "OrganisationKind",
    "Person",
    "RowChange",
    "Service",
    "SetUpPlan",
    "Sex",
    "SignIn",
    "Signature",
    "Standing",
    "Suspension",
    "SuspensionDecision",
    "User",
]

from governance.models.agreement import Agreement, Frequency
from governance.models.audit import AuditChain, AuditEvent
from governance.models.consent import Consent, ConsentDecision, ConsentMethod, ConsentScope
from governance.models.organisation import Membership, Organisation, OrganisationKind, Service
from governance.models.person import Person, Sex
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
from governance.models.user import User

__all__ = [
    "CORRECTABLE",
    "Agreement",
    "AuditChain",
    "AuditEvent",
    "Consent",
    "ConsentDecision",
    "ConsentMethod",
    "ConsentScope",
    "Correction",
    "FreeText",
    "Frequency",
    "KeepingTime",
    "LegalHold",
    "Membership",
    "Objection",
    "ObjectionDecision",
    "ObjectionScope",
    "OptOut",
    "OptOutSource",
    "Organisation",
    "OrganisationKind",
    "Person",
    "PurgeRun",
    "Service",
    "Sex",
    "SubjectRequest",
    "TextDecision",
    "User",
]

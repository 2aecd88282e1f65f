from governance.models.agreement import Agreement, Frequency
from governance.models.audit import AuditChain, AuditEvent, Operation, RowChange
from governance.models.consent import Consent, ConsentDecision, ConsentMethod, ConsentScope
from governance.models.factor_reset import FactorReset
from governance.models.incident import Incident, IncidentKind, IncidentStep, IncidentTriage
from governance.models.organisation import Membership, Organisation, OrganisationKind, Service
from governance.models.person import Person, Sex
from governance.models.preset import PresetLoad, PresetPart
from governance.models.sign_in import SignIn
from governance.models.user import User

__all__ = [
    "Agreement",
    "AuditChain",
    "AuditEvent",
    "Consent",
    "ConsentDecision",
    "ConsentMethod",
    "ConsentScope",
    "FactorReset",
    "Frequency",
    "Incident",
    "IncidentKind",
    "IncidentStep",
    "IncidentTriage",
    "Membership",
    "Operation",
    "Organisation",
    "OrganisationKind",
    "Person",
    "PresetLoad",
    "PresetPart",
    "RowChange",
    "Service",
    "Sex",
    "SignIn",
    "User",
]

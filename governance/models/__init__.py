from governance.models.agreement import Agreement, Frequency
from governance.models.audit import AuditChain, AuditEvent, Operation, RowChange
from governance.models.break_glass import BreakGlass, BreakGlassReview, OpeningReason, ReviewOutcome
from governance.models.consent import Consent, ConsentDecision, ConsentMethod, ConsentScope
from governance.models.organisation import Membership, Organisation, OrganisationKind, Service
from governance.models.person import Person, Sex
from governance.models.seal import Seal, SealName
from governance.models.team import Team, TeamMember
from governance.models.user import User

__all__ = [
    "Agreement",
    "AuditChain",
    "AuditEvent",
    "BreakGlass",
    "BreakGlassReview",
    "Consent",
    "ConsentDecision",
    "ConsentMethod",
    "ConsentScope",
    "Frequency",
    "Membership",
    "OpeningReason",
    "Operation",
    "Organisation",
    "OrganisationKind",
    "Person",
    "ReviewOutcome",
    "RowChange",
    "Seal",
    "SealName",
    "Service",
    "Sex",
    "Team",
    "TeamMember",
    "User",
]

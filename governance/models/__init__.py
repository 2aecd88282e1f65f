from governance.models.agreement import Agreement, Frequency
from governance.models.audit import AuditChain, AuditEvent
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
from governance.models.notice import NoticeChannel, NoticeDelay, NoticeGiven, PrivacyNotice
from governance.models.organisation import Membership, Organisation, OrganisationKind, Service
from governance.models.partner import Partner
from governance.models.person import Person, Sex
from governance.models.user import User

__all__ = [
    "UNNAMED_PARTNERS",
    "Agreement",
    "AuditChain",
    "AuditEvent",
    "Consent",
    "ConsentDecision",
    "ConsentMethod",
    "ConsentScope",
    "Frequency",
    "Membership",
    "MentalCapacity",
    "NoticeChannel",
    "NoticeDelay",
    "NoticeGiven",
    "Organisation",
    "OrganisationKind",
    "Partner",
    "Person",
    "PrivacyNotice",
    "Purpose",
    "Service",
    "Sex",
    "ShareItem",
    "User",
    "in_words",
]

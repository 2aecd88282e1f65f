"""Who may do what, in words an information governance lead can read.

A role is reviewed code, not a row: changing what a role may do is a change to this file, which
CODEOWNERS gives to the information governance owner.
"""

from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """One thing somebody may do inside their own service."""

    LOAD_EXTRACTS = "load_extracts"
    MANAGE_SOURCES = "manage_sources"
    MANAGE_RULES = "manage_rules"
    SCREEN_CANDIDATES = "screen_candidates"
    TAKE_REFERRALS = "take_referrals"
    MANAGE_REFERRAL_LINKS = "manage_referral_links"
    VIEW_CASELOADS = "view_caseloads"
    ALLOCATE_CASES = "allocate_cases"
    VIEW_CASES = "view_cases"
    WORK_CASES = "work_cases"
    SHARE_INFORMATION = "share_information"
    NOTE_EXPERIENCE = "note_experience"
    READ_EXPERIENCE = "read_experience"
    BUILD_REPORTS = "build_reports"
    VIEW_REPORTS = "view_reports"
    VIEW_GOVERNANCE = "view_governance"
    MANAGE_AGREEMENTS = "manage_agreements"
    VIEW_DISCLOSURES = "view_disclosures"
    MANAGE_PARTNERS = "manage_partners"
    MANAGE_NOTICES = "manage_notices"
    MANAGE_RIGHTS = "manage_rights"
    MANAGE_MEMBERS = "manage_members"
    OPEN_EVERY_CASE = "open_every_case"
    OPEN_SEALED = "open_sealed"
    SEAL_RECORDS = "seal_records"
    REVIEW_OPENINGS = "review_openings"
    TRACE_RECORDS = "trace_records"
    MANAGE_PRESETS = "manage_presets"
    REPORT_INCIDENTS = "report_incidents"
    TRIAGE_INCIDENTS = "triage_incidents"
    VIEW_SAFETY = "view_safety"


class Role(StrEnum):
    """The name stored on a membership."""

    LINK_WORKER = "link_worker"
    HIU_LEAD = "hiu_lead"
    SERVICE_MANAGER = "service_manager"
    COMMISSIONER = "commissioner"
    IG_LEAD = "ig_lead"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class RoleDefinition:
    """What a role is called, what it is for, what it allows, and where its day starts."""

    display_name: str
    description: str
    permissions: frozenset[Permission]
    home: str

    @property
    def reaches_people(self) -> bool:
        """Whether any of it is about single people. Otherwise the database shows the role none at all."""
        return bool(self.permissions & ABOUT_PEOPLE)


P = Permission

# Permissions whose pages and files are about single people, or count them on the way.
ABOUT_PEOPLE = frozenset(
    {
        P.LOAD_EXTRACTS,
        P.SCREEN_CANDIDATES,
        P.TAKE_REFERRALS,
        P.VIEW_CASELOADS,
        P.ALLOCATE_CASES,
        P.VIEW_CASES,
        P.WORK_CASES,
        P.SHARE_INFORMATION,
        P.READ_EXPERIENCE,
        P.BUILD_REPORTS,
        P.VIEW_DISCLOSURES,
        P.OPEN_EVERY_CASE,
        P.OPEN_SEALED,
        P.SEAL_RECORDS,
        P.REVIEW_OPENINGS,
        P.TRACE_RECORDS,
        P.MANAGE_RIGHTS,
    }
)

ROLES: dict[Role, RoleDefinition] = {
    Role.LINK_WORKER: RoleDefinition(
        "Link worker",
        "Supports clients. Opens their own cases and those of their team, and gives a reason for any other. "
        "Shares with partners what the client agreed to. Writes down referrals that come by phone, and sees those "
        "they or their team took. Writes down what people say of the service. Otherwise sees no list of people who "
        "have not been taken on.",
        frozenset(
            {
                P.VIEW_CASES,
                P.WORK_CASES,
                P.TAKE_REFERRALS,
                P.SHARE_INFORMATION,
                P.NOTE_EXPERIENCE,
                P.REPORT_INCIDENTS,
            }
        ),
        home="casework:today",
    ),
    Role.HIU_LEAD: RoleDefinition(
        "HIU lead",
        "Loads extracts, screens candidates, decides on referrals and who may send them without an account, "
        "allocates cases, and carries cases too. Says who the partners are "
        "that information may be shared with, reviews who opened a record outside their caseload, seals "
        "records, and reads what people say of the service and decides what of it may be quoted.",
        frozenset(
            {
                P.LOAD_EXTRACTS,
                P.MANAGE_SOURCES,
                P.MANAGE_RULES,
                P.SCREEN_CANDIDATES,
                P.TAKE_REFERRALS,
                P.MANAGE_REFERRAL_LINKS,
                P.VIEW_CASELOADS,
                P.ALLOCATE_CASES,
                P.VIEW_CASES,
                P.WORK_CASES,
                P.SHARE_INFORMATION,
                P.NOTE_EXPERIENCE,
                P.READ_EXPERIENCE,
                P.MANAGE_PARTNERS,
                P.BUILD_REPORTS,
                P.VIEW_REPORTS,
                P.OPEN_EVERY_CASE,
                P.OPEN_SEALED,
                P.SEAL_RECORDS,
                P.REVIEW_OPENINGS,
                P.REPORT_INCIDENTS,
            }
        ),
        home="casework:board",
    ),
    Role.SERVICE_MANAGER: RoleDefinition(
        "Service manager",
        "Runs the service: members, caseloads, reports and incidents. Reads what people say of the service, without "
        "their names, and decides what of it may be quoted. Opens no person's record.",
        frozenset(
            {
                P.VIEW_CASELOADS,
                P.NOTE_EXPERIENCE,
                P.READ_EXPERIENCE,
                P.BUILD_REPORTS,
                P.VIEW_REPORTS,
                P.MANAGE_MEMBERS,
                P.REPORT_INCIDENTS,
                P.TRIAGE_INCIDENTS,
                P.VIEW_SAFETY,
            }
        ),
        home="casework:caseload",
    ),
    Role.COMMISSIONER: RoleDefinition(
        "Commissioner",
        "Reads the quarterly reports. Never reaches a person, on a page or in a file.",
        frozenset({P.VIEW_REPORTS}),
        home="evaluation:reports",
    ),
    Role.IG_LEAD: RoleDefinition(
        "IG lead",
        "Answers for the data: writes, signs and stops agreements, keeps the assessments, the set-up plan, the "
        "partners and the privacy notice; sees what was loaded under which agreement, what was shared with whom "
        "by case number, who opened a record and why, and the access log. Answers what people ask about their "
        "own data, says what is deleted when, and sees to incidents. Opens no case.",
        frozenset(
            {
                P.VIEW_GOVERNANCE,
                P.MANAGE_AGREEMENTS,
                P.MANAGE_RIGHTS,
                P.VIEW_DISCLOSURES,
                P.MANAGE_PARTNERS,
                P.MANAGE_NOTICES,
                P.VIEW_REPORTS,
                P.SEAL_RECORDS,
                P.REVIEW_OPENINGS,
                P.TRACE_RECORDS,
                P.REPORT_INCIDENTS,
                P.TRIAGE_INCIDENTS,
                P.VIEW_SAFETY,
            }
        ),
        home="governance:overview",
    ),
    Role.AUDITOR: RoleDefinition(
        "Auditor",
        "Reads the access log, the agreements and the safety case. Changes nothing.",
        frozenset({P.VIEW_GOVERNANCE, P.VIEW_SAFETY}),
        home="governance:overview",
    ),
    Role.ADMINISTRATOR: RoleDefinition(
        "Administrator",
        "Gives and ends access, also the links by which organisations refer, and loads presets. Sees no person and "
        "no report.",
        frozenset({P.MANAGE_MEMBERS, P.MANAGE_REFERRAL_LINKS, P.MANAGE_PRESETS, P.REPORT_INCIDENTS}),
        home="governance:members",
    ),
}


def role_choices() -> list[tuple[str, str]]:
    """Role names with their display names, for a model field."""
    return [(role.value, definition.display_name) for role, definition in ROLES.items()]

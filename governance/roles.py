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
    VIEW_CASELOADS = "view_caseloads"
    ALLOCATE_CASES = "allocate_cases"
    VIEW_CASES = "view_cases"
    WORK_CASES = "work_cases"
    BUILD_REPORTS = "build_reports"
    VIEW_REPORTS = "view_reports"
    VIEW_GOVERNANCE = "view_governance"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_PRESETS = "manage_presets"
    SHARE_RECORDS = "share_records"
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
        P.VIEW_CASELOADS,
        P.ALLOCATE_CASES,
        P.VIEW_CASES,
        P.WORK_CASES,
        P.SHARE_RECORDS,
        P.BUILD_REPORTS,
    }
)

ROLES: dict[Role, RoleDefinition] = {
    Role.LINK_WORKER: RoleDefinition(
        "Link worker",
        "Supports clients. Sees the cases of the service and logs what was done. Sees no list of "
        "people who have not been taken on.",
        frozenset({P.VIEW_CASES, P.WORK_CASES, P.SHARE_RECORDS, P.REPORT_INCIDENTS}),
        home="casework:today",
    ),
    Role.HIU_LEAD: RoleDefinition(
        "HIU lead",
        "Loads extracts, screens candidates, allocates cases, and carries cases too.",
        frozenset(
            {
                P.LOAD_EXTRACTS,
                P.MANAGE_SOURCES,
                P.MANAGE_RULES,
                P.SCREEN_CANDIDATES,
                P.VIEW_CASELOADS,
                P.ALLOCATE_CASES,
                P.VIEW_CASES,
                P.WORK_CASES,
                P.SHARE_RECORDS,
                P.BUILD_REPORTS,
                P.VIEW_REPORTS,
                P.REPORT_INCIDENTS,
            }
        ),
        home="casework:board",
    ),
    Role.SERVICE_MANAGER: RoleDefinition(
        "Service manager",
        "Runs the service: members, caseloads, reports and incidents. Opens no person's record.",
        frozenset(
            {
                P.VIEW_CASELOADS,
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
        "Answers for the data: agreements, what was loaded under which, the access log, and incidents.",
        frozenset(
            {
                P.VIEW_GOVERNANCE,
                P.VIEW_REPORTS,
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
        "Gives and ends access, and loads presets. Sees no person and no report.",
        frozenset({P.MANAGE_MEMBERS, P.MANAGE_PRESETS, P.REPORT_INCIDENTS}),
        home="governance:members",
    ),
}


def role_choices() -> list[tuple[str, str]]:
    """Role names with their display names, for a model field."""
    return [(role.value, definition.display_name) for role, definition in ROLES.items()]

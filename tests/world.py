"""One service with a row of everything, and names that must never show where they do not belong."""

import datetime
from dataclasses import dataclass
from typing import Any

from governance.models import Service
from tests.factories import casework, cohorts, evaluation, governance, incidents

# Planted where a person can be named; hunted for in every answer that must not name anyone.
CANARIES = ["Zephyrine", "Quagmire", "9990000018", "999 000 0018", "Canary Wharf Road"]


# The row whose id each address takes. An address that is missing here fails the sweep.
NOUN_OF = {
    "governance:agreement": "agreement",
    "governance:end_membership": "membership",
    "governance:incident": "incident",
    "governance:incident_triage": "incident",
    "governance:end_dates": "membership",
    "governance:ask_factor_reset": "membership",
    "governance:decide_factor_reset": "factor_reset",
    "remove_factor": "factor",
    "cohorts:extract": "extract",
    "cohorts:extract_progress": "extract",
    "cohorts:commit": "extract",
    "cohorts:withdraw": "extract",
    "cohorts:rejects": "extract",
    "cohorts:source": "source",
    "cohorts:rule": "rule",
    "cohorts:list": "list",
    "cohorts:candidate": "candidate",
    "cohorts:screen": "candidate",
    "casework:case": "case",
    "casework:log_contact": "case",
    "casework:move_stage": "case",
    "casework:allocate": "case",
    "casework:score": "case",
    "casework:risk": "case",
    "casework:consent": "case",
    "casework:message": "case",
    "casework:reopen": "case",
    "casework:capacity": "membership",
    "evaluation:report": "report",
    "evaluation:report_file": "report",
}


@dataclass
class World:
    """The service and, by address argument, the row an address points at."""

    service: Service
    rows: dict[str, Any]

    def argument(self, name: str, key: str) -> Any:
        """The value of one part of an address, such as the id of this service's extract."""
        if key == "kind":
            return "csv"
        return self.rows[NOUN_OF[name]].pk


def build_world(service: Service) -> World:
    """Fill a service with one of everything an address can point at."""
    person = governance.PersonFactory(
        service=service,
        nhs_number="9990000018",
        first_name="Zephyrine",
        last_name="Quagmire",
        address="1 Canary Wharf Road",
    )
    agreement = governance.AgreementFactory(service=service)
    membership = governance.MembershipFactory(service=service)
    factor_reset = governance.FactorResetFactory(service=service, user=membership.user)
    factor = governance.AppFactory(user=membership.user)
    source = cohorts.SourceFactory(service=service, agreement=agreement)
    extract = cohorts.ExtractFactory(service=service, source=source)
    rule = cohorts.CohortRuleFactory(service=service)
    cohort_list = cohorts.CohortListFactory(service=service, rule=rule)
    candidate = cohorts.CandidateFactory(service=service, cohort_list=cohort_list, person=person)
    case = casework.CaseFactory(service=service, person=person, worker=membership.user)
    casework.ContactFactory(service=service, case=case, by=membership.user, note="Zephyrine was in")
    report = evaluation.ReportFactory(service=service, frozen_at=datetime.datetime.now(datetime.UTC))
    incident = incidents.IncidentFactory(
        service=service, reported_by=membership.user, words="Zephyrine Quagmire was rung by mistake"
    )
    by_noun = {
        "agreement": agreement,
        "membership": membership,
        "factor_reset": factor_reset,
        "factor": factor,
        "source": source,
        "extract": extract,
        "rule": rule,
        "list": cohort_list,
        "candidate": candidate,
        "case": case,
        "report": report,
        "incident": incident,
    }
    return World(service, by_noun)

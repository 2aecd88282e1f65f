"""One service with a row of everything, and names that must never show where they do not belong."""

import datetime
from dataclasses import dataclass
from typing import Any

from cohorts.referrals import door
from governance.models import Service
from tests.factories import casework, cohorts, evaluation, governance, incidents, referrals

# Planted where a person can be named; hunted for in every answer that must not name anyone.
CANARIES = ["Zephyrine", "Quagmire", "9990000018", "999 000 0018", "Canary Wharf Road"]


# The row whose id each address takes. An address that is missing here fails the sweep.
NOUN_OF = {
    "governance:agreement": "agreement",
    "governance:agreement_change": "agreement",
    "governance:agreement_sign": "agreement",
    "governance:agreement_stop": "agreement",
    "governance:agreement_version": "agreement_version",
    "governance:agreement_form": "agreement_version",
    "governance:agreement_pdf": "agreement_version",
    "governance:assessment": "assessment",
    "governance:assessment_sign_off": "assessment",
    "governance:assessment_again": "assessment",
    "governance:assessment_step": "assessment",
    "governance:assessment_version": "assessment_version",
    "governance:assessment_pdf": "assessment_version",
    "governance:end_membership": "membership",
    "governance:incident": "incident",
    "governance:incident_triage": "incident",
    "governance:end_dates": "membership",
    "governance:ask_factor_reset": "membership",
    "governance:decide_factor_reset": "factor_reset",
    "remove_factor": "factor",
    "governance:end_partner": "partner",
    "governance:leave_team": "team_member",
    "governance:review_opening": "opening",
    "governance:record": "person",
    "governance:seal": "person",
    "governance:person": "person",
    "governance:request_new": "person",
    "governance:correct": "person",
    "governance:objection": "person",
    "governance:opt_out": "person",
    "governance:hold_person": "person",
    "governance:subject_request": "request",
    "governance:extend_request": "request",
    "governance:second_request": "request",
    "governance:release_request": "request",
    "governance:copy": "request",
    "governance:free_text": "text",
    "governance:lift_hold": "hold",
    "cohorts:extract": "extract",
    "cohorts:extract_progress": "extract",
    "cohorts:commit": "extract",
    "cohorts:withdraw": "extract",
    "cohorts:rejects": "extract",
    "cohorts:undo": "extract",
    "cohorts:answers": "extract",
    "cohorts:source": "source",
    "cohorts:source_profile": "source",
    "cohorts:source_take_profile": "source",
    "cohorts:source_plan": "source",
    "cohorts:data_request": "source",
    "cohorts:rule": "rule",
    "cohorts:list": "list",
    "cohorts:candidate": "candidate",
    "cohorts:screen": "candidate",
    "cohorts:line": "list",
    "cohorts:same_person": "person",
    "cohorts:merge": "merge",
    "cohorts:given": "given",
    "cohorts:draw_lots": "list",
    "cohorts:sign": "list",
    "cohorts:referral": "referral",
    "cohorts:decide_referral": "referral",
    "cohorts:step_referral": "referral",
    "cohorts:end_referral_link": "referral_link",
    "casework:answer_back": "case",
    "casework:case": "case",
    "casework:give_reason": "case",
    "casework:held_contact": "held",
    "casework:discard_held": "held",
    "casework:take_over_held": "held",
    "casework:log_contact": "case",
    "casework:move_stage": "case",
    "casework:allocate": "case",
    "casework:score": "case",
    "casework:scores": "case",
    "casework:experience": "case",
    "casework:decide_experience": "experience",
    "casework:risk_form": "case",
    "casework:visit": "case",
    "casework:visit_step": "visit",
    "casework:communication": "case",
    "casework:boundaries": "case",
    "casework:review": "case",
    "casework:tell_origin": "case",
    "casework:risk": "case",
    "casework:consent": "case",
    "casework:notice": "case",
    "casework:sharing": "case",
    "casework:share_otherwise": "case",
    "casework:share": "yes",
    "casework:take_back": "yes",
    "casework:take_back_contact": "contact",
    "casework:disclosure": "disclosure",
    "casework:recall": "recall",
    "casework:message": "case",
    "casework:reopen": "case",
    "casework:capacity": "membership",
    "casework:reduce": "membership",
    "casework:profile": "membership",
    "casework:move_cases": "membership",
    "casework:leaver": "membership",
    "casework:needs": "case",
    "casework:roles": "case",
    "casework:calibration": "calibration",
    "evaluation:area_profile": "area_profile",
    "evaluation:report": "report",
    "evaluation:report_file": "report",
    "evaluation:report_release": "report",
    "evaluation:report_withdraw": "report",
}


@dataclass
class World:
    """The service and, by address argument, the row an address points at."""

    service: Service
    rows: dict[str, Any]
    # Of the addresses for those without an account.
    tokens: dict[str, str]

    def argument(self, name: str, key: str) -> Any:
        """The value of one part of an address, such as the id of this service's extract."""
        words = {"kind": "csv", "step": "need", "key": "host"}
        if key in words:
            return words[key]
        if key == "token":
            return self.tokens[name]
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
    assessment = governance.ImpactAssessmentFactory(service=service)
    governance.SetUpPlanFactory(service=service)
    membership = governance.MembershipFactory(service=service)
    factor_reset = governance.FactorResetFactory(service=service, user=membership.user)
    factor = governance.AppFactory(user=membership.user)
    source = cohorts.SourceFactory(service=service, agreement=agreement)
    extract = cohorts.ExtractFactory(service=service, source=source)
    rule = cohorts.CohortRuleFactory(service=service)
    cohort_list = cohorts.CohortListFactory(service=service, rule=rule)
    candidate = cohorts.CandidateFactory(service=service, cohort_list=cohort_list, person=person)
    case = casework.CaseFactory(service=service, person=person, worker=membership.user)
    contact = casework.ContactFactory(service=service, case=case, by=membership.user, note="Zephyrine was in")
    partner = governance.PartnerFactory(service=service)
    yes = governance.ConsentFactory(
        person=person, scope="share", partner=partner, purpose="care", items=["contact"]
    )
    disclosure = casework.DisclosureFactory(case=case, consent=yes)
    recall = casework.RecallNoticeFactory(disclosure=disclosure)
    team_member = governance.TeamMemberFactory(service=service, user=membership.user)
    opening = governance.BreakGlassFactory(service=service, person=person, words="Zephyrine rang")
    report = evaluation.ReportFactory(service=service, frozen_at=datetime.datetime.now(datetime.UTC))
    request = governance.SubjectRequestFactory(service=service, person=person)
    incident = incidents.IncidentFactory(
        service=service, reported_by=membership.user, words="Zephyrine Quagmire was rung by mistake"
    )
    token, token_hash = door.new_token(service)
    link = referrals.ReferralLinkFactory(service=service, made_by=membership.user, token_hash=token_hash)
    referral = referrals.ReferralFactory(
        service=service,
        person=person,
        by=membership.user,
        first_name="Zephyrine",
        last_name="Quagmire",
        reason="Zephyrine lost her flat",
    )
    referrals.ReappearanceFactory(case=case, extract=extract)
    tokens = {"cohorts:refer": token, "cohorts:refer_status": door.status_token(referral)}
    merged = governance.PersonFactory(
        service=service, nhs_number=None, first_name="Zephyrine", last_name="Quagmyre", merged_into=person
    )
    cohorts.UnmatchedRowFactory(extract=extract, first_name="Zephyrine", last_name="Quagmire")
    by_noun = {
        "referral": referral,
        "referral_link": link,
        "person": person,
        "given": cohorts.SameDecisionFactory(person=person),
        "merge": governance.PersonMergeFactory(person=person, merged=merged),
        "team_member": team_member,
        "opening": opening,
        "request": request,
        "text": governance.FreeTextFactory(service=service, request=request),
        "hold": governance.LegalHoldFactory(service=service, person=person),
        "agreement": agreement,
        "agreement_version": agreement.versions.get(),
        "assessment": assessment,
        "assessment_version": assessment.versions.get(),
        "membership": membership,
        "factor_reset": factor_reset,
        "factor": factor,
        "source": source,
        "extract": extract,
        "rule": rule,
        "list": cohort_list,
        "candidate": candidate,
        "case": case,
        "contact": contact,
        "held": casework.HeldContactFactory(service=service, by=membership.user, content="note=Zephyrine"),
        "experience": casework.ExperienceAnswerFactory(
            case=case, by=membership.user, words="Zephyrine found us kind"
        ),
        "visit": casework.VisitFactory(case=case, worker=membership.user),
        "partner": partner,
        "yes": yes,
        "disclosure": disclosure,
        "recall": recall,
        "area_profile": evaluation.AreaProfileFactory(service=service, cohort_list=cohort_list),
        "report": report,
        "calibration": casework.CalibrationFactory(service=service),
        "incident": incident,
    }
    return World(service, by_noun, tokens)

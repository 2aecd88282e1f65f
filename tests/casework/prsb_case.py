"""A case from which every model can be made."""

import datetime

from casework.models import Case
from casework.prsb.build import ITEMS
from governance.models import Consent, Service, User
from tests.factories.casework import AssessmentFactory, CaseFactory, ContactFactory, RiskFactory
from tests.factories.governance import ConsentFactory, PartnerFactory

SECRET_NOTE = "Spoke of the brother in Hull"


def case_to_send(service: Service, worker: User) -> Case:
    """Everything that the standard needs, a yes to the GP, and notes and scores that must stay here."""
    case: Case = CaseFactory(
        service=service,
        worker=worker,
        index_date=datetime.date(2026, 2, 2),
        stage="active",
        chaos_total=37,
        person__first_name="Marigold",
        person__last_name="Featherstone",
        person__nhs_number="9990000018",
        person__address="4 Mill Lane",
        person__postcode="ZZ9 9ZZ",
        person__gp_practice="Mill Practice",
        person__phone="07700 900123",
        person__sex="F",
        person__ethnicity="White British",
        person__communication_needs="Large print",
    )
    yes_to(case, "practice", worker, words="Yes, tell Dr Okoro")
    ContactFactory(service=service, case=case, note=SECRET_NOTE, by=worker)
    RiskFactory(case=case, detail="A large dog", noted_by=worker)
    AssessmentFactory(case=case, total=37, by=worker)
    return case


def yes_to(case: Case, kind: str, by: User, **told: object) -> Consent:
    """What the person decided about sharing all that a message holds with a partner of that kind."""
    partner = PartnerFactory(service=case.service, organisation__kind=kind, organisation__name=f"The {kind}")
    told = {"decision": "given", "items": ITEMS, **told}
    return ConsentFactory(person=case.person, scope="share", partner=partner, purpose="care", by=by, **told)

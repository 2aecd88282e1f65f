import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from governance import audit
from governance.actions import safeguarding
from governance.models import AuditEvent, SafeguardingLead
from governance.roles import Role
from governance.rules import RuleBroken
from tests.factories.governance import MembershipFactory

pytestmark = pytest.mark.django_db

TOLD = {"name": "Nora Nurse", "role": "Named nurse", "contact": "01632 960001"}


@pytest.fixture
def manager(service):
    return MembershipFactory(service=service, role=Role.SERVICE_MANAGER).user


def test_a_manager_names_one_and_the_newest_stands(as_user, service, manager):
    client = as_user(manager)
    page = reverse("governance:safeguarding")
    assert "Nobody is named" in client.get(page).content.decode()
    client.post(page, TOLD)
    client.post(page, TOLD | {"name": "Otto Other"})
    assert service.safeguarding_leads.on(timezone.localdate()).name == "Otto Other"
    shown = client.get(page).content.decode()
    assert "Nora Nurse" in shown
    assert "Nobody is named" not in shown


def test_what_is_missing_is_said(as_user, manager):
    client = as_user(manager)
    said = client.post(reverse("governance:safeguarding"), {}).content.decode()
    assert "Enter their name." in said
    assert "Enter a telephone number or an e-mail address." in said
    assert not SafeguardingLead.objects.exists()


def test_a_last_day_that_has_passed_is_refused(as_user, service, manager):
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    with pytest.raises(RuleBroken, match="has passed"):
        safeguarding.name_lead(service=service, ends_on=yesterday, by=manager, **TOLD)
    client = as_user(manager)
    typed = {"ends_on_day": yesterday.day, "ends_on_month": yesterday.month, "ends_on_year": yesterday.year}
    said = client.post(reverse("governance:safeguarding"), TOLD | typed).content.decode()
    assert "The last day has passed." in said


def test_the_event_does_not_say_who(service, manager):
    safeguarding.name_lead(service=service, ends_on=None, by=manager, **TOLD)
    event = AuditEvent.objects.latest("pk")
    assert event.event == "safeguarding_lead_named"
    assert "Nora" not in str(event.changes)


def test_nothing_is_kept_when_the_audit_fails(service, manager, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(audit, "record", fails)
    with pytest.raises(RuntimeError):
        safeguarding.name_lead(service=service, ends_on=None, by=manager, **TOLD)
    assert not SafeguardingLead.objects.exists()

import json

import pytest
from django.core.management import call_command
from django.db import transaction

from governance import audit
from governance.models import AuditChain

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_events(service, lead):
    for event in ("case_opened", "case_moved"):
        with transaction.atomic():
            audit.record(event, service=service, by=lead)


def test_a_whole_chain_is_said_in_words_and_as_an_object(two_events, capsys):
    call_command("verify_audit")
    assert "2 events" in capsys.readouterr().out
    call_command("verify_audit", json=True)
    assert json.loads(capsys.readouterr().out) == {
        "events": 2,
        "ok": True,
        "first_broken": None,
        "problems": [],
    }


def test_a_broken_chain_ends_with_1_and_names_the_event(two_events, service, capsys):
    AuditChain.objects.filter(pk=service.pk).update(last_number=3)
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", json=True)
    assert ended.value.code == 1
    assert "event 3" in json.loads(capsys.readouterr().out)["first_broken"]

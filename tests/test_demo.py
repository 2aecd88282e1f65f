import datetime
import json

import pytest
from django.core.management import CommandError, call_command

from casework.models import Case, Contact
from cohorts.models import Candidate, Extract, ExtractStatus
from evaluation.models import Report
from governance import audit, verification
from governance.models import AgreementVersion, BreakGlass, Membership, Person, Seal, Team
from governance.roles import Role
from hiu.demo import load as demo
from hiu.demo.attendances import invent, never_issued
from hiu.demo.workload import FEWEST

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded(db):
    return demo.load(people=60, years=1, seed=7)


def test_the_demo_holds_what_it_says_and_something_to_do_for_every_role(loaded, capsys):
    assert loaded.people == Person.objects.count() == 60
    assert loaded.cases == Case.objects.count() > 5
    assert loaded.contacts == Contact.objects.count() > 50
    assert set(Person.objects.values_list("nhs_number", flat=True)) <= set(never_issued(200))
    assert Extract.objects.filter(status=ExtractStatus.PREVIEWED).count() == 2
    assert Candidate.objects.filter(screening=None).exists()
    assert Case.objects.open().filter(worker=None).exists()
    carried = Case.objects.open().exclude(worker=None)
    sam = carried.filter(worker__email="worker@fenland.example")
    assert sam.count() >= min(FEWEST, carried.filter(service__slug="fenland").count()) > 0
    assert Report.objects.count() == 2
    assert Seal.objects.standing().count() == BreakGlass.objects.unreviewed().count() == 2
    assert Team.objects.count() == 4
    assert set(Membership.objects.values_list("role", flat=True)) == set(Role)
    for version in AgreementVersion.objects.prefetch_related("signatures"):
        assert all(version.written_at.date() <= row.signed_on for row in version.signatures.all())
    audit.seal_the_rest()
    assert verification.verify().ok
    with pytest.raises(CommandError, match="loaded already"):
        call_command("load_demo")
    assert Person.objects.count() == 60
    call_command("demo_sign_ins")
    assert len(capsys.readouterr().out.splitlines()) == len(Role)


def test_the_same_seed_gives_the_same_rows():
    asked = {
        "people": 20,
        "site": "Fenland General",
        "first_day": datetime.date(2025, 1, 1),
        "last_day": datetime.date(2025, 12, 31),
        "first_number": 0,
    }
    first, again, other = (invent(seed=seed, **asked).attendances for seed in (7, 7, 8))
    assert first.equals(again)
    assert not first.equals(other)


def test_the_command_prints_one_object(db, capsys):
    call_command("load_demo", people=40, years=1, json=True)
    assert {"people", "activities", "cases", "contacts", "seconds"} == set(
        json.loads(capsys.readouterr().out)
    )

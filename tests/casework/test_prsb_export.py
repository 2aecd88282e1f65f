import datetime
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from casework.actions import prsb
from casework.prsb.build import Recipient
from casework.prsb.schema import Model, problems
from governance.actions import consent as consents
from governance.models import AuditEvent
from governance.roles import Role
from governance.rules import RuleBroken
from tests.casework.prsb_case import SECRET_NOTE, case_to_send, yes_to
from tests.factories.casework import StageChangeFactory
from tests.factories.governance import MembershipFactory
from tests.factories.referrals import ReferralFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(service, link_worker):
    return case_to_send(service, link_worker)


def export(case, by, **told):
    given = {"model": Model.MESSAGE, "recipient": Recipient.GP, "reason": "review", "summary": "Steadier now"}
    return prsb.export(case=case, by=by, **given | told)


def command(case, by, out, *more):
    """The command, for a case or the number of one."""
    number = str(getattr(case, "pk", case))
    call_command("export_prsb", number, "--by", by.email, "--out", str(out), "--reason", "ended", *more)


@pytest.mark.parametrize("model", list(Model))
def test_each_model_is_made_and_fits_its_schema(case, link_worker, model):
    document = json.loads(export(case, link_worker, model=model).content)
    assert problems(model, document) == []
    assert document["standard"]["model"] == model
    assert document["personDemographics"]["nhsNumber"] == "9990000018"
    assert document["distribution"] == [{"kind": "The GP practice", "name": "Mill Practice"}]


@pytest.mark.parametrize("model", list(Model))
def test_notes_and_scores_stay_here(case, link_worker, model):
    text = export(case, link_worker, model=model).content.decode()
    assert [words for words in (SECRET_NOTE, "37", "large dog", "Dr Okoro") if words in text] == []


def test_a_message_says_less_of_the_person_than_the_full_record(case, link_worker):
    message, full = (
        json.loads(export(case, link_worker, model=model).content)["personDemographics"]
        for model in (Model.MESSAGE, Model.FULL)
    )
    assert set(full) - set(message) == {"phone", "sex", "ethnicity"}


def test_the_offer_and_a_no_are_told_with_their_days(case, link_worker):
    StageChangeFactory(case=case, stage="declined", by=link_worker)
    events = json.loads(export(case, link_worker).content)["socialPrescribing"]["events"]
    assert events[0] == {"date": "2026-02-02", "type": {"term": "Social prescribing offered"}}
    assert events[1]["type"]["code"] == "871711000000103"


@pytest.mark.parametrize("decision", ["refused", None])
def test_nothing_leaves_without_a_yes_that_stands(case, link_worker, decision):
    if decision:
        yes_to(case, "trust", link_worker, decision=decision)
    with pytest.raises(RuleBroken, match="sharing with the hospital that referred"):
        export(case, link_worker, recipient=Recipient.TRUST)
    assert not AuditEvent.objects.filter(event="record_exported").exists()


def test_a_yes_taken_back_stops_the_message(case, link_worker):
    export(case, link_worker)
    told = {"service": case.service, "person": case.person, "by": link_worker, "method": "phone"}
    partner = case.service.partners.get()
    consents.record(scope="share", partner=partner, purpose="care", decision="withdrawn", **told)
    with pytest.raises(RuleBroken, match="has said no to sharing with the GP practice"):
        export(case, link_worker)


def test_what_left_is_in_the_disclosure_log_and_called_back_with_the_yes(case, link_worker):
    exported = export(case, link_worker)
    row = case.service.disclosures.get()
    assert (row.content_hash, row.channel, row.partner.organisation.kind) == (
        exported.sha256,
        "file",
        "practice",
    )
    told = {"service": case.service, "person": case.person, "by": link_worker, "method": "phone"}
    consents.record(scope="share", partner=row.partner, purpose="care", decision="withdrawn", **told)
    assert case.service.recall_notices.get().disclosure == row


def test_nothing_goes_to_a_partner_that_has_ended(case, link_worker):
    case.service.partners.update(ended_at=timezone.now(), ended_by=link_worker)
    with pytest.raises(RuleBroken, match="has not said yes to sharing with the GP practice"):
        export(case, link_worker)
    assert not case.service.disclosures.exists()


def test_a_yes_that_covers_less_is_not_enough(case, link_worker):
    yes_to(case, "trust", link_worker, items=["contact", "support"])
    with pytest.raises(RuleBroken, match="does not cover this: NHS number; communication needs"):
        export(case, link_worker, recipient=Recipient.TRUST)


@pytest.mark.parametrize(
    "field, empty, said",
    [
        ("first_name", "", "the first name is missing"),
        ("last_name", "", "the family name is missing"),
        ("birth_date", None, "the date of birth is missing"),
        ("nhs_number", None, "the NHS number is missing"),
        ("gp_practice", "", "the GP practice is missing"),
    ],
)
def test_a_missing_item_is_named_and_nothing_leaves(case, link_worker, field, empty, said):
    setattr(case.person, field, empty)
    case.person.save()
    with pytest.raises(RuleBroken, match=said):
        export(case, link_worker)
    assert not AuditEvent.objects.filter(event="record_exported").exists()


def test_several_missing_items_are_named_together(case, link_worker):
    case.person.address = case.person.postcode = case.person.ethnicity = ""
    case.person.save()
    with pytest.raises(RuleBroken, match="the address and the ethnicity are missing"):
        export(case, link_worker, model=Model.FULL)


def test_a_referral_needs_its_reason_and_the_first_offer_needs_its_day(case, link_worker):
    with pytest.raises(RuleBroken, match="reason for the referral"):
        export(case, link_worker, model=Model.REFERRAL, summary=" ")
    case.index_date = None
    case.save()
    with pytest.raises(RuleBroken, match="day on which support was first offered"):
        export(case, link_worker, model=Model.FULL)


def test_the_full_record_says_who_referred_and_when_but_not_what_they_wrote(case, link_worker):
    at = datetime.datetime(2026, 1, 20, 23, 30, tzinfo=datetime.UTC)
    case.referral = ReferralFactory(service=case.service, person=case.person, received_at=at)
    case.save()
    told = json.loads(export(case, link_worker, model=Model.FULL).content)["referral"]
    assert (told["from"], told["date"], told["reason"]) == (
        "GP practice",
        "2026-01-20",
        "Referred to the service",
    )


def test_each_export_is_one_event_without_its_content(case, link_worker):
    sha256 = export(case, link_worker).sha256
    event = AuditEvent.objects.filter(event="record_exported").get()
    told = {"model": "message", "to": "gp", "reason": "review", "sha256": sha256}
    assert event.changes == {"disclosure": case.service.disclosures.get().pk, **told}
    assert "Steadier" not in str(event.changes)
    assert event.target_id == str(case.pk)


def test_without_a_reason_nothing_leaves(case, link_worker):
    with pytest.raises(RuleBroken, match="Say why"):
        export(case, link_worker, reason="")


def test_nothing_leaves_when_the_audit_fails(case, link_worker, audit_fails):
    with pytest.raises(audit_fails):
        export(case, link_worker)


def test_the_command_writes_the_file_and_prints_one_object(case, link_worker, tmp_path, capsys):
    out = tmp_path / "message.json"
    command(case, link_worker, out, "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["case"], told["model"], told["to"]) == (case.pk, "message", "gp")
    document = json.loads(out.read_text())
    assert document["personCompletingRecord"]["name"] == "Wendy Worker"
    assert AuditEvent.objects.filter(event="record_exported").get().actor_id == link_worker.pk


def test_the_command_says_who_it_has_written_without_a_name(case, link_worker, tmp_path, capsys):
    command(case, link_worker, tmp_path / "m.json")
    assert "Marigold" not in capsys.readouterr().out


def test_what_cannot_be_written_was_not_taken(case, link_worker, tmp_path):
    for out, number, said in (
        (tmp_path / "none/m.json", case.pk, "Choose another file"),
        (tmp_path / "m.json", case.pk + 1000, "There is no case"),
    ):
        with pytest.raises(CommandError, match=said):
            command(number, link_worker, out)
    assert not AuditEvent.objects.filter(event="record_exported").exists()


def test_the_command_writes_for_a_member_who_may_share_and_for_nobody_else(case, service, tmp_path):
    auditor = MembershipFactory(service=service, role=Role.AUDITOR).user
    gone = MembershipFactory(service=service, ends_on=datetime.date(2020, 1, 1)).user
    for user, said in ((auditor, "does not include sharing"), (gone, "Nobody with the e-mail")):
        with pytest.raises(CommandError, match=said):
            command(case, user, tmp_path / "m.json")
    assert not (tmp_path / "m.json").exists()

"""Sharing rests on a yes that stands, or on a basis somebody answers for."""

import datetime
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from casework import share_sheet
from casework.actions.disclosure import ContentChanged
from casework.models import Disclosure, RecallNotice
from casework.pages import receipt
from governance.actions import partner as partners
from governance.models import AuditEvent, Person
from governance.models.insert_only import RowIsFinal
from governance.rules import RuleBroken
from tests.casework.sharing import SAFETY, TODAY, share, take_back
from tests.factories.casework import CaseFactory, DisclosureFactory, RiskFactory, YesToShareFactory
from tests.factories.governance import PartnerFactory

DAY = datetime.timedelta(days=1)


@pytest.fixture
def yes(case, link_worker):
    return YesToShareFactory(
        person=case.person, by=link_worker, partner__organisation__name="Mill Road Surgery"
    )


def test_what_is_shared_under_a_yes_is_logged_by_its_fields(yes, case, link_worker):
    row = share(yes, case, link_worker, recipient="Dr Ali")
    assert (row.consent, row.partner, row.purpose, row.made_by) == (yes, yes.partner, "care", link_worker)
    assert row.items == ["contact"]
    assert "person.phone" in row.fields
    assert "person.communication_needs" not in row.fields
    event = AuditEvent.objects.get(event="information_shared")
    assert event.changes == {
        "case": case.pk,
        "partner": yes.partner_id,
        "basis": "consent",
        "items": ["contact"],
    }


def test_the_content_is_not_stored_a_second_time(yes, case, link_worker):
    row = share(yes, case, link_worker)
    stored = str(Disclosure.objects.filter(pk=row.pk).values().get())
    assert case.person.phone not in stored
    assert case.person.last_name not in stored


def test_only_who_it_is_about_goes_along_unless_more_is_ticked(yes, case, link_worker):
    row = share(yes, case, link_worker, items=[])
    assert row.fields == ["person.first_name", "person.last_name", "person.birth_date"]


def test_what_was_shared_is_never_edited(yes, case, link_worker):
    row = share(yes, case, link_worker)
    with pytest.raises(RowIsFinal):
        row.save()


def test_a_yes_that_was_taken_back_allows_nothing_from_that_moment(yes, case, link_worker):
    take_back(yes, link_worker)
    with pytest.raises(RuleBroken, match="They took it back"):
        share(yes, case, link_worker)


def test_a_yes_that_ran_out_allows_nothing(case, link_worker):
    yes = YesToShareFactory(person=case.person, by=link_worker, stands_until=TODAY - DAY)
    with pytest.raises(RuleBroken, match="ran out"):
        share(yes, case, link_worker)
    share(YesToShareFactory(person=case.person, by=link_worker, stands_until=TODAY), case, link_worker)


def test_a_yes_to_one_partner_and_purpose_allows_no_other(yes, case, link_worker, service):
    with pytest.raises(RuleBroken, match="not been asked"):
        share(yes, case, link_worker, purpose="mdt")
    with pytest.raises(RuleBroken, match="not been asked"):
        share(yes, case, link_worker, partner=PartnerFactory(service=service))


def test_a_yes_from_before_partners_were_named_allows_nothing(case, link_worker, service):
    old = YesToShareFactory(person=case.person, scope="share_gp", partner=None, purpose="", items=[])
    partner = PartnerFactory(service=service, organisation__kind="practice")
    with pytest.raises(RuleBroken, match="not been asked"):
        share(old, case, link_worker, partner=partner, purpose="care")


def test_a_yes_covers_the_items_it_names_and_no_more(yes, case, link_worker):
    with pytest.raises(RuleBroken, match="does not cover: Risk notes"):
        share(yes, case, link_worker, items=["contact", "risks"])


def test_the_newest_yes_says_what_it_covers(yes, case, link_worker):
    YesToShareFactory(
        person=case.person, partner=yes.partner, items=["needs"], decided_at=timezone.now(), by=link_worker
    )
    with pytest.raises(RuleBroken, match="does not cover"):
        share(yes, case, link_worker)


def test_a_yes_of_another_person_allows_nothing(yes, service, link_worker):
    with pytest.raises(RuleBroken, match="not been asked"):
        share(yes, CaseFactory(service=service), link_worker)


@pytest.mark.parametrize("told", [{"reason": " "}, {"authority": ""}])
def test_another_basis_needs_a_reason_and_somebodys_authority(yes, case, link_worker, told):
    with pytest.raises(RuleBroken, match="who authorised it"):
        share(yes, case, link_worker, **{**SAFETY, **told})


def test_another_basis_needs_no_yes_and_covers_what_is_needed(case, link_worker, service):
    no = YesToShareFactory(person=case.person, decision="refused", items=[])
    row = share(no, case, link_worker, **SAFETY, items=["risks"])
    assert (row.consent, row.purpose, row.why) == (None, "", "Safeguarding")


@pytest.mark.parametrize("told", [{"basis": "legal", "consent": None}, {"basis": "consent", "consent": None}])
def test_the_database_demands_a_basis_too(yes, case, told):
    with pytest.raises(IntegrityError, match="disclosure_has_a_basis"), transaction.atomic():
        DisclosureFactory(case=case, partner=yes.partner, purpose="care", **told)


def test_a_neighbours_partner_receives_nothing(yes, case, link_worker, neighbour):
    with pytest.raises(RuleBroken, match="another service"):
        share(yes, case, link_worker, partner=PartnerFactory(service=neighbour), **SAFETY)


def test_somebody_who_is_no_partner_any_more_receives_nothing(yes, case, link_worker):
    partners.end(partner=yes.partner, by=link_worker)
    with pytest.raises(RuleBroken, match="no partner"):
        share(yes, case, link_worker)


def test_what_changed_since_the_preview_is_not_shared(yes, case, link_worker):
    key = uuid.uuid4()
    seen = share_sheet.build(case, items=["contact"], helps="", at=timezone.now()).hash(key)
    Person.objects.filter(pk=case.person_id).update(phone="07700 900999")
    with pytest.raises(ContentChanged, match="since the preview"):
        share(yes, case, link_worker, key=key, seen=seen)


def test_a_second_press_shares_once(yes, case, link_worker):
    key = uuid.uuid4()
    assert share(yes, case, link_worker, key=key) == share(yes, case, link_worker, key=key)
    with pytest.raises(RuleBroken, match="already"):
        share(yes, case, link_worker, key=key, items=[])
    assert Disclosure.objects.count() == 1


def test_nothing_is_shared_when_the_audit_fails(yes, case, link_worker, audit_fails):
    with pytest.raises(audit_fails):
        share(yes, case, link_worker)
    assert Disclosure.objects.count() == 0


def test_a_receipt_shows_the_content_while_the_record_says_the_same(yes, case, link_worker):
    row = share(yes, case, link_worker, items=["contact", "helps"], helps="Offer a seat")
    content = receipt.build(row).content
    assert [line.value for line in content.lines][-1] == "Offer a seat"
    row.case.person.phone = "07700 900999"
    assert receipt.build(row).content is None


def test_a_risk_that_ended_later_stays_in_the_receipt(case, link_worker):
    yes = YesToShareFactory(person=case.person, items=["risks"])
    risk = RiskFactory(case=case)
    row = share(yes, case, link_worker, items=["risks"])
    risk.ended_at, risk.ended_by = timezone.now(), link_worker
    risk.save()
    RiskFactory(case=case, detail="Noted after it was shared")
    assert "dog" in receipt.build(row).content.lines[-1].value


def test_a_partner_is_told_what_is_not_supplied(case):
    lines = {
        line.label: line.value
        for line in share_sheet.build(
            case, items=["needs", "attendances", "risks"], helps="", at=timezone.now()
        ).lines
    }
    assert lines["Communication needs"] == lines["Use of emergency services"] == "Not supplied"
    assert lines["Risk"] == "None noted"


@pytest.mark.parametrize("decision", ["withdrawn", "refused"])
def test_the_end_of_a_yes_recalls_what_was_shared_under_it(yes, case, link_worker, decision):
    first, second = share(yes, case, link_worker), share(yes, case, link_worker, items=[])
    share(yes, case, link_worker, **SAFETY)
    other = YesToShareFactory(person=case.person, purpose="mdt", partner=yes.partner)
    share(other, case, link_worker)
    ended = take_back(yes, link_worker, decision=decision)
    notices = list(RecallNotice.objects.order_by("disclosure_id"))
    assert [notice.disclosure for notice in notices] == [first, second]
    assert {(notice.consent, notice.sent_at) for notice in notices} == {(ended, None)}
    assert AuditEvent.objects.get(event="recalls_made").changes == {"disclosures": [first.pk, second.pk]}


def test_a_yes_under_which_nothing_was_shared_recalls_nothing(yes, link_worker):
    take_back(yes, link_worker)
    assert not RecallNotice.objects.exists()
    assert not AuditEvent.objects.filter(event="recalls_made").exists()


def test_what_was_recalled_once_is_not_recalled_again(yes, case, link_worker):
    share(yes, case, link_worker)
    take_back(yes, link_worker)
    again = YesToShareFactory(
        person=case.person, partner=yes.partner, decided_at=timezone.now(), by=link_worker
    )
    later = share(again, case, link_worker)
    take_back(again, link_worker, words="No, really")
    assert RecallNotice.objects.count() == 2
    assert RecallNotice.objects.last().disclosure == later


def test_an_earlier_episode_is_recalled_too(yes, case, link_worker, service):
    share(yes, case, link_worker)
    case.stage = "open_door"
    case.save()
    CaseFactory(service=service, person=case.person)
    take_back(yes, link_worker)
    assert RecallNotice.objects.get().disclosure.case == case


def test_no_decision_is_kept_when_the_recall_fails(yes, case, link_worker, monkeypatch):
    share(yes, case, link_worker)
    monkeypatch.setattr("casework.actions.recall.RecallNotice.objects.bulk_create", lambda rows: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take_back(yes, link_worker)
    assert case.person.consents.get() == yes

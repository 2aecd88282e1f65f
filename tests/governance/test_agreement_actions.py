"""An agreement is written, signed by both parties, changed by versions, stopped and let go on."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance import audit
from governance.actions import agreement as actions
from governance.models import Agreement, AuditEvent, Standing
from governance.models.insert_only import RowIsFinal
from governance.rules import RuleBroken
from tests.factories.governance import OrganisationFactory

pytestmark = pytest.mark.django_db

TODAY = datetime.date(2026, 5, 4)


def write(service, by, standing=Standing.DRAFT, **terms):
    given = {
        "purpose": "To find people and offer support.",
        "allowed_fields": ["nhs_number", "arrived_on"],
        "valid_from": datetime.date(2026, 1, 1),
        **terms,
    }
    return actions.add(
        service=service,
        title="A&E list",
        sharer=OrganisationFactory(name="Trust"),
        recipient=service.host,
        by=by,
        standing=standing,
        **given,
    )


@pytest.fixture
def draft(service, ig_lead):
    return write(service, ig_lead)


def sign(agreement, party, by, name="Sam Signer"):
    return actions.sign(
        agreement=agreement, organisation=party, name=name, role="SIRO", signed_on=TODAY, by=by
    )


def sign_both(agreement, by):
    sign(agreement, agreement.sharer, by)
    sign(agreement, agreement.recipient, by)
    agreement.refresh_from_db()
    return agreement


def revise(agreement, by, why="Renewed", **changes):
    newest = agreement.versions.first().terms()
    return actions.revise(agreement=agreement, why=why, by=by, **newest | changes)


def test_a_draft_stops_loads_until_both_parties_have_signed(draft, ig_lead):
    assert "is a draft" in draft.problem_on(TODAY)
    assert sign(draft, draft.sharer, ig_lead) is False
    draft.refresh_from_db()
    assert "is a draft" in draft.problem_on(TODAY)
    assert sign(draft, draft.recipient, ig_lead) is True
    draft.refresh_from_db()
    assert draft.problem_on(TODAY) is None
    assert draft.warnings_on(TODAY) == []


def test_one_signature_is_enough_where_both_parties_are_one(service, ig_lead):
    agreement = actions.add(
        service=service, title="Own", sharer=service.host, recipient=service.host, purpose="x",
        allowed_fields=["age"], valid_from=TODAY, by=None,
    )  # fmt: skip
    assert sign(agreement, service.host, ig_lead) is True


def test_what_a_command_wrote_is_in_use_and_says_that_nobody_signed(service):
    agreement = write(service, None, standing=Standing.UNCHECKED)
    assert agreement.problem_on(TODAY) is None
    assert "Nobody has signed" in agreement.warnings_on(TODAY)[0]


def test_signed_terms_act_until_both_have_signed_the_new_ones(draft, ig_lead):
    agreement = sign_both(draft, ig_lead)
    revise(agreement, ig_lead, allowed_fields=["nhs_number", "arrived_on", "phone"], top_n=250)
    agreement.refresh_from_db()
    assert (agreement.version, agreement.allowed_fields) == (1, ["nhs_number", "arrived_on"])
    sign_both(agreement, ig_lead)
    assert (agreement.version, agreement.top_n) == (2, 250)
    assert agreement.allowed_fields == ["nhs_number", "arrived_on", "phone"]
    assert agreement.acting.number == 2


def test_while_nobody_signed_the_newest_version_counts(draft, ig_lead):
    revise(draft, ig_lead, top_n=10)
    draft.refresh_from_db()
    assert (draft.version, draft.top_n, draft.standing) == (2, 10, Standing.DRAFT)


def test_every_version_keeps_its_terms_and_none_is_edited(draft, ig_lead):
    revise(draft, ig_lead, why="Fewer", top_n=10)
    first, second = draft.versions.order_by("number")
    assert (first.top_n, second.top_n, second.why) == (None, 10, "Fewer")
    first.top_n = 5
    with pytest.raises(RowIsFinal):
        first.save()


def test_a_version_that_changes_nothing_is_not_written(draft, ig_lead):
    with pytest.raises(RuleBroken, match="Nothing was changed"):
        revise(draft, ig_lead)
    assert draft.versions.count() == 1


def test_a_signature_is_recorded_once(draft, ig_lead):
    sign(draft, draft.sharer, ig_lead)
    with pytest.raises(RuleBroken, match="has signed version 1 already"):
        sign(draft, draft.sharer, ig_lead, name="sam signer")
    assert draft.service.signatures.count() == 1


def test_a_stranger_and_a_day_to_come_are_no_signature(draft, ig_lead):
    with pytest.raises(RuleBroken, match="not a party"):
        sign(draft, OrganisationFactory(), ig_lead)
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    with pytest.raises(RuleBroken, match="in the future"):
        actions.sign(
            agreement=draft, organisation=draft.sharer, name="S", role="R", signed_on=tomorrow, by=ig_lead
        )


def test_a_suspension_stops_loads_and_lifting_it_lets_them_go_on(draft, ig_lead):
    agreement = sign_both(draft, ig_lead)
    actions.suspend(agreement=agreement, why="A breach is looked into.", by=ig_lead)
    agreement.refresh_from_db()
    assert "A breach is looked into. Nothing was stored." in agreement.problem_on(TODAY)
    actions.lift(agreement=agreement, why="Nothing was found", by=ig_lead)
    agreement.refresh_from_db()
    assert agreement.problem_on(TODAY) is None
    assert [row.decision for row in agreement.suspensions.all()] == ["lifted", "suspended"]


def test_a_second_press_neither_suspends_nor_lifts_again(draft, ig_lead):
    actions.suspend(agreement=draft, why="x", by=ig_lead)
    with pytest.raises(RuleBroken, match="suspended already"):
        actions.suspend(agreement=draft, why="x", by=ig_lead)
    actions.lift(agreement=draft, why="x", by=ig_lead)
    with pytest.raises(RuleBroken, match="nothing to lift"):
        actions.lift(agreement=draft, why="x", by=ig_lead)
    assert draft.suspensions.count() == 2


def test_nothing_is_saved_when_the_audit_fails(draft, ig_lead, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("no audit")

    monkeypatch.setattr(audit, "record", fail)
    for act in (
        lambda: revise(draft, ig_lead, top_n=1),
        lambda: sign(draft, draft.sharer, ig_lead),
        lambda: actions.suspend(agreement=draft, why="x", by=ig_lead),
    ):
        with pytest.raises(RuntimeError), transaction.atomic():
            act()
    assert (draft.versions.count(), draft.service.signatures.count(), draft.suspensions.count()) == (1, 0, 0)
    assert Agreement.objects.get(pk=draft.pk).suspended_at is None


def test_what_was_done_is_in_the_audit_without_names(draft, ig_lead):
    sign_both(draft, ig_lead)
    events = AuditEvent.objects.order_by("number").values_list("event", flat=True)
    assert list(events) == ["agreement_added", "agreement_signed", "agreement_signed"]
    assert "Sam" not in str(list(AuditEvent.objects.values_list("changes", flat=True)))


@pytest.mark.parametrize("terms", [{"threshold": 5}, {"threshold_months": 12}])
def test_a_threshold_without_months_is_refused_by_the_database(draft, terms):
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.filter(pk=draft.pk).update(**terms)

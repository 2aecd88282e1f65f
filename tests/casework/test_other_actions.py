"""Allocation, capacity, scores, risks and instruments."""

import datetime
import json
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from casework.actions import allocation, assessment, capacity, instrument, risk
from casework.models import Allocation, Assessment, Capacity, Case, Instrument, InstrumentItem, Risk
from governance.models import AuditEvent
from governance.rules import RuleBroken

TODAY = timezone.localdate()
SOON = TODAY + datetime.timedelta(days=30)


def test_allocating_says_who_had_the_case_before(case, link_worker, lead):
    row = allocation.allocate(
        case=case, instead_of=case.worker_id, worker=lead, reason="Very complex", by=lead
    )
    case.refresh_from_db()
    assert (case.worker, row.worker, row.reason) == (lead, lead, "Very complex")
    assert AuditEvent.objects.get().changes == {"worker": [link_worker.pk, lead.pk]}


def test_a_worker_does_not_get_a_case_twice(case, link_worker, lead):
    with pytest.raises(RuleBroken, match="Wendy Worker already has this case"):
        allocation.allocate(case=case, instead_of=case.worker_id, worker=link_worker, by=lead)


def test_only_who_carries_a_caseload_here_gets_a_case(case, commissioner, outsider, lead):
    for nobody in (commissioner, outsider):
        with pytest.raises(RuleBroken, match="carries no caseload in this service today"):
            allocation.allocate(case=case, instead_of=case.worker_id, worker=nobody, by=lead)


def test_somebody_who_has_left_gets_no_case(case, lead, link_worker):
    lead.memberships.update(ends_on="2021-01-01")
    with pytest.raises(RuleBroken, match="Leah Lead carries no caseload"):
        allocation.allocate(case=case, instead_of=case.worker_id, worker=lead, by=link_worker)


def test_an_ended_episode_is_not_allocated(case, lead):
    Case.objects.filter(pk=case.pk).update(stage="declined")
    with pytest.raises(RuleBroken, match="has ended"):
        allocation.allocate(case=case, instead_of=case.worker_id, worker=lead, by=lead)


def test_no_allocation_is_saved_when_the_audit_fails(case, link_worker, lead, audit_fails):
    with pytest.raises(audit_fails):
        allocation.allocate(case=case, instead_of=case.worker_id, worker=lead, by=lead)
    case.refresh_from_db()
    assert (Allocation.objects.count(), case.worker) == (0, link_worker)


def test_capacity_follows_the_hours_given(service, link_worker, lead):
    row = capacity.set(
        service=service,
        worker=link_worker,
        contracted_hours=Decimal("30"),
        reduction_hours=Decimal("7.5"),
        by=lead,
    )
    assert row.points == 36
    assert AuditEvent.objects.get().changes == {"worker": link_worker.pk, "points": [None, 36]}


@pytest.mark.parametrize(
    "hours, sentence",
    [
        ({"contracted_hours": Decimal(0)}, "more than 0"),
        ({"contracted_hours": Decimal(10), "reduction_hours": Decimal(11)}, "cannot be more than the hours"),
        ({"reduction_hours": Decimal(-1)}, "cannot be more than the hours"),
    ],
)
def test_impossible_hours_are_refused(service, link_worker, lead, hours, sentence):
    with pytest.raises(RuleBroken, match=sentence):
        capacity.set(service=service, worker=link_worker, by=lead, **hours)
    assert Capacity.objects.count() == 0


def test_somebody_may_have_no_hours_for_clients(service, link_worker, lead):
    told = {"contracted_hours": Decimal(10), "reduction_hours": Decimal(10)}
    assert capacity.set(service=service, worker=link_worker, by=lead, **told).points == 0


def test_a_commissioner_has_no_capacity(service, commissioner, lead):
    with pytest.raises(RuleBroken, match="carries no caseload"):
        capacity.set(service=service, worker=commissioner, by=lead)


def test_no_capacity_is_saved_when_the_audit_fails(service, link_worker, lead, audit_fails):
    with pytest.raises(audit_fails):
        capacity.set(service=service, worker=link_worker, by=lead)
    assert Capacity.objects.count() == 0


def complete(chaos, low=1, high=2):
    return {item.code: high if 8 in item.values else low for item in chaos.items.all()}


def test_a_complete_scoring_gives_the_case_its_total(case, chaos, link_worker):
    row = assessment.score(
        case=case, instrument=chaos, answers=complete(chaos), scored_on=TODAY, by=link_worker
    )
    case.refresh_from_db()
    assert (row.total, case.chaos_total, row.answers.count()) == (12, 12, 10)
    assert AuditEvent.objects.last().changes == {
        "instrument": "chaos-score",
        "chaos_total": [None, 12],
        "answered": 10,
    }


def test_a_scoring_with_a_question_open_has_no_total_and_hides_no_earlier_one(case, chaos, link_worker):
    told = {"case": case, "instrument": chaos, "scored_on": TODAY, "by": link_worker}
    assessment.score(answers=complete(chaos), **told)
    partial = assessment.score(answers={"housing": 4}, **told)
    case.refresh_from_db()
    assert (partial.total, case.chaos_total) == (None, 12)


def test_the_newest_day_counts_not_the_last_one_typed(case, chaos, link_worker):
    told = {"case": case, "instrument": chaos, "by": link_worker}
    assessment.score(answers=complete(chaos), scored_on=TODAY, **told)
    assessment.score(answers=complete(chaos, 4, 8), scored_on=TODAY - datetime.timedelta(days=90), **told)
    case.refresh_from_db()
    assert case.chaos_total == 12


@pytest.mark.parametrize(
    "answers, days, sentence",
    [
        ({}, 0, "at least one question"),
        ({"shoe-size": 4}, 0, "no question called shoe-size"),
        ({"risk-to-others": 3}, 0, "3 is not a score of this question. Choose from 0, 2, 4, 6, 8"),
        ({"housing": 1}, 1, "is in the future"),
    ],
)
def test_a_wrong_answer_is_refused_in_a_sentence(case, chaos, link_worker, answers, days, sentence):
    day = TODAY + datetime.timedelta(days=days)
    with pytest.raises(RuleBroken, match=sentence):
        assessment.score(case=case, instrument=chaos, answers=answers, scored_on=day, by=link_worker)
    assert Assessment.objects.count() == 0


def test_a_scoring_before_1900_is_a_typing_mistake(case, chaos, link_worker):
    with pytest.raises(RuleBroken, match="1026 is too long ago"):
        assessment.score(
            case=case,
            instrument=chaos,
            answers={"housing": 1},
            scored_on=TODAY.replace(year=1026),
            by=link_worker,
        )


def test_no_scoring_is_saved_when_the_audit_fails(case, chaos, link_worker, audit_fails):
    with pytest.raises(audit_fails):
        assessment.score(
            case=case, instrument=chaos, answers=complete(chaos), scored_on=TODAY, by=link_worker
        )
    case.refresh_from_db()
    assert (Assessment.objects.count(), case.chaos_total) == (0, None)


def note(case, by, **told):
    given = {"level": "pair", "detail": "Dog", "source": "GP", "review_on": SOON, **told}
    return risk.note(case=case, by=by, **given)


def test_a_risk_stands_until_somebody_ends_it(case, link_worker, lead):
    row = note(case, link_worker)
    row = risk.end(risk=row, by=lead)
    assert (row.noted_by, row.ended_by) == (link_worker, lead)
    assert [event.event for event in AuditEvent.objects.all()] == ["risk_noted", "risk_ended"]


def test_the_audit_keeps_no_detail_of_a_risk(case, link_worker):
    note(case, link_worker, detail="A large dog")
    assert "dog" not in str(AuditEvent.objects.get().changes)


def test_a_risk_can_be_kept_for_longer(case, link_worker):
    later = SOON + datetime.timedelta(days=30)
    assert risk.keep(risk=note(case, link_worker), review_on=later, by=link_worker).review_on == later


def test_an_ended_risk_is_neither_kept_nor_ended_again(case, link_worker):
    row = note(case, link_worker)
    risk.end(risk=row, by=link_worker)
    for again in (
        lambda: risk.end(risk=row, by=link_worker),
        lambda: risk.keep(risk=row, review_on=SOON, by=link_worker),
    ):
        with pytest.raises(RuleBroken, match="ended this risk on"):
            again()


@pytest.mark.parametrize("days, sentence", [(0, "after today"), (367, "within a year")])
def test_a_risk_is_reviewed_within_a_year(case, link_worker, days, sentence):
    with pytest.raises(RuleBroken, match=sentence):
        note(case, link_worker, review_on=TODAY + datetime.timedelta(days=days))


def test_no_risk_is_saved_or_ended_when_the_audit_fails(case, link_worker, monkeypatch, request):
    row = note(case, link_worker)
    audit_fails = request.getfixturevalue("audit_fails")
    with pytest.raises(audit_fails):
        note(case, link_worker)
    with pytest.raises(audit_fails):
        risk.end(risk=row, by=link_worker)
    with pytest.raises(audit_fails):
        risk.keep(risk=row, review_on=SOON + datetime.timedelta(days=1), by=link_worker)
    assert list(Risk.objects.values_list("ended_at", "review_on")) == [(None, SOON)]


def test_the_chaos_score_has_ten_items_and_two_of_them_count_double(chaos):
    values = list(chaos.items.values_list("code", "values"))
    assert len(values) == 10
    doubled = {code for code, scores in values if scores == [0, 2, 4, 6, 8]}
    assert doubled == {"risk-to-others", "risk-from-others"}
    assert all(scores == [0, 1, 2, 3, 4] for code, scores in values if code not in doubled)
    assert sum(max(scores) for _, scores in values) == 48
    assert "New Directions Team, London Borough of Merton" in chaos.attribution
    assert chaos.licence.startswith("No licence text found; local wording")


def test_loading_an_instrument_again_changes_nothing(chaos):
    again, new = instrument.load()
    assert (again, new) == (chaos, False)
    assert (Instrument.objects.count(), InstrumentItem.objects.count(), AuditEvent.objects.count()) == (
        1,
        10,
        1,
    )


def test_a_version_in_use_keeps_its_wording(chaos, monkeypatch, tmp_path):
    text = (instrument.FOLDER / "chaos-score.toml").read_text()
    (tmp_path / "chaos-score.toml").write_text(text.replace("Housing", "Home"))
    monkeypatch.setattr(instrument, "FOLDER", tmp_path)
    with pytest.raises(RuleBroken, match="Give the file a new version number"):
        instrument.load()
    with pytest.raises(CommandError, match="new version number"):
        call_command("load_instruments")


def test_an_unknown_instrument_is_refused(db):
    with pytest.raises(RuleBroken, match="Choose from: chaos-score"):
        instrument.load(name="../secrets")


def test_no_instrument_is_stored_when_the_audit_fails(db, audit_fails):
    with pytest.raises(audit_fails):
        instrument.load()
    assert Instrument.objects.count() == 0


def test_the_command_stores_what_comes_with_the_product(db, capsys):
    call_command("load_instruments")
    call_command("load_instruments", "--json")
    *words, told = capsys.readouterr().out.strip().split("\n")
    assert words[0] == "Chaos Score (version 2): stored"
    assert len(words) == len(instrument.names())
    rows = json.loads(told)["instruments"]
    assert rows[0] == {"slug": "chaos-score", "version": 2, "new": False}
    assert not any(row["new"] for row in rows)

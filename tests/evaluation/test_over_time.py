"""Intakes, how long people keep attending, and who comes back: from the database to the report."""

import datetime
from dataclasses import replace

import pytest

from casework.models import Case, StageChange
from casework.rules import Stage
from cohorts.models import Activity
from evaluation.evidence import gather
from evaluation.quarters import parse
from evaluation.sections import after_support, over_time
from governance.models import Person
from tests.evaluation.conftest import FROZEN, at, grow
from tests.factories.casework import CaseFactory
from tests.factories.cohorts import CohortListFactory, CohortRuleFactory
from tests.factories.governance import ConsentFactory

pytestmark = pytest.mark.django_db
QUARTER = parse("2026-Q3")
ENDED = datetime.date(2026, 1, 10)


@pytest.fixture
def supported(service, october):
    """Thirty people who accepted, and whose support ended on the same day."""
    grown = grow(service, accepted=30, declined=25, only_listed=60, attending=True)
    for case in grown.cases["accepted"]:
        end(case)
    return grown


def end(case, day=ENDED):
    StageChange.objects.create(
        service=case.service, case=case, stage=Stage.OPEN_DOOR, by=case.worker, at=at(day)
    )
    Case.objects.filter(pk=case.pk).update(stage=Stage.OPEN_DOOR)


def evidence(service):
    return gather(service, QUARTER, frozen_at=FROZEN)


def table(section, key):
    found = next(b for b in section["blocks"] if b["kind"] == "table" and b["key"] == key)
    return {row["label"]: [cell["text"] for cell in row["cells"]] for row in found["rows"]}


def test_support_ends_once_for_each_person_and_begins_again_with_a_later_case(service, supported):
    first, second, *_ = supported.cases["accepted"]
    end(first, ENDED + datetime.timedelta(days=90))
    again = ENDED + datetime.timedelta(days=60)
    CaseFactory(service=service, person=second.person, opened_at=at(again))
    found = evidence(service).ended.set_index("person")
    assert len(found) == 30
    assert set(found["ended_on"]) == {ENDED}
    assert found.loc[str(second.person_id), "supported_on"] == again
    assert found["supported_on"].notna().sum() == 1


def test_whoever_refused_is_not_told_of(service, supported):
    refused = supported.cases["accepted"][0].person
    ConsentFactory(person=refused, scope="evaluation", decision="refused", decided_at=at(ENDED))
    found = evidence(service).ended
    assert (len(found), str(refused.pk) in set(found["person"])) == (29, False)


def test_what_ended_after_the_quarter_had_not_ended(service, supported):
    late = supported.cases["declined"][0]
    end(late, datetime.date(2026, 10, 2))
    assert str(late.person_id) not in set(evidence(service).ended["person"])


def test_who_came_back_is_counted_until_the_data_end(service, supported):
    people = [case.person for case in supported.cases["accepted"]]
    Activity.objects.filter(person__in=people, started_on__gt=ENDED).delete()
    for person in people[:12]:
        attend(supported, person, ENDED + datetime.timedelta(days=50))
    for person in people[:8]:
        CaseFactory(service=service, person=person, opened_at=at(ENDED + datetime.timedelta(days=120)))
    shown = table(after_support.build(evidence(service)), "after_support")
    # The feed ends 263 days after the support: nothing is known of nine months.
    assert shown["Attended A&E again"][:5] == ["30", "40%", "40%", "*", "*"]
    assert shown["Attended A&E 6 times within 12 months"][:3] == ["30", "0%", "0%"]
    assert shown["Back with the service"][:3] == ["30", "0%", "27%"]


def attend(grown, person, day):
    Activity.objects.create(
        id=f"00000000-0000-4000-8000-{person.pk:012d}", service=grown.service, source=grown.extract.source,
        extract=grown.extract, person=person, measure="ae", started_on=day,
    )  # fmt: skip


def test_tiers_are_those_of_the_first_list_and_a_single_withheld_share_hides_another(service, supported):
    tiers = [{"name": "Lower", "from": 5, "to": 9}, {"name": "Higher", "from": 10}]
    rule = CohortRuleFactory(service=service, tiers=tiers)
    people = [case.person_id for case in supported.cases["accepted"]]
    first = CohortListFactory(service=service, rule=rule, as_at=datetime.date(2025, 5, 1))
    for rank, person in enumerate(people, start=1):
        first.candidates.create(service=service, person_id=person, rank=rank, count=12 if rank <= 6 else 6)
    later = CohortListFactory(service=service, rule=rule, as_at=datetime.date(2026, 2, 1))
    later.candidates.create(service=service, person_id=people[7], rank=1, count=40)
    found = evidence(service)
    tiers = found.ended.set_index("person")["tier"]
    assert (tiers[str(people[0])], tiers[str(people[7])]) == ("Higher", "Lower")
    shown = table(after_support.build(found), "after_support_by_tier")
    assert shown["Higher"][0] == "*"
    assert shown["Lower"][1:] == shown["Higher"][1:] == ["*", "*", "*"]
    # As the rule has them, the lowest first.
    assert [*shown] == ["Lower", "Higher", "Everybody"]


def test_still_attending_stands_beside_people_nobody_approached(service, supported):
    shown = table(over_time.build(evidence(service)), "still_attending")
    assert [*shown] == ["Accepted", "Declined", "Not offered support yet"]
    assert [shown[group][0] for group in shown] == ["30", "25", "60"]
    assert all(cell.endswith("%") or cell == "*" for cells in shown.values() for cell in cells[1:])


def test_a_number_of_people_that_could_be_taken_off_an_earlier_report_is_withheld(service, supported):
    found = evidence(service)
    gone = {("", "Support ended", "people", ""), ("Still attending", "Declined", "people", over_time.SINCE)}
    withheld = replace(found, withheld=frozenset(gone))
    assert table(after_support.build(withheld), "after_support")["Attended A&E again"][0] == "*"
    shown = table(over_time.build(withheld), "still_attending")
    assert (shown["Declined"][0], shown["Accepted"][0]) == ("*", "30")


def test_without_attendances_only_coming_back_to_the_service_is_told(service, supported):
    source = supported.extract.source
    source.coverage = "listed"
    source.save()
    found = evidence(service)
    assert over_time.build(found) is None
    assert [*table(after_support.build(found), "after_support")] == ["Back with the service"]


def test_nobody_whose_support_ended_is_a_sentence(service, october):
    grow(service, accepted=10)
    words = after_support.build(evidence(service))["blocks"][0]["text"]
    assert words.startswith("Nobody's support has ended yet")


def test_intakes_are_told_from_two_of_them(service, october):
    grown = grow(service, accepted=60, declined=20, only_listed=80, attending=True)
    assert "there are not two intakes yet" in over_time.build(evidence(service))["blocks"][0]["text"]
    first = service.cohort_lists.get()
    early = CohortListFactory(service=service, rule=first.rule, as_at=datetime.date(2025, 5, 1))
    for rank, case in enumerate(grown.cases["accepted"][:25], start=1):
        early.candidates.create(service=service, person=case.person, rank=rank, count=6)
    shown = table(over_time.build(evidence(service)), "intakes")
    assert [*shown] == ["1 May 2025", "1 June 2025"]
    assert [cells[0] for cells in shown.values()] == ["25", "35"]
    own, so_far = shown["1 May 2025"][1:4], shown["1 May 2025"][4:]
    assert own == so_far


def test_a_name_changes_nothing(service, supported):
    before = [after_support.build(evidence(service)), over_time.build(evidence(service))]
    Person.objects.update(first_name="Changed")
    assert [after_support.build(evidence(service)), over_time.build(evidence(service))] == before
    assert Case.objects.exists()
